"""Config → App: the only file that chooses adapters."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from digest.app import App
from digest.audience import ReaderLinks
from digest.bundled import bundled
from digest.collect.fetch import HttpFetcher
from digest.config import Config
from digest.errors import ConfigError, DeliveryError, Fault
from digest.ports import ResponseCache, Sender
from digest.render import load_theme
from digest.settings import SenderKind
from digest.store.database import open_database
from digest.store.responses import SqlResponseCache

__all__ = ["open_app", "open_fetcher", "open_sender", "theme_folder"]


@contextmanager
def open_app(config: Config) -> Iterator[App]:
    """Open everything that `config` names, and close it again.

    Raises:
        DigestError: the database, the theme or the sender can't be used.
    """
    theme = load_theme(theme_folder(config))
    sender = open_sender(config)
    database = open_database(config.database.url, root=config.root)
    try:
        keys = _signing_keys(config)
        with open_fetcher(config.publication.url, SqlResponseCache(database)) as fetcher:
            yield App(
                config=config,
                database=database,
                fetcher=fetcher,
                sender=sender,
                links=ReaderLinks(config.web.base_url, keys),
                theme=theme,
                now=_now,
                host=socket.gethostname(),
            )
    finally:
        database.close()


def open_fetcher(site: str = "", cache: ResponseCache | None = None) -> HttpFetcher:
    """Return a fetcher that says who it fetches for; use it as a context manager."""
    agent = f"Digest/{version('digest')}" + (f" (+{site})" if site else "")
    return HttpFetcher(agent, cache, now=_now)


def open_sender(config: Config) -> Sender:
    """Return the configured sender.

    Raises:
        DeliveryError: an environment variable that it needs is not set.
    """
    told = config.delivery
    if told.sender is SenderKind.SMTP:
        from digest.deliver.senders.smtp import SmtpSender

        password = _variable(told.smtp.password_env, "delivery.smtp.password_env") if told.smtp.password_env else None
        return SmtpSender(told.smtp, password)
    if told.sender is SenderKind.SENDGRID:
        from digest.deliver.senders.sendgrid import SendGridSender

        return SendGridSender(told.sendgrid, _variable(told.sendgrid.api_key_env, "delivery.sendgrid.api_key_env"))
    from digest.deliver.senders.outbox import OutboxSender

    return OutboxSender(config.path(told.outbox))


def theme_folder(config: Config) -> Path:
    """Return the theme's folder: the project's own templates/ first, then the shipped themes."""
    name = config.publication.theme
    own, shipped = config.path("templates") / name, bundled(f"templates/{name}")
    for folder in (own, shipped):
        if (folder / "theme.toml").is_file():
            return folder
    raise ConfigError(
        [Fault("config.toml: publication.theme", f"there is no theme {name!r}.", f"Looked in {own} and {shipped}.")]
    )


def _variable(name: str, key: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise DeliveryError(f"config.toml: {key}: the environment variable {name} is not set. Set it, or name another.")
    return value


def _signing_keys(config: Config) -> tuple[str, ...]:
    """Return the keys that sign readers' links, newest first: the variable, or a file of our own.

    The variable may hold several, parted by commas: the first signs, all are accepted.
    """
    told = os.environ.get(config.web.secret_env, "")
    keys = tuple(key.strip() for key in told.split(",") if key.strip())
    if keys:
        return keys
    path = config.path(config.database.url.removeprefix("sqlite:///")).with_name("secret.key")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return (path.read_text("ascii").strip(),)
    key = secrets.token_urlsafe(32)
    os.write(file, f"{key}\n".encode("ascii"))
    os.close(file)
    return (key,)


def _now() -> datetime:
    return datetime.now(UTC)
