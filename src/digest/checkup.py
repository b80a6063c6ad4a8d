"""The parts of an installation that are no sources: its database, its clock, and the way to inboxes."""

from __future__ import annotations

import os
import shutil
import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.app import App
from digest.config import Config
from digest.deliver import arming
from digest.doctor import Finding, Level
from digest.environment import VARIABLES
from digest.settings import Security, SenderKind
from digest.slots import slots_between
from digest.store.migrations import HEAD

__all__ = ["check_clock", "check_database", "check_transport"]

_LEAST_FREE_BYTES = 500 * 1024 * 1024
_YEAR = timedelta(days=366)
_SCOPES_PATH = "/v3/scopes"


def check_database(app: App) -> tuple[Finding, ...]:
    """Return what is to be known of the database; it was opened, so it is one and of a known version."""
    label, damages = app.database.label, app.database.damages(1)
    whole = (
        Finding(
            Level.FAILS, f"{label} is damaged: {damages[0]}.", "Restore a backup; `digest audit` says what it knows."
        )
        if damages
        else Finding(Level.FINE, f"{label} is whole, schema {HEAD}, {app.database.size_bytes() / 1024 / 1024:.1f} MB.")
    )
    is_armed = arming.is_armed(app.database, app.host)
    hint = "`digest arm` lets letters leave for real readers." if app.sender.reaches_people else ""
    bound = (
        Finding(Level.FINE, f"Letters may leave from this host, {app.host}.")
        if is_armed
        else Finding(Level.NOTE, "Letters don't leave from here for real readers.", hint)
    )
    if app.database.storage.path is not None:
        return whole, _room(app.database.storage.folder), bound
    weak = (
        Finding(Level.WARNS, f"{one}: a power cut may lose what was submitted.", "Set it on at the server.")
        for one in app.database.storage.weaknesses()
    )
    return whole, *weak, bound


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    if free > _LEAST_FREE_BYTES:
        return Finding(Level.FINE, f"{free / 1024**3:.1f} GB of its disk are free.")
    return Finding(Level.WARNS, f"Only {free / 1024**2:.0f} MB of its disk are free.", "Make room before the next run.")


def check_clock(app: App) -> tuple[Finding, ...]:
    """Return for each section its next slot and when its clocks change next."""
    now = app.now()
    return tuple(_of_section(app.config, key, now) for key in app.config.sections)


def _of_section(config: Config, key: str, now: datetime) -> Finding:
    section, zone = config.sections[key], config.zone_of(key)
    slots = slots_between(key, section.at_time, section.weekdays, zone, now, now + timedelta(days=8))
    following = next(iter(slots), None)
    at = (
        f"next at {following.at.astimezone(zone):%a %d %b %H:%M}, {following.at:%H:%M} UTC"
        if following
        else "no next slot"
    )
    change = next(
        (now + timedelta(hours=hour) for hour in range(1, _YEAR // timedelta(hours=1)) if _changes(now, hour, zone)),
        None,
    )
    turns = f"; its clocks change on {change.astimezone(zone):%d %b %Y}" if change else "; its clocks don't change"
    return Finding(Level.FINE, f"{key}: {zone.key}, {at}{turns}.")


def _changes(now: datetime, hour: int, zone: ZoneInfo) -> bool:
    before, after = (now + timedelta(hours=hours) for hours in (hour - 1, hour))
    return before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()


def check_transport(config: Config) -> tuple[Finding, ...]:
    """Return how far the way to inboxes is open, stage by stage; the first that fails is the last."""
    told = config.delivery
    if told.sender is SenderKind.SMTP:
        return tuple(_smtp(config))
    if told.sender is SenderKind.SENDGRID:
        return tuple(_sendgrid(config))
    folder = config.path(told.outbox)
    is_open = os.access(folder if folder.exists() else config.root, os.W_OK)
    if is_open:
        return (Finding(Level.FINE, f"Letters are files in {folder}; nothing leaves this machine."),)
    return (Finding(Level.FAILS, f"{folder} can't be written.", "Choose another as delivery.outbox."),)


def _smtp(config: Config) -> Iterator[Finding]:
    told = config.delivery.smtp
    where = f"{told.host}:{told.port}"
    context = ssl.create_default_context()
    try:
        if told.security is Security.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(told.host, told.port, timeout=15, context=context)
        else:
            server = smtplib.SMTP(told.host, told.port, timeout=15)
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            Level.FAILS, f"{where} can't be reached: {error}.", "Check delivery.smtp.host, port and security."
        )
        return
    with server:
        try:
            yield Finding(Level.FINE, f"{where} answers.")
            server.ehlo()
            yield Finding(Level.FINE, f"It offers {', '.join(sorted(server.esmtp_features)) or 'no extensions'}.")
            if told.security is Security.STARTTLS:
                server.starttls(context=context)
                server.ehlo()
                yield Finding(Level.FINE, "The connection is encrypted.")
            if told.username:
                server.login(told.username, VARIABLES.get(told.password_env, ""))
                yield Finding(Level.FINE, f"It knows {told.username}.")
        except (OSError, smtplib.SMTPException) as error:
            yield Finding(Level.FAILS, f"It refuses: {error}.", "Check delivery.smtp.")


def _sendgrid(config: Config) -> Iterator[Finding]:
    import httpx

    told = config.delivery.sendgrid
    key = VARIABLES.get(told.api_key_env, "")
    if not key:
        yield Finding(Level.FAILS, f"The environment variable {told.api_key_env} is not set.", "It holds the API key.")
        return
    try:
        answer = httpx.get(
            f"{told.base_url}{_SCOPES_PATH}", headers={"Authorization": f"Bearer {key}"}, timeout=15, trust_env=False
        )
        told_scopes = answer.json() if answer.is_success else {}
        scopes = told_scopes.get("scopes", []) if isinstance(told_scopes, dict) else []
    except (httpx.HTTPError, ValueError) as error:
        yield Finding(Level.FAILS, f"{told.base_url} can't be reached: {error}.")
        return
    if not answer.is_success:
        yield Finding(
            Level.FAILS, f"{told.base_url} answers {answer.status_code}.", "Check the key: it may be revoked."
        )
    elif "mail.send" not in scopes:
        yield Finding(Level.FAILS, "The key may not send mail.", "Give it the scope mail.send.")
    else:
        yield Finding(Level.FINE, f"{told.base_url} knows the key, and it may send mail.")
