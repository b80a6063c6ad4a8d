"""What mail programs show and what they don't, and how many readers use each.

The facts are Can I email's (https://www.caniemail.com, MIT, © Rémi Parmentier), renewed by
scripts/renew-client-facts. The shares are an assumption, round figures for a general audience: they decide
how loudly a finding is told, never whether.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["CLIENTS", "Client", "Feature", "known_features", "names_of", "newest_test", "share_without"]


@dataclass(frozen=True, slots=True)
class Client:
    """A mail program, by its key in the facts."""

    key: str
    family: str
    platform: str  # "" where there is but one
    share: float  # of readers, 0 to 1; assumed

    @property
    def name(self) -> str:
        return f"{self.family} ({self.platform})" if self.platform else self.family


CLIENTS = (
    Client("apple-mail.ios", "Apple Mail", "iOS", 0.36),
    Client("apple-mail.macos", "Apple Mail", "macOS", 0.10),
    Client("gmail.desktop-webmail", "Gmail", "web", 0.12),
    Client("gmail.android", "Gmail", "Android", 0.12),
    Client("gmail.ios", "Gmail", "iOS", 0.06),
    Client("outlook.windows", "Outlook", "Windows classic", 0.05),
    # The new Outlook for Windows is the web one in a frame of its own.
    Client("outlook.outlook-com", "Outlook", "web and new", 0.04),
    Client("outlook.ios", "Outlook", "iOS", 0.02),
    Client("outlook.android", "Outlook", "Android", 0.01),
    Client("outlook.macos", "Outlook", "macOS", 0.01),
    Client("yahoo.desktop-webmail", "Yahoo", "web", 0.02),
    Client("yahoo.android", "Yahoo", "Android", 0.01),
    Client("yahoo.ios", "Yahoo", "iOS", 0.01),
    Client("samsung-email.android", "Samsung Email", "", 0.02),
    Client("thunderbird.macos", "Thunderbird", "", 0.01),
    Client("gmx.desktop-webmail", "GMX", "web", 0.01),
    Client("web-de.desktop-webmail", "Web.de", "web", 0.01),
    Client("protonmail.desktop-webmail", "Proton Mail", "web", 0.01),
)


@dataclass(frozen=True, slots=True)
class Feature:
    """Something of HTML or CSS, and by client how its newest tested version takes it: y, a (in part) or n."""

    slug: str
    title: str
    support: Mapping[str, str]  # what is unknown is not there

    @property
    def url(self) -> str:
        return f"https://www.caniemail.com/features/{self.slug}/"


def known_features() -> Mapping[str, Feature]:
    """Return every feature by its slug."""
    return _facts()[0]


def newest_test() -> str:
    """Return the day of the newest test in the facts, as YYYY-MM-DD."""
    return _facts()[1]


def share_without(feature: Feature) -> float:
    """Return the share of readers, 0 to 1, whose program does not show it at all."""
    return sum(client.share for client in CLIENTS if feature.support.get(client.key) == "n")


def names_of(clients: Sequence[Client]) -> str:
    """Return the clients' names, each family once: "Gmail (web, iOS), Thunderbird"."""
    platforms: dict[str, list[str]] = {}
    for client in clients:
        platforms.setdefault(client.family, []).append(client.platform)
    return ", ".join(f"{family} ({', '.join(told)})" if any(told) else family for family, told in platforms.items())


@cache
def _facts() -> tuple[Mapping[str, Feature], str]:
    told = json.loads(files("digest.inspecting").joinpath("client_facts.json").read_text("utf-8"))
    features = {slug: Feature(slug, each["title"], each["support"]) for slug, each in told["features"].items()}
    return features, told["newest_test"]
