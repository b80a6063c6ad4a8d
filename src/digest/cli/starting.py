"""`digest init`: a new project in a folder, its sources found on the publisher's own site."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from digest.collect.pages.discovery import FeedLink, SectionLink, discover
from digest.errors import DigestError, SourceError
from digest.ports import Fetcher

__all__ = ["Site", "explore", "write_project"]

MAX_SECTION_PAGES = 8
EXAMPLE_ADDRESS = "Street and number, city, country"


@dataclass(frozen=True, slots=True)
class Site:
    """What a project is begun with: the publication and its sections, each with its feed or "" for none."""

    name: str
    url: str
    language: str
    sections: tuple[tuple[SectionLink, str], ...]
    feeds: tuple[FeedLink, ...]  # of the whole site


EXAMPLE = Site(
    name="Your Paper",
    url="https://example.com",
    language="en",
    sections=((SectionLink("news", "News", "https://example.com/news"), "https://example.com/news/feed"),),
    feeds=(),
)


def explore(url: str, fetcher: Fetcher) -> Site:
    """Find name, language, feeds and sections of the site at `url`.

    Raises:
        SourceError: the front page can't be read.
    """
    response = fetcher.get(url, allow_private=True)
    front = response.final_url or url
    facts = discover(response.body, front)
    general = {feed.url for feed in facts.feeds}
    sections = tuple((section, _own_feed(section, general, fetcher)) for section in facts.sections[:MAX_SECTION_PAGES])
    with_feed = tuple((section, feed) for section, feed in sections if feed)
    return Site(facts.name, front.rstrip("/"), facts.language or "en", with_feed or sections, facts.feeds)


def _own_feed(section: SectionLink, general: Iterable[str], fetcher: Fetcher) -> str:
    """Return the feed that a section's page announces besides those of the whole site."""
    try:
        response = fetcher.get(section.url, allow_private=True)
    except SourceError:
        return ""
    feeds = [feed.url for feed in discover(response.body, response.final_url or section.url).feeds]
    own = [feed for feed in feeds if feed not in general]
    named = [feed for feed in feeds if f"/{section.key}" in feed]
    return (own or named or [""])[0]


def write_project(folder: Path, site: Site) -> tuple[Path, ...]:
    """Write config.toml and one list a section; return what was written.

    Raises:
        DigestError: there is a config.toml already.
    """
    config = folder / "config.toml"
    if config.exists():
        raise DigestError(f"{config} exists already. Choose another folder: digest init DIR")
    folder.mkdir(parents=True, exist_ok=True)
    config.write_text(_config_text(site), "utf-8")
    lists = folder / "subscribers"
    lists.mkdir(exist_ok=True)
    written = [config]
    for section, _ in site.sections:
        path = lists / f"{section.key}.csv"
        if not path.exists():
            path.write_text("email,name,language,timezone,consented_at,consent_source\n", "utf-8")
            written.append(path)
    return tuple(written)


def _config_text(site: Site) -> str:
    host = site.url.split("//")[-1].split("/")[0].split(":")[0].removeprefix("www.")
    mail_host = "example.com" if host == "localhost" or host.replace(".", "").isdigit() else host
    private = "allow_private = true\n" if host in ("localhost", "127.0.0.1") else ""
    sources = "".join(
        f'[[sources]]\nkind = "feed"\nurl = {_toml(feed)}\nsection = {_toml(section.key)}\n{private}\n'
        for section, feed in site.sections
        if feed
    )
    sources += "".join(
        "# Stories of every section; their labels say which.\n"
        f'[[sources]]\nkind = "feed"\nurl = {_toml(feed.url)}\n{private}\n'
        for feed in site.feeds[:1]
    )
    sections = "".join(
        f'[sections.{section.key}]\ntitle = {_toml(section.title)}\nat = "07:00"\ndays = "mon-fri"\n\n'
        for section, _ in site.sections or EXAMPLE.sections
    )
    return _CONFIG.format(
        name=_toml(site.name),
        url=_toml(site.url),
        sender=_toml(f"{site.name} <news@{mail_host}>"),
        language=_toml(site.language),
        address=_toml(EXAMPLE_ADDRESS),
        private=private,
        sources=sources,
        sections=sections,
    )


def _toml(text: str) -> str:
    """Write a TOML basic string: JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False)


_CONFIG = """\
# Digest: the daily email of this publication. `digest check` says what is wrong with this file.

[publication]
name = {name}
url = {url}
from = {sender}
postal_address = {address}   # the law wants it in every email
timezone = "UTC"                    # such as "Europe/Berlin"; times below are in it
language = {language}

# [publication.place]               # the weather in the masthead, from Open-Meteo
# name = "Your City"
# latitude = 0.0
# longitude = 0.0

{sources}[[sources]]
kind = "front-page"                 # what the editors show first ranks first
url = {url}
{private}
[popularity]
half_life_hours = 12

[[popularity.inputs]]
kind = "front-page"                 # the site's own "Most popular" block
url = {url}

# [[popularity.inputs]]
# kind = "access-log"
# path = "/var/log/nginx/access.log"
# url = {url}

{sections}[delivery]
sender = "outbox"                   # files to look at; then "smtp" or "sendgrid", and `digest arm`

# [delivery.smtp]
# host = "localhost"
# port = 587
# security = "starttls"
# username = ""
# password_env = "SMTP_PASSWORD"

[web]
listen = "127.0.0.1:8000"
base_url = "http://127.0.0.1:8000"  # where readers reach these pages: links in letters begin with it
"""
