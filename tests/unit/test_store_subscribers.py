"""Readers: joining, leaving, coming back by their own act only, and being erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.audience import address_key
from digest.model import Delivery, DeliveryState, Subscriber, Suppression
from digest.store import subscribers
from digest.store.database import Database
from digest.store.imports import Added, Entry, add_subscribers
from digest.store.subscribers import Subscription, SubscriptionStatus
from tests.unit.audience_setup import EDITION, SLOT, add, all_deliveries, emails, file_of, freeze, opened

pytestmark = pytest.mark.usefixtures("each_database")

ANA = Subscriber("Ana.Nunez@Example.com", name="Ana", language="es", timezone="Europe/Madrid", consent_source="form")
ANA_KEY = address_key(ANA.email)
LATER = SLOT + timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        yield database


def _add(database: Database, person: Subscriber, section: str = "politics") -> Added:
    (added,) = add_subscribers(database, section, [Entry(address_key(person.email), person)], SLOT, how="import")
    return added


def _found(database: Database, person: Subscriber = ANA) -> Subscriber:
    found = subscribers.find(database, address_key(person.email))
    assert found is not None
    return found


def test_new_reader_joins_and_keeps_their_own_spelling(database: Database) -> None:
    added = _add(database, replace(ANA, consented_at=SLOT))

    expected = replace(ANA, id=1, sections=("politics",), consented_at=SLOT)
    assert added is Added.JOINED
    assert _found(database) == expected == subscribers.by_id(database, 1)
    assert subscribers.subscriptions_of(database, 1) == (
        Subscription("politics", SubscriptionStatus.ACTIVE, SLOT, "import"),
    )


def test_another_spelling_is_the_same_reader(database: Database) -> None:
    _add(database, ANA)

    assert _add(database, Subscriber("ana.nunez@EXAMPLE.com"), "sport") is Added.JOINED
    assert _found(database) == replace(ANA, id=1, sections=("politics", "sport"))


def test_known_reader_takes_over_what_is_told_and_keeps_the_rest(database: Database) -> None:
    _add(database, ANA)

    told = Subscriber(ANA.email, name="Ana Núñez", consent_source="import", consented_at=LATER)
    assert _add(database, told) is Added.KNOWN
    assert _found(database) == replace(ANA, id=1, sections=("politics",), name="Ana Núñez")


def test_consent_is_taken_where_none_is_on_record(database: Database) -> None:
    _add(database, Subscriber(ANA.email))
    _add(database, Subscriber(ANA.email, consent_source="fair", consented_at=SLOT))

    assert (_found(database).consent_source, _found(database).consented_at) == ("fair", SLOT)


def test_import_keeps_out_who_has_left_or_is_suppressed_and_says_so(database: Database) -> None:
    add(database, "left@example.com", "stays@example.com")
    subscribers.unsubscribe(database, 1, "politics", SLOT, how="one-click")
    subscribers.suppress(database, address_key("bounced@example.com"), "bounced", SLOT)

    added = add(
        database, "LEFT@example.com", "stays@example.com", "bounced@example.com", "new@example.com", "new@example.com"
    )

    assert added == (Added.LEFT, Added.KNOWN, Added.SUPPRESSED, Added.JOINED, Added.KNOWN)
    active = [(person.id, person.email) for person in subscribers.all_subscribers(database, "politics")]
    assert active == [(2, "stays@example.com"), (3, "new@example.com")]


def test_leaving_one_section_keeps_the_others_and_twice_is_once(database: Database) -> None:
    _add(database, ANA)
    _add(database, ANA, "sport")

    assert subscribers.unsubscribe(database, 1, "sport", LATER, how="one-click") == ("sport",)
    assert subscribers.unsubscribe(database, 1, "sport", LATER, how="one-click") == ()
    assert subscribers.unsubscribe(database, 99, "sport", LATER, how="one-click") == ()
    assert subscribers.subscriptions_of(database, 1) == (
        Subscription("politics", SubscriptionStatus.ACTIVE, SLOT, "import"),
        Subscription("sport", SubscriptionStatus.UNSUBSCRIBED, LATER, "one-click"),
    )


def test_leaving_all_leaves_all(database: Database) -> None:
    _add(database, ANA)
    _add(database, ANA, "sport")

    assert subscribers.unsubscribe(database, 1, None, LATER, how="by hand") == ("politics", "sport")
    assert _found(database).sections == ()


def test_reader_chooses_and_so_comes_back(database: Database) -> None:
    for section in ("politics", "sport"):
        _add(database, ANA, section)
    subscribers.unsubscribe(database, 1, "politics", SLOT, how="one-click")

    chosen = subscribers.choose_sections(database, 1, {"politics", "science"}, LATER, how="preferences page")

    assert chosen == replace(ANA, id=1, sections=("politics", "science"))
    assert [(one.section, one.status.value, one.how) for one in subscribers.subscriptions_of(database, 1)] == [
        ("politics", "active", "preferences page"),
        ("science", "active", "preferences page"),
        ("sport", "unsubscribed", "preferences page"),
    ]


def test_choosing_what_one_has_changes_nothing(database: Database) -> None:
    _add(database, ANA)
    subscribers.choose_sections(database, 1, {"politics"}, LATER, how="preferences page")

    assert subscribers.subscriptions_of(database, 1) == (
        Subscription("politics", SubscriptionStatus.ACTIVE, SLOT, "import"),
    )


def test_choosing_nothing_leaves_all_and_a_stranger_chooses_nothing(database: Database) -> None:
    _add(database, ANA)

    assert subscribers.choose_sections(database, 1, (), LATER, how="page") == replace(ANA, id=1)
    assert subscribers.choose_sections(database, 99, {"politics"}, LATER, how="page") is None


def test_choosing_is_consent_where_none_was_on_record(database: Database) -> None:
    _add(database, Subscriber(ANA.email))

    chosen = subscribers.choose_sections(database, 1, {"sport"}, LATER, how="preferences page")

    assert chosen is not None
    assert (chosen.consent_source, chosen.consented_at) == ("preferences page", LATER)


def test_everyone_is_listed_in_pages_in_the_order_they_came(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribers, "_PAGE", 3)
    add(database, *emails(7))
    add(database, "reader3@example.com", section="sport")
    subscribers.unsubscribe(database, 5, "politics", SLOT, how="one-click")

    everyone = [(person.id, person.sections) for person in subscribers.all_subscribers(database)]
    expected: list[tuple[int, tuple[str, ...]]] = [(number, ("politics",)) for number in range(1, 8)]
    expected[2], expected[4] = (3, ("politics", "sport")), (5, ())
    assert everyone == expected
    assert [person.id for person in subscribers.all_subscribers(database, "politics")] == [1, 2, 3, 4, 6, 7]
    assert subscribers.count_by_section(database) == (("politics", 6), ("sport", 1))


def test_first_reason_of_a_suppression_stands(database: Database) -> None:
    for reason in ("complained", "bounced"):
        subscribers.suppress(database, ANA_KEY, reason, SLOT)

    assert subscribers.suppression_of(database, ANA_KEY) == Suppression(database.hashed(ANA_KEY), "complained", SLOT)
    assert subscribers.suppression_of(database, "other@example.com") is None


@pytest.mark.parametrize("each_database", ["sqlite"], indirect=True)  # looks into the file
def test_erased_reader_leaves_no_trace_but_a_hash(database: Database) -> None:
    _add(database, ANA)
    add(database, *emails(20))
    freeze(database)

    assert subscribers.erase(database, ANA_KEY, LATER) is True

    files = [path.read_bytes().lower() for path in file_of(database).parent.iterdir() if path.is_file()]
    traces = (b"nunez", ANA_KEY.encode())
    assert not [trace for trace in traces for content in files if trace in content]
    assert subscribers.find(database, ANA_KEY) is None
    assert subscribers.suppression_of(database, ANA_KEY) == Suppression(database.hashed(ANA_KEY), "erased", LATER)
    assert _add(database, ANA) is Added.SUPPRESSED
    withdrawn = all_deliveries(database, EDITION, DeliveryState.WITHDRAWN)
    assert withdrawn == (Delivery(withdrawn[0].id, EDITION, 1, "", DeliveryState.WITHDRAWN, detail="erased"),)


def test_erasing_a_stranger_keeps_them_out_for_good(database: Database) -> None:
    subscribers.suppress(database, ANA_KEY, "bounced", SLOT)

    assert subscribers.erase(database, ANA_KEY, LATER) is False
    assert subscribers.suppression_of(database, ANA_KEY) == Suppression(database.hashed(ANA_KEY), "erased", SLOT)


def test_id_of_an_erased_reader_never_comes_back(database: Database) -> None:
    _add(database, ANA)
    subscribers.erase(database, ANA_KEY, SLOT)
    add(database, "next@example.com")

    assert [person.id for person in subscribers.all_subscribers(database)] == [2]
