"""Bytes of a page → text → a tree of elements, whatever the bytes are."""

from __future__ import annotations

import codecs
import re

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HtmlProcessingInstruction

__all__ = ["decode", "parse_html"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset\s*=\s*|<\?xml[^>]{0,80}encoding\s*=\s*)["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
# The encodings standard (encoding.spec.whatwg.org) reads these labels as their larger relatives.
_ALIASES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "x-user-defined": "cp1252",
}
# Python's names of encodings that read anything or nothing, or that no page may declare (UTF-7 hides markup).
_NEVER = frozenset(("utf-7", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"))
# libxml2's time grows with the square of a tag's attributes (11 s for 100,000).
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}>?")
_ATTRIBUTE = re.compile(r"""\s[\w:.-]+\s*=\s*["'\w]""")
_MAX_ATTRIBUTES = 1_000
# One class for all elements: lxml.html asks Python for the class of each, forms have their own.
_CLASSES = etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction)
_SNIFF_BYTES = 4096
_DETECT_BYTES = 64 * 1024
_MAX_CHARACTERS = 12_000_000


def decode(data: bytes | str, content_type: str = "") -> str:
    """Return `data` as text: by its byte-order mark, the header, what it says of itself, else by its look."""
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    # Bytes that happen to be UTF-8 are UTF-8; many a page was moved to it and still declares what it was.
    if not data.isascii() and (text := _strictly(data, "utf-8")) is not None:
        return text
    declared = _DECLARED.search(content_type.encode("ascii", "replace")) or _DECLARED.search(data[:_SNIFF_BYTES])
    for name in (declared[1].decode("ascii", "replace") if declared else "", "utf-8"):
        text = _strictly(data, name)
        if text is not None:
            return text
    if declared and (codec := _codec(declared[1].decode("ascii", "replace"))):
        # A few broken bytes: believe the declaration if nearly all of it reads.
        text = data.decode(codec, "replace")
        if text.count("\ufffd") <= max(3, len(text) // 500):
            return text
    return _detected(data)


def parse_html(markup: bytes | str, content_type: str = "") -> HtmlElement | None:
    """Return the root of the page, or None when there is nothing to read. Never raises."""
    text = decode(markup, content_type).replace("\x00", "")[:_MAX_CHARACTERS]
    text = _LONG_TAG.sub(_unless_overloaded, text)
    if not text.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False)
    parser.set_element_class_lookup(_CLASSES)
    try:
        # Bytes with a named encoding: lxml refuses text that carries an XML declaration.
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _unless_overloaded(tag: re.Match[str]) -> str:
    return "" if len(_ATTRIBUTE.findall(tag[0])) > _MAX_ATTRIBUTES else tag[0]


def _codec(name: str) -> str | None:
    name = name.strip().lower()
    name = _ALIASES.get(name, name)
    try:
        b"text".decode(name)  # refuses names that are unknown, and codecs that make no text
    except UnicodeError:  # known: two or four bytes a letter
        pass
    except (LookupError, ValueError):
        return None
    known = codecs.lookup(name).name
    return None if known.replace("_", "-") in _NEVER else known


def _strictly(data: bytes, name: str) -> str | None:
    codec = _codec(name)
    if codec is None or codec.startswith(("utf-16", "utf-32")):
        return None  # ASCII-compatible enough to declare itself, so it is neither
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _detected(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_DETECT_BYTES]).best()
    return data.decode(best.encoding if best else "cp1252", "replace")
