"""What a site's front page gives away of its looks and its place: logo, colour, country, town. Fetches nothing."""

from __future__ import annotations

import colorsys
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from digest.collect.links import web_address
from digest.collect.markup import parse_html
from digest.collect.pages.linked_data import linked_objects, text_of, website_name

__all__ = ["Branding", "brand_colour", "read_branding"]

_COLOUR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_VARIABLE = re.compile(r"--[\w-]*(?:brand|primary|accent|main|theme)[\w-]*\s*:\s*(#[0-9a-fA-F]{3,6})\b", re.IGNORECASE)
_MOST_CSS = 400_000
_LEAST_SATURATION = 0.25  # below it a colour is a grey, and no brand's
_HEADS = "//header//img | //*[contains(@class, 'masthead')]//img | //*[contains(@class, 'logo')]//img"
_RASTER = re.compile(r"\.(?:png|jpe?g|webp|gif)(?:$|\?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Branding:
    """What was found, best first; empty where the page says nothing."""

    name: str = ""
    title: str = ""  # of the page: the name may be a part of it
    logos: tuple[str, ...] = ()  # addresses of pictures that mail programs show
    colour: str = ""  # #RRGGBB
    style_sheets: tuple[str, ...] = ()  # the site's own, for a colour that the page itself doesn't name
    country: str = ""  # ISO 3166-1, by what the page states
    town: str = ""


def read_branding(html: bytes | str, url: str) -> Branding:
    """Read logo, colour and place off the page at `url`."""
    page = parse_html(html)
    if page is None:
        return Branding()
    objects = linked_objects(page)
    country, town = _place(objects)
    return Branding(
        name=_name(page, objects),
        title=" ".join((page.findtext(".//title") or "").split())[:300],
        logos=tuple(dict.fromkeys(_logos(page, objects, url)))[:4],
        colour=_stated_colour(page) or brand_colour(" ".join(style.text or "" for style in page.iter("style"))),
        style_sheets=tuple(_style_sheets(page, url)),
        country=country,
        town=town,
    )


def brand_colour(css: str) -> str:
    """Return the colour that style sheets name as the brand's, else the vivid one they use most, "" for neither."""
    css = css[:_MOST_CSS]
    named = (colour for match in _VARIABLE.finditer(css) if _is_vivid(colour := _full(match[1])))
    counts = Counter(colour for match in _COLOUR.finditer(css) if _is_vivid(colour := _full(match[0])))
    often = [colour for colour, count in counts.most_common(1) if count > 1]
    return next(named, "") or next(iter(often), "")


def _name(page: HtmlElement, objects: list[dict[str, Any]]) -> str:
    """Return what the site calls itself: to those who share it, to search engines, else to telephones."""
    named = {
        (meta.get("property") or meta.get("name") or "").lower(): meta.get("content") or ""
        for meta in page.iter("meta")
    }
    own = named.get("og:site_name") or website_name(objects) or _organisation(objects)
    stated = own or named.get("application-name", "")
    return " ".join(stated.split())[:80]


def _organisation(objects: list[dict[str, Any]]) -> str:
    for node in objects:
        kinds = node.get("@type")
        if any("Organization" in str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])):
            return text_of(node.get("name"))
    return ""


def _stated_colour(page: HtmlElement) -> str:
    for meta in page.iter("meta"):
        if (meta.get("name") or "").lower() in ("theme-color", "msapplication-tilecolor"):
            colour = _full((meta.get("content") or "").strip())
            if colour and _is_vivid(colour):
                return colour
    return ""


def _full(text: str) -> str:
    """Return #RRGGBB, "" for what is none."""
    match = _COLOUR.fullmatch(text.strip())
    if match is None:
        return ""
    digits = match[1]
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)).upper()


def _is_vivid(colour: str) -> bool:
    if not colour:
        return False
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    _, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    return saturation >= _LEAST_SATURATION and 0.08 < lightness < 0.85


def _logos(page: HtmlElement, objects: Iterable[dict[str, Any]], url: str) -> Iterator[str]:
    """Yield pictures that show the logo: what the page states, what its head shows, its icon for telephones."""
    for node in objects:
        for holder in (node, node.get("publisher")):
            logo = holder.get("logo") if isinstance(holder, dict) else None
            stated = logo.get("url") or logo.get("contentUrl") if isinstance(logo, dict) else logo
            if address := _picture(stated, url):
                yield address
    for image in page.xpath(
        "//header//img | //*[contains(@class, 'masthead')]//img | //*[contains(@class, 'logo')]//img"
    ):
        words = " ".join(image.get(name) or "" for name in ("class", "id", "alt", "src")).lower()
        if ("logo" in words or "masthead" in words) and (address := _picture(image.get("src"), url)):
            yield address
    for link in page.iter("link"):
        if "apple-touch-icon" in (link.get("rel") or "").lower() and (address := _picture(link.get("href"), url)):
            yield address


def _picture(stated: object, url: str) -> str:
    address = web_address(stated, url) if isinstance(stated, str) else ""
    return address if address and _RASTER.search(address) else ""


def _style_sheets(page: HtmlElement, url: str) -> Iterator[str]:
    for link in page.iter("link"):
        if "stylesheet" in (link.get("rel") or "").lower() and (address := web_address(link.get("href") or "", url)):
            yield address


def _place(objects: Iterable[dict[str, Any]]) -> tuple[str, str]:
    for node in objects:
        address = node.get("address")
        for told in address if isinstance(address, list) else [address]:
            if isinstance(told, dict):
                country = told.get("addressCountry")
                code = text_of(country.get("name") if isinstance(country, dict) else country).upper()
                return (code if re.fullmatch(r"[A-Z]{2}", code) else ""), text_of(told.get("addressLocality"))
    return "", ""
