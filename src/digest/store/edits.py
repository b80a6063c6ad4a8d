"""What editors decided about an edition, row by row, until its letter is frozen.

An edit stands beside the act that tells who made it, in one transaction. A later edit of the same kind and story takes
the earlier one's place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exists, select

from digest.errors import EditionError
from digest.model import Edits, Rewrite
from digest.store.acts import Act, ActKind, record_act
from digest.store.database import Database
from digest.store.schema import edits as rows
from digest.store.schema import letters

__all__ = ["Edit", "EditKind", "edits_of", "list_edits", "put_edit", "take_back"]


class EditKind(StrEnum):
    """What an editor may decide; `value` is JSON."""

    PIN = "pin"  # value: its place, or null for the first that is free
    DROP = "drop"
    BOOST = "boost"  # value: what is added to the score
    REWRITE = "rewrite"  # value: {"headline": …, "takeaways": […]}
    SUBJECT = "subject"  # of the edition, story_id ""
    PREHEADER = "preheader"  # likewise
    OTHER_SUBJECT = "or-subject"  # likewise: tried beside the first
    NOTE = "note"  # likewise: above all stories


@dataclass(frozen=True, slots=True)
class Edit:
    """One decision: `value` is what its kind says."""

    edition_id: str
    kind: EditKind
    at: datetime
    who: str
    story_id: str = ""
    value: Any = None


def put_edit(database: Database, edit: Edit) -> None:
    """Write the edit, and the act beside it.

    Raises:
        EditionError: the edition's letter is frozen.
    """
    put = database.insert(rows).values(
        edition_id=edit.edition_id,
        story_id=edit.story_id,
        kind=edit.kind,
        value=json.dumps(edit.value, ensure_ascii=False),
        at=edit.at,
        who=edit.who,
    )
    changed = {name: put.excluded[name] for name in ("value", "at", "who")}
    with database.write() as connection:
        _require_unfrozen(connection, edit.edition_id)
        connection.execute(put.on_conflict_do_update(index_elements=["edition_id", "story_id", "kind"], set_=changed))
        told = " ".join(filter(None, (edit.kind, edit.story_id)))
        record_act(connection, Act(edit.at, edit.who, edit.edition_id, ActKind.EDIT, told))


def take_back(database: Database, edition_id: str, story_id: str | None, *, who: str, now: datetime) -> int:
    """Delete the edits of one story, or all of the edition; return how many there were.

    Raises:
        EditionError: the edition's letter is frozen.
    """
    gone = rows.delete().where(rows.c.edition_id == edition_id)
    if story_id is not None:
        gone = gone.where(rows.c.story_id == story_id)
    with database.write() as connection:
        _require_unfrozen(connection, edition_id)
        count = len(connection.execute(gone.returning(rows.c.kind)).all())
        if count:
            told = " ".join(filter(None, ("restore", story_id)))
            record_act(connection, Act(now, who, edition_id, ActKind.EDIT, told))
    return count


def list_edits(database: Database, edition_id: str) -> tuple[Edit, ...]:
    """Return the edits of an edition, oldest first."""
    wanted = select(rows).where(rows.c.edition_id == edition_id).order_by(rows.c.at, rows.c.kind, rows.c.story_id)
    with database.read() as connection:
        return tuple(
            Edit(row.edition_id, EditKind(row.kind), row.at, row.who, row.story_id, json.loads(row.value))
            for row in connection.execute(wanted)
        )


def edits_of(database: Database, edition_id: str) -> Edits:
    """Return what the edits of an edition come to."""
    by_kind: dict[EditKind, dict[str, Any]] = {kind: {} for kind in EditKind}
    for edit in list_edits(database, edition_id):
        by_kind[edit.kind][edit.story_id] = edit.value
    return Edits(
        pins=tuple(by_kind[EditKind.PIN].items()),
        dropped=frozenset(by_kind[EditKind.DROP]),
        boosts={story: float(value) for story, value in by_kind[EditKind.BOOST].items()},
        rewrites={
            story: Rewrite(value["headline"], tuple(value["takeaways"]))
            for story, value in by_kind[EditKind.REWRITE].items()
        },
        subject=by_kind[EditKind.SUBJECT].get("", ""),
        preheader=by_kind[EditKind.PREHEADER].get("", ""),
        other_subject=by_kind[EditKind.OTHER_SUBJECT].get("", ""),
        note=by_kind[EditKind.NOTE].get("", ""),
    )


def _require_unfrozen(connection: Connection, edition_id: str) -> None:
    if connection.execute(select(exists().where(letters.c.edition_id == edition_id))).scalar_one():
        raise EditionError(f"The letter of {edition_id} is frozen: what it says can't change any more.")
