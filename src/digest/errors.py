"""Everything that Digest raises on purpose, as one tree.

    DigestError
    ├── ConfigError       config.toml can't be used; carries every fault found, not the first
    ├── TemplateError     a theme can't be loaded or rendered: file and line
    ├── ListError         a subscriber list can't be read at all (bad rows are values, not errors)
    ├── SourceError       one source can't be fetched or read; collected as a `SourceProblem`
    ├── StoreError        the database can't be opened, or is of another version
    │   └── DatabaseLostError the connection to it is gone, and nothing was written: worth another try
    ├── EditionError      an edition is in no state for what was asked of it
    └── DeliveryError     nothing may be submitted, or the transport can't be used
        ├── DisarmedError     real people would get it, and nobody said `digest arm`
        └── SubmitHalted      the provider refuses everything (credentials, quota): the edition is held
            └── UnansweredError   it leaves one after another without an answer; or the way to it is cut

A message says what went wrong, where, and what to do next. Results that are to be expected
(a refused recipient, a dead feed) are values from `digest.model`, not exceptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "ConfigError",
    "DatabaseLostError",
    "DeliveryError",
    "DigestError",
    "DisarmedError",
    "EditionError",
    "Fault",
    "ListError",
    "SourceError",
    "StoreError",
    "SubmitHalted",
    "TemplateError",
    "UnansweredError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what an operator wrote: where it stands, what it is, what to do."""

    where: str  # "config.toml: sections.politics.at", "subscribers/politics.csv:14", "body.mjml.j2:31"
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}" + (f" {self.hint}" if self.hint else "")


class DigestError(Exception):
    """Something that Digest could not do."""


class ConfigError(DigestError):
    """The configuration can't be used; `faults` lists every reason at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class TemplateError(DigestError):
    """A theme can't be used; `faults` name the file and the line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ListError(DigestError):
    """A subscriber list can't be read."""


class SourceError(DigestError):
    """A source can't be fetched or read. `hint` says what an editor can do about it."""

    def __init__(self, what: str, hint: str = "") -> None:
        self.what = what
        self.hint = hint
        super().__init__(f"{what} {hint}".rstrip())


class StoreError(DigestError):
    """The database can't be used."""


class DatabaseLostError(StoreError):
    """The database can't be reached just now, or undid a transaction for another's sake. Nothing was written."""


class EditionError(DigestError):
    """The edition is in no state for that."""


class DeliveryError(DigestError):
    """Nothing can be submitted."""


class DisarmedError(DeliveryError):
    """This installation may not submit to real people yet; `digest arm` allows it."""


class SubmitHalted(DeliveryError):  # noqa: N818  (what happened, as the sender says it)
    """The provider refuses every message; what is queued stays queued."""


class UnansweredError(SubmitHalted):
    """The provider leaves one letter or request after another without an answer; or the way to it is cut."""
