"""`digest brief`: headline and takeaways of any article, for people and for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from digest.collect import read_article
from digest.compress import Considered, brief
from digest.compress import why as explained
from digest.errors import SourceError
from digest.model import Brief, Cluster, Story

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["answered_line", "brief_each"]


def brief_each(sources: Sequence[str], *, why: bool, limit: int, app: App | None = None) -> None:
    """Print each source's brief; one that can't be read is named, and the others go on.

    Args:
        app: Whose language model is asked too, where one is given.
    """
    failed = 0
    for number, source in enumerate(sources):
        if number:
            print()
        try:
            story = _read(source)
        except (SourceError, OSError) as error:
            print(f"{source}: {error.strerror if isinstance(error, OSError) else error}", file=sys.stderr)
            failed += 1
            continue
        if not story.text:
            print(f"{source}: holds no text of an article.", file=sys.stderr)
            failed += 1
            continue
        _print_brief(brief(Cluster(story), limit=limit))
        if app is not None:
            _print_written(app, story)
        if why:
            _print_why(story, limit)
    if failed:
        raise typer.Exit(1)


def answered_line(number: int, line: bytes, limit: int) -> tuple[str, bool]:
    """Return the JSON line that answers a JSON line, and whether it is a brief; the other is {"error", "line"}."""
    try:
        story = _story_of(json.loads(line))
        answer = _as_json(brief(Cluster(story), limit=limit))
        return json.dumps(answer, ensure_ascii=False), True
    except (ValueError, RecursionError) as error:
        reason = f"not a story: {error}"
    except Exception as error:  # whatever one line holds, the others get their answers
        reason = f"a fault in Digest, {type(error).__name__}: {error}"
    return json.dumps({"error": reason, "line": number}), False


def _read(source: str) -> Story:
    if source.startswith(("http://", "https://")):
        from digest.wiring import open_fetcher

        with open_fetcher() as fetcher:
            # Who names an address on the command line may name one of this machine.
            response = fetcher.get(source, allow_private=True)
        return read_article(response.body, response.final_url or source)
    path = Path(source)
    data = path.read_bytes()
    if path.suffix.lower() in (".txt", ".md"):
        title, _, text = data.decode("utf-8", "replace").strip().partition("\n")
        return Story(url=path.resolve().as_uri(), title=title.lstrip("# "), text=text.strip())
    return read_article(data, path.resolve().as_uri())


def _story_of(value: object) -> Story:
    """Return the story that a line holds.

    Raises:
        ValueError: it is of another shape.
    """
    told = {key: text for key, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}
    if "html" in told:
        return read_article(told["html"], told.get("url", ""))
    if "title" in told and "text" in told:
        return Story(url=told.get("url", ""), title=told["title"], text=told["text"])
    raise ValueError('a line is {"title": "…", "text": "…"} or {"html": "…", "url": "…"}')


def _print_brief(made: Brief) -> None:
    bold, end = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    print(f"{bold}{made.headline}{end}")
    for takeaway in made.takeaways:
        print(f"  – {takeaway.text}")
    if not made.takeaways:
        print("  (no sentence here stands by itself)")


def _print_written(app: App, story: Story) -> None:
    from digest.briefs import brief_clusters
    from digest.cli.app import say
    from digest.cli.briefs import print_written

    made = brief_clusters(app, [Cluster(story)], may_ask=True)
    print()
    for written in made.written:
        print_written(written)
    for _, reason in made.unsuited:
        say(f"The language model was not asked, for {reason}.")
    for note in made.notes:
        say(f"· {note}")


def _print_why(story: Story, limit: int) -> None:
    from digest.cli.app import print_table

    rows = [(f"{seen.score:.2f}", seen.verdict, _shown(seen)) for seen in explained(story, limit=limit)]
    print_table(("Score", "Verdict", "Sentence"), rows, right={"Score": True})


def _shown(seen: Considered) -> str:
    """Return the sentence, and below it the form that was tried where that is shorter."""
    return f"{seen.text}\n→ {seen.shortened}" if seen.shortened not in ("", seen.text) else seen.text


def _as_json(made: Brief) -> dict[str, object]:
    return {
        "headline": made.headline,
        "takeaways": [{"text": point.text, "start": point.start, "end": point.end} for point in made.takeaways],
    }
