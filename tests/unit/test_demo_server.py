import http.client
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from digest.demo.newsroom import load_newsroom
from digest.demo.server import DemoSite, Request, serve_demo_site

ROOM = load_newsroom(datetime(2026, 11, 24, 7, tzinfo=UTC))


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with serve_demo_site(ROOM) as site:
        yield site


def ask(
    site: DemoSite, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(urlsplit(site.base_url).netloc, timeout=5)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_every_address_is_served_with_its_type_and_validators(site: DemoSite) -> None:
    types = {".xml": "xml", ".atom": "atom+xml", ".json": "feed+json", ".jpg": "image/jpeg", ".css": "text/css"}
    for path in [path for path in site.paths if not path.endswith(".jpg")] + [ROOM.front()[0].picture_path]:
        status, headers, body = ask(site, path)
        assert status == 200, path
        assert len(body) == int(headers["Content-Length"]) > 0
        assert headers["ETag"] and headers["Last-Modified"]
        ending = next((ending for ending in types if path.endswith(ending)), None)
        assert (types[ending] if ending else "") in headers["Content-Type"]


def test_what_has_not_changed_is_not_sent_again(site: DemoSite) -> None:
    for path in ("/", "/feed.atom", "/politics/feed.xml", ROOM.stories[0].path, ROOM.front()[0].picture_path):
        _, headers, _ = ask(site, path)
        assert ask(site, path, {"If-None-Match": headers["ETag"]})[0::2] == (304, b"")
        assert ask(site, path, {"If-None-Match": f'W/{headers["ETag"]}, "x"'})[0] == 304
        assert ask(site, path, {"If-Modified-Since": headers["Last-Modified"]})[0] == 304
        stale = {"If-None-Match": '"old"', "If-Modified-Since": headers["Last-Modified"]}
        assert ask(site, path, stale)[0] == 200
        assert ask(site, path, {"If-Modified-Since": "yesterday"})[0] == 200


def test_requests_are_counted_in_order(site: DemoSite) -> None:
    ask(site, "/feed.atom?x=1")
    ask(site, "/none")
    ask(site, "/robots.txt", method="HEAD")
    ask(site, "/v1/forecast?latitude=54&longitude=-3&current=is_day")
    assert site.requests == [
        Request("GET", "/feed.atom?x=1", 200),
        Request("GET", "/none", 404),
        Request("HEAD", "/robots.txt", 200),
        Request("GET", "/v1/forecast?latitude=54&longitude=-3&current=is_day", 200),
    ]


def test_all_links_of_the_site_lead_to_itself(site: DemoSite) -> None:
    for path in ("/", "/feed.atom", "/feed.json", "/news-sitemap.xml", "/robots.txt", ROOM.stories[0].path):
        body = ask(site, path)[2].decode()
        assert site.base_url in body
        assert "localhost" not in body


def test_a_dead_address_closes_the_connection(site: DemoSite) -> None:
    site.fail("/feed.atom", "dead")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(site, "/feed.atom?x=1")
    assert site.requests == [Request("GET", "/feed.atom?x=1", 0)]
    site.heal("/feed.atom")
    assert ask(site, "/feed.atom")[0] == 200


def test_gone_and_malformed_answers(site: DemoSite) -> None:
    site.fail("/feed.atom", "malformed")
    site.fail("/", "gone")
    status, headers, body = ask(site, "/feed.atom")
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert b"\x00" in body
    assert ask(site, "/")[0] == 410


@pytest.mark.parametrize(("how", "least_bytes"), [("slow", 2), ("huge", 3_000_000)])
def test_answers_without_end_go_on_until_the_client_leaves(site: DemoSite, how: str, least_bytes: int) -> None:
    site.fail("*", how)
    connection = http.client.HTTPConnection(urlsplit(site.base_url).netloc, timeout=5)
    connection.request("GET", "/feed.json")
    response = connection.getresponse()
    assert response.getheader("Content-Length") is None
    assert len(response.read(least_bytes)) == least_bytes
    response.close()
    connection.close()


def test_the_server_is_imported_without_pillow_and_jinja() -> None:
    check = "import sys, digest.demo.server; print(sorted({'PIL', 'jinja2', 'lxml'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
