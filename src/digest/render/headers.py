"""The headers that are the same for every reader of a letter, as plain (name, value) pairs.

Values are unencoded text of one line each. To, Message-ID, List-Unsubscribe and the MIME headers
differ from reader to reader or belong to the envelope: they are added on delivery.
"""

from __future__ import annotations

import re

from digest.model import Edition, Publication
from digest.render.lines import host_of, one_line

__all__ = ["letter_headers"]


def letter_headers(edition: Edition) -> tuple[tuple[str, str], ...]:
    """Return the headers of `edition`, in the order in which they are written."""
    from email.utils import format_datetime  # it brings sockets along: not at import

    publication = edition.publication
    host = _host(publication)
    # RFC 2919 §3: the phrase may not hold what would end it.
    phrase = re.sub(r'[<>"\\()]', "", one_line(f"{edition.title} digest"))
    archive = f"<{publication.base_url}/>" if publication.base_url else ""
    list_name = edition.section.replace("+", "-and-")
    pairs = (
        ("From", one_line(publication.sender)),
        ("Reply-To", one_line(publication.reply_to)),
        ("Subject", one_line(edition.subject)),
        ("Date", format_datetime(edition.dated_at or edition.slot)),
        ("List-Id", f"{phrase} <{list_name}.{host}>"),
        ("List-Help", archive),  # RFC 2369: the archive's front says what the list is and how to join
        ("List-Archive", archive),
        ("List-Post", "NO"),
        ("Feedback-ID", f"{list_name}-{edition.id.rpartition('/')[2]}:{list_name}:digest:{_sender_id(host)}"),
        ("Precedence", "bulk"),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834 §5: no holiday replies, please
    )
    return tuple((name, value) for name, value in pairs if value)


def _host(publication: Publication) -> str:
    """Return the sender's domain: it names the list for as long as the sender keeps it."""
    from email.utils import parseaddr

    domain = parseaddr(publication.sender)[1].rpartition("@")[2]
    return domain.lower() or host_of(publication.base_url) or "localhost"


def _sender_id(host: str) -> str:
    """Return Gmail's SenderId: 5 to 15 characters that stay the same (support.google.com/mail/answer/6254652)."""
    return re.sub(r"[^a-z0-9]", "", host)[:15].ljust(5, "0")
