"""Readers into the lists and out of them: joins what `audience` decides with what `store` keeps."""

from __future__ import annotations

__all__ = ["Imported", "add_reader", "erase_reader", "find_reader", "import_list", "import_lists", "remove_reader"]
