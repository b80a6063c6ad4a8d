"""The epochs of one delivery: a new one every few seconds, so that a backup from its midst is known to be older.

What was submitted after that backup, nobody would know from it: once the database has gone back nothing more begins.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from digest.deliver import arming
from digest.errors import DatabaseLostError, DisarmedError
from digest.ports import Sender
from digest.store.database import Database
from digest.store.storage import SoleLock

__all__ = ["EPOCH_SECONDS", "Epochs", "epochs_of"]

EPOCH_SECONDS = 5.0


class Epochs:
    """`returned` says that the database has gone back, "" while it has not."""

    def __init__(self, database: Database, sender: Sender, lock: SoleLock, clock: Callable[[], float]) -> None:
        self.returned = ""
        self._database = database
        self._counts = sender.reaches_people
        self._lock = lock
        self._clock = clock
        self._next_at = clock() + EPOCH_SECONDS

    def require(self) -> None:
        """Pass unless the database went back. For any thread, before it reads what is due.

        Raises:
            DisarmedError: it did.
        """
        if self._counts:
            arming.require_same_epoch(self._database)

    def has_returned(self) -> bool:
        try:
            self.require()
        except DisarmedError as error:
            self.returned = str(error)
        return bool(self.returned)

    def pulse(self) -> None:
        """Begin another epoch when it is time. For the thread that took the lock."""
        if self._clock() >= self._next_at:
            with contextlib.suppress(DatabaseLostError):  # the next pulse is soon
                self.renew()
                self._next_at = self._clock() + EPOCH_SECONDS

    def renew(self) -> None:
        """Begin another epoch, unless another process delivers now or the database went back."""
        if self._counts and self._lock.take() and not self.has_returned():
            arming.begin_epoch(self._database)


@contextmanager
def epochs_of(database: Database, sender: Sender, lock: SoleLock, clock: Callable[[], float]) -> Iterator[Epochs]:
    """Begin an epoch; and another at the end, so that a backup from before that is older too."""
    if sender.reaches_people:
        arming.begin_epoch(database)
    epochs = Epochs(database, sender, lock, clock)
    yield epochs
    with contextlib.suppress(DatabaseLostError):
        epochs.renew()
