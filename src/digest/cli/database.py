"""The command that moves an installation into another database."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from digest.cli.app import ConfigOption, app, open_app, say

_commands = typer.Typer(no_args_is_help=True, help="The database itself.")
app.add_typer(_commands, name="database")


@_commands.command("move")
def move_database(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database: postgresql+psycopg://user@host/name.")
    ],
    password_env: Annotated[
        str, typer.Option(metavar="NAME", help="The variable that has the new database's password.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Move everything into another, empty database, counted and compared; nothing may deliver meanwhile."""
    from digest.deliver import arming
    from digest.deliver.exclusive import sole_deliverer
    from digest.environment import VARIABLES
    from digest.errors import StoreError
    from digest.store.database import open_database
    from digest.store.moving import move

    with open_app(config, needs_sender=False) as opened:
        source = opened.database
        target = open_database(to, root=opened.config.root, password=VARIABLES.get(password_env, ""))
        try:
            with sole_deliverer(source, lambda _: True) as lock:
                if lock is None:
                    raise StoreError(f"{source.label}: letters are leaving from it. Stop `digest serve` and try again.")
                moved = move(source, target, lambda name, rows: print(f"  {name:<16} {rows:>10,}"))
                key, new = source.storage.folder / "secret.key", target.storage.folder / "secret.key"
                if key.exists() and not new.exists():  # links in letters that went out were signed with it
                    shutil.copy2(key, new)
                arming.disarm(source)
                arming.disarm(target)
            total = sum(rows for _, rows in moved)
            print(f"{total:,} rows in {len(moved)} tables are in {target.label}, and compared.")
            say(f"Nothing leaves from {source.label} any more. Name the new one as database.url, then `digest arm`.")
        finally:
            target.close()
