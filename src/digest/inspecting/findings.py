"""What the inbox lab looks at, and what it says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from digest.deliver.dkim import Signer
from digest.model import Edition, Letter

__all__ = ["Finding", "Level", "Specimen", "Topic", "worst"]


class Level(StrEnum):
    """How bad it is: readers or the law are failed, some are served worse, or it is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Topic(StrEnum):
    """What a finding is about, in the order in which a report tells it."""

    SUBJECT = "subject"
    LAW = "law"
    SUPPORT = "support"
    OUTLOOK = "outlook"
    WEIGHT = "weight"
    STRUCTURE = "structure"
    COLOUR = "colour"
    LINKS = "links"
    PICTURES = "pictures"
    TEXT = "text"
    HEADERS = "headers"
    AUTHENTICATION = "authentication"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    level: Level
    topic: Topic
    what: str  # a sentence
    where: str = ""  # the part and the line: "html:51", "text:12", "headers: Subject"
    value: str = ""  # what stands there
    hint: str = ""  # what to do, a sentence

    def __str__(self) -> str:
        told = f"{self.what} {self.hint}".rstrip()
        return f"{self.where}: {told}" if self.where else told


@dataclass(frozen=True, slots=True)
class Specimen:
    """One letter as one reader would get it; the reader is nobody."""

    edition: Edition
    letter: Letter
    html: str  # its blanks filled
    text: str
    message: bytes  # as it leaves
    unsubscribe_url: str  # the reader's own, as is the next: nobody may follow them
    preferences_url: str
    signers: tuple[Signer, ...] = ()
    last_subject: str = ""  # of the section's edition before; "" unknown

    @property
    def own_links(self) -> frozenset[str]:
        return frozenset({self.unsubscribe_url, self.preferences_url})


def worst(findings: Sequence[Finding]) -> Level | None:
    """Return the worst level, or None when there is no finding."""
    return next((level for level in Level if any(finding.level is level for finding in findings)), None)
