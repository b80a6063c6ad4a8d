"""An operator at the terminal: stops and goes on in mid-delivery, settles what is uncertain, audits."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.conftest import COMMAND, Project, wait_for
from tests.e2e.test_senders import use_smtp
from tests.standins.smtp import LOSE, SmtpStandin

READERS = 200
CONNECTIONS = 4


def give_readers(project: Project, count: int) -> None:
    lines = "".join(f"reader{number}@example.com\n" for number in range(1, count + 1))
    (project.folder / "subscribers" / "politics.csv").write_text(f"email\n{lines}", "utf-8")


@contextmanager
def delivering_slowly(project: Project, server: SmtpStandin) -> Iterator[subprocess.Popen[str]]:
    """Run today's politics at 20 letters a second; entered once a few are out."""
    give_readers(project, READERS)
    use_smtp(project, server)
    project.change_config(
        lambda text: text.replace("per_second = 500", "per_second = 20").replace(
            "connections = 10", f"connections = {CONNECTIONS}"
        )
    )
    project.digest("arm")
    assert COMMAND is not None
    run = subprocess.Popen(
        [COMMAND, "run", "politics"], cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_for(lambda: len(server.taken) > 5 or run.poll() is not None)
        assert run.poll() is None, run.communicate()[0]
        yield run
    finally:
        run.kill()
        run.communicate()


def newest(project: Project) -> dict[str, Any]:
    edition: dict[str, Any] = json.loads(project.digest("status", "--json"))["editions"][0]
    return edition


def rows(project: Project, edition: str, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(project.digest("deliveries", edition, *options, "--json"))
    return found


@pytest.mark.parametrize("way", ["pause", "hold", "cancel"])
def test_what_is_stopped_in_mid_delivery_submits_only_what_was_in_flight(project: Project, way: str) -> None:
    with SmtpStandin() as server, delivering_slowly(project, server) as run:
        edition = newest(project)["edition"]
        project.digest(way, edition)
        at_most = len(server.taken) + CONNECTIONS
        printed, _ = run.communicate(timeout=60)
        assert len(server.taken) <= at_most < READERS
        assert run.returncode == (0 if way == "cancel" else 1), printed

        states = Counter(row["state"] for row in rows(project, edition))
        assert states == {"accepted": len(server.taken), "queued": READERS - len(server.taken)}
        project.digest("audit", edition)
        project.digest("run", "politics", exit_code=0 if way == "cancel" else 1)
        assert len(server.taken) == states["accepted"], "a run doesn't go on with it by itself"


def test_what_was_paused_is_resumed_to_its_end_and_nothing_is_doubled(project: Project) -> None:
    with SmtpStandin() as server, delivering_slowly(project, server):
        edition = newest(project)["edition"]
        assert f"{edition}: held" in project.digest("pause", "politics")
        told = newest(project)
        assert (told["status"], told["reason"].split("@")[0].split()[:2]) == ("held", ["paused", "by"])
        assert f"`digest resume {edition}`" in project.digest("status")

        project.change_config(lambda text: text.replace("per_second = 20", "per_second = 500"))
        printed = project.digest("resume", edition)  # while the run that was paused may still be ending
        assert f"{READERS} accepted" in printed
        recipients = Counter(message.recipient for message in server.taken)
    assert len(recipients) == READERS
    assert set(recipients.values()) == {1}
    audited = json.loads(project.digest("audit", edition, "--json"))["editions"][0]
    assert audited["deliveries"] == {"accepted": READERS}
    assert [act["act"] for act in audited["acts"]] == ["pause", "resume"]


def test_uncertain_letters_are_settled_by_hand(project: Project) -> None:
    give_readers(project, 6)
    with SmtpStandin(script={"DOT": [LOSE, LOSE]}) as server:
        use_smtp(project, server)
        project.change_config(lambda text: text.replace("connections = 10", "connections = 1"))
        project.digest("arm")
        project.digest("run", "politics", exit_code=1)
        edition = newest(project)["edition"]
        uncertain = [row["id"] for row in rows(project, edition, "--state", "uncertain")]
        assert len(uncertain) == 2
        assert len(server.taken) == 4
        assert f"digest deliveries resolve {edition}" in project.digest("status")

        assert "1 uncertain counted as accepted" in project.digest(
            "deliveries", "resolve", edition, "--accept", uncertain[0]
        )
        assert "is not an uncertain delivery" in project.digest(
            "deliveries", "resolve", edition, "--resubmit", uncertain[0], exit_code=1
        )
        assert f"digest resume {edition}" in project.digest("deliveries", "resolve", edition, "--resubmit")
        assert newest(project)["status"] == "approved"
        project.digest("run", "politics")
        assert len(server.taken) == 5
        assert uncertain[1] in server.taken[-1].message_id, "the same delivery is the same message"
    assert newest(project)["counts"] == {"accepted": 6}
    printed = project.digest("audit", edition)
    assert "6 candidates = 6 deliveries + 0 exclusions" in printed
    assert printed.count("by hand") == 2


def test_rejected_readers_and_no_others_get_another_try(project: Project) -> None:
    give_readers(project, 6)
    refused = {"reader2@example.com": "550 5.1.1 no such mailbox", "reader5@example.com": "550 5.1.1 no such mailbox"}
    with SmtpStandin(recipients=refused) as server:
        use_smtp(project, server)
        project.digest("arm")
        project.digest("run", "politics")
        edition = newest(project)["edition"]
        assert {row["email"] for row in rows(project, edition, "--state", "rejected")} == set(refused)
    with SmtpStandin() as server:
        project.change_config(lambda text: re.sub(r'(host = "127.0.0.1"\nport = )\d+', rf"\g<1>{server.port}", text))
        assert "Say which: --rejected" in project.digest("resubmit", edition, exit_code=2)
        assert "2 rejected queued again" in project.digest("resubmit", edition, "--rejected")
        project.digest("resume", edition)
        assert {message.recipient for message in server.taken} == set(refused)
    assert newest(project)["counts"] == {"accepted": 6}


def test_an_audit_proves_the_newest_editions_and_fails_on_a_changed_ledger(project: Project) -> None:
    project.digest("run", "politics", "sport")
    printed = project.digest("audit")
    assert "ok      the database is whole" in printed
    assert printed.count("checks") == 2
    edition = newest(project)["edition"]
    first = json.loads(project.digest("audit", edition, "--json"))
    assert json.loads(project.digest("audit", edition, "--json")) == first
    assert first["database"] is None

    with sqlite3.connect(project.folder / "digest.db") as connection:
        one = "SELECT min(id) FROM deliveries WHERE edition_id = ?"
        connection.execute(f"DELETE FROM deliveries WHERE id = ({one})", [edition])  # noqa: S608
    connection.close()
    printed = project.digest("audit", exit_code=1)
    assert f"FAILED  candidates = deliveries + exclusions: 1 ({edition})" in printed
    changed = json.loads(project.digest("audit", edition, "--json", exit_code=1))
    assert changed["editions"][0]["sha256"] != first["editions"][0]["sha256"]


def test_a_surprising_edition_is_held_until_somebody_says_that_it_is_meant(project: Project) -> None:
    give_readers(project, 10)
    project.digest("run", "politics")
    today = newest(project)["edition"]
    make_it_history(project, today, "politics/2020-01-01")

    give_readers(project, 15)
    assert "held" in project.digest("run", "politics", exit_code=1)
    told = newest(project)
    assert (told["edition"], told["status"], told["counts"]) == (today, "held", {})
    assert "15 readers would get it, 10 got politics/2020-01-01 (+50 %)." in told["reason"]
    assert "Its subject is that of politics/2020-01-01" in told["reason"]

    project.digest("approve", "politics")
    project.digest("run", "politics")
    assert newest(project)["counts"] == {"accepted": 15}
    audited = json.loads(project.digest("audit", today, "--json"))["editions"][0]
    assert [act["act"] for act in audited["acts"]] == ["approve"]


def make_it_history(project: Project, edition: str, earlier: str) -> None:
    """Let an edition be one of an earlier day, whose stories are forgotten."""
    with sqlite3.connect(project.folder / "digest.db") as connection:
        connection.execute(
            "UPDATE editions SET id = ?, slot_utc = '2020-01-01 07:00:00' WHERE id = ?", [earlier, edition]
        )
        connection.execute("UPDATE edition_sections SET edition_id = ?, part_id = ?", [earlier, earlier])
        connection.execute("UPDATE deliveries SET edition_id = ?", [earlier])
        connection.execute("UPDATE letters SET edition_id = ?", [earlier])
        connection.execute("DELETE FROM edition_stories")
    connection.close()


def test_deliveries_take_an_edition_or_a_command_as_their_first_word(project: Project) -> None:
    project.digest("run", "politics")
    edition = newest(project)["edition"]
    listed = project.digest("deliveries", edition)
    assert project.digest("deliveries", "list", edition) == listed
    assert project.digest("deliveries", "--state", "accepted", edition) == listed
    assert len(project.digest("deliveries", edition, "--limit", "3").splitlines()) == 1 + 3
    assert rows(project, edition, "--state", "uncertain") == []
    assert "resolve" in project.digest("deliveries", "--help")
    assert "resolve" in project.digest("deliveries", exit_code=2)
    assert "Known: queued" in project.digest("deliveries", edition, "--state", "lost", exit_code=2)
    assert "no edition" in project.digest("deliveries", "resolve", "sport/2020-01-01", "--accept", exit_code=1)
    for flags in ((), ("--accept", "--resubmit")):
        assert "one of --accept and --resubmit" in project.digest("deliveries", "resolve", edition, *flags, exit_code=2)


def test_a_move_that_makes_no_sense_says_where_the_edition_stands(project: Project) -> None:
    project.digest("hold", "politics")
    edition = newest(project)["edition"]
    assert "is held" in project.digest("pause", edition, exit_code=1)
    assert f"{edition}: draft" in project.digest("approve", edition)
    assert "digest hold" in project.digest("pause", edition, exit_code=1)
    project.digest("run", "politics")
    assert f"{edition} is done; there is nothing to cancel." in project.digest("cancel", edition, exit_code=1)
    assert "Known: politics" in project.digest("pause", "polotics", exit_code=2)
    assert "no edition 'sport/2020-01-01'" in project.digest("resume", "sport/2020-01-01", exit_code=1)
