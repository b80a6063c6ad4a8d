"""The stand-in's rules refuse what SendGrid's own description and its list of errors refuse."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from digest.deliver.senders.sendgrid_request import encode_requests
from tests.standins.letters import a_letter, a_reader
from tests.standins.sendgrid_rules import refusals

Request = dict[str, Any]
HEADERS = (*a_letter().headers, ("Reply-To", "Editor <editor@herald.example>"))


def whole() -> Request:
    """Return a request as the sender makes it, for two readers."""
    made = encode_requests(a_letter(headers=HEADERS), sandbox=True)
    rows = [made.row(a_reader(number, name="Ada"), f"reader{number}@example.com") for number in range(2)]
    request: Request = json.loads(made.body(rows, "r1"))
    return request


def first(request: Request) -> Request:
    row: Request = request["personalizations"][0]
    return row


def changed(change: Callable[[Request], object]) -> Request:
    request = copy.deepcopy(whole())
    change(request)
    return request


def test_what_the_sender_makes_is_taken() -> None:
    assert refusals(whole()) == ()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        (None, lambda it: it.update(unheard_of=1)),
        (None, lambda it: first(it).update(unheard_of=1)),
        ("from.email", lambda it: it.pop("from")),
        ("from.email", lambda it: it["from"].update(email="not an address")),
        ("from.email", lambda it: it["from"].update(email="a" * 310 + "@h.example.com")),
        ("subject", lambda it: it.pop("subject")),
        ("subject", lambda it: it.update(subject="")),
        ("reply_to.email", lambda it: it["reply_to"].update(email="")),
        ("reply_to", lambda it: it.update(reply_to_list=[{"email": "a@h.example"}])),
        ("content", lambda it: it.update(content=[])),
        ("content", lambda it: it["content"].reverse()),
        ("content.0.value", lambda it: it["content"][0].update(value="")),
        ("content.0.type", lambda it: it["content"][0].update(type="text/plain; charset=utf-8")),
        ("categories", lambda it: it.update(categories=[str(number) for number in range(11)])),
        ("categories", lambda it: it.update(categories=["a", "a"])),
        ("categories", lambda it: it.update(categories=["x" * 256])),
        ("categories", lambda it: it.update(categories=["grün"])),
        ("mail_settings.sandbox_mode", lambda it: it.update(mail_settings={"sandbox_mode": True})),
        ("tracking_settings.open_tracking", lambda it: it["tracking_settings"].update(open_tracking={"enable": 0})),
        ("personalizations", lambda it: it.update(personalizations=[])),
        ("personalizations", lambda it: it.update(personalizations=[first(it)] * 1001)),
        ("personalizations", lambda it: it["personalizations"].append(first(it))),
        ("personalizations", lambda it: first(it).update(cc=[{"email": "READER1@example.com"}])),
        ("personalizations", lambda it: first(it).update(bcc=[{"email": f"b{n}@h.example"} for n in range(999)])),
        ("personalizations.0.to", lambda it: first(it).update(to=[])),
        ("personalizations.0.to.0.email", lambda it: first(it)["to"][0].update(email="")),
        ("personalizations.0.to.0.name", lambda it: first(it)["to"][0].update(name="Lovelace, Ada")),
        ("personalizations.0.to.0.name", lambda it: first(it)["to"][0].update(name="Ada; Countess")),
        ("personalizations.0.subject", lambda it: first(it).update(subject="")),
        ("personalizations.0.headers.Subject", lambda it: first(it)["headers"].update(Subject="x")),
        ("personalizations.0.headers.reply-to", lambda it: first(it)["headers"].update({"reply-to": "x"})),
        (
            "personalizations.0.headers.x-sg-id",
            lambda it: first(it)["headers"].update({"x-sg-id": "x"}),
        ),
        ("personalizations.0.headers.X Y", lambda it: first(it)["headers"].update({"X Y": "x"})),
        ("personalizations.0.headers.Größe", lambda it: first(it)["headers"].update({"Größe": "x"})),
        ("personalizations.0.headers", lambda it: first(it)["headers"].update({"X-Number": 1})),
        ("personalizations.0.headers", lambda it: first(it)["headers"].update({"LIST-ID": "x"})),
        ("personalizations.0.custom_args", lambda it: first(it).update(custom_args={})),
        ("personalizations.0.custom_args", lambda it: first(it)["custom_args"].update(n=1)),
        ("personalizations.0.custom_args", lambda it: first(it)["custom_args"].update(n="x" * 10_000)),
        ("personalizations.0.custom_args", lambda it: it.update(custom_args={"n": "x" * 9_990})),
        ("personalizations.0.custom_args", lambda it: it.update(custom_args="text")),
        ("personalizations.0.substitutions", lambda it: first(it)["substitutions"].update(n=1)),
        ("personalizations.0.substitutions", lambda it: first(it)["substitutions"].update(n="é" * 5_000)),
    ],
)
def test_one_thing_wrong_is_refused_and_named(field: str | None, change: Callable[[Request], object]) -> None:
    found = refusals(changed(change))
    assert field in [name for name, _ in found]


@pytest.mark.parametrize("request_", [None, [], "text"])
def test_what_is_no_object_is_refused(request_: object) -> None:
    assert refusals(request_) == ((None, "Bad Request"),)
