"""`digest demo` where it can not be made."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conftest import COMMAND, Project


def test_a_demo_is_not_made_anew_under_the_feet_of_its_caller(tmp_path: Path) -> None:
    folder = tmp_path / "paper" / "sub"
    folder.mkdir(parents=True)
    (tmp_path / "paper" / ".digest-demo").touch()
    for to in ("..", str(tmp_path / "paper")):
        told = Project(folder).digest("demo", "--to", to, exit_code=1)
        assert f"{folder.parent} is made anew, and this shell stands in a folder within it. Go out of it first" in told
    assert folder.is_dir()


def test_a_shell_whose_folder_is_gone_is_told_in_words(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", f'cd "{gone}" && rmdir "{gone}" && "{COMMAND}" demo'], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("The folder that this shell stands in is gone")
