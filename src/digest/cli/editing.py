"""Commands of those who edit: see what was found, why it was chosen, and the letter before it leaves."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import (
    ConfigOption,
    JsonOption,
    app,
    known_section,
    known_sections,
    open_app,
    print_json,
    print_table,
)
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.app import App
    from digest.composing import Collected
    from digest.model import Addressed, Edition, Letter

SectionArgument = Annotated[str, typer.Argument(metavar="SECTION")]
SectionsArgument = Annotated[
    str, typer.Argument(metavar="SECTION[+SECTION]...", help="One, or several that come in one letter: politics+sport.")
]


class PreviewFormat(StrEnum):
    TERMINAL = "terminal"
    HTML = "html"
    TEXT = "text"
    EML = "eml"
    JSON = "json"
    MJML = "mjml"


@app.command()
def preview(
    section: SectionsArgument,
    format_: Annotated[PreviewFormat, typer.Option("--format", "-f", help="How to show it.")] = PreviewFormat.TERMINAL,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    width: Annotated[int, typer.Option(min=40, max=200, help="Columns of the terminal format.")] = 80,
    config: ConfigOption = None,
) -> None:
    """Show today's edition as it would go out now, or as it was frozen."""
    from digest.render import render_terminal

    with open_app(config) as opened:
        edition, letter = edition_and_letter(opened, section)
        if format_ is PreviewFormat.TERMINAL:
            is_plain = output is not None or not sys.stdout.isatty()
            shown = render_terminal(edition, width=width, color=not is_plain) + _subjects(edition, width)
        else:
            shown = _in_format(opened, edition, letter, format_)
    if open_:
        output = output or Path(f"preview-{section}.{_SUFFIX.get(format_, 'txt')}")
    if output is None:
        sys.stdout.write(shown if shown.endswith("\n") else shown + "\n")
        return
    try:
        output.write_text(shown, "utf-8", newline="")
    except OSError as error:
        raise DigestError(f"{output}: can't be written: {error.strerror}.") from error
    print(output)
    if open_:
        _show(output)


def _subjects(edition: Edition, width: int) -> str:
    """Return the subject as inboxes cut it, and others that an editor may take."""
    from digest.render.lines import clip, columns, wrap
    from digest.render.subjects import SHOWN, other_subjects

    told = [("Subject", edition.subject), ("Preheader", edition.preheader)]
    if columns(edition.subject) > SHOWN[0]:
        told.append(("On a phone", clip(edition.subject, SHOWN[0])))
    others = other_subjects(edition)
    told += (("Or" if not number else "", subject) for number, subject in enumerate(others))
    lines = [line for label, text in told if text for line in wrap(text, width, f"{label:<11}", " " * 11)]
    if others:
        lines.append(f'To take one: digest rewrite {edition.section.partition("+")[0]} --subject "…"')
    return "\n".join(["─" * width, *lines]) + "\n"


def _show(path: Path) -> None:
    import webbrowser

    try:
        webbrowser.get().open(path.resolve().as_uri())
    except webbrowser.Error:
        print("There is no browser to open it with.", file=sys.stderr)


_SUFFIX = {PreviewFormat.HTML: "html", PreviewFormat.EML: "eml", PreviewFormat.JSON: "json", PreviewFormat.MJML: "mjml"}


def edition_and_letter(opened: App, name: str) -> tuple[Edition, Letter]:
    """Return today's edition and letter of "politics", or of "politics+sports" in one."""
    from digest import previewing

    sections = known_sections(opened.config, name)
    return previewing.edition_and_letter(opened, sections, lambda: collected_stories(opened))


def collected_stories(opened: App) -> Collected:
    """Read the sources, and say aside what they could not give: the stories of earlier runs stand in."""
    from digest.composing import collect_stories

    collected = collect_stories(opened)
    for problem in collected.problems:
        print(f"  ! {problem}", file=sys.stderr)
    for move in collected.moves:
        print(f"  · {move}.", file=sys.stderr)
    return collected


def _in_format(opened: App, edition: Edition, letter: Letter, format_: PreviewFormat) -> str:
    from digest.model import Blank
    from digest.render import render_mjml

    if format_ is PreviewFormat.MJML:
        return render_mjml(edition, opened.theme)
    if format_ is PreviewFormat.JSON:
        from digest.store.codec import dump_edition

        return dump_edition(edition, indent=2)
    if format_ is PreviewFormat.EML:
        from digest.deliver.envelope import encode_letter

        return encode_letter(letter).message(_example_reader(opened, edition)).decode("ascii")
    shown = letter.html if format_ is PreviewFormat.HTML else letter.text
    for blank in Blank:
        shown = shown.replace(letter.token(blank), _example_reader(opened, edition).value(blank))
    return shown


def _example_reader(opened: App, edition: Edition, email: str = "reader@example.com") -> Addressed:
    """Return someone who is nobody: links of subscriber 0, which are signed and change nothing."""
    from digest.model import Addressed, Delivery

    return Addressed(
        Delivery(id="preview", edition_id=edition.id, subscriber_id=0, email=email),
        unsubscribe_url=opened.links.unsubscribe_url(0, edition.section),
        preferences_url=opened.links.preferences_url(0),
    )


@app.command()
def test(
    section: SectionsArgument,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Who gets it.")],
    config: ConfigOption = None,
) -> None:
    """Submit today's letter to one address, marked [TEST]; it never counts and needs no `digest arm`."""
    import secrets
    from dataclasses import replace

    from digest.errors import DeliveryError
    from digest.model import DeliveryState

    with open_app(config) as opened:
        edition, letter = edition_and_letter(opened, section)
        marked = replace(
            letter,
            subject=f"[TEST] {letter.subject}",
            headers=tuple((n, f"[TEST] {v}" if n == "Subject" else v) for n, v in letter.headers),
        )
        reader = _example_reader(opened, edition, to)
        reader = replace(reader, delivery=replace(reader.delivery, id=f"test-{secrets.token_hex(8)}"))
        with opened.sender.open(marked) as session:
            outcomes = list(session.submit([reader], lambda ids, _="": frozenset(ids)))
        for outcome in outcomes:
            told = ", ".join(part for part in (outcome.detail, outcome.provider_id) if part)
            print(f"{to}: {outcome.state.value} by {opened.sender.name}" + (f" ({told})" if told else ""))
        if not outcomes or any(outcome.state is not DeliveryState.ACCEPTED for outcome in outcomes):
            raise DeliveryError(f"The test letter was not accepted. Look at [delivery] in {opened.config.file}.")


@app.command()
def stories(
    section: Annotated[str | None, typer.Argument(metavar="[SECTION]")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was found: each event by its leading story, its score, its views and how many stories it has."""
    from digest.composing import draft
    from digest.pipeline import today

    rows: list[tuple[str, str, float, int, int, str]] = []
    with open_app(config) as opened:
        wanted = [known_section(opened.config, section)] if section else list(opened.config.sections)
        collected = collected_stories(opened)
        for key in wanted:
            made = draft(opened, today(opened, key), collected, may_ask=False)
            for pick in made.picks:
                lead, count = pick.cluster.lead, len(pick.cluster.stories)
                rows.append((lead.id, key, round(pick.score, 3), round(pick.popularity), count, lead.title))
    names = ("story", "section", "score", "views", "on event", "title")
    if as_json:
        print_json([dict(zip((name.replace(" ", "_") for name in names), row, strict=True)) for row in rows])
    else:
        told = [(id_, key, f"{score:.3f}", *rest) for id_, key, score, *rest in rows]
        print_table(names, told, right={"score": True, "views": True, "on event": True}, whole=("story", "on event"))


@app.command()
def explain(
    section: SectionArgument,
    story: Annotated[
        str | None, typer.Argument(metavar="[STORY]", help="A story's id, address or words of its title.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why each story stands where it does, or why this one is not in the edition."""
    from digest.cli.explaining import explain_edition, explain_story
    from digest.composing import draft
    from digest.pipeline import today

    with open_app(config) as opened:
        key = known_section(opened.config, section)
        may_ask = None if story else False  # scores need no language model
        collected = collected_stories(opened)
        made = draft(opened, today(opened, key), collected, may_ask=may_ask)
        if story is None:
            explain_edition(made, as_json=as_json)
        else:
            explain_story(opened, collected, made, story, opened.config.zone_of(key), as_json=as_json)


@app.command()
def brief(
    sources: Annotated[list[str] | None, typer.Argument(metavar="URL|FILE...")] = None,
    why: Annotated[bool, typer.Option("--why", help="Show each sentence, its score and what refused it.")] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read {"title","text"} or {"html","url"} a line from standard input.')
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=6, help="Takeaways at most.")] = 4,
    model: Annotated[
        bool, typer.Option("--model", help="Ask the configuration's language model too, and show what passed.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Show the headline and takeaways of any article."""
    from digest.cli.briefing import brief_each
    from digest.cli.briefs import require_model
    from digest.cli.streaming import brief_lines

    if model and jsonl:
        raise typer.BadParameter("--model goes with named sources, not with --jsonl.")
    if jsonl:
        brief_lines(sys.stdin.buffer, sys.stdout, limit=limit)
    elif sources and model:
        with open_app(config, needs_sender=False) as opened:
            require_model(opened)
            brief_each(sources, why=why, limit=limit, app=opened)
    elif sources:
        brief_each(sources, why=why, limit=limit)
    else:
        raise typer.BadParameter("Name an address or a file, or give lines with --jsonl.")
