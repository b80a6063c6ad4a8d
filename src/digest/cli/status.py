"""`digest status`: the newest editions, and what waits for an operator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, JsonOption, app, open_app, print_json, print_table, say

if TYPE_CHECKING:
    from digest.model import DeliveryState
    from digest.store.editions import EditionRow

    Counts = tuple[tuple[DeliveryState, int], ...]

EDITIONS = 20  # of one section, the newest; the combined letters of their slots come with them
_STEPS = 5  # told of the combined letters of one slot, which mostly wait for the same


@app.command()
def status(
    every: Annotated[bool, typer.Option("--all", help="Each combined letter of a slot on a line of its own.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the newest editions, where their deliveries stand, what waits for you, and whether mail may leave."""
    import dataclasses

    from digest.deliver import arming, ledger
    from digest.store import editions
    from digest.store.workers import list_workers

    with open_app(config, needs_sender=False) as opened:
        rows = editions.list_recent(opened.database, limit=EDITIONS)
        counts = ledger.counts_of_each(opened.database, [row.id for row in rows])
        armed = arming.is_armed(opened.database, opened.host)
        sender = opened.sender
        workers = list_workers(opened.database)
    if as_json:
        told = [dataclasses.asdict(one) for one in workers]
        print_json({"armed": armed, "editions": [_as_json(row, counts[row.id]) for row in rows], "workers": told})
        return
    groups = [(row,) for row in rows] if every else grouped(rows)
    names = ("Edition", "Status", "Deliveries", "Reason", "Subject")
    print_table(names, [_line(group, [counts[row.id] for row in group]) for group in groups], whole=names[:2])
    for group in groups:
        for step in _steps(group, [counts[row.id] for row in group]):
            say(step)
    for one in workers:
        state = f"{one.at_work} of {one.at_once} batches at work" if one.lives else "gone without a word"
        print(f"Worker {one.name} since {one.since:%Y-%m-%d %H:%M} UTC, seen {one.seen_at:%H:%M:%S}: {state}.")
    if sender.reaches_people:
        print(f"Sender {sender.name}: " + ("armed." if armed else "not armed; `digest arm` lets mail leave."))
    else:
        print(f"Sender {sender.name}: letters are files, nothing leaves this machine.")


def grouped(rows: Iterable[EditionRow]) -> list[tuple[EditionRow, ...]]:
    """Put the combined letters of a slot together, which follow each other; every other edition stays alone."""
    return [
        group
        for (_, _, is_combined), found in groupby(rows, key=lambda row: (row.slot, row.day, row.is_combined))
        for group in ([tuple(found)] if is_combined else [(row,) for row in found])
    ]


def name_of(group: Sequence[EditionRow]) -> str:
    """Return an edition's id, or the first of several combined ones and how many more there are."""
    others = len(group) - 1
    return group[0].id + (f" and {others:,} other set{'' if others == 1 else 's'}" if others else "")


def summed(counts: Iterable[Counts]) -> Counter[DeliveryState]:
    """Return how many deliveries of several editions are in each state."""
    found: Counter[DeliveryState] = Counter()
    for one in counts:
        found.update(dict(one))
    return found


def _line(group: Sequence[EditionRow], counts: Sequence[Counts]) -> tuple[str, ...]:
    """Return the cells of one edition, or of the combined ones of a slot with their sums."""
    statuses = Counter(row.status.value for row in group)
    is_one = len(statuses) == 1
    return (
        name_of(group),
        next(iter(statuses)) if is_one else ", ".join(f"{count} {name}" for name, count in statuses.most_common()),
        ", ".join(f"{count:,} {state}" for state, count in summed(counts).items()),
        "; ".join(dict.fromkeys(row.reason for row in group if row.reason)),
        group[0].subject if len({row.subject for row in group}) == 1 else "",
    )


def _as_json(row: EditionRow, counts: Counts) -> dict[str, object]:
    return {
        "edition": row.id,
        "status": row.status.value,
        "reason": row.reason,
        "counts": dict(counts),
        "subject": row.subject,
        "next": list(_next_steps(row, counts)),
    }


def _steps(group: Sequence[EditionRow], counts: Sequence[Counts]) -> Iterator[str]:
    """Yield what an operator can do now, of the combined letters of a slot the first few."""
    steps = (step for row, own in zip(group, counts, strict=True) for step in _next_steps(row, own))
    yield from islice(steps, _STEPS)
    if rest := sum(1 for _ in steps):
        yield f"{rest:,} more of that slot wait: `digest status --all` lists them."


def _next_steps(row: EditionRow, counts: Counts) -> Iterator[str]:
    """Yield what only an operator can do now about an edition."""
    from digest.model import DeliveryState, EditionStatus

    if row.status is EditionStatus.HELD:
        yield (
            f"{row.id} is held: `digest resume {row.id}` goes on now, `digest approve {row.id}` "
            f"at the next run or alarm, `digest cancel {row.id}` ends it."
        )
    if row.status is EditionStatus.SENDING:
        yield f"{row.id} is being delivered, or goes on with the next run or alarm; `digest pause {row.id}` stops it."
    if uncertain := dict(counts).get(DeliveryState.UNCERTAIN):
        yield (
            f"{row.id} has {uncertain:,} uncertain: `digest deliveries {row.id} --state uncertain` lists them, "
            f"`digest deliveries resolve {row.id}` with --accept or --resubmit settles them."
        )
