"""An opened installation: the configuration, and the adapters that were chosen for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from digest.audience import ReaderLinks
from digest.collect.fetching.asking import Asker
from digest.config import Config
from digest.deliver.pace import DomainPace
from digest.language_model import LanguageModel
from digest.ports import Fetcher, ResponseCache, Sender
from digest.render import Theme
from digest.store.database import Database

__all__ = ["App"]


@dataclass(frozen=True, slots=True)
class App:
    """What everything above the stages works with; `wiring.open_app` makes it."""

    config: Config
    database: Database
    fetcher: Fetcher
    responses: ResponseCache  # what the fetcher keeps
    asker: Asker
    sender: Sender
    domains: DomainPace  # what is known of recipient domains outlives one run
    links: ReaderLinks
    theme: Theme
    now: Callable[[], datetime]
    host: str  # what `digest arm` is bound to, beside the database file
    language_model: LanguageModel | None = None  # none is configured
