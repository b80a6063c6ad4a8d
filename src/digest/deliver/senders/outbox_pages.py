"""The page that lists an outbox: editions newest first, each with its letter and its readers' files.

It is made from the folder alone, so it is right whoever wrote the files and whenever.
"""

from __future__ import annotations

from datetime import date
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from html import escape
from pathlib import Path
from urllib.parse import quote

__all__ = ["LETTER_PAGE", "write_index"]

LETTER_PAGE = "letter.html"
_LISTED = 500  # files named per edition; a browser finds more of them tiresome
_ACCENTS = 4

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --muted: #5c5c5c; --hairline: #e2e2e0;
  --a0: #8a1c1c; --a1: #1d4f7a; --a2: #2c6146; --a3: #7a4a12; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececea; --paper: #141414; --muted: #a3a3a0; --hairline: #2e2e2c;
  --a0: #e58f8f; --a1: #86b8e3; --a2: #83c3a0; --a3: #dba968; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/24px system-ui, sans-serif; }
main { max-width: 600px; margin: 0 auto; padding: 32px 20px 64px; }
h1, h3 { font-family: Georgia, 'Times New Roman', serif; margin: 0; }
h1 { font-size: 28px; line-height: 34px; }
header { border-bottom: 3px solid var(--ink); padding-bottom: 12px; }
h2 { font-size: 13px; line-height: 18px; color: var(--muted); font-weight: 400; margin: 32px 0 0; }
article { border-top: 1px solid var(--hairline); margin-top: 12px; padding-top: 14px; }
h3 { font-size: 20px; line-height: 26px; overflow-wrap: anywhere; }
p { margin: 0; }
.label { font-size: 12px; line-height: 16px; letter-spacing: .08em; margin-bottom: 4px; }
.meta, summary { font-size: 13px; line-height: 18px; color: var(--muted); }
summary { cursor: pointer; padding: 13px 0; }
ul { list-style: none; margin: 0; padding: 0; }
li a { display: block; padding: 10px 0; border-top: 1px solid var(--hairline); overflow-wrap: anywhere; }
a { color: inherit; text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
a:hover { color: var(--accent, inherit); }
:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; }
"""


def write_index(outbox: Path) -> str:
    """Return index.html for the editions below `outbox`."""
    folders = sorted({path.parent for path in outbox.glob("*/*/*.eml")}, key=_newest_first)
    sections = sorted({folder.parent.name for folder in folders})
    total = 0
    parts = []
    day = ""
    for folder in folders:
        if folder.name != day:
            day = folder.name
            parts.append(f"<h2>{escape(_long_date(day))}</h2>")
        letters = sorted(path.name for path in folder.glob("*.eml"))
        total += len(letters)
        accent = sections.index(folder.parent.name) % _ACCENTS
        parts.append(_edition(folder, letters, accent))
    said = f"{_count(total, 'letter')} in {_count(len(folders), 'edition')}. Nothing in this folder has reached anyone."
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Outbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>"
        f'<header><h1>Outbox</h1><p class="meta">{said}</p></header>' + "\n".join(parts) + "</main></body></html>\n"
    )


def _edition(folder: Path, letters: list[str], accent: int) -> str:
    where = f"{quote(folder.parent.name)}/{quote(folder.name)}"
    section = folder.parent.name.replace("-", " ").capitalize()
    rows = [
        f'<li><a href="{where}/{quote(name, safe="@+")}">{escape(_address(name))}</a></li>'
        for name in letters[:_LISTED]
    ]
    if len(letters) > _LISTED:
        rows.append(f'<li class="meta">and {len(letters) - _LISTED:,} more in this folder</li>')
    return (
        f'<article style="--accent: var(--a{accent})">'
        f'<p class="label" style="color: var(--accent)">{escape(section)}</p>'
        f'<h3><a href="{where}/{LETTER_PAGE}">{escape(_subject(folder / letters[0]))}</a></h3>'
        f"<details><summary>{_count(len(letters), 'letter')}</summary><ul>{''.join(rows)}</ul></details></article>"
    )


def _subject(path: Path) -> str:
    with path.open("rb") as file:
        parsed = BytesHeaderParser().parse(file)
    subject = str(make_header(decode_header(str(parsed["Subject"]).replace("\r\n", "").replace("\n", ""))))
    return subject or "(no subject)"


def _address(file_name: str) -> str:
    return file_name.removesuffix(".eml").rpartition("-")[0]


def _newest_first(folder: Path) -> tuple[int, str]:
    return -_ordinal(folder.name), folder.parent.name


def _ordinal(day: str) -> int:
    try:
        return date.fromisoformat(day).toordinal()
    except ValueError:  # a folder that no edition made
        return 0


def _long_date(day: str) -> str:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found:%A}, {found.day} {found:%B %Y}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
