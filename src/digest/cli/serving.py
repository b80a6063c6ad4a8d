"""The command of the service: the clock and the readers' pages in one process, until it is stopped."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.app import ConfigOption, app, open_app

if TYPE_CHECKING:
    from digest.config import Config


@app.command()
def serve(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to serve the pages, in place of web.listen.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Run the schedule and the readers' pages until stopped."""
    import uvicorn

    from digest.cli.checking import require_ready
    from digest.events import log_run, log_to_stderr
    from digest.same_links import tell_links
    from digest.schedule import scheduled
    from digest.web.site import build_site

    with open_app(config) as opened:
        require_ready(opened.config)
        tell_links(opened)
        host, port = _place(opened.config, listen)
        print(f"Serving {opened.config.publication.name} at http://{host}:{port}; Ctrl-C ends it.", flush=True)
        server = uvicorn.Server(
            uvicorn.Config(
                build_site(opened),
                host=host.strip("[]"),
                port=port,
                log_level="warning",
                access_log=False,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=10,
            )
        )

        def ask_to_stop(*_: object) -> None:
            server.should_exit = True

        # The server ends on these, heard before it runs too, and then raises them again: what is in flight must be
        # finished first.
        before = {wanted: signal.signal(wanted, ask_to_stop) for wanted in (signal.SIGTERM, signal.SIGINT)}
        log_to_stderr()
        with scheduled(opened, log_run):
            server.run()
            for wanted, usual in before.items():  # a second signal need not wait for what is in flight
                signal.signal(wanted, usual)


def _place(config: Config, told: str) -> tuple[str, int]:
    """Return the host and the port to serve the pages at.

    Raises:
        BadParameter, ConfigError: they are none, or can't be used, by where they are from.
    """
    from digest.config import listening_place
    from digest.errors import ConfigError, Fault

    try:
        host, _, port = listening_place(told or config.web.listen).rpartition(":")
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="--listen") from None
    if (problem := _objection(host, int(port))) and told:
        raise typer.BadParameter(problem, param_hint="--listen")
    if problem:
        raise ConfigError([Fault(f"{config.file.name}: web.listen", problem, "Choose another.")])
    return host, int(port)


def _objection(host: str, port: int) -> str:
    """Say at once, and in our words, why the pages can't be served where they should be; "" when they can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            return f"{host}:{port} can't be used: {error.strerror}."
    return ""
