"""A folder of files → stories: Markdown with front matter, HTML pages, JSON stories.

A file that can't be used is a named problem; the others are read.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from digest.collect.dates import parse_date
from digest.collect.feeds.items import language_tag
from digest.collect.links import title_from_url, web_address
from digest.collect.pages.articles import read_article
from digest.collect.prose import plain_line
from digest.model import Story

__all__ = ["read_folder"]

_MAX_BYTES = 10 * 1024 * 1024
_MAX_FILES = 2_000
_ENDINGS = frozenset((".md", ".markdown", ".html", ".htm", ".json"))
_FRONT_MATTER = re.compile(r"\A(\+\+\+|---)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)


class _UnusableError(Exception):
    """Why one file gives no story."""


def read_folder(path: Path) -> tuple[tuple[Story, ...], tuple[str, ...]]:
    """Return the stories of the files below `path`, in the order of their names, and what could not be read.

    Front matter and JSON may say url (needed), title, date, updated, authors, section, summary,
    language, image, image_alt, image_credit and takeaways; a page says them as any page does.

    Returns:
        Stories, `position` from 1, and one line for each unusable file: "name: what is wrong".

    Raises:
        OSError: the folder itself can't be listed.
    """
    files = sorted(file for file in _files(path) if file.suffix.lower() in _ENDINGS)[:_MAX_FILES]
    stories: list[Story] = []
    problems: list[str] = []
    for file in files:
        name = str(file.relative_to(path))
        try:
            for story in _read(file):
                stories.append(_placed(story, len(stories) + 1))
        except _UnusableError as error:
            problems.append(f"{name}: {error}")
        except OSError as error:
            problems.append(f"{name}: can't be read: {error.strerror}.")
    return tuple(stories), tuple(problems)


def _files(path: Path) -> Iterator[Path]:
    for entry in path.iterdir():  # raises for a folder that is not there; rglob would be silent
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from (file for file in entry.rglob("*") if file.is_file())
        elif entry.is_file():
            yield entry


def _placed(story: Story, position: int) -> Story:
    from dataclasses import replace

    return replace(story, position=position)


def _read(file: Path) -> Iterator[Story]:
    if file.stat().st_size > _MAX_BYTES:
        raise _UnusableError(f"is larger than {_MAX_BYTES // (1024 * 1024)} MB.")
    data = file.read_bytes()
    if file.suffix.lower() in (".html", ".htm"):
        yield _linked(read_article(data, file.resolve().as_uri()))
        return
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _UnusableError(f"is not UTF-8: byte {error.start}.") from error
    yield from _json_stories(text) if file.suffix.lower() == ".json" else [_markdown_story(text)]


# --- JSON ------------------------------------------------------------------------------------------


def _json_stories(text: str) -> Iterator[Story]:
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise _UnusableError(f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError:
        raise _UnusableError("is nested too deeply.") from None
    except ValueError:
        raise _UnusableError("is not JSON that can be read: it has a number of thousands of digits.") from None
    for number, entry in enumerate(parsed if isinstance(parsed, list) else [parsed], 1):
        if not isinstance(entry, dict):
            raise _UnusableError(f"item {number} is no object with a title and a text.")
        body = entry.get("text") or entry.get("body") or ""
        if not isinstance(body, str):
            raise _UnusableError(f"item {number}: its text is no string.")
        passages = [(plain_line(part), False) for part in re.split(r"\n\s*\n", body)]
        yield _story(entry, [passage for passage in passages if passage[0]])


# --- Markdown --------------------------------------------------------------------------------------


def _markdown_story(text: str) -> Story:
    match = _FRONT_MATTER.match(text)
    fields: Mapping[str, Any] = {}
    if match:
        fields = _toml(match[2]) if match[1] == "+++" else _simple_pairs(match[2])
        text = text[match.end() :]
    passages, heading = [], ""
    for block in re.split(r"\n\s*\n", text):
        for passage, level in _markdown_block(block.strip("\n")):
            if level == 1 and not heading:
                heading = passage
            else:
                passages.append((passage, level > 0))
    return _story({"title": heading, **fields}, passages)


def _markdown_block(block: str) -> Iterator[tuple[str, int]]:
    """Yield the passages of a block with their level as a heading, 0 for text."""
    heading = re.match(r"(#{1,6})\s+(.*?)\s*#*\s*(?:\n|\Z)", block)
    if heading:
        if text := _markdown_line(heading[2]):
            yield text, len(heading[1])
        block = block[heading.end() :]
    elif re.fullmatch(r"[^\n]+\n(=+|-+)\s*", block):
        yield _markdown_line(block.splitlines()[0]), 1 if "=" in block.splitlines()[1] else 2
        return
    if re.fullmatch(r"\s*([-*_]\s*){3,}", block) or block.lstrip().startswith(("```", "~~~")):
        return
    for part in re.split(r"\n(?=\s*(?:[-*+]|\d{1,3}[.)])\s)", block):
        line = re.sub(r"^\s*(?:[-*+]|\d{1,3}[.)]|>+)\s+", "", part)
        if text := _markdown_line(re.sub(r"\n\s*>?\s*", " ", line)):
            yield text, 0


def _markdown_line(text: str) -> str:
    # Each looks ahead only so far: what never ends would be looked for from every beginning.
    text = re.sub(r"!\[[^\[\]]{0,1000}\]\([^)]{0,2000}\)", "", text)
    text = re.sub(r"\[([^\[\]]{1,1000})\]\([^)]{0,2000}\)", r"\1", text)
    text = re.sub(r"(?<![\w*])(\*{1,3}|_{1,3})(?=\S)(.{1,1000}?)(?<=\S)\1(?!\w)", r"\2", text)
    text = re.sub(r"`([^`]*)`", r"\1", text)
    return plain_line(re.sub(r"\\([\\`*_{}\[\]()#+\-.!])", r"\1", text))


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _UnusableError(f"its front matter is not TOML: {error}.") from error
    except RecursionError:
        raise _UnusableError("its front matter is nested too deeply.") from None
    except ValueError:
        raise _UnusableError("its front matter has a number of thousands of digits.") from None


def _simple_pairs(text: str) -> dict[str, Any]:
    """Read `key: value` lines, and lists as `[a, b]` or as lines of `- a` below their key. No more of YAML."""
    fields: dict[str, Any] = {}
    key = ""
    for number, line in enumerate(text.splitlines(), 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = re.match(r"\s*-\s+(.*)", line)
        pair = re.match(r"([\w-]+)\s*:\s*(.*)", line)
        if item and key:
            held = fields[key]
            fields[key] = [*(held if isinstance(held, list) else []), _unquoted(item[1])]
        elif pair:
            key, value = pair[1].lower(), pair[2].strip()
            is_list = value.startswith("[") and value.endswith("]")
            fields[key] = [_unquoted(part) for part in value[1:-1].split(",")] if is_list else _unquoted(value)
        else:
            raise _UnusableError(f"line {number} of its front matter is no 'key: value': {line.strip()[:60]!r}.")
    return fields


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


# --- fields → Story --------------------------------------------------------------------------------


def _story(fields: Mapping[str, Any], passages: list[tuple[str, bool]]) -> Story:
    url = _address(_string(fields, "url", "link"))
    title = plain_line(_string(fields, "title", "headline"), limit=500)
    if not title and not passages:
        raise _UnusableError("has neither title nor text.")
    paragraphs = tuple(text for text, _ in passages)
    return _linked(
        Story(
            url=url,
            title=title or title_from_url(url),
            text="\n\n".join(paragraphs),
            paragraphs=paragraphs,
            subheads=tuple(index for index, (_, is_subhead) in enumerate(passages) if is_subhead),
            summary=plain_line(_string(fields, "summary", "description", "standfirst")),
            takeaways_given=_strings(fields, "takeaways", "takeaways_given"),
            authors=_strings(fields, "authors", "author"),
            section=plain_line(_string(fields, "section", "category"), limit=80),
            language=language_tag(_string(fields, "language", "lang")),
            published_at=_date(fields, "published_at", "published", "date"),
            updated_at=_date(fields, "updated_at", "updated"),
            image_url=web_address(_string(fields, "image_url", "image"), url),
            image_alt=plain_line(_string(fields, "image_alt"), limit=300),
            image_credit=plain_line(_string(fields, "image_credit"), limit=200),
        )
    )


def _linked(story: Story) -> Story:
    if not story.url.startswith(("http://", "https://")):
        raise _UnusableError("says no url; readers need an address to go to.")
    return story


def _address(url: str) -> str:
    address = web_address(url, "")
    if url and not address:
        raise _UnusableError(f"its url is no address of the web: {url[:80]!r}.")
    return address


def _string(fields: Mapping[str, Any], *names: str) -> str:
    return next((value.strip() for name in names if isinstance(value := fields.get(name), str) and value.strip()), "")


def _strings(fields: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return (plain_line(value),)
        if isinstance(value, list):
            return tuple(line for part in value if isinstance(part, str) and (line := plain_line(part)))
    return ()


def _date(fields: Mapping[str, Any], *names: str) -> datetime | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, date):  # so TOML says it; of it and of a string the same dates are believed
            value = value.isoformat()
        if isinstance(value, str) and (parsed := parse_date(value)):
            return parsed
    return None
