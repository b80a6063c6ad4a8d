"""Which user agents are machines: the crawler-user-agents list, and what no list of names can hold.

The list (github.com/monperrus/crawler-user-agents, MIT) is renewed by its keepers with every release. It names
machines and never a browser. Beside it stand words that machines use of themselves, for those it doesn't know yet.
"""

from __future__ import annotations

import functools
import re

__all__ = ["is_machine", "is_prefetch"]

_LARGEST_KEPT = 100_000
# Every browser calls itself one of these, and programs that don't mean to be taken for one don't.
_BROWSERS = ("Mozilla/", "Opera/")
_SHORTEST_BROWSER = len("Mozilla/5.0 (X)")
_CALLS_ITSELF_ONE = re.compile(
    r"(?<!cu)bot(?:\b|_)|crawl|spider|slurp|archiver|scrap|fetch|monitor|uptime|check_http|headless|phantomjs|lighthouse"
    r"|python|okhttp|http_?client|preview|validator|feed|\brss\b|reader/|\bscan|aggregator|proxy/|\+ ?https?://",
    re.IGNORECASE,  # but not Cubot, which makes telephones
)
# A browser that says nothing but what browsers say: most agents of a log, and the list needn't be asked.
_PLAIN_BROWSER = re.compile(
    r"Mozilla/5\.0 \((?:Windows NT [\d.]+(?:; Win64; x64|; WOW64)?|X11; (?:Ubuntu; )?Linux x86_64"
    r"|Macintosh; Intel Mac OS X [\d._]+|iPhone; CPU iPhone OS [\d_]+ like Mac OS X|iPad; CPU OS [\d_]+ like Mac OS X"
    r"|Linux; Android [\d.]+; (?:K|SM-\w+|Pixel [\w ]{1,12}|moto [\w ]{1,20}|Redmi [\w ]{1,20}))(?:; rv:[\d.]+)?\)"
    r"(?: AppleWebKit/[\d.]+| \(KHTML, like Gecko\)| Gecko/[\d.]+| Version/[\d.]+| Mobile/\w+| Mobile| Chrome/[\d.]+"
    r"| SamsungBrowser/[\d.]+| Safari/[\d.]+| Firefox/[\d.]+| Edg/[\d.]+| OPR/[\d.]+)+"
)
_PREFETCH = re.compile(rb"prefetch|prerender", re.IGNORECASE)


@functools.lru_cache(maxsize=_LARGEST_KEPT)
def is_machine(agent: bytes) -> bool:
    """Return whether `agent`, a User-Agent as a log has it, is a machine's or none at all."""
    name = agent.decode("latin-1")
    if not name.startswith(_BROWSERS) or len(name) < _SHORTEST_BROWSER or is_prefetch(agent):
        return True
    if _PLAIN_BROWSER.fullmatch(name):
        return False
    return _CALLS_ITSELF_ONE.search(name) is not None or _is_listed(name)


def is_prefetch(purpose: bytes) -> bool:
    """Return whether a browser asked ahead of its reader (the headers Sec-Purpose, Purpose and X-Moz)."""
    return _PREFETCH.search(purpose) is not None


def _is_listed(name: str) -> bool:
    from crawleruseragents import is_crawler  # reads half a megabyte of names, so only where a log is read

    return bool(is_crawler(name))
