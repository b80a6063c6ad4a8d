"""What an installed package needs is in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = (
    "digest/py.typed",
    "digest/bundled/config.toml",
    "digest/bundled/subscribers/politics.csv",
    "digest/bundled/templates/classic/theme.toml",
    "digest/bundled/templates/web/page.html.j2",
    "digest/compress/weights.json",
    "digest/demo/stories/crab-landings.md",
    "digest/demo/templates/article.html.j2",
    "digest/store/migrations/versions/0001_first.py",
)


def test_the_wheel_holds_themes_lists_stories_and_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert [name for name in NEEDED if name not in names] == []
