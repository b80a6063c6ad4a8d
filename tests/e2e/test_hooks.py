"""The event webhook of a served installation: what SendGrid tells of a run's letters reaches the ledger."""

import json
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.conftest import Project
from tests.e2e.test_path import READERS
from tests.e2e.test_senders import use_sendgrid
from tests.e2e.test_serve import serving
from tests.standins.sendgrid import SendGridStandin
from tests.standins.sendgrid_events import EventAccount, events_of


def listen_to(project: Project, account: EventAccount) -> None:
    """Configure the account's event webhook."""
    key = f'[delivery.sendgrid]\nwebhook_public_key = "{account.public_key}"'
    project.change_config(lambda text: text.replace("[delivery.sendgrid]", key))


def ledger_of(project: Project) -> list[dict[str, Any]]:
    edition = json.loads(project.digest("status", "--json"))["editions"][0]["edition"]
    rows: list[dict[str, Any]] = json.loads(project.digest("deliveries", edition, "--json"))
    return rows


def test_what_sendgrid_tells_of_a_runs_letters_reaches_the_ledger(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = EventAccount()
    listen_to(project, account)
    with SendGridStandin() as server:
        monkeypatch.setenv("SENDGRID_API_KEY", server.api_key)
        use_sendgrid(project, server)
        with serving(project) as base_url:
            project.digest("arm")
            project.digest("run", "politics")
            hook = f"{base_url}/hooks/sendgrid"
            bounced, complained, left, *others = server.taken

            forged = EventAccount().post(hook, events_of(server.taken, "bounce"))
            assert [answer.status_code for answer in forged] == [403]
            assert httpx.get(hook, trust_env=False).status_code == 404
            assert Counter(row["state"] for row in ledger_of(project)) == {"accepted": READERS["politics"]}

            told = [
                *events_of(server.taken),
                *(
                    {**event, "type": "bounce", "reason": "550 5.1.1 nobody"}
                    for event in events_of([bounced], "bounce")
                ),
                *events_of([complained], "spamreport"),
                *events_of([left], "group_unsubscribe"),
            ]
            for _ in range(2):
                assert [answer.status_code for answer in account.post(hook, told)] == [200]

    rows = {row["email"]: row for row in ledger_of(project)}
    assert (rows[bounced.email]["state"], rows[bounced.email]["detail"]) == ("bounced", "550 5.1.1 nobody")
    assert rows[complained.email]["state"] == "complained"
    assert {rows[letter.email]["state"] for letter in (left, *others)} == {"delivered"}
    assert "politics" not in json.loads(project.digest("subscribers", "show", left.email, "--json"))["sections"]
