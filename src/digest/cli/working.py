"""The command of a worker: one of several processes that deliver from a server's database."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.app import ConfigOption, app, open_app, say


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Batches at once.")] = 2,
    config: ConfigOption = None,
) -> None:
    """Deliver beside others, until it is stopped: needs a PostgreSQL database, and `digest serve` or `digest run`."""
    import os
    import socket

    from digest.cli.operator import stopped_by_signals
    from digest.events import log_to_stderr
    from digest.working import require_server, work

    log_to_stderr()
    with open_app(config) as opened:
        require_server(opened)
        name = f"{socket.gethostname()}:{os.getpid()}"
        say(f"Worker {name} takes up to {concurrency} batches at once. Ctrl-C stops it.")
        work(opened, name=name, at_once=concurrency, stop=stopped_by_signals())
