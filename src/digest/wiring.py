"""Config → App: the only file that chooses adapters."""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from digest.app import App
from digest.audience import ReaderLinks
from digest.bundled import bundled
from digest.collect.fetching.asking import HttpAsker
from digest.collect.fetching.fetch import HttpFetcher
from digest.config import Config
from digest.deliver.pace import DomainPace
from digest.environment import VARIABLES, why_missing
from digest.errors import ConfigError, DigestError, Fault
from digest.language_model import LanguageModel
from digest.model import Letter
from digest.ports import ResponseCache, Sender, Session
from digest.render import load_theme
from digest.settings import SenderKind
from digest.store.database import open_database
from digest.store.responses import SqlResponseCache

__all__ = ["open_app", "open_fetcher", "open_sender", "theme_folder"]


@contextmanager
def open_app(config: Config, *, needs_sender: bool = True) -> Iterator[App]:
    """Open everything that `config` names, and close it again.

    Args:
        needs_sender: Whether a sender that can't be used is an error now, or only when it is opened.

    Raises:
        DigestError: the database, the theme or the sender can't be used.
    """
    theme = load_theme(theme_folder(config))
    sender = open_sender(config) if needs_sender else _sender_or_none(config)
    database = open_database(config.database.url, root=config.root, password=_database_password(config))
    try:
        keys = _signing_keys(config, database.storage.folder)
        responses = SqlResponseCache(database)
        with open_fetcher(config.publication.url, responses) as fetcher:
            yield App(
                config=config,
                database=database,
                fetcher=fetcher,
                responses=responses,
                asker=HttpAsker(_agent(config.publication.url)),
                sender=sender,
                domains=DomainPace(config.delivery.per_domain_per_second, time.monotonic),
                links=ReaderLinks(config.web.base_url, keys),
                theme=theme,
                now=_now,
                host=socket.gethostname(),
                language_model=_language_model(config),
            )
    finally:
        database.close()


def _language_model(config: Config) -> LanguageModel | None:
    """Return the configured model. Without its key it answers nothing, which holds up no edition."""
    told = config.compress.model
    if told is None:
        return None
    key = VARIABLES.get(told.key_env, "").strip() if told.key_env else ""
    return LanguageModel(told, key or None, _agent(config.publication.url))


def _sender_or_none(config: Config) -> Sender:
    try:
        return open_sender(config)
    except DigestError as error:
        return _UnusableSender(config.delivery.sender.value, error)


@dataclass(frozen=True, slots=True)
class _UnusableSender:
    """Stands for a sender that can't be made, so that a delivery can be stopped and looked at all the same."""

    name: str
    error: DigestError
    reaches_people: bool = True
    batch_size: int = 1
    connections: int = 1

    def open(self, letter: Letter) -> AbstractContextManager[Session]:
        raise self.error


def open_fetcher(site: str = "", cache: ResponseCache | None = None) -> HttpFetcher:
    """Return a fetcher that says who it fetches for; use it as a context manager."""
    return HttpFetcher(_agent(site), cache, now=_now)


def _agent(site: str) -> str:
    return f"Digest/{version('digest')}" + (f" (+{site})" if site else "")


def open_sender(config: Config) -> Sender:
    """Return the configured sender.

    Raises:
        ConfigError: an environment variable that it needs is not set.
    """
    told = config.delivery
    if told.sender is SenderKind.SMTP:
        return _smtp_sender(config)
    if told.sender is SenderKind.SENDGRID:
        from digest.deliver.senders.sendgrid import SendGridSender

        return SendGridSender(
            told.sendgrid, _variable(config, told.sendgrid.api_key_env, "delivery.sendgrid.api_key_env")
        )
    from digest.deliver.senders.outbox import OutboxSender

    return OutboxSender(config.path(told.outbox))


def _smtp_sender(config: Config) -> Sender:
    from digest.deliver.dkim import load_signers, require_aligned
    from digest.deliver.headers import ascii_address, split_mailbox
    from digest.deliver.senders.smtp import SmtpSender

    told = config.delivery
    key = "delivery.smtp.password_env"
    password = _variable(config, told.smtp.password_env, key) if told.smtp.password_env else None
    signers = load_signers(told.dkim, config.path, VARIABLES)
    require_aligned(signers, ascii_address(split_mailbox(config.publication.sender)[1]) or "")
    # More than the pace can use would hold letters half submitted while they wait.
    most = math.ceil(told.per_second) if told.per_second > 0 else None
    return SmtpSender(told.smtp, password, most_connections=most, signers=signers)


def theme_folder(config: Config) -> Path:
    """Return the theme's folder: the project's own templates/ first, then the shipped themes."""
    name = config.publication.theme
    own, shipped = config.path("templates") / name, bundled(f"templates/{name}")
    for folder in (own, shipped):
        if (folder / "theme.toml").is_file():
            return folder
    raise ConfigError(
        [
            Fault(
                f"{config.file.name}: publication.theme",
                f"there is no theme {name!r}.",
                f"Looked in {own} and {shipped}.",
            )
        ]
    )


def _variable(config: Config, name: str, key: str) -> str:
    value = VARIABLES.get(name)
    if not value:
        hint = "Set it, or name another."
        raise ConfigError([Fault(f"{config.file.name}: {key}", why_missing(name), hint)])
    return value


def _database_password(config: Config) -> str:
    name = config.database.password_env
    return _variable(config, name, "database.password_env") if name else ""


def _signing_keys(config: Config, folder: Path) -> tuple[str, ...]:
    """Return the keys of readers' links, the one that signs first: the variable's, and that of a file of our own.

    The variable may hold several, parted by commas: all are accepted. So is the file's, as long as it is there: letters
    that went out before there was a variable were signed with it.

    Raises:
        ConfigError: the file holds no key, or can't be read or made.
    """
    told = VARIABLES.get(config.web.secret_env, "")
    keys = tuple(key.strip() for key in told.split(",") if key.strip())
    path = folder / "secret.key"
    try:
        if keys and not path.exists():
            return keys
        if not path.exists():
            _write_once(path, f"{secrets.token_urlsafe(32)}\n")
        key = path.read_text("ascii", "replace").strip()
    except OSError as error:
        hint = "Run Digest as the user who owns the project's folder, or give that user this file."
        raise ConfigError([Fault(str(path), f"can't be read or made: {error.strerror}.", hint)]) from None
    if not key:
        hint = "Restore it: links in letters that went out were signed with it. Or delete it to begin anew."
        raise ConfigError([Fault(str(path), "holds no key.", hint)])
    return (*keys, key)


def _write_once(path: Path, text: str) -> None:
    """Write a private file whole or not at all; of two processes the first one's stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:  # mode 0600
        file.write(text)
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _now() -> datetime:
    return datetime.now(UTC)
