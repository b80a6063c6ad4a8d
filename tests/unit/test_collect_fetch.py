"""HttpFetcher against a loopback server: bounds, manners, and what its errors say."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from digest.collect.fetching.addresses import is_public
from digest.collect.fetching.fetch import HttpFetcher
from digest.errors import SourceError
from digest.ports import CachedResponse
from tests.standins.sites import MemoryCache, Site, serve_site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as site:
        yield site


@pytest.fixture
def fetcher() -> Iterator[HttpFetcher]:
    with HttpFetcher("Digest/0 (+https://example.com)", None, now=lambda: NOW, deadline_seconds=2) as fetcher:
        yield fetcher


def test_body_comes_with_what_a_later_conditional_get_needs(site: Site, fetcher: HttpFetcher) -> None:
    site.serve("/feed", b"<rss/>", ETag='"1"', Last_Modified="Mon, 23 Nov 2026 06:00:00 GMT", Content_Type="text/xml")
    url = site.url + "/feed"
    assert fetcher.get(url, allow_private=True) == CachedResponse(
        url=url,
        body=b"<rss/>",
        content_type="text/xml",
        etag='"1"',
        last_modified="Mon, 23 Nov 2026 06:00:00 GMT",
        fetched_at=NOW,
        final_url=url,
    )
    assert site.requests[0][1]["user-agent"] == "Digest/0 (+https://example.com)"


def test_unchanged_body_is_the_cached_one_with_its_own_time(site: Site) -> None:
    def unchanged(request: BaseHTTPRequestHandler) -> None:
        request.send_response(304)
        request.end_headers()

    site.routes["/feed"] = unchanged
    url = site.url + "/feed"
    cache = MemoryCache()
    held = CachedResponse(url, b"old", "", '"7"', "", datetime(2026, 11, 23, tzinfo=UTC), url)
    cache.put(held)
    with HttpFetcher("x", cache, now=lambda: NOW) as fetcher:
        assert fetcher.get(url, allow_private=True) is held
    assert site.requests[0][1]["if-none-match"] == '"7"'


def test_fresh_answer_is_not_asked_for_again(site: Site) -> None:
    site.serve("/weather", b"8 degrees", ETag='"1"')
    moments = [NOW, NOW, NOW + timedelta(minutes=59), NOW + timedelta(minutes=61), NOW + timedelta(minutes=61)]
    clock = iter(moments)
    with HttpFetcher("Digest/1", MemoryCache(), now=lambda: next(clock)) as fetcher:
        for _ in range(4):
            fetcher.get(f"{site.url}/weather", allow_private=True, fresh_for_seconds=3600)
    assert len(site.requests) == 2


def test_unasked_304_is_refused(site: Site, fetcher: HttpFetcher) -> None:
    site.serve("/feed", b"", status=304)
    with pytest.raises(SourceError, match="answered 304"):
        fetcher.get(site.url + "/feed", allow_private=True)


def test_redirect_is_followed_and_its_end_named(site: Site, fetcher: HttpFetcher) -> None:
    site.serve("/old", b"", status=301, Location="/new")
    site.serve("/new", b"here")
    response = fetcher.get(site.url + "/old", allow_private=True)
    assert (response.body, response.url, response.final_url) == (b"here", site.url + "/old", site.url + "/new")


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("/round", "redirects more than 5 times"),
        ("file:///etc/passwd", "no web address"),
        ("http://[::1", "no web address"),
        ("gopher://127.0.0.1/", "no web address"),
    ],
)
def test_redirect_that_leads_nowhere_good_is_refused(
    site: Site, fetcher: HttpFetcher, location: str, message: str
) -> None:
    site.serve("/round", b"", status=302, Location=location)
    with pytest.raises(SourceError, match=message):
        fetcher.get(site.url + "/round", allow_private=True)


def test_cookies_are_not_carried(site: Site, fetcher: HttpFetcher) -> None:
    site.serve("/a", b"", Set_Cookie="reader=1; Path=/")
    fetcher.get(site.url + "/a", allow_private=True)
    fetcher.get(site.url + "/a", allow_private=True)
    assert "cookie" not in site.requests[1][1]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"words " * 100, mtime=0)),
        ("deflate", zlib.compress(b"words " * 100)),
        ("deflate", zlib.compress(b"words " * 100)[2:-4]),
        ("identity", b"words " * 100),
    ],
)
def test_compressed_body_is_unpacked(site: Site, fetcher: HttpFetcher, encoding: str, body: bytes) -> None:
    site.serve("/z", body, Content_Encoding=encoding)
    assert fetcher.get(site.url + "/z", allow_private=True).body == b"words " * 100


@pytest.mark.parametrize(
    ("encoding", "body", "message"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0), "not asked for"),
        ("br", b"x", "not asked for"),
        ("gzip", b"no gzip at all", "damaged"),
        ("gzip", gzip.compress(bytes(2_000_000), mtime=0), "larger than 0.0954 MB"),
        ("identity", bytes(200_000), "announces"),
    ],
)
def test_body_that_is_a_trap_is_refused(site: Site, encoding: str, body: bytes, message: str) -> None:
    site.serve("/bomb", body, Content_Encoding=encoding)
    with (
        HttpFetcher("x", None, now=lambda: NOW, max_body_bytes=100_000) as fetcher,
        pytest.raises(SourceError, match=message),
    ):
        fetcher.get(site.url + "/bomb", allow_private=True)


@pytest.mark.parametrize("in_headers", [True, False])
def test_dripping_answer_ends_at_the_deadline(site: Site, in_headers: bool) -> None:
    stop = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"" if in_headers else b"Content-Length: 100000\r\n\r\n"))
        try:
            while not stop.wait(0.02):
                request.wfile.write(b"X-A: b\r\n")
        except OSError:
            return

    site.routes["/drip"] = drip
    with (
        HttpFetcher("x", None, now=lambda: NOW, deadline_seconds=0.3) as fetcher,
        pytest.raises(SourceError, match=r"no complete answer in 0\.3 s"),
    ):
        fetcher.get(site.url + "/drip", allow_private=True)
    stop.set()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "answered 404 Not Found. Check the address"),
        (503, "answered 503 Service Unavailable"),
        (799, "answered 799"),
    ],
)
def test_refusal_names_the_status(site: Site, fetcher: HttpFetcher, status: int, message: str) -> None:
    site.serve("/no", b"sorry", status=status)
    with pytest.raises(SourceError, match=message):
        fetcher.get(site.url + "/no", allow_private=True)


def test_body_shorter_than_announced_is_an_error(site: Site, fetcher: HttpFetcher) -> None:
    def short(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        request.close_connection = True

    site.routes["/short"] = short
    with pytest.raises(SourceError, match="connection failed"):
        fetcher.get(site.url + "/short", allow_private=True)


def test_private_address_is_refused_unless_the_source_may(site: Site, fetcher: HttpFetcher) -> None:
    site.serve("/", b"inside")
    port = site.server.server_address[1]
    assert fetcher.get(f"http://localhost:{port}/", allow_private=True).body == b"inside"
    with pytest.raises(SourceError, match=f"names port {port}"):
        fetcher.get(f"http://localhost:{port}/")
    with pytest.raises(SourceError, match=r"no public address.*allow_private"):
        fetcher.get("http://localhost/")
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[fd00::1]/",
        "http://[ff02::1]/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://user:secret@127.0.0.1/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.com/",
        "http://",
        "",
        "http://exa mple/",
        "http://[oops/",
    ],
)
def test_address_that_is_not_public_or_no_web_address_is_never_reached(fetcher: HttpFetcher, url: str) -> None:
    with pytest.raises(SourceError) as caught:
        fetcher.get(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_address_is_public(address: str) -> None:
    assert is_public(address)


def test_one_fetcher_serves_many_threads(site: Site, fetcher: HttpFetcher) -> None:
    from concurrent.futures import ThreadPoolExecutor

    site.serve("/page", b"body")
    with ThreadPoolExecutor(8) as threads:
        bodies = list(threads.map(lambda _: fetcher.get(site.url + "/page", allow_private=True).body, range(40)))
    assert bodies == [b"body"] * 40
