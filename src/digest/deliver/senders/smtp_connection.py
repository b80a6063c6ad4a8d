"""A connection to an SMTP server that is ready for MAIL FROM: greeted, trusted, logged in.

smtplib does the talking. What is worth trying again leaves as smtplib's or the system's own exception;
what no second try can mend is `SubmitHalted`.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from functools import cache

from digest.errors import SubmitHalted
from digest.settings import Security, SmtpSettings

__all__ = ["connect", "first_words"]

_WORDS_CHARACTERS = 300


def connect(settings: SmtpSettings, password: str | None) -> smtplib.SMTP:
    """Return a connection ready for MAIL FROM. TLS certificates are verified; plain text is never fallen back to.

    Raises:
        SubmitHalted: no trusted TLS, or the server refuses us or the login for good.
        SMTPResponseException, SMTPServerDisconnected, OSError: it can't be had now.
    """
    where = f"smtp {settings.host}:{settings.port}"
    try:
        connection = _greeted(settings)
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
        raise SubmitHalted(
            f"{where}: no trusted TLS ({error}). Check delivery.smtp.host, port and security; nothing was submitted."
        ) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code < 500:
            raise
        raise SubmitHalted(
            f"{where} turns us away: {error.smtp_code} {first_words(error.smtp_error)}. The letters stay queued."
        ) from error
    try:
        if settings.username and password is not None:
            _log_in(connection, settings.username, password, where)
    except BaseException:
        connection.close()
        raise
    return connection


def first_words(text: bytes | str) -> str:
    """Return a server's words as one line of at most 300 characters."""
    line = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(line.split())[:_WORDS_CHARACTERS]


def _greeted(settings: SmtpSettings) -> smtplib.SMTP:
    timeout, context = settings.timeout_seconds, ssl.create_default_context()
    connection: smtplib.SMTP
    if settings.security is Security.TLS:
        connection = smtplib.SMTP_SSL(settings.host, settings.port, _own_name(), timeout=timeout, context=context)
    else:
        connection = smtplib.SMTP(settings.host, settings.port, _own_name(), timeout=timeout)
    try:
        assert connection.sock is not None
        # Without it every message waits for the server's delayed ACK, 40 ms.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if settings.security is Security.STARTTLS:
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, username: str, password: str, where: str) -> None:
    try:
        if not (username + password).isascii():
            raise smtplib.SMTPException("user name and password must be ASCII")
        connection.login(username, password)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        said = str(error)
        if isinstance(error, smtplib.SMTPResponseException):
            if error.smtp_code < 500:
                raise
            said = f"{error.smtp_code} {first_words(error.smtp_error)}"
        raise SubmitHalted(
            f"{where} refuses the login as delivery.smtp.username: {said}. "
            "Check it and the variable that delivery.smtp.password_env names."
        ) from error


@cache
def _own_name() -> str:
    """Return the name for EHLO. Asked once, since a resolver may take its time over it."""
    return socket.getfqdn()
