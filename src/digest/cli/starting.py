"""A new project's files: config.toml with where each value was found, one list a section, and a theme of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

from digest.collect.pages.discovery import SectionLink
from digest.errors import DigestError
from digest.exploring import FoundLogo, Site
from digest.render.contrast import readable_on

__all__ = ["EXAMPLE", "EXAMPLE_ADDRESS", "theme_key", "write_project"]

EXAMPLE_ADDRESS = "Street and number, city, country"
_LISTED = "email,name,language,timezone,consented_at,consent_source\n"
_IGNORED = "# What Digest makes for itself; the database in it is the ledger, so back it up.\nvar/\n"
_LIGHT_PAPER, _DARK_PAPER = "#FFFFFF", "#141414"  # of the theme "classic"

EXAMPLE = Site(
    name="Your Paper",
    url="https://example.com",
    sections=((SectionLink("news", "News", "https://example.com/news"), "https://example.com/news/feed"),),
)


def write_project(folder: Path, site: Site) -> tuple[Path, ...]:
    """Write the files; return what was written. Lists that are there stay as they are.

    Raises:
        DigestError: there is a config.toml already.
    """
    config = folder / "config.toml"
    if config.exists():
        raise DigestError(f"{config} exists already. Choose another folder: digest init DIR")
    lists = folder / "subscribers"
    lists.mkdir(parents=True, exist_ok=True)
    written = [config]
    config.write_text(_config_text(site), "utf-8")
    if theme := _theme_text(site):
        path = folder / "templates" / theme_key(site) / "theme.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(theme, "utf-8")
        written.append(path)
    for path, text in (
        *((lists / f"{section.key}.csv", _LISTED) for section, _ in _sections(site)),
        (folder / ".gitignore", _IGNORED),
    ):
        if not path.exists():
            path.write_text(text, "utf-8")
            written.append(path)
    return tuple(written)


def theme_key(site: Site) -> str:
    """Return the name of the project's own theme."""
    key = re.sub(r"[^a-z0-9]+", "-", site.name.lower()).strip("-")[:40].strip("-")
    return key if key and key not in ("classic", "brief", "plain") else "own"


def _sections(site: Site) -> tuple[tuple[SectionLink, str], ...]:
    return site.sections or ((SectionLink("news", "News", site.url), ""),)


def _theme_text(site: Site) -> str:
    """Return a theme.toml with the site's colour and logo, "" without either."""
    if not site.colour and site.logo is None:
        return ""
    text = '# The looks of this publication; what it doesn\'t say is as in the theme "classic".\nextends = "classic"\n'
    if site.logo is not None:
        text += f"\n# {_found(site, 'logo')}\n{_logo_table(site.logo, site.name)}"
    if site.colour:
        light, dark = readable_on(site.colour, _LIGHT_PAPER), readable_on(site.colour, _DARK_PAPER)
        text += f"\n# {site.colour}, {_found(site, 'colour')}; as far lightened or darkened as it must be to be read.\n"
        for key in ("default", *(section.key for section, _ in _sections(site))):
            text += f'[accents.{key}]\nlight = "{light}"\ndark = "{dark}"\n\n'
    return text.rstrip() + "\n"


def _logo_table(logo: FoundLogo, name: str) -> str:
    return (
        f"[logo]\ntext = {_toml(name)}   # read out, and shown where pictures are off\nlight = {_toml(logo.url)}\n"
        f"width_px = {logo.width}\nheight_px = {logo.height}\n"
    )


def _found(site: Site, what: str) -> str:
    return site.where.get(what, "found")


def _config_text(site: Site) -> str:
    host = site.url.split("//")[-1].split("/")[0].split(":")[0].removeprefix("www.")
    is_here = host == "localhost" or host.replace(".", "").isdigit()
    private = "allow_private = true               # on this machine or network\n" if is_here else ""
    theme = (
        f"theme = {_toml(theme_key(site))}\n"
        if _theme_text(site)
        else '# theme = "classic"                # or brief, plain\n'
    )
    return _CONFIG.format(
        name=_toml(site.name),
        url=_toml(site.url),
        sender=_toml(f"{site.name} <news@{'example.com' if is_here else host}>"),
        address=_toml(EXAMPLE_ADDRESS),
        zone=_toml(site.zone),
        zone_why=site.where.get("zone", "the default"),
        language=_toml(site.language),
        language_why=site.where.get("language", "the default"),
        theme=theme,
        town=_toml(site.town or "Your City"),
        sources=_sources(site, private),
        private=private,
        popular=_popular(site, private),
        sections=_section_tables(site),
    )


def _sources(site: Site, private: str) -> str:
    tables = [
        f'[[sources]]\nkind = "feed"\nurl = {_toml(feed)}\nsection = {_toml(section.key)}\n{private}'
        for section, feed in site.sections
        if feed
    ]
    if site.feed is not None:
        told = f"# Stories of every section ({site.where.get('feed', 'found')}); their labels say which.\n"
        tables.append(f'{told}[[sources]]\nkind = "feed"\nurl = {_toml(site.feed.url)}\n{private}')
    if site.wordpress:
        tables.append(
            f'[[sources]]\nkind = "wordpress"             # by its REST API\nurl = {_toml(site.url)}\n{private}'
        )
    if site.sitemap:
        told = f"# {site.where.get('sitemap', 'found')}; there is no feed that could be read.\n"
        tables.append(f'{told}[[sources]]\nkind = "sitemap"\nurl = {_toml(site.sitemap)}\n{private}')
    return "\n".join(tables) + ("\n" if tables else "")


def _popular(site: Site, private: str) -> str:
    page = site.popular_page or site.url
    found = "# The site's own Most Popular block was found here.\n" if site.popular_page else ""
    mark = "" if site.popular_page else "# "
    return f'{found}{mark}[[popularity.inputs]]\n{mark}kind = "front-page"\n{mark}url = {_toml(page)}\n'


def _section_tables(site: Site) -> str:
    return "".join(
        f"[sections.{section.key}]\ntitle = {_toml(section.title)}\n"
        'at = "07:00"\ndays = "mon-fri"                    # or "daily", "sat,sun"\n\n'
        for section, _ in _sections(site)
    )


def _toml(text: str) -> str:
    """Write a TOML basic string: JSON's escapes are a part of TOML's."""
    return json.dumps(text, ensure_ascii=False)


_CONFIG = """\
# Digest: the daily email of this publication. `digest check` says what is wrong with this file, `digest doctor sources`
# what is odd about the sources, `digest preview SECTION` what readers would get.

[publication]
name = {name}
url = {url}
from = {sender}
postal_address = {address}   # the law wants it in every email
timezone = {zone}   # by {zone_why}; times below are in it
language = {language}   # {language_why}
{theme}
# [publication.place]               # the weather in the masthead, from Open-Meteo
# name = {town}
# latitude = 0.0
# longitude = 0.0

{sources}[[sources]]
kind = "front-page"                 # what the editors show first ranks first
url = {url}
{private}
[popularity]
half_life_hours = 12                # a view counts half after this long

# The first input that has enough to say is used; counts are never blended.
# [[popularity.inputs]]
# kind = "access-log"               # or csv, json, plausible, matomo
# path = "/var/log/nginx/access.log"
# url = {url}

{popular}
# Clicks in the letters decide between equals; links then lead by way of web.base_url.
# [[popularity.inputs]]
# kind = "clicks"

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
