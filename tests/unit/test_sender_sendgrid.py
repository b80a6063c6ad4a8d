"""The SendGrid sender against a stand-in that refuses what the real one refuses."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate
from importlib.metadata import version
from typing import Any

import pytest

from digest.deliver.headers import ascii_address
from digest.deliver.senders.sendgrid import SendGridSender
from digest.deliver.senders.sendgrid_answers import Answer, Meaning, read_answer
from digest.deliver.senders.sendgrid_request import encode_requests
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, DeliveryState, Letter, Outcome
from digest.ports import Mark
from digest.settings import SendGridSettings
from tests.standins.letters import HOSTILE, MARK, a_letter, a_reader, filled, readers
from tests.standins.sendgrid import HANG, LOST, OK, RESET, Fault, SendGridStandin
from tests.standins.sendgrid_rules import refusals

ACCEPTED, QUEUED, REJECTED, UNCERTAIN = (
    DeliveryState.ACCEPTED,
    DeliveryState.QUEUED,
    DeliveryState.REJECTED,
    DeliveryState.UNCERTAIN,
)


def all_may_leave(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
    return frozenset(ids)


def request_of(who: Sequence[Addressed], letter: Letter | None = None) -> Any:
    """Return the request for `who` as it is read over there."""
    request = encode_requests(letter or a_letter(), sandbox=False)
    rows = [request.row(one, ascii_address(one.delivery.email) or "") for one in who]
    return json.loads(request.body(rows, "r1"))


def collect(
    server: SendGridStandin,
    who: Sequence[Addressed],
    mark: Mark = all_may_leave,
    *,
    letter: Letter | None = None,
    sandbox: bool = False,
    key: str = "",
    **changes: Any,
) -> tuple[list[Outcome], str]:
    """Return the outcomes, and the words of `SubmitHalted` when it came."""
    told = replace(SendGridSettings(base_url=server.base_url, timeout_seconds=5.0), **changes)
    outcomes: list[Outcome] = []
    with SendGridSender(told, key or server.api_key, sandbox=sandbox).open(letter or a_letter()) as session:
        try:
            for outcome in session.submit(who, mark):
                outcomes.append(outcome)  # noqa: PERF402  (what came before an exception counts)
        except SubmitHalted as halted:
            return outcomes, str(halted)
    return outcomes, ""


def states(outcomes: Sequence[Outcome]) -> dict[str, DeliveryState]:
    assert len({outcome.delivery_id for outcome in outcomes}) == len(outcomes), "one outcome for each delivery"
    return {outcome.delivery_id: outcome.state for outcome in outcomes}


def test_each_reader_gets_their_own_letter_and_nobody_sees_another() -> None:
    with SendGridStandin() as server:
        outcomes, halted = collect(server, [a_reader(0, name="Lovelace, Ada"), a_reader(1)])
    assert halted == ""
    assert [(one.delivery_id, one.state, one.provider_id) for one in outcomes] == [
        ("d0000", ACCEPTED, "m0001"),
        ("d0001", ACCEPTED, "m0001"),
    ]
    (request,) = server.requests
    assert [len(row["to"]) for row in request["personalizations"]] == [1, 1]
    first, second = server.taken
    assert (first.delivery_id, first.email, first.name) == ("d0000", "reader0@example.com", '"Lovelace, Ada"')
    assert first.request_id == second.request_id != ""
    assert (first.subject, first.sender, first.category) == (
        "Council votes on the harbour",
        "news@herald.example",
        "politics",
    )
    assert first.headers == {
        "List-Id": "Politics digest <politics.herald.example>",
        "Precedence": "bulk",
        "Message-ID": "<d0000@herald.example>",
        "List-Unsubscribe": f"<{a_reader(0).unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    for taken, reader in zip(server.taken, readers(2), strict=True):
        assert (taken.text, taken.html) == (filled(a_letter().text, reader), filled(a_letter().html, reader))


def test_the_request_turns_off_whatever_would_rewrite_the_letter() -> None:
    with SendGridStandin() as server:
        collect(server, readers(1))
    (request,) = server.requests
    assert request["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    }
    assert [block["type"] for block in request["content"]] == ["text/plain", "text/html"]
    assert "mail_settings" not in request


def test_a_request_says_who_asks_and_in_what_form() -> None:
    with SendGridStandin() as server:
        collect(server, readers(1))
    (head,) = server.heads
    assert int(head.pop("Content-Length")) > 0
    assert head == {
        "Host": server.base_url.removeprefix("http://"),
        "Authorization": f"Bearer {server.api_key}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"Digest/{version('digest')}",
    }


def test_a_sandbox_is_said_to_be_one_and_reaches_nobody() -> None:
    with SendGridStandin() as server:
        outcomes, _ = collect(server, readers(1), sandbox=True)
        assert server.requests[0]["mail_settings"] == {"sandbox_mode": {"enable": True}}
        assert (states(outcomes), server.taken) == ({"d0000": ACCEPTED}, ())
    assert not SendGridSender(SendGridSettings(), "SG.x", sandbox=True).reaches_people
    assert SendGridSender(SendGridSettings(), "SG.x").reaches_people


def test_whoever_is_named_is_rejected_and_the_others_go_at_once() -> None:
    why = "Does not contain a valid address."
    with SendGridStandin(refused={"reader1@example.com": why, "reader3@example.com": why}) as server:
        outcomes, _ = collect(server, readers(5))
    assert states(outcomes) == {f"d000{n}": REJECTED if n in (1, 3) else ACCEPTED for n in range(5)}
    assert {one.detail for one in outcomes if one.state is REJECTED} == {f"HTTP 400; {why}"}
    assert (len(server.requests), len(server.taken)) == (2, 3)


def test_whoever_is_not_named_is_found_by_halving() -> None:
    with SendGridStandin(unnamed=["reader11@example.com"]) as server:
        outcomes, _ = collect(server, readers(16))
    assert states(outcomes) == {f"d{n:04d}": REJECTED if n == 11 else ACCEPTED for n in range(16)}
    assert len(server.requests) == 9  # 16, then two for each halving of the half that is refused
    assert len({letter.delivery_id for letter in server.taken}) == len(server.taken) == 15


def test_a_name_outside_the_request_is_looked_for_by_halving() -> None:
    fault = Fault(400, errors=[("personalizations.7.to.0.email", "Does not contain a valid address.")])
    with SendGridStandin(faults=[fault]) as server:
        outcomes, _ = collect(server, readers(2))
    assert states(outcomes) == {"d0000": ACCEPTED, "d0001": ACCEPTED}


def test_a_refusal_in_the_same_words_for_everybody_rejects_nobody() -> None:
    with SendGridStandin(unnamed=[f"reader{n}@example.com" for n in range(4)]) as server:
        outcomes, halted = collect(server, readers(4))
    assert states(outcomes) == {f"d000{n}": QUEUED for n in range(4)}
    assert "Bad Request" in halted


@pytest.mark.parametrize(
    "fault",
    [
        Fault(400, errors=[("from.email", "The from email does not contain a valid address.")]),
        Fault(400, errors=[("subject", "The subject is required.")]),
        Fault(401, errors=[(None, "Permission denied, wrong credentials")]),
        Fault(403, errors=[("from", "The from address does not match a verified Sender Identity.")]),
        Fault(404),
        Fault(405),
        Fault(302, {"Location": "https://elsewhere.example/"}),
    ],
    ids=lambda fault: str(fault.status),
)
def test_what_concerns_every_reader_halts_and_puts_all_back(fault: Fault) -> None:
    with SendGridStandin(faults=[fault]) as server:
        outcomes, halted = collect(server, readers(3))
        assert server.taken == ()
    assert states(outcomes) == dict.fromkeys(["d0000", "d0001", "d0002"], QUEUED)
    assert f"HTTP {fault.status}" in halted


def test_a_wrong_key_halts_without_telling_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with SendGridStandin() as server:
        outcomes, halted = collect(server, readers(1), key="SG.wr0ng-s3cret\n")
    assert states(outcomes) == {"d0000": QUEUED}
    assert "HTTP 401" in halted
    assert "wr0ng-s3cret" not in halted + caplog.text
    assert "reader0@example.com" not in caplog.text


def test_too_much_is_halved_in_order_and_nobody_is_asked_for_twice() -> None:
    with SendGridStandin(faults=[Fault(413), OK]) as server:
        outcomes, _ = collect(server, readers(5))
    assert list(states(outcomes)) == [f"d000{n}" for n in range(5)]
    assert [letter.delivery_id for letter in server.taken] == [f"d000{n}" for n in range(5)]


def test_a_rate_limit_waits_as_long_as_it_says() -> None:
    date = formatdate(1_790_000_000, usegmt=True)
    fault = Fault(429, {"X-RateLimit-Reset": "1790000017", "Date": date}, [(None, "too many requests")])
    with SendGridStandin(faults=[fault]) as server:
        outcomes, halted = collect(server, readers(2))
    assert [(one.state, one.retry_after_seconds) for one in outcomes] == [(QUEUED, 17.0)] * 2
    assert halted == ""


@pytest.mark.parametrize("fault", [Fault(500), Fault(502), Fault(503), Fault(504), Fault(500, takes=True), RESET, LOST])
def test_what_may_have_been_taken_is_uncertain(fault: Fault) -> None:
    with SendGridStandin(faults=[fault]) as server:
        outcomes, halted = collect(server, readers(2))
    assert states(outcomes) == {"d0000": UNCERTAIN, "d0001": UNCERTAIN}
    assert all(one.detail.startswith("request ") for one in outcomes)
    assert halted == ""


def test_an_answer_that_never_comes_is_uncertain() -> None:
    with SendGridStandin(faults=[HANG]) as server:
        outcomes, _ = collect(server, readers(1), timeout_seconds=0.1)
    assert states(outcomes) == {"d0000": UNCERTAIN}


def test_doubt_in_the_middle_keeps_back_what_was_still_to_come() -> None:
    with SendGridStandin(faults=[Fault(413), RESET]) as server:
        outcomes, _ = collect(server, readers(4))
    assert states(outcomes) == {"d0000": UNCERTAIN, "d0001": UNCERTAIN, "d0002": QUEUED, "d0003": QUEUED}


def test_without_a_server_everybody_waits() -> None:
    with SendGridStandin() as server:
        gone = server
    outcomes, _ = collect(gone, readers(2))
    assert [(one.state, one.retry_after_seconds) for one in outcomes] == [(QUEUED, 30.0)] * 2


def test_only_what_the_mark_returns_is_asked_for_and_before_it_leaves() -> None:
    marks: list[tuple[tuple[str, ...], int]] = []

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marks.append((tuple(ids), len(server.requests)))
        return frozenset(ids) - {"d0001"}

    with SendGridStandin() as server:
        outcomes, _ = collect(server, readers(3), mark)
        assert [letter.delivery_id for letter in server.taken] == ["d0000", "d0002"]
    assert marks == [(("d0000", "d0001", "d0002"), 0)]
    assert states(outcomes) == {"d0000": ACCEPTED, "d0002": ACCEPTED}


def marks_of(server: SendGridStandin, who: Sequence[Addressed], **changes: Any) -> tuple[list[Outcome], dict[str, str]]:
    """Return the outcomes, and which request each delivery was marked for."""
    marked: dict[str, str] = {}

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marked.update(dict.fromkeys(ids, request_id))
        return frozenset(ids)

    return collect(server, who, mark, **changes)[0], marked


def test_a_request_carries_the_id_that_it_was_marked_with() -> None:
    with SendGridStandin() as server:
        outcomes, marked = marks_of(server, readers(5), personalizations=2)
        assert {letter.delivery_id: letter.request_id for letter in server.taken} == marked
    assert [marked[f"d000{n}"] for n in (0, 2, 4)] == [marked[f"d000{n}"] for n in (1, 3, 4)]
    assert len(set(marked.values())) == 3
    assert {one.request_id for one in outcomes} == {""}


def test_who_is_withheld_does_not_change_the_id_that_the_others_were_marked_with() -> None:
    with SendGridStandin() as server:
        everybody, marked = marks_of(server, readers(3))
        outcomes, _ = collect(server, readers(3), lambda ids, request_id="": frozenset(ids) - {"d0001"})
        assert {letter.request_id for letter in server.taken} == set(marked.values())
    assert (len(everybody), states(outcomes)) == (3, {"d0000": ACCEPTED, "d0002": ACCEPTED})


@pytest.mark.parametrize(
    ("faults", "state"), [([Fault(413)], ACCEPTED), ([Fault(413), RESET], UNCERTAIN)], ids=["accepted", "uncertain"]
)
def test_a_part_of_a_request_that_was_taken_apart_tells_its_own_id(
    faults: Sequence[Fault], state: DeliveryState
) -> None:
    with SendGridStandin(faults=faults) as server:
        outcomes, marked = marks_of(server, readers(4))
        travelled = {letter.delivery_id: letter.request_id for letter in server.taken}
    settled = {one.delivery_id: one.request_id for one in outcomes if one.state is state}
    assert settled == travelled
    assert not set(settled.values()) & set(marked.values())
    assert {one.request_id for one in outcomes if one.state is not state} <= {""}


def test_who_is_left_when_somebody_was_refused_by_name_travels_under_another_id() -> None:
    with SendGridStandin(refused={"reader1@example.com": "no"}) as server:
        outcomes, marked = marks_of(server, readers(3))
        (travelled,) = {letter.request_id for letter in server.taken}
    assert {one.delivery_id: one.request_id for one in outcomes} == {
        "d0000": travelled,
        "d0001": "",
        "d0002": travelled,
    }
    assert travelled not in marked.values()


@pytest.mark.parametrize(
    "reader",
    [
        a_reader(delivery_id=".".join(["d" * 60] * 170)),
        replace(a_reader(), unsubscribe_url="https://h.example/" + "u" * 900),
    ],
    ids=["arguments", "substitutions"],
)
def test_what_would_pass_a_limit_of_the_api_stops_before_the_mark(reader: Addressed) -> None:
    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        raise AssertionError(f"marked {ids}")

    with SendGridStandin() as server:
        outcomes, halted = collect(server, [a_reader(1), reader], mark)
        assert server.requests == []
    assert outcomes == []
    assert halted != ""


LONGEST = "https://h.example/" + "u" * 870


def test_the_largest_reader_is_taken() -> None:
    reader = a_reader(delivery_id=".".join(["d" * 60] * 3))
    assert refusals(request_of([replace(reader, unsubscribe_url=LONGEST, preferences_url=LONGEST)])) == ()


def test_a_letter_that_no_request_has_room_for_is_not_encoded() -> None:
    with pytest.raises(DeliveryError, match="Shorten it"):
        encode_requests(a_letter(html="x" * 2_000_000), sandbox=False)


def test_readers_whose_letters_make_a_request_too_large_are_halved_before_it_is_asked() -> None:
    with SendGridStandin() as server:
        large = [replace(one, unsubscribe_url=LONGEST, preferences_url=LONGEST) for one in readers(8)]
        outcomes, _ = collect(server, large, letter=a_letter(html="x" * 1_984_000))
        sizes = [len(request["personalizations"]) for request in server.requests]
    assert sizes == [4, 4]
    assert set(states(outcomes).values()) == {ACCEPTED}


def test_a_category_is_written_in_ascii() -> None:
    request = request_of(readers(1), a_letter(edition_id="günther/2026-11-24"))
    assert request["categories"] == ["g?nther"]
    assert refusals(request) == ()


def test_a_whole_request_of_a_thousand_is_taken() -> None:
    request = request_of(readers(1000))
    assert refusals(request) == ()
    assert [row["custom_args"] for row in request["personalizations"][:2]] == [
        {"d": "d0000", "r": "r1"},
        {"d": "d0001", "r": "r1"},
    ]


def test_an_address_stands_once_in_a_request_and_requests_have_their_limit() -> None:
    twice = a_reader(9, email="READER0@example.com")
    with SendGridStandin() as server:
        outcomes, _ = collect(server, [*readers(3), twice], personalizations=2)
        sizes = [len(request["personalizations"]) for request in server.requests]
    assert sizes == [2, 2]
    assert set(states(outcomes).values()) == {ACCEPTED}
    assert SendGridSender(SendGridSettings(personalizations=5_000), "SG.x").batch_size == 1_000


def test_a_link_that_can_not_be_written_stops_before_the_mark() -> None:
    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        raise AssertionError(f"marked {ids}")

    with SendGridStandin() as server:
        outcomes, halted = collect(server, [replace(a_reader(), preferences_url="x y")], mark)
    assert (outcomes, "base_url" in halted) == ([], True)


def test_an_address_that_can_not_be_used_is_rejected_by_us() -> None:
    with SendGridStandin() as server:
        outcomes, _ = collect(server, [a_reader(0, email="ü@example.com"), a_reader(1)])
        assert [letter.email for letter in server.taken] == ["reader1@example.com"]
    assert states(outcomes) == {"d0000": REJECTED, "d0001": ACCEPTED}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_subject_and_name_are_taken_as_one_plain_line(text: str) -> None:
    letter = a_letter(subject=f"Harbour {text}", headers=[*a_letter(subject=f"H {text}").headers, ("X-Edition", text)])
    request = request_of([a_reader(name=text)], letter)
    assert refusals(request) == ()
    (row,) = request["personalizations"]
    assert [one["email"] for one in row["to"]] == ["reader0@example.com"]
    assert list(row["headers"]) == [
        "List-Id",
        "Precedence",
        "X-Edition",
        "Message-ID",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
    ]
    for value in (request["subject"], row["to"][0].get("name", ""), *row["headers"].values()):
        assert not set(value) & set("\r\n\0\x0b\x0c\x85\u2028\u2029\u202e")
    assert "=?" not in request["subject"] + row["to"][0].get("name", "")


def test_reply_to_goes_as_a_value_and_reserved_headers_never() -> None:
    headers = (*a_letter().headers, ("Reply-To", "Editor <editor@herald.example>"))
    request = request_of(readers(1), a_letter(headers=headers))
    assert request["reply_to"] == {"email": "editor@herald.example", "name": "Editor"}
    assert "headers" not in request
    assert not {"Reply-To", "From", "Subject", "Date"} & set(request["personalizations"][0]["headers"])


@pytest.mark.parametrize(
    "letter",
    [replace(a_letter(), text=""), replace(a_letter(), html=""), a_letter(subject="\r\n")],
    ids=["text", "html", "subject"],
)
def test_a_letter_that_would_be_refused_for_all_is_not_encoded(letter: Letter) -> None:
    with pytest.raises(DeliveryError, match="SendGrid takes no letter"):
        encode_requests(letter, sandbox=False)


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (SendGridSettings(base_url="http://api.sendgrid.com"), "SG.x"),
        (SendGridSettings(), ""),
        (SendGridSettings(), "SG.x\r\nX: y"),
        (SendGridSettings(base_url="https://"), "SG.x"),
        (SendGridSettings(base_url="https://me:secret@api.sendgrid.com"), "SG.x"),
        (SendGridSettings(base_url="https://äpi.example"), "SG.x"),
    ],
)
def test_a_key_is_neither_empty_nor_sent_in_the_clear(settings: SendGridSettings, key: str) -> None:
    with pytest.raises(DeliveryError):
        SendGridSender(settings, key)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "Thu, 01 Jan 2026 00:01:00 GMT", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 60.0),
        ({"x-ratelimit-reset": "0", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}, 1.0),
        ({"x-ratelimit-reset": "9999999999"}, 3600.0),
        ({"x-ratelimit-reset": "soon"}, 60.0),
        ({}, 60.0),
    ],
)
def test_a_wait_is_never_below_a_second_nor_above_an_hour(headers: dict[str, str], seconds: float) -> None:
    assert read_answer(429, headers, b"") == Answer(Meaning.LATER, "HTTP 429", wait_seconds=seconds)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"errors": 1}', b'{"errors": [1]}', b"<html>", b"\xff"])
def test_a_400_that_says_nothing_is_taken_apart(body: bytes) -> None:
    assert read_answer(400, {}, body) == Answer(Meaning.SPLIT, "HTTP 400")


def test_200_is_an_acceptance_in_the_sandbox_alone() -> None:
    assert read_answer(200, {}, b"", sandbox=True).meaning is Meaning.ACCEPTED
    assert read_answer(200, {}, b"").meaning is Meaning.UNKNOWN


def test_blanks_are_substituted_by_the_letters_own_tokens() -> None:
    request = request_of(readers(1))
    assert request["personalizations"][0]["substitutions"] == {
        f"x{MARK}xunsubscribex": a_reader().unsubscribe_url,
        f"x{MARK}xpreferencesx": a_reader().preferences_url,
    }
