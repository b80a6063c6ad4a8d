"""`digest tune`: how the last editions would have been under other settings, before anything is saved."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, known_section, open_app, print_json, say

if TYPE_CHECKING:
    from digest.model import Choice
    from digest.tuning import Replayed


@app.command()
def tune(
    settings: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Such as rank.recency=0.3; once for each.")
    ],
    replay: Annotated[int, typer.Option(min=1, max=92, metavar="DAYS", help="How many days to look back.")] = 14,
    section: Annotated[str | None, typer.Option(help="Only this section's editions.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Write the settings into config.toml, comments kept.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how the last editions would have changed under other settings; --save keeps them."""
    from digest import tuning
    from digest.cli.config_file import change_config_file

    with open_app(config, needs_sender=False) as opened:
        told = opened.config
        if section is not None:
            known_section(told, section)
        try:
            changes = tuning.told_changes(settings, told)
        except ValueError as error:
            raise typer.BadParameter(f"{error}.") from None
        changed = tuning.changed_config(tomllib.loads(told.file.read_text("utf-8")), told, changes)
        since = opened.now() - timedelta(days=replay)
        replayed = tuning.replay(opened.database, told, changed, since, section)
    if as_json:
        print_json(
            {
                "changes": {change.key: change.value for change in changes},
                "editions": [_as_json(edition) for edition in replayed],
                "saved": save,
            }
        )
    else:
        for change in changes:
            print(f"{change.key} = {change.value}")
        if len(changes) > len(settings):
            print("The weights that you did not set keep their proportions, so that all add up to 1.")
        _print(replayed, replay)
    if save:
        change_config_file(told.file, {change.path: change.value for change in changes})
        if not as_json:
            print(f"Saved in {told.file}.")
    elif not as_json:
        print("Nothing was saved; the same command with --save writes it into config.toml.")


def _print(replayed: Sequence[Replayed], days: int) -> None:
    if not replayed:
        say(f"No edition of the last {days} days can be chosen again: what they are chosen from is kept from now on.")
    elif any(_titles(edition.before) != _titles(edition.after) for edition in replayed):
        print("Lead and top stories as they would have been; “3 →” is what stood third.")
    same = 0
    for edition in replayed:
        before, after = _titles(edition.before), _titles(edition.after)
        if before == after:
            same += 1
            continue
        print(f"\n{edition.edition_id}")
        for number, title in enumerate(after, 1):
            was = before.index(title) + 1 if title in before else 0
            mark = "  new" if not was else "     " if was == number else f" {was:>2} →"
            say(f"{mark} {number:>2}  {title}")
        for title in before:
            if title not in after:
                say(f"  out     {title}")
    if same:
        print(f"\n{same} of {len(replayed)} editions would have the same lead and top stories in the same order.")


def _titles(choice: Choice) -> list[str]:
    picks = (*((choice.lead,) if choice.lead else ()), *choice.top)
    return [pick.cluster.lead.title for pick in picks]


def _as_json(edition: Replayed) -> dict[str, object]:
    def ids(choice: Choice) -> list[str]:
        return [pick.cluster.lead.id for pick in (*((choice.lead,) if choice.lead else ()), *choice.top)]

    return {"edition": edition.edition_id, "before": ids(edition.before), "after": ids(edition.after)}
