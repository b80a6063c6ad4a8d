"""The versions of the schema, oldest first, and how to reach the newest.

`REVISIONS` stands here as plain data so that opening a current database needs no Alembic.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["HEAD", "REVISIONS", "migrate"]

REVISIONS = tuple(f"{number:04}" for number in range(1, 16))
HEAD = REVISIONS[-1]


def migrate(connection: Connection) -> None:
    """Bring the schema to `HEAD` inside the connection's open transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
