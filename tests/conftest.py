"""The demo's site on loopback, a project that reads it, and the installed `digest` command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from digest.cli.demonstration import write_demo_project
from digest.demo.newsroom import load_newsroom
from digest.demo.server import DemoSite, serve_demo_site
from tests.postgres import Unavailable, drop_database, new_database, run_server
from tests.unit import audience_setup

DEADLINE_SECONDS = 60
COMMAND = shutil.which("digest", path=str(Path(sys.executable).parent))


@dataclass(frozen=True)
class Project:
    """A folder with a config.toml, and the command run in it."""

    folder: Path

    def digest(self, *arguments: str, exit_code: int = 0, environment: Mapping[str, str] | None = None) -> str:
        """Run `digest` here; return what it printed, both streams. Fails on another exit code."""
        assert COMMAND is not None, "the package is not installed beside this Python"
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), "COLUMNS": "160", **(environment or {})},
            capture_output=True,
            text=True,
            timeout=120,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == exit_code, printed
        assert "Traceback" not in printed
        return printed

    def change_config(self, change: Callable[[str], str]) -> None:
        path = self.folder / "config.toml"
        path.write_text(change(path.read_text("utf-8")), "utf-8")

    def letters(self, pattern: str = "*.eml") -> list[Path]:
        return sorted((self.folder / "outbox").rglob(pattern))


def wait_for(is_done: Callable[[], bool]) -> None:
    """Poll a condition; fails after a minute. A process of its own can't be asked otherwise."""
    ends = time.monotonic() + DEADLINE_SECONDS
    while not is_done():
        assert time.monotonic() < ends, "nothing happened"
        time.sleep(0.1)


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with serve_demo_site(load_newsroom(datetime.now(UTC))) as served:
        yield served


@pytest.fixture
def project(site: DemoSite, tmp_path: Path) -> Project:
    write_demo_project(tmp_path, site.base_url, datetime.now(UTC))
    return Project(tmp_path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """Give the address of a PostgreSQL server, of this process's own unless DIGEST_TEST_POSTGRES_URL names one."""
    try:
        with run_server() as url:
            yield url
    except Unavailable as reason:
        if os.environ.get("DIGEST_TEST_POSTGRES") == "required":
            raise
        pytest.skip(f"no PostgreSQL: {reason}")


@pytest.fixture
def postgres_database(postgres: URL) -> Iterator[str]:
    """Give the address of a migrated database without rows."""
    url = new_database(postgres)
    yield url
    drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let `audience_setup.opened` open an SQLite file in one run of the test, and a server's database in the other."""
    if request.param == "postgresql":
        monkeypatch.setattr(audience_setup, "server_database", request.getfixturevalue("postgres_database"))
    return str(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database of each kind, for `database.url`; "" is the usual file."""
    return str(request.getfixturevalue("postgres_database")) if request.param == "postgresql" else ""
