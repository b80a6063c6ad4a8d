"""The epochs of a delivery: a backup from its midst is older, and nothing more begins once it is put back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from digest.deliver import arming
from digest.deliver.epochs import EPOCH_SECONDS, epochs_of
from digest.deliver.ledger import is_accepted_from_others
from digest.errors import DisarmedError
from digest.model import DeliveryState
from digest.store.database import Database
from digest.store.schema import deliveries
from digest.store.settings import get_setting, put_setting
from tests.unit.audience_setup import EDITION, SLOT, add, emails, freeze, opened
from tests.unit.test_deliver_dispatch import FakeSender

pytestmark = pytest.mark.usefixtures("each_database")


def epoch(database: Database) -> int:
    return int(get_setting(database, "epoch") or 0)


def test_a_delivery_begins_an_epoch_every_few_seconds_and_at_its_end(tmp_path: Path) -> None:
    sender, seconds = FakeSender(), [0.0]
    sender.reaches_people = True
    met: list[int] = []
    with opened(tmp_path) as database:
        arming.arm(database, "mail1")
        met.append(epoch(database))
        lock = database.sole_lock("delivering")
        with epochs_of(database, sender, lock, lambda: seconds[0]) as epochs:
            for seconds[0] in (0.0, EPOCH_SECONDS / 2, EPOCH_SECONDS):
                epochs.pulse()
                met.append(epoch(database))
        met.append(epoch(database))
        arming.require_armed(database, sender, "mail1")
        lock.release()
    assert met[1] == met[2]
    assert len(set(met)) == 4
    assert met == sorted(met)


def test_nothing_begins_in_a_database_that_went_back_until_it_is_armed(tmp_path: Path) -> None:
    sender = FakeSender()
    sender.reaches_people = True
    with opened(tmp_path) as database:
        arming.arm(database, "mail1")
        lock = database.sole_lock("delivering")
        with epochs_of(database, sender, lock, lambda: 0.0) as epochs:
            backup = get_setting(database, "epoch") or ""
            epochs.renew()
            arming.require_no_return(database)
            put_setting(database, "epoch", backup)
            with pytest.raises(DisarmedError, match="a restored backup"):
                epochs.require()
            with pytest.raises(DisarmedError, match="a restored backup"):
                arming.require_no_return(database)
            assert epochs.has_returned()
        assert get_setting(database, "epoch") == backup  # its end begins none
        arming.arm(database, "mail1")
        arming.require_armed(database, sender, "mail1")
        arming.require_no_return(database)
        lock.release()


def test_a_worker_wants_the_very_database_that_was_armed(tmp_path: Path) -> None:
    sender = FakeSender()
    with opened(tmp_path) as database:
        sender.reaches_people = False
        arming.require_armed_elsewhere(database, sender)
        sender.reaches_people = True
        with pytest.raises(DisarmedError, match="armed nowhere"):
            arming.require_armed_elsewhere(database, sender)
        arming.arm(database, "mail1")
        arming.require_armed_elsewhere(database, sender)


@pytest.mark.parametrize(("later", "are_heard"), [(0.5, False), (30.0, True)])
def test_others_are_heard_when_their_letters_were_accepted_for_longer(
    tmp_path: Path, later: float, are_heard: bool
) -> None:
    with opened(tmp_path) as database:
        add(database, *emails(2))
        freeze(database)
        assert not is_accepted_from_others(database, EDITION, "w1")
        for holder, email, seconds in (("w1", "reader1@example.com", 0.0), ("w2", "reader2@example.com", later)):
            moved = deliveries.update().where(deliveries.c.email == email)
            at = SLOT + timedelta(seconds=seconds)
            with database.write() as connection:
                connection.execute(moved.values(holder=holder, state=DeliveryState.ACCEPTED, changed_at=at))
        assert is_accepted_from_others(database, EDITION, "w1") is are_heard
        assert not is_accepted_from_others(database, EDITION, "w2")
