"""What only others can say of a letter: whether its links answer, and what DNS says of its sender.

Asked politely: each address once, HEAD before GET and little of the body, four at a time, an end to the whole.
The reader's own links, which would unsubscribe somebody, are never among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from digest.inspecting.findings import Finding, Level, Topic
from digest.inspecting.markup import said

if TYPE_CHECKING:
    import httpx

__all__ = ["Lookup", "dns_findings", "look_up_txt", "reachability_findings"]

Lookup = Callable[[str], "tuple[str, ...] | None"]
"""Returns the TXT records of a name: none when there is none, None when nobody could be asked."""

_AT_ONCE = 4
_ONE_SECONDS = 8.0
_ALL_SECONDS = 60.0
_MOST_LINKS = 100
_USER_AGENT = "Digest-inspect/1 (checks the links of a newsletter before it leaves)"
_HEAD_REFUSED = frozenset({400, 403, 404, 405, 406, 429, 500, 501, 503})  # many servers know GET only
_FAILED = 400
_HEAVY_BYTES = 300_000
_GUARDED = frozenset({401, 403, 429})


def reachability_findings(links: Sequence[tuple[str, int]], *, pictures: bool = False) -> Iterator[Finding]:
    """Ask for every address, and tell those that don't answer, and pictures that are heavy.

    Args:
        links: Addresses with their lines.
        pictures: They are the letter's pictures, not its links.
    """
    import httpx

    ends = monotonic() + _ALL_SECONDS
    headers = {"User-Agent": _USER_AGENT}
    with (
        httpx.Client(timeout=_ONE_SECONDS, follow_redirects=True, max_redirects=5, headers=headers) as client,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        answers = pool.map(lambda link: _answer(client, link[0], ends), links[:_MOST_LINKS])
        for (address, line), answer in zip(links, answers, strict=False):
            yield from _of_answer(answer, f"html:{line}", said(address, 120), pictures=pictures)
    if len(links) > _MOST_LINKS:
        what = f"{len(links) - _MOST_LINKS} links were not tried: {_MOST_LINKS} are at most."
        yield Finding(Level.NOTE, Topic.LINKS, what, "html")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: a status, or why there is none; neither when the time was up."""

    status: int | None = None
    why: str = ""
    size: int = 0  # bytes of the body as told; 0 unknown


def _of_answer(answer: _Answer, where: str, shown: str, *, pictures: bool) -> Iterator[Finding]:
    topic, noun = (Topic.PICTURES, "picture") if pictures else (Topic.LINKS, "link")
    hint = "Correct it, or take it out." if pictures else "Correct it, or drop the story."
    if answer.status is None and not answer.why:
        yield Finding(Level.NOTE, topic, f"A {noun} was not tried: there was no time left.", where, shown, "Ask again.")
    elif answer.status is None:
        yield Finding(Level.ERROR, topic, f"A {noun} does not answer: {answer.why}.", where, shown, hint)
    elif answer.status in _GUARDED:
        what = f"A {noun} answers {answer.status} to programs; readers may get through."
        yield Finding(Level.NOTE, topic, what, where, shown, "Open it in a browser.")
    elif answer.status >= _FAILED:
        yield Finding(Level.ERROR, topic, f"A {noun} is dead: it answers {answer.status}.", where, shown, hint)
    elif pictures and answer.size > _HEAVY_BYTES:
        what = f"A picture has {answer.size:,} bytes, much for a phone on its way."
        hint = 'Serve it smaller, or let Digest make it fit: mode = "hosted" under [pictures] in config.toml.'
        yield Finding(Level.WARNING, Topic.WEIGHT, what, where, shown, hint)


def _answer(client: httpx.Client, address: str, ends: float) -> _Answer:
    import httpx

    if monotonic() > ends:
        return _Answer()
    try:
        told = client.head(address)
        if told.status_code in _HEAD_REFUSED:
            with client.stream("GET", address) as told:
                pass
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return _Answer(why=str(error).rstrip(".") or type(error).__name__)
    size = told.headers.get("Content-Length", "")
    return _Answer(told.status_code, size=int(size) if size.isdigit() else 0)


def dns_findings(domain: str, look_up: Lookup, keys: Sequence[tuple[str, str]] = ()) -> Iterator[Finding]:
    """Look for SPF, DMARC and the keys of DKIM.

    Args:
        keys: The name and the wanted TXT record of each key.
    """
    yield from _of_record(
        domain, look_up(domain), "v=spf1", "SPF", f'Publish TXT "v=spf1 …  ~all" at {domain}, as your provider tells.'
    )
    policy = f"_dmarc.{domain}"
    records = look_up(policy)
    if records == () and domain.count(".") > 1:  # RFC 7489 §6.6.3: the organization's stands in
        records = look_up(f"_dmarc.{domain.partition('.')[2]}")
    hint = f'Publish TXT "v=DMARC1; p=none; rua=mailto:you@{domain}" at {policy}; Gmail and Yahoo ask for it.'
    yield from _of_record(policy, records, "v=DMARC1", "DMARC", hint)
    for name, wanted in keys:
        records = look_up(name)
        key = wanted.rpartition("p=")[2]
        if records is None:
            yield _unknown(name, "DKIM")
        elif not any(key in record.replace(" ", "") for record in records):
            what = "The key that signs is not in DNS, so no receiver can verify the signature."
            yield Finding(Level.ERROR, Topic.AUTHENTICATION, what, f"DNS: {name}", wanted, "Publish it as TXT.")
        else:
            yield Finding(Level.NOTE, Topic.AUTHENTICATION, "DNS has the key that signs.", f"DNS: {name}")


def look_up_txt(name: str) -> tuple[str, ...] | None:
    """Ask the system's resolver for the TXT records of `name`."""
    import dns.exception
    import dns.resolver

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=5.0)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError):
        return None
    return tuple(b"".join(record.strings).decode("ascii", "replace") for record in answer)


def _of_record(name: str, records: tuple[str, ...] | None, begins: str, kind: str, hint: str) -> Iterator[Finding]:
    if records is None:
        yield _unknown(name, kind)
        return
    found = [record for record in records if record.lower().startswith(begins.lower())]
    where = f"DNS: {name}"
    if not found:
        yield Finding(Level.ERROR, Topic.AUTHENTICATION, f"There is no {kind} record.", where, "", hint)
    elif len(found) > 1:
        what = f"There are {len(found)} {kind} records; receivers then take none."
        yield Finding(Level.ERROR, Topic.AUTHENTICATION, what, where, " | ".join(found), "Leave one.")
    else:
        yield Finding(Level.NOTE, Topic.AUTHENTICATION, f"There is a {kind} record.", where, found[0])


def _unknown(name: str, kind: str) -> Finding:
    what, hint = f"{kind} is unknown: DNS does not answer.", "Inspect again where a resolver is."
    return Finding(Level.NOTE, Topic.AUTHENTICATION, what, f"DNS: {name}", "", hint)
