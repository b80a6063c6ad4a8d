"""An installation with an edition that is composed and frozen, the command run in it, and the count at the end.

What became of the readers is read from the database file and from the provider's log, never from what
`digest` says of itself. DIGEST_FAULTS=full asks for the full numbers (`make faults`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg

from digest.cli.demonstration import write_demo_project
from digest.deliver import arming
from digest.demo.newsroom import load_newsroom
from digest.demo.server import serve_demo_site
from digest.store.database import open_database
from digest.store.moving import move
from digest.store.settings import put_setting
from tests.conftest import COMMAND
from tests.faults.sinks import Taken
from tests.standins.sendgrid import SendGridStandin

__all__ = [
    "DEADLINE_SECONDS",
    "IS_FULL",
    "SECTION",
    "Done",
    "Installation",
    "ServerInstallation",
    "Sink",
    "Tally",
    "compose",
    "ended",
    "free_port",
    "install",
    "many",
    "moved_to_server",
    "noon_zone",
    "prepare",
    "serves_since",
    "until",
    "write_project",
]

IS_FULL = os.environ.get("DIGEST_FAULTS") == "full"
SECTION = "politics"
DEADLINE_SECONDS = 120 if IS_FULL else 30
_OPEN = ("queued", "submitting")
_OF_SENDER = ("connections", "personalizations", "timeout_seconds", "webhook_public_key")


class Sink(Protocol):
    """Either kind of sink."""

    sender: str
    log: list[Taken]

    def settings(self) -> Mapping[str, Any]: ...

    def settle(self) -> None: ...


def many(few: int, full: int) -> int:
    """Return the number for this run: `few` in an ordinary one, `full` in `make faults`."""
    return full if IS_FULL else few


def until(is_done: Callable[[], object], seconds: float = DEADLINE_SECONDS) -> None:
    """Poll a condition; fails at the deadline."""
    ends = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < ends, "nothing happened"
        time.sleep(0.01)


def noon_zone(now: datetime) -> str:
    """Return a zone in which it is about noon, so that no test runs over midnight into another edition."""
    ahead = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-ahead:+d}"  # POSIX signs: GMT-3 is three hours ahead


@dataclass(frozen=True)
class Tally:
    """What the ledger says of an edition beside what the provider has.

    `lost`: said to be accepted and not there, or in no row at all. `misstated`: there, and said to be
    queued, rejected or withdrawn, or under another's id; a queued one would be doubled by the next run.
    """

    frozen: int
    states: Mapping[str, int]
    taken: int
    lost: int
    doubled: int
    misstated: int
    excluded: int
    integrity: str

    @property
    def uncertain(self) -> int:
        return self.states.get("uncertain", 0)

    @property
    def open(self) -> int:
        return sum(self.states.get(state, 0) for state in _OPEN)

    def require(self, *, uncertain_at_most: int = 0, is_settled: bool = True) -> None:
        """Fail unless nothing is lost or doubled, all adds up, and no more is uncertain than was in flight."""
        assert (self.lost, self.doubled, self.misstated) == (0, 0, 0), self
        assert self.frozen == self.excluded + sum(self.states.values()), self
        assert self.integrity == "ok", self
        assert self.uncertain <= uncertain_at_most, self
        assert not is_settled or self.open == 0, self


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code, and what it printed, both streams."""

    code: int
    printed: str


@dataclass(frozen=True)
class Installation:
    """A folder with a config.toml and a database in which an edition is frozen; nobody has it yet."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.folder / "digest.db"

    @property
    def edition(self) -> str:
        """The edition that was frozen when the installation was made."""
        return str(self.ask("SELECT id FROM editions ORDER BY created_at LIMIT 1")[0][0])

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Begin `digest` here, with one pipe for all that it prints."""
        assert COMMAND is not None, "the package is not installed beside this Python"
        process = subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder), "COLUMNS": "160", **self.environment, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def end_all(self) -> None:
        """End what a failed test has left running or standing still."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def digest(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Run `digest` here to its end."""
        return ended(self.start(*arguments, environment=environment))

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database file as it is, by SQLite alone."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        """Write into the database file from outside."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            connection.execute(statement, values)

    def integrity(self) -> str:
        return str(self.ask("PRAGMA integrity_check")[0][0])

    def states(self) -> Mapping[str, int]:
        return dict(self.ask("SELECT state, COUNT(*) FROM deliveries GROUP BY state"))

    def status(self) -> str:
        return str(self.ask("SELECT status FROM editions WHERE id = ?", self.edition)[0][0])

    def arm(self) -> None:
        """Do as `digest arm` does; a thousandth of its time."""
        with closing(open_database("sqlite:///digest.db", root=self.folder)) as database:
            arming.arm(database, socket.gethostname())

    def tally(self, sink: Sink, edition: str = "") -> Tally:
        """Count an edition's readers, in the ledger and at the provider."""
        sink.settle()
        edition = edition or self.edition
        rows = self.ask("SELECT id, email, state FROM deliveries WHERE edition_id = ?", edition)
        taken = tuple(sink.log)
        at_provider = set(taken)
        states = Counter(state for _, _, state in rows)
        frozen = self.ask("SELECT COALESCE(candidates, 0) FROM editions WHERE id = ?", edition)[0][0]
        excluded = self.ask("SELECT COUNT(*) FROM exclusions WHERE edition_id = ?", edition)[0][0]
        known = {Taken(id_, email) for id_, email, _ in rows}
        return Tally(
            frozen=frozen,
            states=dict(states),
            taken=len(taken),
            lost=sum(state == "accepted" and Taken(id_, email) not in at_provider for id_, email, state in rows),
            doubled=sum(count - 1 for count in Counter(letter.email for letter in taken).values()),
            misstated=sum(
                state in ("queued", "rejected", "withdrawn") and Taken(id_, email) in at_provider
                for id_, email, state in rows
            )
            + len(at_provider - known),
            excluded=excluded,
            integrity=self.integrity(),
        )


@dataclass(frozen=True)
class ServerInstallation(Installation):
    """An installation whose rows were moved into a server's database, at `url`."""

    url: str = ""

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            return connection.execute(query.replace("?", "%s").encode(), values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.replace("?", "%s").encode(), values)

    def integrity(self) -> str:
        return "ok"  # the server looks after its own

    def arm(self) -> None:
        with closing(open_database(self.url, root=self.folder)) as database:
            arming.arm(database, socket.gethostname())


def moved_to_server(here: Installation, url: str) -> ServerInstallation:
    """Move an installation's rows into the empty database at `url`, and arm it there."""
    there = ServerInstallation(here.folder, here.environment, here.started, url)
    with (
        closing(open_database("sqlite:///digest.db", root=here.folder)) as source,
        closing(open_database(url, root=here.folder)) as target,
    ):
        move(source, target)
    config = here.folder / "config.toml"
    text = re.sub(r'(?m)^url = "sqlite:.*$', lambda _: f'url = "{url}"', config.read_text("utf-8"))
    config.write_text(text, "utf-8")
    there.arm()
    return there


def ended(process: subprocess.Popen[str]) -> Done:
    """Wait for a command; fails when it shows a traceback."""
    printed, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert "Traceback" not in printed, printed
    return Done(process.returncode, printed)


def compose(folder: Path) -> None:
    """Make a project in `folder` whose edition of today is composed and frozen, with nobody on its list."""
    now = datetime.now(UTC)
    with serve_demo_site(load_newsroom(now)) as site:
        write_project(folder, site.base_url, noon_zone(now), now)
        (folder / "subscribers").mkdir()
        (folder / "subscribers" / f"{SECTION}.csv").write_text("email\nnobody@example.com\n", "utf-8")
        done = Installation(folder).digest("run", SECTION)
        assert "digest arm" in done.printed, done
    shutil.rmtree(folder / "subscribers")
    (folder / "access.log").unlink()
    here = Installation(folder)
    for emptied in ("subscriptions", "subscribers", "settings WHERE key LIKE 'list-read%'"):
        here.change(f"DELETE FROM {emptied}")  # noqa: S608  (of the three above)
    serves_since(here, now - timedelta(days=2))


def serves_since(here: Installation, moment: datetime) -> None:
    """Have `digest serve` answer for every slot since `moment`."""
    with closing(open_database("sqlite:///digest.db", root=here.folder)) as database:
        put_setting(database, "first-served", moment.isoformat())


def write_project(folder: Path, base_url: str, zone: str, now: datetime) -> None:
    """Write a project that reads the site at `base_url`, in `zone`."""
    write_demo_project(folder, base_url, now)
    config = folder / "config.toml"
    text = config.read_text("utf-8").replace('timezone = "Europe/London"', f'timezone = "{zone}"')
    config.write_text(text.replace('sender = "outbox"', 'sender = "smtp"'), "utf-8")
    shutil.rmtree(folder / "subscribers")


def install(source: Path, folder: Path, sink: Sink, *, readers: int, **delivery: object) -> Installation:
    """Copy what `compose` made into `folder` and make it ready: see `prepare`."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return prepare(folder, sink, readers=readers, **delivery)


def prepare(folder: Path, sink: Sink, *, readers: int, **delivery: object) -> Installation:
    """Arm the project in `folder`, put `readers` on its list, and make `sink` its provider.

    `delivery` are keys of [delivery], or of the sender's own table.
    """
    (folder / "subscribers").mkdir()
    lines = ["email", *(f"reader{number}@example.com" for number in range(readers))]
    (folder / "subscribers" / f"{SECTION}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    own = {**sink.settings(), **{key: delivery.pop(key) for key in _OF_SENDER if key in delivery}}
    general = {"sender": sink.sender, "per_second": 0, **delivery}
    tables = f"[delivery]\n{_toml(general)}\n[delivery.{sink.sender}]\n{_toml(own)}\n"
    config = folder / "config.toml"
    text = re.sub(r"(?s)\[delivery\].*(?=\[web\])", lambda _: tables, config.read_text("utf-8"))
    config.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{free_port()}"), "utf-8")
    key = {"SENDGRID_API_KEY": sink.api_key} if isinstance(sink, SendGridStandin) else {}
    made = Installation(folder, key)
    made.arm()
    return made


def free_port() -> int:
    """Return a port on loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _toml(table: Mapping[str, object]) -> str:
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
