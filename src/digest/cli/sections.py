"""Commands on sections: what decided where stories belong, and what the publisher's labels mean."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, open_app, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.sectioning import Alias

sections_app = typer.Typer(
    help="How stories find their sections (`digest sections list`), and what labels mean.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(sections_app, name="sections")


@sections_app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Count the collected stories of each section by the step that placed them there."""
    from digest.composing import look_back
    from digest.sectioning import open_sectioning
    from digest.select import SectionStep
    from digest.store.stories import stories_since

    with open_app(config, needs_sender=False) as opened:
        now = opened.now()
        sectioning = open_sectioning(opened.config, opened.database, now)
        stories = stories_since(opened.database, now - look_back(opened.config))
        counts = Counter((placed.section, placed.step) for placed in map(sectioning.assigned, stories))
    steps = [step for step in SectionStep if step is not SectionStep.NONE]
    rows = [
        {"section": key, "stories": sum(of_section), **dict(zip(steps, of_section, strict=True))}
        for key in sectioning.labels
        for of_section in [[counts[key, step] for step in steps]]
    ]
    nowhere = counts["", SectionStep.NONE]
    if as_json:
        print_json({"sections": rows, "nowhere": nowhere})
        return
    names = ("section", "stories", *(step.value for step in steps))
    print_table(names, [tuple(row[name] for name in names) for row in rows], right=dict.fromkeys(names[1:], True))
    if nowhere:
        say(f"{nowhere} more belong nowhere; `digest sections learn` shows what their labels may mean.")


@sections_app.command()
def learn(
    save: Annotated[bool, typer.Option("--save", help="Add the labels to config.toml, comments kept.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose which section each unknown label of the publisher's belongs to, by what its stories are about."""
    from digest.sectioning import open_sectioning, propose_aliases

    with open_app(config, needs_sender=False) as opened:
        sectioning = open_sectioning(opened.config, opened.database, opened.now())
        found = propose_aliases(opened.database, sectioning)
        file, told = opened.config.file, opened.config.sections
        added = {key: [alias.label for alias in found if alias.section == key] for key in told}
        labels = {key: [*told[key].labels, *more] for key, more in added.items() if more}
    if save:
        _save(file, labels)
    if as_json:
        names = ("label", "section", "stories", "agreeing")
        print_json([{name: getattr(alias, name) for name in names} for alias in found])
        return
    _print(found, labels)
    if save:
        print(f"Saved in {file}.")


def _print(found: Sequence[Alias], labels: dict[str, list[str]]) -> None:
    if not found:
        say("No unknown label has five stories or more that speak for one section.")
        return
    rows = [(alias.label, alias.section, f"{alias.agreeing} of {alias.stories}") for alias in found]
    print_table(("Label", "Section", "Stories that say so"), rows)
    print("\nIn config.toml (--save writes it):")
    for key, names in labels.items():
        quoted = ", ".join(f'"{name}"' for name in names)
        print(f"  [sections.{key}]\n  labels = [{quoted}]")


def _save(file: Path, labels: dict[str, list[str]]) -> None:
    from digest.cli.config_file import change_config_file

    change_config_file(file, {("sections", key, "labels"): names for key, names in labels.items()})
