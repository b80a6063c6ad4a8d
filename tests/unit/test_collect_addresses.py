"""Where the real fetcher connects to, and where never: address forms, resolvers that lie, redirects.

The system's name service and its way to connect are stood in for, so that "public" hosts are sites on loopback
and every attempt to connect is seen.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from digest.collect.fetching.addresses import is_public
from digest.collect.fetching.asking import HttpAsker
from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.fetching.robots import Robots
from digest.collect.fetching.visits import Visits
from digest.collect.links import web_address
from digest.errors import SourceError
from digest.ports import CachedResponse
from digest.settings import Source, SourceKind
from tests.standins.sites import MemoryCache, Site, serve_site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
ONE, OTHER = "93.184.215.14", "8.8.8.8"  # public addresses of the two sites


class Network:
    """Names, the sites behind public addresses, and what was asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[list[str]]] = {}  # the answers, one after the other, the last for ever
        self.sites: dict[str, Site] = {}
        self.asked: list[str] = []
        self.connects: list[str] = []
        self._resolve, self._connect = socket.getaddrinfo, socket.create_connection
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)
        monkeypatch.setattr(socket, "create_connection", self.create_connection)

    def getaddrinfo(self, host: Any, port: Any, *arguments: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        try:  # "127.1" and "0x7f000001" are addresses to the system
            return self._resolve(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            self.asked.append(name)
        answers = self.names.get(name.lower().rstrip("."), [["127.0.0.1"]])  # the worst that a name can lead to
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for address in addresses for entry in self._resolve(address, port, type=socket.SOCK_STREAM)]

    def create_connection(self, address: tuple[str, int], *arguments: Any, **named: Any) -> socket.socket:
        self.connects.append(f"{address[0]}:{address[1]}")
        if address[0] not in self.sites:
            raise ConnectionRefusedError("nobody is there")
        return self._connect(("127.0.0.1", self.sites[address[0]].server.server_port), *arguments, **named)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


@pytest.fixture
def one(network: Network) -> Iterator[Site]:
    with serve_site() as site:
        network.sites[ONE], network.names["one.example"] = site, [[ONE]]
        yield site


@pytest.fixture
def other(network: Network) -> Iterator[Site]:
    with serve_site() as site:
        network.sites[OTHER], network.names["other.example"] = site, [[OTHER]]
        yield site


@pytest.fixture
def fetcher() -> Iterator[HttpFetcher]:
    with HttpFetcher("Digest/0", None, now=lambda: NOW, deadline_seconds=5) as fetcher:
        yield fetcher


INSIDE = """
http://127.0.0.1/ http://127.1/ http://127.0.1/ http://2130706433/ http://0x7f000001/ http://0x7f.0.0.1/
http://0177.0.0.1/ http://017700000001/ http://0/ http://0.0.0.0/ http://0.1.2.3/ http://127.127.127.127/
http://127.0.0.1./ http://127.0.0.1:80/ http://127.0.0.1:443/ https://127.0.0.1/
http://localhost/ http://LOCALHOST/ http://localhost./ http://news.localhost/ http://127.0.0.1.nip.example/
http://１２７.０.０.１/ http://①②⑦.0.0.1/ http://127。0。0。1/ http://ⓛocalhost/ http://loc\u00adalhost/
http://%31%32%37.0.0.1/ http://%6cocalhost/ http://127.0.0.1%00.example.com/ http://127.0.0.1%2f.example.com/
http://10.0.0.1/ http://10.1/ http://167772161/ http://172.16.0.1/ http://172.31.255.255/ http://192.168.1.1/
http://192.168.257/ http://0xc0a80101/ http://100.64.0.1/ http://100.100.100.200/ http://169.254.169.254/
http://169.254.169.254/latest/meta-data/ http://2852039166/ http://0xa9fea9fe/ http://0251.0376.0251.0376/
http://metadata.google.internal/ http://168.63.129.16/ http://192.0.0.192/ http://192.0.2.1/ http://198.18.0.1/
http://198.51.100.1/ http://203.0.113.1/ http://192.88.99.1/ http://224.0.0.1/ http://240.0.0.1/
http://255.255.255.255/ http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/ http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/ http://[::ffff:10.0.0.1]/ http://[::ffff:0:127.0.0.1]/ http://[::127.0.0.1]/
http://[64:ff9b::7f00:1]/ http://[64:ff9b::169.254.169.254]/ http://[64:ff9b:1::7f00:1]/ http://[2002:7f00:1::]/
http://[2002:a9fe:a9fe::1]/ http://[2001::1]/ http://[2001:db8::1]/ http://[3fff::1]/ http://[fe80::1]/
http://[fe80::1%25eth0]/ http://[::1%25lo]/ http://[fec0::1]/ http://[fc00::1]/ http://[fd00:ec2::254]/
http://[ff02::1]/ http://[100::1]/ http://[5f00::1]/ http://[::1]:80/ http://[::1].example.com/
http://one.example@127.0.0.1/ http://one.example:80@127.0.0.1/ http://user:secret@127.0.0.1/
http://one.example%40127.0.0.1/ http://127.0.0.1#@one.example/ http://127.0.0.1?@one.example/
http://127.0.0.1\\@one.example/ http:\\\\127.0.0.1/ http:/127.0.0.1/ http:127.0.0.1/ http:///127.0.0.1/
http://one.example:22/ http://one.example:8080/ http://one.example:0/ http://one.example:-1/
http://one.example:99999/ http://one.example:80:80/ http://one.example:٢٢/ http://[oops/ http://[::1/ http://::1/
http://one.example:65536/ http:// http://. http://.. http://?/ ftp://one.example/ file:///etc/passwd gopher://127.0.0.1:6379/_INFO
dict://127.0.0.1/ ws://one.example/ data:text/html,x javascript:alert(1) //127.0.0.1/ /etc/passwd
""".split()
WITH_SPACE = [
    "http://127.0.0.1\t/",
    "http://127.0.\n0.1/",
    "ht\ttp://127.0.0.1/",
    " http://127.0.0.1/",
    "http://127.0.0.1 /",
    "",
]
WITH_SPACE += [
    "http://127.0.0.1\x00.example.com/",
    "http://one.example\r\nHost: x/",
    "http://" + "a" * 70 + ".example/",
]
WITH_SPACE += ["http://" + "a." * 200 + "example/", "http://one.example/\ud800", "http://xn--/", "http://xn--a/"]


@pytest.mark.parametrize("url", [*INSIDE, *WITH_SPACE], ids=lambda url: ascii(url)[1:50])
def test_no_form_of_an_address_reaches_what_is_not_public(network: Network, fetcher: HttpFetcher, url: str) -> None:
    network.names["one.example"] = [["10.0.0.7"]]
    with pytest.raises(SourceError) as caught:
        fetcher.get(url)
    assert network.connects == []
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_public_name_and_address_are_reached(network: Network, one: Site, fetcher: HttpFetcher) -> None:
    one.serve("/a", b"text")
    for host in ("one.example", "ONE.example", "one.example.", ONE, f"one.example:{80}", "user:secret@one.example"):
        assert fetcher.get(f"http://{host}/a").body == b"text"
    assert {*network.connects} == {f"{ONE}:80"}
    assert all("authorization" not in headers for _, headers in one.requests)


@pytest.mark.parametrize(
    "answer",
    [[ONE, "127.0.0.1"], ["10.0.0.1", ONE], [ONE, "::1"], [ONE, "::ffff:10.0.0.1"], ["169.254.169.254"]],
    ids=lambda answer: "+".join(answer),
)
def test_name_with_one_private_address_is_refused_as_a_whole(
    network: Network, one: Site, fetcher: HttpFetcher, answer: list[str]
) -> None:
    network.names["mixed.example"] = [answer]
    with pytest.raises(SourceError, match="no public address"):
        fetcher.get("http://mixed.example/")
    assert network.connects == []


def test_name_that_flips_after_the_check_is_connected_to_where_it_was_checked(
    network: Network, one: Site, fetcher: HttpFetcher
) -> None:
    one.serve("/a", b"text")
    network.names["flip.example"] = [[ONE], ["127.0.0.1"]]
    assert fetcher.get("http://flip.example/a").body == b"text"
    assert (network.asked, network.connects) == (["flip.example"], [f"{ONE}:80"])


def test_name_that_flips_between_two_requests_is_checked_again(
    network: Network, one: Site, fetcher: HttpFetcher
) -> None:
    one.serve("/a", b"text", Connection="close")
    network.names["flip.example"] = [[ONE], ["127.0.0.1"]]
    fetcher.get("http://flip.example/a")
    with pytest.raises(SourceError, match=r"leads to 127\.0\.0\.1"):
        fetcher.get("http://flip.example/a")
    assert network.connects == [f"{ONE}:80"]


def test_name_that_flips_within_a_redirect_is_checked_again(network: Network, one: Site, fetcher: HttpFetcher) -> None:
    one.serve("/a", b"", status=302, Location="http://flip.example/b", Connection="close")
    network.names["flip.example"] = [[ONE], ["192.168.0.1"]]
    with pytest.raises(SourceError, match=r"leads to 192\.168\.0\.1"):
        fetcher.get("http://flip.example/a")
    assert network.connects == [f"{ONE}:80"]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "//169.254.169.254/latest/meta-data/",
        "http://[::ffff:7f00:1]/",
        "http://inside.example/",
        "http://one.example:22/",
        "http://user:secret@10.0.0.1/",
        "\\\\127.0.0.1\\share",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_redirect_inwards_is_not_followed(network: Network, one: Site, fetcher: HttpFetcher, location: str) -> None:
    one.serve("/a", b"", status=302, Location=location)
    with pytest.raises(SourceError) as caught:
        fetcher.get("http://one.example/a")
    assert {*network.connects} == {f"{ONE}:80"}
    assert "secret" not in str(caught.value)


def test_connection_of_a_source_that_may_be_private_is_no_way_in_for_another(
    network: Network, one: Site, fetcher: HttpFetcher
) -> None:
    one.serve("/", b"inside")
    network.sites["127.0.0.1"] = one
    assert fetcher.get("http://localhost/", allow_private=True).body == b"inside"
    with pytest.raises(SourceError, match="no public address"):
        fetcher.get("http://localhost/")
    assert len(one.requests) == 1


def test_where_a_redirect_ends_is_named_without_credentials_or_what_hides_text(
    one: Site, other: Site, fetcher: HttpFetcher
) -> None:
    def elsewhere(request: BaseHTTPRequestHandler) -> None:
        location = b"Location: http://ann:secret@other.example/b\xe2\x80\xae\r\n"
        request.wfile.write(b"HTTP/1.1 302 Found\r\n" + location + b"Content-Length: 0\r\n\r\n")

    one.routes["/a"] = elsewhere
    other.serve("/b%E2%80%AE", b"text")
    assert fetcher.get("http://one.example/a").final_url == "http://other.example/b%E2%80%AE"
    assert "authorization" not in other.requests[0][1]


def test_story_link_carries_nobodys_password() -> None:
    assert web_address("/a", "https://ann:secret@example.com/feed") == "https://example.com/a"
    assert web_address("https://example.com@evil.example/a", "") == "https://evil.example/a"


@pytest.mark.parametrize(
    "tag", ['"é"', '"中"', '"' + "a" * 5000 + '"', '"a\x01b"'], ids=["e", "zhong", "long", "control"]
)
def test_validator_that_can_not_be_said_back_is_left_out(one: Site, tag: str) -> None:
    one.serve("/a", b"new")
    cache = MemoryCache()
    cache.put(CachedResponse("http://one.example/a", b"old", "", tag, tag, NOW, "http://one.example/a"))
    with HttpFetcher("Digest/0", cache, now=lambda: NOW) as fetcher:
        assert fetcher.get("http://one.example/a").body == b"new"
    assert not {"if-none-match", "if-modified-since"} & one.requests[0][1].keys()


# --- redirects and robots.txt ----------------------------------------------------------------------------


def visit(fetcher: HttpFetcher, url: str, *, ignore_robots: bool = False) -> CachedResponse:
    visits = Visits(fetcher, Robots(fetcher, None, NOW), None, wait=lambda _: None)
    return visits.get(url, Source(SourceKind.FEED, url=url, ignore_robots=ignore_robots))


def test_redirect_to_another_host_asks_that_hosts_robots_txt(one: Site, other: Site, fetcher: HttpFetcher) -> None:
    one.serve("/open", b"", status=301, Location="http://other.example/open")
    one.serve("/closed", b"", status=301, Location="http://other.example/closed")
    other.serve("/robots.txt", b"User-agent: *\nDisallow: /closed\n")
    for path in ("/open", "/closed"):
        other.serve(path, b"text")
    assert visit(fetcher, "http://one.example/open").body == b"text"
    with pytest.raises(SourceError, match=r"redirects to http://other\.example/closed, which is not to be read"):
        visit(fetcher, "http://one.example/closed")
    assert other.asked == ["/open"]
    assert visit(fetcher, "http://one.example/closed", ignore_robots=True).body == b"text"


def test_redirect_within_the_host_to_what_it_disallows_is_not_followed(one: Site, fetcher: HttpFetcher) -> None:
    one.serve("/robots.txt", b"User-agent: *\nDisallow: /closed\n")
    one.serve("/a", b"", status=302, Location="/closed")
    with pytest.raises(SourceError, match=r"disallows it"):
        visit(fetcher, "http://one.example/a")
    assert one.asked == ["/a"]


def test_redirect_to_a_host_whose_robots_txt_fails_is_not_followed(
    one: Site, other: Site, fetcher: HttpFetcher
) -> None:
    one.serve("/a", b"", status=302, Location="http://other.example/b")
    other.serve("/robots.txt", b"", status=503)
    with pytest.raises(SourceError, match=r"which is not to be read while its site fails: robots\.txt answered 503"):
        visit(fetcher, "http://one.example/a")
    assert other.asked == []


def test_redirect_to_a_host_that_wants_to_be_left_alone_is_not_followed(
    one: Site, other: Site, fetcher: HttpFetcher
) -> None:
    one.serve("/a", b"", status=302, Location="http://other.example/b")
    other.serve("/b", b"", status=429, Retry_After="600")
    visits = Visits(fetcher, Robots(fetcher, None, NOW), None, wait=lambda _: None)
    source = Source(SourceKind.FEED, url="http://one.example/a")
    with pytest.raises(SourceError, match="answered 429"):
        visits.get("http://other.example/b", source)
    with pytest.raises(SourceError, match=r"redirects to http://other\.example/b, which is left alone for now"):
        visits.get("http://one.example/a", source)
    assert other.asked == ["/b"]


def test_robots_txt_behind_a_redirect_leaves_the_deadline_of_the_request_as_it_was(one: Site, other: Site) -> None:
    """A request within a request: the outer one's time must go on running."""
    one.serve("/a", b"", status=302, Location="http://other.example/drip")
    other.serve("/robots.txt", b"")
    stop = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not stop.is_set():
                request.wfile.write(b"x" * 10)
                stop.wait(0.02)
        except OSError:
            return

    other.routes["/drip"] = drip
    with (
        HttpFetcher("x", None, now=lambda: NOW, deadline_seconds=0.5) as fetcher,
        pytest.raises(SourceError, match=r"no complete answer in 0\.5 s"),
    ):
        visit(fetcher, "http://one.example/a")
    stop.set()


@pytest.mark.parametrize("url", ["http://xn--a/", "https://[::1", "https://a:99999", "", "ftp://a/"])
def test_address_of_an_api_that_is_none_is_a_named_problem(url: str) -> None:
    with pytest.raises(SourceError, match="is no web address"):
        HttpAsker("Digest/0").post(url, b"", headers={}, secret="", allow_private=True)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]
)
def test_public_address_is_public(address: str) -> None:
    assert is_public(address)
