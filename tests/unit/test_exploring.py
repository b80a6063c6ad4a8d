"""What is found on a site that was never seen before, and what its project says of it."""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from digest.cli.starting import write_project
from digest.collect.fetching.fetch import HttpFetcher
from digest.collect.pages.branding import brand_colour, read_branding
from digest.config import load_config
from digest.errors import SourceError
from digest.exploring import FoundLogo, Site, explore
from digest.languages import spoken_language
from digest.render import check_theme
from digest.render.contrast import AA, contrast, readable_on
from digest.zones import likely_zone
from tests.standins.sites import Site as Served
from tests.standins.sites import serve_site

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def feed(site: Served, section: str = "", offset: str = "+0100") -> bytes:
    items = "".join(
        f"<item><title>Story {number} of {section or 'all'}</title><link>{site.url}/{section or 'x'}/{number}</link>"
        f"<pubDate>Tue, 24 Nov 2026 06:0{number}:00 {offset}</pubDate></item>"
        for number in range(4)
    )
    return f'<rss version="2.0"><channel><title>Q</title>{items}</channel></rss>'.encode()


def a_logo(colour: tuple[int, ...] = (190, 70, 60, 255)) -> bytes:
    picture = Image.new("RGBA", (600, 120), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((20, 20, 300, 100), fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def page(head: str = "", body: str = "", language: str = "de") -> bytes:
    lang = f' lang="{language}"' if language else ""
    title = "<title>Hafenbote – Nachrichten</title>"
    return f"<!doctype html><html{lang}><head>{title}{head}</head><body>{body}</body></html>".encode()


def stating(linked_data: str) -> str:
    return f'<title>x</title><script type="application/ld+json">{linked_data}</script>'


NAV = '<nav><a href="/politik/">Politik</a> <a href="/sport/">Sport</a></nav>'


@pytest.fixture
def site() -> Iterator[Served]:
    with serve_site() as site:
        yield site


def found_on(site: Served) -> Site:
    with HttpFetcher("Digest/1", None, now=lambda: NOW) as fetcher:
        return explore(site.url, fetcher, NOW)


def test_a_site_that_announces_everything_is_found_whole(site: Served) -> None:
    address = {"addressLocality": "Kiel", "addressCountry": "DE"}
    stated = {"@type": "NewsMediaOrganization", "logo": {"url": f"{site.url}/logo.png"}, "address": address}
    head = (
        '<meta property="og:site_name" content="Hafenbote"><meta name="theme-color" content="#c33">'
        '<link rel="alternate" type="application/rss+xml" href="/alles.xml">'
        f'<script type="application/ld+json">{json.dumps(stated)}</script>'
    )
    site.serve("/", page(head, NAV), Content_Type="text/html")
    site.serve("/alles.xml", feed(site))
    site.serve("/logo.png", a_logo())
    announced = '<link rel="alternate" type="application/rss+xml" href="{}">'
    own = announced.format("/alles.xml") + announced.format("/politik/feed.xml")
    site.serve("/politik/", page(own), Content_Type="text/html")
    site.serve("/politik/feed.xml", feed(site, "politik"))
    site.serve("/sport/", page(), Content_Type="text/html")
    site.serve("/sport/rss", feed(site, "sport"))
    found = found_on(site)
    assert (found.name, found.language, found.zone, found.town) == ("Hafenbote", "de", "Europe/Berlin", "Kiel")
    assert found.feed is not None
    assert (found.feed.url, found.feed.stories) == (f"{site.url}/alles.xml", 4)
    assert [(section.key, own_feed.removeprefix(site.url)) for section, own_feed in found.sections] == [
        ("politik", "/politik/feed.xml"),
        ("sport", "/sport/rss"),
    ]
    assert found.colour == "#CC3333"
    assert found.logo == FoundLogo(f"{site.url}/logo.png", 200, 40)
    assert found.problems == ()


def test_feeds_that_nobody_announces_are_looked_for_and_ones_that_are_none_are_told(site: Served) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/broken.xml">'
    site.serve("/", page(head), Content_Type="text/html")
    site.serve("/broken.xml", b"<html>404</html>")
    site.serve("/rss.xml", feed(site))
    found = found_on(site)
    assert found.feed is not None
    assert found.feed.url == f"{site.url}/rss.xml"
    assert found.problems == (f"{site.url}/broken.xml is announced as a feed and can't be read as one.",)


def test_a_site_without_feeds_has_its_sitemap_or_its_front_page(site: Served) -> None:
    site.serve("/", page(body=NAV), Content_Type="text/html")
    site.serve("/robots.txt", f"Sitemap: {site.url}/map.xml\nSitemap: {site.url}/news.xml".encode())
    urls = "".join(f"<url><loc>{site.url}/politik/{number}-eine-lange-geschichte</loc></url>" for number in range(3))
    site.serve("/news.xml", f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode())
    found = found_on(site)
    assert (found.feed, found.sitemap) == (None, f"{site.url}/news.xml")
    assert [own for _, own in found.sections] == ["", ""]


def test_robots_are_heeded_and_a_site_that_is_down_is_an_error(site: Served) -> None:
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /rss.xml")
    site.serve("/", page(), Content_Type="text/html")
    site.serve("/rss.xml", feed(site))
    assert found_on(site).feed is None
    assert "/rss.xml" not in site.asked
    del site.routes["/"]
    with pytest.raises(SourceError, match="answered 404"):
        found_on(site)


@pytest.mark.parametrize("language", ["", "x y", "<b>"], ids=["none", "no-tag", "markup"])
def test_a_language_that_is_not_stated_is_told_by_the_words(site: Served, language: str) -> None:
    titles = "Der Bürgermeister und die Brücke sind nicht zu teuer", "Was das für die Stadt und ihre Kinder ist"
    links = "".join(
        f'<h2><a href="/politik/{n}-eine-lange-geschichte-von-heute">{t}</a></h2>' for n, t in enumerate(titles)
    )
    site.serve(
        "/", page(body=f"<main>{links}</main>", language=language.replace("<", "&lt;")), Content_Type="text/html"
    )
    assert found_on(site).language == "de"


def test_a_logo_that_paper_would_swallow_is_left_out_and_it_is_said(site: Served) -> None:
    site.serve("/", page(body='<header><img class="logo" src="/logo.png"></header>'), Content_Type="text/html")
    site.serve("/logo.png", a_logo((10, 10, 10, 255)))
    found = found_on(site)
    assert found.logo is None
    assert found.problems == (
        f"The logo {site.url}/logo.png is transparent and would not be seen on dark paper; give one for each.",
    )


def test_what_was_found_becomes_a_project_without_a_fault_but_the_address(tmp_path: Path, site: Served) -> None:
    site.serve("/", page('<meta name="theme-color" content="#ffcc00">', NAV), Content_Type="text/html")
    site.serve("/feed", feed(site))
    found = found_on(site)
    written = write_project(tmp_path / "paper", found)
    config = load_config(tmp_path / "paper" / "config.toml")
    assert list(config.sections) == ["politik", "sport"]
    assert config.publication.theme == "hafenbote"
    assert check_theme(tmp_path / "paper" / "templates" / "hafenbote") == ()
    assert {path.name for path in written} == {"config.toml", "theme.toml", "politik.csv", "sport.csv", ".gitignore"}


@pytest.mark.parametrize(
    "name",
    ['A "quoted" name\\', "Ünïcødé 日本", "x" * 300, "classic", "---", "line\nbreak"],
    ids=["quotes", "letters", "long", "taken", "none", "lines"],
)
def test_any_name_makes_a_configuration_that_can_be_read(tmp_path: Path, name: str) -> None:
    write_project(tmp_path, Site(name=name, url="https://example.com", colour="#AA0000"))
    assert tomllib.loads((tmp_path / "config.toml").read_text("utf-8"))["publication"]["name"] == name
    assert load_config(tmp_path / "config.toml").publication.name == name


def test_pages_that_are_none_give_no_brand() -> None:
    for html in (b"", b"\x00\xff", "<", "<script type='application/ld+json'>{</script>", "<link rel=icon>"):
        assert read_branding(html, "https://example.com/").colour == ""
    assert brand_colour(":root{--brand-color:#0af;--x:#fff} a{color:#c00} b{color:#c00}") == "#00AAFF"
    assert brand_colour("a{color:#cc0000} b{color:#cc0000} c{color:#333}") == "#CC0000"
    assert brand_colour("a{color:#333} b{color:#333}") == ""


@pytest.mark.parametrize("colour", ["#FFCC00", "#00FF00", "#0000FF", "#808080", "#FFFFFF", "#000000"])
def test_any_colour_can_be_made_readable(colour: str) -> None:
    assert contrast(readable_on(colour, "#FFFFFF"), "#FFFFFF") >= AA
    assert contrast(readable_on(colour, "#141414"), "#141414") >= AA


@pytest.mark.parametrize(
    ("offset", "town", "countries", "zone"),
    [
        (-480, "", ["US"], "America/Los_Angeles"),
        (-300, "", ["US"], "America/New_York"),
        (60, "", ["", "DE"], "Europe/Berlin"),
        (0, "", ["GB"], "Europe/London"),
        (None, "Los Angeles", [], "America/Los_Angeles"),
        (None, "", ["FR"], "Europe/Paris"),
        (None, "", ["US"], "UTC"),
        (570, "", ["DE"], "UTC"),
        (None, "", ["XX"], "UTC"),
        (None, "", [], "UTC"),
    ],
)
def test_a_zone_is_told_by_town_country_and_offset(
    offset: int | None, town: str, countries: list[str], zone: str
) -> None:
    assert likely_zone(NOW, offset_minutes=offset, town=town, countries=countries).zone == zone


@pytest.mark.parametrize(
    ("stated", "headlines", "language"),
    [
        ("de-AT", ["Der Bürgermeister und die Brücke sind nicht zu teuer"] * 6, "de-AT"),
        ("de-ere…", ["Der Bürgermeister und die Brücke sind nicht zu teuer"] * 6, "de"),
        ("en-US", ["ঢাকায় আজ বৃষ্টি হতে পারে"] * 6, "bn"),
        ("en-US", ["今日の東京は雨になるでしょう"] * 6, "ja"),
        ("uk", ["Сьогодні в Києві дощ"] * 6, "uk"),
        ("fa", ["امروز در تهران باران می‌بارد"] * 6, "fa"),
        ("en", ["Der Bürgermeister und die Brücke sind nicht zu teuer"] * 6, "de"),
        ("sv", ["Borgmästaren säger nej till bron"] * 6, "sv"),
        ("xx", [], "en"),
        ("", [], "en"),
    ],
)
def test_a_stated_language_is_believed_unless_the_headlines_say_otherwise(
    stated: str, headlines: list[str], language: str
) -> None:
    assert spoken_language(stated, headlines)[0] == language


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<title>Mayor wins the vote - Michigan Herald</title>", "Michigan Herald"),
        ("<title>The Quay | News, sport and more from the harbour</title>", "The Quay"),
        (stating('{"@type":"NewsMediaOrganization","name":"Kurier"}'), "Kurier"),
        (stating('{"@type":"WebSite","name":"Die Zeile"}'), "Die Zeile"),
        ("", "127.0.0.1"),
    ],
    ids=["host-less", "shortest", "organisation", "website", "nothing"],
)
def test_a_site_is_called_what_it_calls_itself(site: Served, head: str, name: str) -> None:
    site.serve("/", f"<html lang=en><head>{head}</head><body></body></html>".encode(), Content_Type="text/html")
    assert found_on(site).name == name
