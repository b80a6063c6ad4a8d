"""`digest stats`: what became of the newest editions, and which of one edition's stories were clicked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, open_app, print_json, print_table, say
from digest.cli.status import EDITIONS, grouped, name_of, summed

if TYPE_CHECKING:
    from digest.app import App
    from digest.model import DeliveryState


@app.command()
def stats(
    edition: Annotated[str | None, typer.Argument(metavar="[EDITION]", help="Such as politics/2026-11-24.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count what became of the newest editions, or the clicks on each story of one."""
    with open_app(config, needs_sender=False) as opened:
        told = _stories(opened, edition) if edition else _editions(opened, is_grouped=not as_json)
        if not opened.config.popularity.counts_clicks and not as_json:
            say('Clicks are not counted; an input of kind "clicks" under [[popularity.inputs]] counts them.')
    if as_json:
        print_json(told)
    elif told:
        print_table(
            tuple(name.capitalize() for name in told[0]),
            [tuple(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row.values()) for row in told],
        )


def _editions(opened: App, *, is_grouped: bool) -> list[dict[str, object]]:
    """Return what became of each edition; grouped, the combined ones of a slot are one, as `digest status` has them."""
    from digest.deliver import ledger
    from digest.store import editions

    rows = editions.list_recent(opened.database, limit=EDITIONS)
    counts = ledger.counts_of_each(opened.database, [row.id for row in rows])
    return [
        {
            "edition": name_of(group),
            **_states(summed(counts[row.id] for row in group)),
            "clicks": sum(sum(_clicks(opened, row.id).values()) for row in group),
        }
        for group in (grouped(rows) if is_grouped else [(row,) for row in rows])
    ]


def _clicks(opened: App, edition_id: str) -> Counter[str]:
    """Return the clicks by address, those of two letters with other subjects together."""
    from digest.store.clicks import clicks_of
    from digest.trying import FIRST_PART, SECOND_PART

    counted = Counter[str]()
    for part in ("", FIRST_PART, SECOND_PART):
        counted.update(clicks_of(opened.database, edition_id + part))
    return counted


def _states(of_state: Mapping[DeliveryState, int]) -> dict[str, int]:
    """Return the counts that a publisher asks for; what is delivered was accepted, whatever came later."""
    from digest.model import ACCEPTED_STATES, DeliveryState

    return {
        "letters": sum(of_state.values()),
        "accepted": sum(of_state.get(state, 0) for state in ACCEPTED_STATES),
        **{
            state.value: of_state.get(state, 0)
            for state in (
                DeliveryState.DELIVERED,
                DeliveryState.BOUNCED,
                DeliveryState.COMPLAINED,
                DeliveryState.REJECTED,
                DeliveryState.UNCERTAIN,
            )
        },
    }


def _stories(opened: App, edition_id: str) -> list[dict[str, object]]:
    """Return the edition's stories in the letter's order, with their clicks.

    Raises:
        DigestError: there is no such edition, or it was never composed.
    """
    from digest.canonical import canonical_url
    from digest.errors import DigestError
    from digest.store import editions

    edition = editions.get_content(opened.database, edition_id)
    if edition is None:
        raise DigestError(f"There is no composed edition {edition_id!r}. `digest status` lists the newest.")
    clicks = _clicks(opened, edition_id)
    parts = {
        "lead": (edition.lead,) if edition.lead else (),
        "top": edition.top,
        "popular": edition.popular,
        "more": edition.more,
    }
    return [
        {"part": part, "clicks": clicks.get(canonical_url(brief.story.url), 0), "headline": brief.headline}
        for part, briefs in parts.items()
        for brief in briefs
    ]
