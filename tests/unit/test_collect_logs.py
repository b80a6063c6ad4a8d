"""Access logs as they are kept: rotated, packed, written as JSON, and read on from where the last run ended."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.collect.popularity.access_logs import count_views
from digest.collect.popularity.crawlers import is_machine
from digest.model import Window

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SITE = "https://example.com"
FERRY, QUAY = f"{SITE}/news/ferry", f"{SITE}/news/quay"
READER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Kept:
    """Progress in memory."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        assert len(key) <= 80
        return self.texts.get(key)

    def put(self, key: str, text: str) -> None:
        self.texts[key] = text


def line(minute: int, *, address: str = "192.0.2.1", path: str = "/news/ferry") -> str:
    """Return a view `minute` minutes after 06:00."""
    at = datetime(2026, 11, 24, 6, tzinfo=UTC) + timedelta(minutes=minute)
    return f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" 200 5120 "-" "{READER}"\n'


def views(
    log: Path, kept: Kept | None, *, now: datetime = NOW, known: tuple[str, ...] = (FERRY, QUAY)
) -> dict[str, float]:
    found: dict[str, float] = {}
    for bucket in count_views(
        log, site=SITE, known_urls=known, window=Window(now - timedelta(hours=24), now), progress=kept
    ):
        found[bucket.url] = found.get(bucket.url, 0.0) + bucket.views
    return found


def append(log: Path, text: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(text)


def renamed(log: Path) -> None:
    log.rename(log.with_name("access.log.1"))
    log.write_text("")


def copied_and_emptied(log: Path) -> None:
    log.with_name("access.log.1").write_bytes(log.read_bytes())
    log.write_text("")


def packed(log: Path) -> None:
    log.with_name("access.log.2.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.write_text("")


def dated(log: Path) -> None:
    log.rename(log.with_name("access.log-20261124"))
    log.write_text("")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def test_only_what_is_new_is_read(log: Path) -> None:
    kept = Kept()
    first = line(1) + line(2, address="192.0.2.2")
    log.write_text(first)
    assert views(log, kept) == {FERRY: 2.0}
    append(log, line(3, address="192.0.2.3") * 20)
    assert views(log, kept) == {FERRY: 3.0}
    text = log.read_text()
    log.write_text(text[:2000] + text[2000:].replace("192.0.2.3", "192.0.2.9"))
    assert views(log, kept) == {FERRY: 3.0}


@pytest.mark.parametrize("rotate", [renamed, copied_and_emptied, packed, dated])
def test_rotation_neither_loses_nor_doubles_a_view(log: Path, rotate: Callable[[Path], None]) -> None:
    kept = Kept()
    log.write_text(line(1) + line(2, address="192.0.2.2"))
    assert views(log, kept) == {FERRY: 2.0}
    append(log, line(3, address="192.0.2.3"))
    rotate(log)
    append(log, line(4, address="192.0.2.4") + line(5, path="/news/quay"))
    for _ in range(2):
        assert views(log, kept) == {FERRY: 4.0, QUAY: 1.0}
    assert views(log, None) == {FERRY: 4.0, QUAY: 1.0}


def test_reader_who_comes_back_between_two_runs_counts_once(log: Path) -> None:
    kept = Kept()
    log.write_text(line(50))
    views(log, kept)
    append(log, line(79) + line(80))
    later = NOW + timedelta(minutes=30)
    assert views(log, kept, now=later) == views(log, None, now=later) == {FERRY: 2.0}
    assert "192.0.2.1" not in str(kept.texts)


def test_story_that_was_read_before_it_was_collected_keeps_its_views(log: Path) -> None:
    kept = Kept()
    log.write_text(line(1) + line(2, path="/news/quay"))
    assert views(log, kept, known=(FERRY,)) == {FERRY: 1.0}
    assert views(log, kept) == {FERRY: 1.0, QUAY: 1.0}


def test_line_that_is_still_being_written_waits(log: Path) -> None:
    kept = Kept()
    whole = line(1)
    log.write_text(whole + line(2, address="192.0.2.2")[:60])
    assert views(log, kept) == {FERRY: 1.0}
    log.write_text(whole + line(2, address="192.0.2.2"))
    assert views(log, kept) == {FERRY: 2.0}


def test_lines_of_later_are_left_to_a_later_run(log: Path) -> None:
    kept = Kept()
    log.write_text(line(59) + line(61, address="192.0.2.2"))
    assert views(log, kept) == {FERRY: 1.0}
    assert views(log, kept) == {FERRY: 1.0}
    assert views(log, kept, now=NOW + timedelta(minutes=2)) == {FERRY: 2.0}


def test_old_views_fall_out_of_the_window(log: Path) -> None:
    kept = Kept()
    log.write_text(line(1) + line(2, path="/news/quay"))
    views(log, kept)
    tomorrow = NOW + timedelta(hours=25)
    append(log, line(25 * 60, path="/news/quay"))
    os.utime(log, (tomorrow.timestamp(),) * 2)
    assert views(log, kept, now=tomorrow) == {QUAY: 1.0}
    assert views(log, kept, now=NOW) == {FERRY: 1.0, QUAY: 1.0}, "an earlier window is counted anew"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 99}'])
def test_damaged_progress_is_counted_anew(log: Path, text: str) -> None:
    kept = Kept()
    log.write_text(line(1))
    views(log, kept)
    kept.texts = dict.fromkeys(kept.texts, text)
    assert views(log, kept) == {FERRY: 1.0}


# --- formats -----------------------------------------------------------------------------------

AT = int((NOW - timedelta(minutes=30)).timestamp())
NGINX = {
    "time_iso8601": "2026-11-24T07:30:00+01:00",
    "remote_addr": "192.0.2.1",
    "request": "GET /news/ferry HTTP/2.0",
    "status": "200",
    "http_user_agent": READER,
}
CADDY = {
    "ts": AT + 0.25,
    "request": {
        "client_ip": "192.0.2.1",
        "method": "GET",
        "uri": "/news/ferry?utm_source=x",
        "headers": {"User-Agent": [READER]},
    },
    "status": 200,
}
CLOUDFLARE = {
    "EdgeStartTimestamp": AT * 1_000_000_000,
    "ClientIP": "192.0.2.1",
    "ClientRequestMethod": "GET",
    "ClientRequestURI": "/news/ferry",
    "EdgeResponseStatus": 200,
    "ClientRequestUserAgent": READER,
}
TRAEFIK = {
    "StartUTC": "2026-11-24T06:30:00.123456789Z",
    "ClientHost": "192.0.2.1",
    "RequestMethod": "GET",
    "RequestPath": "/news/ferry",
    "DownstreamStatus": 200,
    "request_User-Agent": READER,
}


@pytest.mark.parametrize("entry", [NGINX, CADDY, CLOUDFLARE, TRAEFIK], ids=["nginx", "caddy", "cloudflare", "traefik"])
def test_json_lines_are_read(log: Path, entry: dict[str, object]) -> None:
    posted = json.loads(json.dumps(entry).replace("GET", "POST"))
    robot = json.loads(json.dumps(entry).replace(READER, "Mozilla/5.0 (compatible; Googlebot/2.1)"))
    missing = json.loads(json.dumps(entry).replace("200", "404"))
    log.write_text("".join(json.dumps(each) + "\n" for each in (entry, posted, robot, missing)) + "{broken\n")
    assert views(log, None) == {FERRY: 1.0}


def test_prefetch_by_caddy_s_headers_is_no_view(log: Path) -> None:
    ahead = json.loads(json.dumps(CADDY).replace('"headers": {', '"headers": {"Sec-Purpose": ["prefetch;prerender"], '))
    log.write_text(json.dumps(CADDY) + "\n" + json.dumps(ahead).replace("192.0.2.1", "192.0.2.2") + "\n")
    assert views(log, None) == {FERRY: 1.0}


def test_host_before_the_reader_s_address_is_no_reader(log: Path) -> None:
    text = "".join(
        f"www.example.com {line(1, address=address)}" for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    )
    log.write_text(text.replace("] ", "] (0 s) ", 1))
    assert views(log, None) == {FERRY: 3.0}


# --- machines ----------------------------------------------------------------------------------

MOBILE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"


@pytest.mark.parametrize(
    "agent",
    [
        READER,
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {MOBILE} [FBAN/FBIOS;FBAV/489.0.0.32;FBDV/iPhone15,3]",
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {MOBILE} Instagram 355.0.0.27.103 (iPhone14,5; en_GB)",
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {MOBILE} [Pinterest/iOS]",
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536B) AppleWebKit/537.36 SamsungBrowser/25.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "Opera/9.80 (Android; Opera Mini/7.5/191.308; U; en) Presto/2.12.423 Version/12.16",
    ],
)
def test_browsers_are_no_machines(agent: str) -> None:
    assert not is_machine(agent.encode())


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "-",
        "Mozilla/5.0",
        "Go-http-client/2.0",
        "Debian APT-HTTP/1.3 (1.0.1ubuntu2)",
        "Mozilla/5.0 zgrab/0.x",
        "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 (compatible; SomethingNew_bot; not on any list)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 Chrome/130 Mobile (compatible; Googlebot/2.1)",
    ],
)
def test_machines_are_known(agent: str) -> None:
    assert is_machine(agent.encode())
