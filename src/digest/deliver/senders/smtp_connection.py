"""A connection to an SMTP server that is ready for MAIL FROM: greeted, trusted, logged in.

smtplib does the talking so far and then leaves its socket to us. What is worth trying again leaves as smtplib's
or the system's own exception; what no second try can mend is `SubmitHalted`.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from digest.deliver.senders.smtp_replies import first_words
from digest.errors import SubmitHalted
from digest.settings import Security, SmtpSettings

__all__ = ["Connection", "connect", "trusted_roots"]

# A whole message fits into the kernel, which passes it on while we wait for the disk.
_SEND_BUFFER_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Connection:
    """A socket that no longer blocks, and what its server can do."""

    socket: socket.socket
    early: bytes  # what the server said without being asked
    has_pipelining: bool  # RFC 2920
    has_chunking: bool  # RFC 3030
    has_smtputf8: bool  # RFC 6531


def trusted_roots(settings: SmtpSettings) -> ssl.SSLContext:
    """Return what verifies the server. Reading the system's roots takes 40 ms, so not where TLS isn't asked for."""
    if settings.security is Security.NONE:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which trusts nobody
    return ssl.create_default_context()


def connect(settings: SmtpSettings, password: str | None, context: ssl.SSLContext) -> Connection:
    """Return a connection ready for MAIL FROM. TLS certificates are verified; plain text is never fallen back to.

    Args:
        context: `trusted_roots(settings)`.

    Raises:
        SubmitHalted: no trusted TLS, or the server refuses us or the login for good.
        SMTPResponseException, SMTPServerDisconnected, OSError: it can't be had now.
    """
    where = f"smtp {settings.host}:{settings.port}"
    try:
        connection = _greeted(settings, context)
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
    return _taken_over(connection)


def _taken_over(connection: smtplib.SMTP) -> Connection:
    """Take the socket out of smtplib's hands, and what its buffer has read too much."""
    sock, file = connection.sock, connection.file
    assert sock is not None and file is not None
    sock.setblocking(False)
    early = b""
    with suppress(OSError):  # nothing there yet, over TLS; what else is wrong shows itself at the first command
        early = file.peek()
    file.close()
    offers = connection.has_extn
    return Connection(sock, early, offers("pipelining"), offers("chunking"), offers("smtputf8"))


def _greeted(settings: SmtpSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    timeout = settings.timeout_seconds
    connection: smtplib.SMTP
    if settings.security is Security.TLS:
        connection = smtplib.SMTP_SSL(settings.host, settings.port, _full_name(), timeout=timeout, context=context)
    else:
        connection = smtplib.SMTP(settings.host, settings.port, _full_name(), timeout=timeout)
    try:
        assert connection.sock is not None
        if "." not in connection.local_hostname:  # as in a container: then our address, as RFC 5321 §4.1.4 has it
            connection.local_hostname = _literal(connection.sock)
        # Without it every message waits for the server's delayed ACK, 40 ms.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
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
def _full_name() -> str:
    """Return this machine's name. Asked once, since a resolver may take its time over it."""
    return socket.getfqdn()


def _literal(connected: socket.socket) -> str:
    """Return our end's address as EHLO says it in the place of a name (RFC 5321 §4.1.3)."""
    address = str(connected.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
