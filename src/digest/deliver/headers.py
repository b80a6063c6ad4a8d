"""Header fields as bytes, by rules that no headline can bend; and the check that they came out so.

Python's own mail package is not used to write headers: up to 3.11.9 it lets an encoded-word with a line
break inside become a header of its own (CVE-2024-6923), and it encodes long List-Unsubscribe values,
which Gmail refuses. Here every value is first made one plain line, then written in one of four forms:

    mailbox   From, To, Reply-To, Sender       display name quoted or encoded, address never encoded
    text      Subject, X-…, anything unknown   bare when it is plain ASCII, else base64 encoded-words
    List-Id                                    its phrase as in a mailbox, its id bare
    bare      Date, List-…, Precedence, …      never encoded; what is not ASCII is refused

This module knows nothing of letters, bodies or readers.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from email.errors import MultipartInvariantViolationDefect
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser

from digest.errors import DeliveryError

__all__ = [
    "ascii_address",
    "ascii_domain",
    "encode_header",
    "encode_mailbox",
    "parse_block",
    "plain_line",
    "split_mailbox",
    "verify_block",
    "wire_address",
]

_LINE = 76  # RFC 2047 §2: a line with an encoded-word has at most 76 characters
_HARD_LINE = 998  # RFC 5322 §2.1.1
_WORD = 75  # RFC 2047 §2: an encoded-word has at most 75 characters
_LONGEST_BARE_WORD = 200  # longer ASCII words are encoded, since only encoded-words can be cut

_MAILBOX = frozenset({"from", "to", "reply-to", "sender"})
# fmt: off
_BARE = frozenset({
    "date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "content-language",
    "precedence", "auto-submitted", "feedback-id", "list-unsubscribe", "list-unsubscribe-post", "list-help",
    "list-archive", "list-post", "list-owner", "list-subscribe", "in-reply-to", "references",
})
_URI_LISTS = frozenset({"list-unsubscribe", "list-help", "list-archive", "list-owner", "list-subscribe"})
# Written by servers on the way, able to add recipients, or read as instructions by a provider.
_REFUSED = frozenset({
    "bcc", "cc", "received", "return-path", "authentication-results", "delivered-to", "dkim-signature",
    "domainkey-signature", "content-length", "x-smtpapi", "x-sg-id", "x-sg-eid", "apparently-to", "errors-to",
})
# fmt: on

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
_URI_LIST = re.compile(r"<[!-;=?-~]+>(, <[!-;=?-~]+>)*")
_SPACING = re.compile("[ \t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# C0, DEL and C1 controls; the marks that embed, override or isolate a direction; the byte order mark.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PRINTABLE = re.compile(r"[ -~]*")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(f"{_ATOM}( {_ATOM})*")
_DOT_ATOM = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_WIDE_ATOM = _ATOM.replace("[", "[\x80-\U0010ffff")  # RFC 6532 §3.2
_WIDE_DOT_ATOM = re.compile(rf"{_WIDE_ATOM}(\.{_WIDE_ATOM})*")
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_FIELD = re.compile(rb"([!-9;-~]+): ([ -~]*(?:\r\n [!-~][ -~]*)*)\r\n")


def encode_header(name: str, value: str) -> bytes:
    """Return one header field, folded and with its final CRLF.

    Raises:
        DeliveryError: `name` may not be set by us, or `value` can't be written in that header.
    """
    kind = name.lower()
    if not _NAME.fullmatch(name) or kind in _REFUSED or kind.startswith("resent-"):
        raise DeliveryError(f"The header {name[:60]!r} may not be in a letter. Take it out of the letter's headers.")
    if kind in _MAILBOX:
        return encode_mailbox(name, *split_mailbox(value))
    line = plain_line(value)
    if kind == "list-id":
        return _encode_list_id(name, line)
    if kind in _BARE:
        return _encode_bare(name, line)
    return _fold(name, _words_of_text(name, line))


def encode_mailbox(name: str, display_name: str, email: str, *, smtputf8: bool = False) -> bytes:
    """Return a header field that holds exactly one mailbox; in UTF-8 where `smtputf8` allows what needs it.

    Raises:
        DeliveryError: `email` has no form that can be written.
    """
    address = wire_address(email, smtputf8)
    if address is None:
        raise DeliveryError(f"{name}: {email[:80]!r} is no address that mail can be sent with. Correct it.")
    words = _words_of_phrase(name, plain_line(display_name))
    return _fold(name, [*words, f"<{address}>"] if words else [address])


def split_mailbox(value: str) -> tuple[str, str]:
    """Return the display name and the address of `Name <address>`, or "" and the address."""
    line = plain_line(value)
    if not line.endswith(">"):
        return "", line
    name, _, address = line[:-1].rpartition("<")
    name = name.strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, address


def ascii_address(email: str) -> str | None:
    """Return `email` as it goes over any wire, its domain in IDNA form; None when it has no such form."""
    return wire_address(email)


def wire_address(email: str, smtputf8: bool = False) -> str | None:
    """Return `email` as it goes over the wire, its domain in IDNA form; None when it has no such form.

    Quoted local parts and address literals are not tried.

    Args:
        smtputf8: The local part may have characters outside ASCII (RFC 6531 §3.3), as they were given.
    """
    local, at, domain = email.rpartition("@")
    domain = ascii_domain(domain)
    if not at or not (_DOT_ATOM.fullmatch(local) or (smtputf8 and _is_wide_local(local))):
        return None
    octets = len(local) if local.isascii() else len(local.encode("utf-8"))
    if octets > 64 or not _DOMAIN.fullmatch(domain) or octets + len(domain) > 253:  # RFC 3696, erratum 1690
        return None
    return f"{local}@{domain}"


def ascii_domain(domain: str) -> str:
    """Return `domain` in IDNA form, or as it is when it has none."""
    if domain.isascii():
        return domain
    import idna  # its tables are large, and few domains need them

    try:
        labels = (
            label if label.isascii() else idna.encode(label, uts46=True).decode("ascii") for label in domain.split(".")
        )
        return ".".join(labels)
    except idna.IDNAError:
        return domain


def plain_line(value: str) -> str:
    """Return `value` as one line without anything that breaks, hides or turns text around."""
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip(" ")
    line = _UNSEEN.sub("", _SPACING.sub(" ", value))
    return _SPACING.sub(" ", _SURROGATE.sub("\ufffd", line)).strip(" ")


def parse_block(block: bytes) -> tuple[tuple[str, str], ...]:
    """Return the fields of a header block, unfolded and undecoded, names as they stand.

    Raises:
        DeliveryError: a byte outside printable ASCII, a bare CR or LF, a line over 998 characters, or
            anything else that is no field.
    """
    fields = []
    end = 0
    for match in _FIELD.finditer(block):
        if match.start() != end:
            break
        end = match.end()
        fields.append((match[1].decode("ascii"), match[2].decode("ascii").replace("\r\n", "")))
    if end != len(block):
        raise DeliveryError(f"A header block is malformed at {block[end : end + 40]!r}. Nothing was submitted.")
    if len(block) > _HARD_LINE and max(map(len, block.split(b"\r\n"))) > _HARD_LINE:
        raise DeliveryError("A header line has more than 998 characters. Nothing was submitted.")
    return tuple(fields)


def verify_block(block: bytes, names: Sequence[str]) -> None:
    """Read a finished header block back with two parsers; both must find exactly `names`, in order.

    Raises:
        DeliveryError: they don't, or a value would decode to something with a line break in it.
    """
    own = tuple(name for name, _ in parse_block(block))
    parsed = BytesHeaderParser().parsebytes(block + b"\r\n")
    # Early releases of Python 3.11 miss the body of a multipart message even when only headers are asked for.
    defects = [defect for defect in parsed.defects if not isinstance(defect, MultipartInvariantViolationDefect)]
    if own != tuple(names) or tuple(parsed.keys()) != own or defects or parsed.get_payload():
        raise DeliveryError(f"The header block reads back as {own!r}, not as {tuple(names)!r}. Nothing was submitted.")
    for name, value in parsed.items():
        unfolded = str(value).replace("\r\n", "").replace("\n", "")
        if _UNSEEN.search(str(make_header(decode_header(unfolded)))):
            raise DeliveryError(f"The header {name} decodes to control characters. Nothing was submitted.")


def _is_wide_local(local: str) -> bool:
    """Tell whether `local` is a dot-atom of characters that can be seen."""
    return local.isprintable() and _WIDE_DOT_ATOM.fullmatch(local) is not None


def _encode_list_id(name: str, line: str) -> bytes:
    """Write `phrase <id>` (RFC 2919 §3)."""
    phrase, found, list_id = line.removesuffix(">").rpartition("<")
    list_id = ascii_domain(list_id)
    if not found or not line.endswith(">") or not _DOT_ATOM.fullmatch(list_id):
        raise DeliveryError(f"{name}: {line[:80]!r} has no id like <politics.news.example.com>. Correct it.")
    return _fold(name, [*_words_of_phrase(name, phrase.strip()), f"<{list_id}>"])


def _encode_bare(name: str, line: str) -> bytes:
    """Write a value that may never be encoded; a list of URIs is folded only after its commas."""
    if not line or "=?" in line or not _PRINTABLE.fullmatch(line):
        raise DeliveryError(f"{name}: {line[:80]!r} is not plain ASCII, and this header can't be encoded. Correct it.")
    if name.lower() in _URI_LISTS and not _URI_LIST.fullmatch(line):
        raise DeliveryError(f"{name}: {line[:80]!r} is no list of <URI>s parted by a comma and a space. Correct it.")
    field = _fold(name, line.split(" "))
    if len(line) > _LINE and max(map(len, field.split(b"\r\n"))) > _HARD_LINE:
        raise DeliveryError(f"{name}: the value has {len(line)} characters and can't be folded. Shorten it.")
    return field


def _words_of_text(name: str, line: str) -> list[str]:
    words = line.split(" ")
    is_bare = line.isascii() and "=?" not in line and max(map(len, words)) <= _LONGEST_BARE_WORD
    return words if is_bare else _encoded_words(name, line)


def _words_of_phrase(name: str, line: str) -> list[str]:
    """Return a display name as words: bare atoms, a quoted string, or encoded-words (RFC 5322 §3.2.5)."""
    if not line:
        return []
    if line.isascii() and "=?" not in line and max(map(len, line.split(" "))) <= _LONGEST_BARE_WORD:
        if _ATOMS.fullmatch(line):
            return line.split(" ")
        quoted = line.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'.split(" ")
    return _encoded_words(name, line)


def _encoded_words(name: str, text: str) -> list[str]:
    """Return `text` whole as base64 encoded-words, cut between characters (RFC 2047 §5)."""
    words = []
    room = _room(min(_WORD, _LINE - len(name) - 2))
    chunk = b""
    for character in text:
        encoded = character.encode("utf-8")
        if len(chunk) + len(encoded) > room:
            words.append(chunk)
            chunk, room = b"", _room(_WORD)
        chunk += encoded
    words.append(chunk)
    return [f"=?utf-8?B?{base64.b64encode(word).decode('ascii')}?=" for word in words]


def _room(length: int) -> int:
    """Return how many bytes an encoded-word of `length` characters holds."""
    return (length - len("=?utf-8?B??=")) // 4 * 3


def _fold(name: str, words: Sequence[str]) -> bytes:
    """Join words with single spaces, breaking the line before a word that would pass column 76."""
    lines = []
    line = f"{name}: {words[0]}"
    for word in words[1:]:
        if len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line = f" {word}"
        else:
            line = f"{line} {word}"
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8")  # ASCII but for an address of SMTPUTF8
