"""/hooks/sendgrid: what is answered to whom, and that only SendGrid's own posts change anything."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select

from digest.app import App
from digest.bundled import bundled
from digest.config import load_config
from digest.errors import ConfigError
from digest.model import DeliveryState
from digest.store.schema import events
from digest.web.hooks import MAX_POST_BYTES
from digest.web.site import build_site
from digest.wiring import open_app
from tests.standins.sendgrid_events import EventAccount, an_event
from tests.unit.audience_setup import EDITION, all_deliveries, file_of
from tests.unit.feedback_setup import made, put

ACCOUNT = EventAccount()
PATH = "/hooks/sendgrid"


def opened_app(folder: Path, key: str) -> Any:
    config = folder / "config.toml"
    text = bundled("config.toml").read_text("utf-8")
    assert 'api_key_env = "SENDGRID_API_KEY"' in text
    told = f'api_key_env = "SENDGRID_API_KEY"\nwebhook_public_key = "{key}"'
    config.write_text(text.replace('api_key_env = "SENDGRID_API_KEY"', told), "utf-8")
    return open_app(load_config(config))


@contextmanager
def serving(app: App) -> Iterator[httpx.Client]:
    """Serve the site on loopback in a thread; give a client of it."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # else a client that is quicker than the thread is refused
        server = uvicorn.Server(uvicorn.Config(build_site(app), log_level="critical", lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened_app(tmp_path_factory.mktemp("hooks"), ACCOUNT.public_key) as app:
        yield app


@pytest.fixture(scope="module")
def delivery(app: App) -> str:
    return made(app.database, 1)[0]


@pytest.fixture
def client(app: App, delivery: str, site: httpx.Client) -> httpx.Client:
    put(app.database, (delivery,), DeliveryState.ACCEPTED)
    with app.database.write() as connection:
        connection.execute(events.delete())
    return site


@pytest.fixture(scope="module")
def site(app: App) -> Iterator[httpx.Client]:
    with serving(app) as client:
        yield client


def state(app: App) -> DeliveryState:
    return all_deliveries(app.database, EDITION)[0].state


def kept(app: App) -> int:
    with app.database.read() as connection:
        return connection.execute(select(func.count()).select_from(events)).scalar_one()


def body_of(*told: object) -> bytes:
    return json.dumps(told).encode()


def test_a_signed_post_moves_the_ledger_and_its_repeat_does_not(app: App, client: httpx.Client, delivery: str) -> None:
    body = body_of(an_event(delivery, "delivered", int(time.time())), an_event("0" * 24, "bounce", 1))
    first = client.post(PATH, content=body, headers=ACCOUNT.headers(body))
    assert (first.status_code, first.json()) == (200, {"kept": 1, "unknown": 1, "unusable": 0})
    assert state(app) is DeliveryState.DELIVERED
    again = client.post(PATH, content=body, headers=ACCOUNT.headers(body))
    assert (again.status_code, again.json()) == (200, {"kept": 0, "unknown": 1, "unusable": 0})


def test_what_is_not_signed_changes_nothing(app: App, client: httpx.Client, delivery: str) -> None:
    body = body_of(an_event(delivery, "bounce", int(time.time()), type="bounce"))
    genuine = ACCOUNT.headers(body)
    signature, timestamp = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
    for headers in (
        {},
        {timestamp: genuine[timestamp]},
        {signature: genuine[signature]},
        {**genuine, signature: genuine[signature].swapcase()},
        {**genuine, timestamp: str(int(genuine[timestamp]) - 1)},
        EventAccount().headers(body),
        ACCOUNT.headers(body, "1000000000"),
        ACCOUNT.headers(body + b" "),
    ):
        answer = client.post(PATH, content=body, headers=headers)
        assert answer.status_code == 403, headers
    assert (state(app), kept(app)) == (DeliveryState.ACCEPTED, 0)


HARMLESS = {
    "an empty list": b"[]",
    "an event without custom arguments": body_of({"event": "bounce", "timestamp": 1, "email": "x@example.com"}),
    "an unknown event": body_of({"event": "account_status_change", "d": "ID", "timestamp": 1}),
    "an open": body_of({"event": "open", "d": "ID", "timestamp": 1}),
    "no event of ours, and broken": body_of({"event": "click", "d": 7}),
    "an empty object": b"[{}]",
    "many empty objects": body_of(*[{}] * 5000),
    "an unknown delivery": body_of({"event": "bounce", "d": "0" * 32, "timestamp": 1}),
    "one that can be read among others": body_of(
        {"event": "bounce", "d": 1}, {"event": "bounce", "d": "0", "timestamp": 1}
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_about_nothing_of_ours_is_taken_and_forgotten(app: App, client: httpx.Client, name: str) -> None:
    body = HARMLESS[name]
    answer = client.post(PATH, content=body, headers=ACCOUNT.headers(body))
    assert answer.status_code == 200, answer.text
    assert (state(app), kept(app)) == (DeliveryState.ACCEPTED, 0)


def _with(**values: Any) -> bytes:
    return body_of({"event": "bounce", "d": "ID", "timestamp": 1_795_503_660, **values})


MALFORMED = {
    "empty": b"",
    "an object": b'{"event":"bounce"}',
    "a string": b'"bounce"',
    "a number": b"1",
    "null": b"null",
    "a form": b"event=bounce&d=ID",
    "XML": b"<events/>",
    "a line before the list": b"\n[]",
    "a byte order mark": b"\xef\xbb\xbf[]",
    "no end": b'[{"event":"bounce"',
    "two lists": b"[][]",
    "a trailing comma": b'[{"event":"bounce"},]',
    "single quotes": b"[{'event':'bounce'}]",
    "a list of strings": b'["bounce"]',
    "a list of lists": b"[[]]",
    "a list of null": b"[null]",
    "one object among numbers": b'[{"event":"bounce"},1]',
    "too deep": b"[" * 100_000 + b"]" * 100_000,
    "too deep within": b'[{"event":"bounce","d":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
    "a number of 10,000 digits": b'[{"event":"bounce","d":"ID","timestamp":' + b"9" * 10_000 + b"}]",
    "a control character in a string": b'[{"event":"bo\x01unce"}]',
    "a lone escape": b'[{"event":"\\"}]',
    "no kind": body_of({"d": "ID", "timestamp": 1}),
    "a kind that is a number": _with(event=1),
    "a kind that is null": _with(event=None),
    "a kind that is a list": _with(event=["bounce"]),
    "no time": body_of({"event": "bounce", "d": "ID"}),
    "a time in words": _with(timestamp="today"),
    "a time as text": _with(timestamp="1795503660"),
    "a time that is true": _with(timestamp=True),
    "a time with a fraction": _with(timestamp=1.5),
    "a time that is no number": b'[{"event":"bounce","d":"ID","timestamp":NaN}]',
    "a time without end": b'[{"event":"bounce","d":"ID","timestamp":Infinity}]',
    "a time before 1970": _with(timestamp=-1),
    "a time in milliseconds": _with(timestamp=1_795_503_660_000),
    "a time of 40 digits": _with(timestamp=10**40),
    "an id that is a number": _with(d=7),
    "an id that is null": _with(d=None),
    "an id that is a list": _with(d=["ID"]),
    "an empty id": _with(d=""),
    "a long id": _with(d="a" * 33),
    "an id with a quote": _with(d="' OR 1=1 --"),
    "an id with NUL": _with(d="ID\0"),
    "an id with a line end": _with(d="ID\n"),
    "an id of other digits": _with(d="٠١٢٣"),
    "an id with half a character": _with(d="\ud800"),
    "not UTF-8 within": b'[{"event":"bounce","d":"\xff","timestamp":1}]',
    "cut in a character": '[{"event":"é'.encode()[:-1],
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_post_is_refused_whoever_signed_it(
    app: App, client: httpx.Client, delivery: str, name: str
) -> None:
    body = MALFORMED[name].replace(b"ID", delivery.encode())
    answer = client.post(PATH, content=body, headers=ACCOUNT.headers(body))
    assert answer.status_code == (403 if name in ("not UTF-8 within", "cut in a character") else 400), answer.text
    assert (state(app), kept(app)) == (DeliveryState.ACCEPTED, 0)


STRANGE: dict[str, dict[str, Any]] = {
    "half characters in the words": {"reason": "\ud800 gone \udfff"},
    "NUL in the words": {"reason": "gone\0"},
    "long words": {"reason": "x" * 100_000},
    "words that are a list": {"reason": ["gone", {"deep": None}]},
    "an event's number that is a list": {"sg_event_id": ["1"]},
    "a long number": {"sg_event_id": "1" * 500},
    "a request that is an object": {"r": {"a": 1}},
    "a request with a quote": {"r": "' OR 1=1 --"},
    "an address with half a character": {"url": "https://h.example/\ud800"},
    "an address that is a number": {"url": 7},
    "fields that nobody knows": {"__proto__": {"x": 1}, "constructor": 1},
    "a type that is a list": {"type": ["bounce"]},
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_strange_beside_the_point_does_not_matter(
    app: App, client: httpx.Client, delivery: str, name: str
) -> None:
    body = body_of(an_event(delivery, "bounce", int(time.time()), **STRANGE[name]))
    answer = client.post(PATH, content=body, headers=ACCOUNT.headers(body))
    assert (answer.status_code, kept(app)) == (200, 1)
    assert state(app) is DeliveryState.BOUNCED


def test_a_key_that_stands_twice_in_an_event_counts_as_it_stands_last(
    app: App, client: httpx.Client, delivery: str
) -> None:
    told = f'[{{"d":"0000","event":"spamreport","timestamp":1,"event":"delivered","d":"{delivery}"}}]'.encode()
    assert client.post(PATH, content=told, headers=ACCOUNT.headers(told)).json()["kept"] == 1
    assert state(app) is DeliveryState.DELIVERED


def test_the_content_type_does_not_matter(client: httpx.Client) -> None:
    headers = {**ACCOUNT.headers(b"[]"), "Content-Type": "text/plain"}
    assert client.post(PATH, content=b"[]", headers=headers).status_code == 200


def test_a_compressed_post_is_refused_unread(client: httpx.Client) -> None:
    body = gzip.compress(b"[" + b" " * 50_000_000 + b"]")
    headers = {**ACCOUNT.headers(body), "Content-Encoding": "gzip"}
    assert client.post(PATH, content=body, headers=headers).status_code == 415


@pytest.mark.parametrize("pieces", [1, 100], ids=["at once", "in pieces"])
def test_a_post_is_read_up_to_its_limit(client: httpx.Client, pieces: int) -> None:
    def post(size: int) -> int:
        body = b"[" + b" " * (size - 2) + b"]"
        step = -(-size // pieces)
        content = (body[start : start + step] for start in range(0, size, step))
        return client.post(PATH, content=content, headers=ACCOUNT.headers(body)).status_code

    assert post(MAX_POST_BYTES) == 200
    assert post(MAX_POST_BYTES + 1) == 413
    assert post(10_000_000) == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_posting_is_for_providers(app: App, client: httpx.Client, method: str) -> None:
    assert client.request(method, PATH).status_code in (404, 405)
    assert kept(app) == 0


def test_without_a_key_there_is_no_such_page(app: App) -> None:
    told = app.config.delivery
    keyless = replace(told, sendgrid=replace(told.sendgrid, webhook_public_key=""))
    config = app.config.model_copy(update={"delivery": keyless})
    with serving(replace(app, config=config)) as client:
        assert client.post(PATH, content=b"[]", headers=ACCOUNT.headers(b"[]")).status_code == 404


def test_a_key_that_can_not_be_read_is_told_when_the_site_is_built(tmp_path: Path) -> None:
    with (
        opened_app(tmp_path, ACCOUNT.public_key[:-8]) as app,
        pytest.raises(ConfigError, match=r"config\.toml: delivery\.sendgrid\.webhook_public_key: is no public key"),
    ):
        build_site(app)


def test_a_database_out_of_order_lets_the_post_come_again(app: App, client: httpx.Client, delivery: str) -> None:
    path = file_of(app.database)
    body = body_of(an_event(delivery, "delivered", int(time.time())))
    moved = path.rename(path.with_suffix(".away"))
    try:
        answer = client.post(PATH, content=body, headers=ACCOUNT.headers(body))
    finally:
        moved.rename(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "120")
    assert state(app) is DeliveryState.ACCEPTED
