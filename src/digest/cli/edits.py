"""Commands that change what an edition will say: pin, move, drop, boost, rewrite, restore; and `edits`, which lists."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.app import ConfigOption, JsonOption, app, known_section, open_app, print_json, print_table
from digest.errors import EditionError

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import Story
    from digest.store.edits import EditKind

SectionArgument = Annotated[str, typer.Argument(metavar="SECTION")]
StoryArgument = Annotated[
    str, typer.Argument(metavar="STORY", help="A story's id, address or words of its title, as `digest stories` shows.")
]
DateOption = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Of which edition; today's if not given."),
]


@app.command()
def pin(
    section: SectionArgument,
    story: StoryArgument,
    at: Annotated[int | None, typer.Option("--at", min=1, metavar="PLACE", help="1 is the lead.")] = None,
    date: DateOption = None,
    config: ConfigOption = None,
) -> None:
    """Put a story at the head of the edition, behind those pinned before, or at a place."""
    from digest.store.edits import EditKind

    where = "at the head" if at is None else f"at place {at}"
    _edit_story(config, section, date, story, EditKind.PIN, at, f"is pinned {where}")


@app.command()
def move(
    section: SectionArgument,
    story: StoryArgument,
    place: Annotated[int, typer.Argument(metavar="PLACE", min=1, help="1 is the lead.")],
    date: DateOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a story a place among the lead and the top stories."""
    from digest.store.edits import EditKind

    _edit_story(config, section, date, story, EditKind.PIN, place, f"is at place {place}")


@app.command()
def drop(section: SectionArgument, story: StoryArgument, date: DateOption = None, config: ConfigOption = None) -> None:
    """Keep a story, and the event that it leads, out of the edition."""
    from digest.store.edits import EditKind

    _edit_story(config, section, date, story, EditKind.DROP, None, "is kept out")


@app.command()
def boost(
    section: SectionArgument,
    story: StoryArgument,
    amount: Annotated[
        float, typer.Argument(metavar="AMOUNT", min=-1.0, max=1.0, help="Added to its score, which is 0 to 1.")
    ],
    date: DateOption = None,
    config: ConfigOption = None,
) -> None:
    """Raise or lower a story's score; the rules still decide its place."""
    from digest.store.edits import EditKind

    _edit_story(config, section, date, story, EditKind.BOOST, amount, f"scores {amount:+g}")


@app.command()
def rewrite(
    section: SectionArgument,
    story: Annotated[
        str | None, typer.Argument(metavar="[STORY]", help="Not needed for --subject, --preheader.")
    ] = None,
    headline: Annotated[str, typer.Option(help="In place of the story's.")] = "",
    takeaway: Annotated[list[str] | None, typer.Option(help="In place of the story's; once for each.")] = None,
    subject: Annotated[str, typer.Option(help="Of the email.")] = "",
    or_subject: Annotated[
        str, typer.Option("--or-subject", help="Another, tried beside the first on a part of the readers.")
    ] = "",
    preheader: Annotated[str, typer.Option(help="What inboxes show behind the subject.")] = "",
    note: Annotated[str, typer.Option(help="A word of your own above the stories.")] = "",
    date: DateOption = None,
    config: ConfigOption = None,
) -> None:
    """Put your own words in place of a story's headline and takeaways, of the subject, the preheader, or above all."""
    from digest.store.edits import EditKind

    words = {"headline": headline.strip(), "takeaways": [text.strip() for text in takeaway or () if text.strip()]}
    of_email = {
        EditKind.SUBJECT: subject.strip(),
        EditKind.OTHER_SUBJECT: or_subject.strip(),
        EditKind.PREHEADER: preheader.strip(),
        EditKind.NOTE: note.strip(),
    }
    if any(words.values()) != (story is not None) or not (story or any(of_email.values())):
        raise typer.BadParameter(
            "Name a STORY and its --headline or --takeaway, or give --subject, --or-subject, --preheader or --note "
            "for the email."
        )
    if story is not None:
        _edit_story(config, section, date, story, EditKind.REWRITE, words, "has your words")
    for kind, text in of_email.items():
        if text:
            with open_app(config, needs_sender=False) as opened:
                if kind is EditKind.OTHER_SUBJECT:
                    _require_trial(opened, known_section(opened.config, section))
                edition_id = _put(opened, section, date, kind, "", text)
                print(f"{edition_id}: its {kind} is “{text}”.")


def _require_trial(opened: App, section: str) -> None:
    """Pass where two subjects can be tried; a second one that nobody gets is not taken.

    Raises:
        EditionError: says why they can't.
    """
    from digest.trying import WHY_ONE_HOUR

    if opened.config.sections[section].is_at_readers_hour:
        raise EditionError(f"{section} goes out at each reader's own hour. {WHY_ONE_HOUR}")
    if not opened.config.popularity.counts_clicks:
        raise EditionError(
            "Two subjects are judged by clicks, and none are counted here: "
            'add [[popularity.inputs]] with kind = "clicks" to the configuration.'
        )


@app.command()
def restore(
    section: SectionArgument,
    story: Annotated[str | None, typer.Argument(metavar="[STORY]", help="All of the edition when none.")] = None,
    date: DateOption = None,
    config: ConfigOption = None,
) -> None:
    """Take edits back: those of one story, or all of the edition."""
    from digest.cli.operator import who_acts
    from digest.store.edits import take_back

    with open_app(config, needs_sender=False) as opened:
        edition_id = _edition_id(opened, section, date)
        story_id = _found(opened, story).id if story is not None else None
        count = take_back(opened.database, edition_id, story_id, who=who_acts(opened.host), now=opened.now())
    print(f"{edition_id}: {'1 edit' if count == 1 else f'{count} edits'} taken back.")


@app.command()
def edits(
    section: SectionArgument, date: DateOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """List what editors decided about an edition."""
    from digest.store.edits import list_edits
    from digest.store.stories import get_story

    with open_app(config, needs_sender=False) as opened:
        found = list_edits(opened.database, _edition_id(opened, section, date))
        titles = {edit.story_id: get_story(opened.database, edit.story_id) for edit in found if edit.story_id}
    told = [
        {
            "kind": edit.kind.value,
            "story": edit.story_id,
            "title": story.title if (story := titles.get(edit.story_id)) else "",
            "value": edit.value,
            "who": edit.who,
            "at": edit.at.isoformat(timespec="seconds"),
        }
        for edit in found
    ]
    if as_json:
        print_json(told)
        return
    rows = [(row["kind"], _worded(row["value"]), row["title"], row["who"], row["at"]) for row in told]
    print_table(("Edit", "Value", "Story", "By", "At"), rows, whole=("Edit", "By"))


def _worded(value: Any) -> str:
    if isinstance(value, dict):
        return " / ".join(filter(None, (value["headline"], *value["takeaways"])))
    return "" if value is None else str(value)


def _edit_story(
    config: Path | None, section: str, date: datetime | None, wanted: str, kind: EditKind, value: Any, done: str
) -> None:
    with open_app(config, needs_sender=False) as opened:
        story = _found(opened, wanted)
        edition_id = _put(opened, section, date, kind, story.id, value)
    print(f"{edition_id}: “{story.title}” {done}. `digest preview {section}` shows the edition.")


def _put(opened: App, section: str, date: datetime | None, kind: EditKind, story_id: str, value: Any) -> str:
    from digest.cli.operator import who_acts
    from digest.store.edits import Edit, put_edit

    edition_id = _edition_id(opened, section, date)
    put_edit(opened.database, Edit(edition_id, kind, opened.now(), who_acts(opened.host), story_id, value))
    return edition_id


def _edition_id(opened: App, section: str, date: datetime | None) -> str:
    from digest.pipeline import today

    key = known_section(opened.config, section)
    return f"{key}/{date:%Y-%m-%d}" if date is not None else today(opened, key).edition_id


def _found(opened: App, wanted: str) -> Story:
    """Return the newest collected story that is meant.

    Raises:
        EditionError: none is, or words mean several.
    """
    from digest.canonical import story_id
    from digest.composing import look_back
    from digest.store.stories import stories_since

    known = stories_since(opened.database, opened.now() - look_back(opened.config))
    ids, words = {wanted, story_id(wanted)}, wanted.casefold()
    found = [story for story in known if story.id in ids] or [
        story for story in known if words in story.title.casefold()
    ]
    if not found:
        raise EditionError(
            f"No collected story is meant by '{wanted}'. `digest stories` reads the sources and lists what they have."
        )
    if len(found) > 1:
        told = "; ".join(f"{story.id} “{story.title}”" for story in found[:5])
        raise EditionError(f"'{wanted}' means {len(found)} stories; name one by its id: {told}.")
    return found[0]
