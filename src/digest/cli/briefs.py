"""`digest briefs`: what a language model wrote beside what is extracted, and an editor's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.app import ConfigOption, JsonOption, app, known_section, open_app, print_json, print_table, say
from digest.errors import EditionError

if TYPE_CHECKING:
    from digest.app import App
    from digest.briefs import Briefs, Written
    from digest.store.model_answers import Verdict

__all__ = ["print_written", "require_model"]

briefs_app = typer.Typer(
    help="Look at what a language model wrote for an edition, and approve or reject it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(briefs_app, name="briefs")

SectionArgument = Annotated[str, typer.Argument(metavar="SECTION")]
StoriesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[STORY...]", help="Ids, addresses or words of titles, as listed.")
]
AllOption = Annotated[bool, typer.Option("--all", help="All of the section's.")]


@briefs_app.command("list")
def list_(
    section: SectionArgument,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for an editor.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show today's takeaways side by side, extracted and written; asks about stories that are new."""
    with open_app(config, needs_sender=False) as opened:
        made = _briefs(opened, section, may_ask=True)
        is_frozen, spent = _is_frozen(opened, section), _spent(opened)
    shown = [one for one in made.written if not waiting or _state(one) == _WAITS]
    if as_json:
        print_json([_as_json(one) for one in shown])
        return
    for one in shown:
        print_written(one)
    if not shown:
        print("Nothing waits for an editor." if waiting else "The language model has written nothing here.")
    for story, reason in made.unsuited:
        say(f"– {story.title}: not asked about, for {reason}.")
    for note in made.notes:
        say(f"· {note}")
    print(spent)
    if is_frozen:
        print(_FROZEN)


@briefs_app.command("approve")
def approve(
    section: SectionArgument,
    stories: StoriesArgument = None,
    everything: AllOption = False,
    config: ConfigOption = None,
) -> None:
    """Let what the language model wrote of these stories be published, as it is listed."""
    from digest.store.model_answers import Verdict

    _judge(config, section, stories or (), Verdict.APPROVED, everything=everything)


@briefs_app.command("reject")
def reject(
    section: SectionArgument,
    stories: StoriesArgument = None,
    everything: AllOption = False,
    config: ConfigOption = None,
) -> None:
    """Keep to the extracted takeaways of these stories, whatever the configuration allows."""
    from digest.store.model_answers import Verdict

    _judge(config, section, stories or (), Verdict.REJECTED, everything=everything)


def require_model(opened: App) -> None:
    """Refuse to go on where no language model is configured."""
    if opened.language_model is None:
        raise EditionError(
            f"No language model is configured: {opened.config.file.name} has no table [compress.model]. "
            "docs/language-model.md says what belongs there."
        )


def print_written(one: Written) -> None:
    """Print what a model wrote of one story beside what is extracted, and what was refused."""
    answer = one.answer
    print(f"{one.story.id}  {one.story.title}")
    tokens = answer.prompt_tokens + answer.answer_tokens
    print(f"              {_state(one)}; prompt {answer.prompt_hash}, {tokens:,} tokens")
    extracted = [f"– {takeaway.text}" for takeaway in one.extracted.takeaways]
    written = [f"{'–' if takeaway.origin else '='} {takeaway.text}" for takeaway in one.gated.takeaways]
    rows = zip_longest(extracted, written, fillvalue="")
    print_table(("Extracted", f"{answer.model} ({answer.provider}); = extracted too"), rows)
    for refused in one.gated.refused:
        say(f"✗ {refused.text} – {refused.reason}", indent="  ")
    print()


_WAITS = "waits for an editor"
_FROZEN = "Today's letter is frozen: it stays as it is. A verdict counts where a later edition carries the same text."


def _briefs(opened: App, section: str, *, may_ask: bool) -> Briefs:
    from digest.briefs import Briefs
    from digest.cli.editing import collected_stories
    from digest.composing import draft
    from digest.pipeline import today

    key = known_section(opened.config, section)
    require_model(opened)
    made = draft(opened, today(opened, key), collected_stories(opened), may_ask=may_ask)
    return made.briefs or Briefs({})


def _spent(opened: App) -> str:
    from digest.briefs import spent_today

    if opened.language_model is None:
        return ""
    told = opened.language_model.told
    tokens, cost = spent_today(opened.database, told, opened.now())
    limit = f" of {told.tokens_per_day:,}" if told.tokens_per_day else ""
    price = f", which cost {cost:.4f}" if cost else ""
    return f"Used today: {tokens:,}{limit} tokens{price}."


def _is_frozen(opened: App, section: str) -> bool:
    from digest.pipeline import today
    from digest.store import editions

    return editions.get_letter(opened.database, today(opened, section).edition_id) is not None


def _judge(config: Path | None, section: str, stories: Sequence[str], verdict: Verdict, *, everything: bool) -> None:
    from digest.cli.operator import who_acts
    from digest.store.model_answers import judge_answers

    if everything == bool(stories):
        raise typer.BadParameter("Name stories, or say --all.")
    with open_app(config, needs_sender=False) as opened:
        written = tuple(one for one in _briefs(opened, section, may_ask=False).written if one.gated.has_passed)
        meant = written if everything else tuple(_find(written, wanted) for wanted in stories)
        keys = [one.answer.key for one in meant]
        count = judge_answers(opened.database, keys, verdict, who_acts(opened.host), opened.now())
        is_frozen = _is_frozen(opened, section)
    print(f"{count} {'story' if count == 1 else 'stories'} {verdict.value}.")
    if is_frozen:
        print(_FROZEN)


def _find(written: Sequence[Written], wanted: str) -> Written:
    from digest.canonical import story_id

    ids = {wanted, story_id(wanted)}
    by_id = [one for one in written if one.story.id in ids]
    found = by_id or [one for one in written if wanted.casefold() in one.story.title.casefold()]
    if len(found) != 1:
        what = "No written story is" if not found else f"{len(found)} written stories are"
        raise EditionError(f"{what} meant by '{wanted}'. `digest briefs list` shows them with their ids.")
    return found[0]


def _state(one: Written) -> str:
    answer = one.answer
    if answer.verdict is not None:
        return f"{answer.verdict.value} by {answer.verdict_by}"
    if not one.gated.has_passed:
        return "nothing of it has passed"
    return "published without an editor" if one.is_published else _WAITS


def _as_json(one: Written) -> dict[str, Any]:
    answer = one.answer
    return {
        "story": one.story.id,
        "title": one.story.title,
        "url": one.story.url,
        "state": _state(one),
        "is_published": one.is_published and one.gated.has_passed,
        "provider": answer.provider,
        "model": answer.model,
        "prompt_hash": answer.prompt_hash,
        "tokens": answer.prompt_tokens + answer.answer_tokens,
        "asked_at": answer.at,
        "verdict": answer.verdict,
        "verdict_by": answer.verdict_by,
        "verdict_at": answer.verdict_at,
        "extracted": [takeaway.text for takeaway in one.extracted.takeaways],
        "written": [
            {"text": takeaway.text, "is_extracted": takeaway.origin is None} for takeaway in one.gated.takeaways
        ],
        "refused": [{"text": refused.text, "reason": refused.reason} for refused in one.gated.refused],
    }
