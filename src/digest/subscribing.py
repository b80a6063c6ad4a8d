"""Readers into the lists and out of them: joins what `audience` decides with what `store` keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.audience import read_list
from digest.config import Config
from digest.errors import Fault, ListError
from digest.store import subscribers
from digest.store.database import Database

__all__ = ["Imported", "add_reader", "erase_reader", "find_reader", "import_list", "import_lists", "remove_reader"]
