"""`digest cluster`: which of the stories that are handed in report the same event, for people and for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.app import app
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.model import Cluster, Story


@app.command()
def cluster(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="JSON lines; standard input if none.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Answer each line with {"id", "event", "leads"}, in their order.')
    ] = False,
) -> None:
    """Group stories by the event that they report: a line {"title", and id, url, text, summary, published} each."""
    try:
        lines = file.read_bytes().splitlines() if file else sys.stdin.buffer.read().splitlines()
    except OSError as error:
        raise DigestError(f"{file}: can't be read: {error.strerror}.") from error
    failed = _group(lines, jsonl=jsonl)
    if failed:
        raise typer.Exit(1)


def _group(lines: Iterable[bytes], *, jsonl: bool) -> bool:
    """Print the groups; return whether a line was no story. The others are grouped all the same."""
    from digest.select import cluster as grouped

    stories: dict[str, Story] = {}
    errors: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told_id, story = _story(json.loads(line), number)
            if told_id in stories:
                raise ValueError(f"the id {told_id!r} was there before")
            stories[told_id] = story
        except (ValueError, RecursionError) as error:
            errors.append({"error": f"not a story: {error}", "line": number})
    clusters = grouped(tuple(stories.values()))
    if jsonl:
        _print_lines(stories, clusters)
        for told in errors:
            print(json.dumps(told, ensure_ascii=False))
    else:
        _print_groups(clusters)
        for told in errors:
            print(f"line {told['line']}: {told['error']}.", file=sys.stderr)
    return bool(errors)


def _story(told: Any, number: int) -> tuple[str, Story]:
    """Return a line's id, its number when it has none, and its story.

    Raises:
        ValueError: it has no title, or a value of another kind; says which.
    """
    from digest.model import Story

    if not isinstance(told, dict):
        raise ValueError("it is no object")
    for key in ("id", "url", "title", "text", "summary", "published", "source", "language"):
        if not isinstance(told.get(key, ""), str):
            raise ValueError(f"{key!r} is no text")
    if not told.get("title", "").strip():
        raise ValueError('it has no "title"')
    told_id = told.get("id") or str(number)
    return told_id, Story(
        url=told.get("url") or f"line:{told_id}",
        title=told["title"],
        id=told_id,
        text=told.get("text", ""),
        summary=told.get("summary", ""),
        source=told.get("source", ""),
        language=told.get("language", ""),
        published_at=_date(told.get("published", "")),
    )


def _date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"published" is {text!r}; write it like 2026-11-24T07:00:00+01:00') from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _print_lines(stories: dict[str, Story], clusters: tuple[Cluster, ...]) -> None:
    events = {story.id: number for number, cluster in enumerate(clusters, 1) for story in cluster.stories}
    leads = {cluster.lead.id for cluster in clusters}
    for told_id in stories:
        print(json.dumps({"id": told_id, "event": events[told_id], "leads": told_id in leads}, ensure_ascii=False))


def _print_groups(clusters: tuple[Cluster, ...]) -> None:
    for cluster in clusters:
        print(cluster.lead.title)
        for other in cluster.others:
            print(f"    {other.title}")
