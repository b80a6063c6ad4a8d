"""The statements that move a delivery on: built once, because building one costs more than running it.

Each is guarded by the state that it leaves. `transitions` says when they are run.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, exists, or_, select

from digest.deliver.segments import holds
from digest.model import DeliveryState, EditionStatus
from digest.store.given import given_numbers
from digest.store.schema import deliveries, edition_sections, editions, subscriptions, suppressions
from digest.store.subscribers import SubscriptionStatus

__all__ = [
    "FIRST_GONE",
    "KEEP_SENDING",
    "MARK",
    "PART",
    "RECORD",
    "REMAINING",
    "REMAINING_OF_BATCH",
    "WITHDRAW",
    "WITHDRAW_GONE",
]

# {delivery id: number of the attempt}.
_GIVEN, _GIVEN_NUMBER = given_numbers("ids")
_THESE = and_(
    deliveries.c.id == _GIVEN.c.key,
    deliveries.c.attempts + 1 == _GIVEN_NUMBER,
    # Not by the edition as well: SQLite would walk all of its queued rows instead of looking up these few.
    deliveries.c.state == DeliveryState.QUEUED,
    deliveries.c.segment == bindparam("segment"),  # whoever waits for another letter since is not to get this one
    select(editions.c.status).where(editions.c.id == bindparam("edition")).scalar_subquery() == EditionStatus.SENDING,
)
KEEP_SENDING = (
    select(editions.c.id)
    .where(editions.c.id == bindparam("edition"), editions.c.status == EditionStatus.SENDING)
    .with_for_update(read=True)
)
_IS_SUPPRESSED = exists().where(suppressions.c.address_key == deliveries.c.address_key)
_SECTIONS = and_(
    edition_sections.c.edition_id == bindparam("edition"), holds(deliveries.c.segment, edition_sections.c.section)
)
_SUBSCRIPTION = and_(
    subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
    subscriptions.c.section == edition_sections.c.section,
    subscriptions.c.status == SubscriptionStatus.ACTIVE,
)
_HAS_IT = exists().where(_SUBSCRIPTION).correlate(deliveries, edition_sections)
# Who has left one section of a letter gets none with it in: it would hold what they have just declined.
_IS_SUBSCRIBED = ~exists().where(_SECTIONS, ~_HAS_IT).correlate(deliveries)
_KEEPS_SOME = exists().where(_SECTIONS, _HAS_IT).correlate(deliveries)
MARK = (
    deliveries.update()
    .where(_THESE, _IS_SUBSCRIBED, ~_IS_SUPPRESSED)
    .values(
        state=DeliveryState.SUBMITTING,
        attempts=deliveries.c.attempts + 1,
        request_id=bindparam("request"),
        holder=bindparam("holder"),
        due_at=None,
        changed_at=bindparam("now"),
    )
    .returning(deliveries.c.id)
)
_HAS_LEFT = or_(~_KEEPS_SOME, _IS_SUPPRESSED)
_HAS_LEFT_SOME = or_(~_IS_SUBSCRIBED, _IS_SUPPRESSED)
_WITHDRAWING = (
    deliveries.update()
    .values(
        state=DeliveryState.WITHDRAWN,
        detail=case((_IS_SUPPRESSED, "suppressed"), else_="unsubscribed"),
        due_at=None,
        changed_at=bindparam("now"),
    )
    .returning(deliveries.c.id)
)
WITHDRAW = _WITHDRAWING.where(_THESE, _HAS_LEFT)
_OF_BATCH = and_(
    deliveries.c.edition_id == bindparam("edition"),
    deliveries.c.state == DeliveryState.QUEUED,
    deliveries.c.batch == bindparam("batch"),
)
FIRST_GONE = select(deliveries.c.id).where(_OF_BATCH, _HAS_LEFT_SOME).limit(1)
WITHDRAW_GONE = _WITHDRAWING.where(_OF_BATCH, _HAS_LEFT)
_KEPT = (
    select(deliveries.c.id, deliveries.c.segment, edition_sections.c.section)
    .join(edition_sections, _SECTIONS)
    .join(subscriptions, _SUBSCRIPTION)
    .where(~_IS_SUBSCRIBED, ~_IS_SUPPRESSED)
)
REMAINING = _KEPT.where(_THESE)
REMAINING_OF_BATCH = _KEPT.where(_OF_BATCH)
PART = (
    deliveries.update()
    .where(
        deliveries.c.id == bindparam("the_id"),
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.segment == bindparam("from"),
    )
    .values(segment=bindparam("to"), changed_at=bindparam("now"))
)
RECORD = (
    deliveries.update()
    .where(
        deliveries.c.id == bindparam("the_id"),
        or_(
            and_(deliveries.c.state == DeliveryState.SUBMITTING, deliveries.c.attempts == bindparam("attempt")),
            and_(deliveries.c.state == DeliveryState.QUEUED, deliveries.c.attempts + 1 == bindparam("attempt")),
            # Its process was held for gone, and has the answer to this very attempt after all.
            and_(
                deliveries.c.state == DeliveryState.UNCERTAIN,
                deliveries.c.attempts == bindparam("attempt"),
                or_(bindparam("to") == DeliveryState.ACCEPTED, bindparam("to") == DeliveryState.REJECTED),
            ),
        ),
    )
    .values(
        state=bindparam("to"),
        attempts=bindparam("attempt"),
        refusals=bindparam("refused"),
        provider_id=bindparam("provider"),
        request_id=case((bindparam("request") == "", deliveries.c.request_id), else_=bindparam("request")),
        detail=bindparam("words"),
        due_at=bindparam("due"),
        changed_at=bindparam("now"),
    )
)
