"""Who receives: lists in and out, one key for one address, and the links that act for a reader.

Pure: bytes and nouns in, nouns and text out; no database, network or clock.
"""

from __future__ import annotations

from digest.audience.addresses import address_key
from digest.audience.export import export_csv
from digest.audience.lists import ListReading, read_list
from digest.audience.tokens import ReaderLinks

__all__ = ["ListReading", "ReaderLinks", "address_key", "export_csv", "read_list"]
