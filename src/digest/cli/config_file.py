"""Writing settings into config.toml: what else stands in it stays as it is, comments too."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["change_config_file"]


def change_config_file(path: Path, changes: Mapping[tuple[str, ...], Any]) -> None:
    """Set each key, given as its path of tables, to its value; the file is replaced whole or not at all."""
    import tomlkit
    from tomlkit.items import Table

    document = tomlkit.parse(path.read_text("utf-8"))
    for keys, value in changes.items():
        table: tomlkit.TOMLDocument | Table = document
        for part in keys[:-1]:
            if part not in table:
                table[part] = tomlkit.table()
            inner = table[part]
            assert isinstance(inner, Table)  # the configuration was read and checked
            table = inner
        table[keys[-1]] = value
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(tomlkit.dumps(document), "utf-8")
    shutil.copymode(path, beside)
    beside.replace(path)
