"""Who may get an edition, and why not: the readers of a section, and the sets of sections that readers have."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    case,
    func,
    literal,
    or_,
    select,
)

from digest.deliver.segments import holds
from digest.errors import EditionError
from digest.model import ACCEPTED_STATES, ExclusionReason
from digest.store.database import Database
from digest.store.schema import deliveries, edition_sections, subscribers, subscriptions, suppressions
from digest.store.subscribers import SubscriptionStatus

__all__ = ["MOST_SECTIONS", "among_parted", "candidates_of", "has_consented", "masks_of", "reader_sets", "sets_in_use"]

MOST_SECTIONS = 62  # that one slot may have: a reader's are the bits of one number

# Which readers get several sections in one letter, for the length of the transaction that freezes them.
reader_sets = Table(
    "reader_sets",
    MetaData(),
    Column("subscriber_id", Integer, primary_key=True),
    Column("edition_id", String, nullable=False),
    prefixes=["TEMPORARY"],
)


def sets_in_use(database: Database, sections: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return which of `sections` readers have together, in their order: only sets of two and more."""
    taken = masks_of(sections).subquery()
    masks = select(taken.c.mask).where(taken.c.mask.not_in([1 << place for place in range(len(sections))])).distinct()
    with database.read() as connection:
        found = sorted(connection.execute(masks).scalars())
    return tuple(tuple(key for place, key in enumerate(sections) if mask >> place & 1) for mask in found)


def candidates_of(section: str, accepted_of: str = "") -> Select[tuple[int, str | None]]:
    """Select (subscriber id, reason against a delivery or null) of everyone who is or was in `section`.

    Args:
        accepted_of: Only those whose letter of this edition was accepted, be it with other sections.
    """
    return among_parted(section, accepted_of, is_parted=False)


def among_parted(section: str, accepted_of: str, *, is_parted: bool) -> Select[tuple[int, str | None]]:
    """Select as `candidates_of`; if `is_parted`, those in `reader_sets` get it in a letter with other sections."""
    reasons: list[tuple[ColumnElement[bool], ColumnElement[str]]] = [
        (suppressions.c.address_key.is_not(None), literal(ExclusionReason.SUPPRESSED.value)),
        (subscriptions.c.status != SubscriptionStatus.ACTIVE, literal(ExclusionReason.UNSUBSCRIBED.value)),
        (~has_consented(), literal(ExclusionReason.NO_CONSENT.value)),
    ]
    if is_parted:
        reasons.append((reader_sets.c.subscriber_id.is_not(None), literal(ExclusionReason.COMBINED.value)))
    candidates = (
        select(subscriptions.c.subscriber_id.label("id"), case(*reasons, else_=None).label("reason"))
        .select_from(subscriptions)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .outerjoin(suppressions, suppressions.c.address_key == subscribers.c.address_key)
        .where(subscriptions.c.section == section)
    )
    if is_parted:
        candidates = candidates.outerjoin(reader_sets, reader_sets.c.subscriber_id == subscriptions.c.subscriber_id)
    if not accepted_of:
        return candidates
    within = select(edition_sections.c.edition_id).where(edition_sections.c.part_id == accepted_of)
    accepted = select(deliveries.c.subscriber_id).where(
        deliveries.c.edition_id.in_(within),
        deliveries.c.state.in_(ACCEPTED_STATES),
        holds(deliveries.c.segment, literal(section)),
    )
    return candidates.where(subscriptions.c.subscriber_id.in_(accepted))


def has_consented() -> ColumnElement[bool]:
    """Say in SQL whether a reader agreed, or a list says where they did."""
    return or_(subscribers.c.consented_at.is_not(None), subscribers.c.consent_source != "")


def masks_of(sections: Sequence[str]) -> Select[tuple[int, int]]:
    """Select (subscriber id, mask): the bits of the sections that each reader has."""
    if len(sections) > MOST_SECTIONS:
        raise EditionError(f"{len(sections)} sections go out at once; at most {MOST_SECTIONS} can be combined.")
    bits = case(*((subscriptions.c.section == key, 1 << place) for place, key in enumerate(sections)), else_=0)
    return (
        select(subscriptions.c.subscriber_id, func.sum(bits).label("mask"))
        .where(subscriptions.c.section.in_(list(sections)), subscriptions.c.status == SubscriptionStatus.ACTIVE)
        .group_by(subscriptions.c.subscriber_id)
    )
