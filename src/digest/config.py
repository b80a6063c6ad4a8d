"""config.toml and the environment → one frozen `Config`.

Every fault is found at once and named by its key path; an unknown key is a fault, with the nearest
known one. Secrets never stand in the file: it names environment variables.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from digest.config_faults import faults_across_tables, secrets_in_file, worded_fault
from digest.errors import ConfigError, Fault
from digest.model import Publication
from digest.settings import (
    DeliverySettings,
    LanguageModelSettings,
    PictureSettings,
    Place,
    PopularitySettings,
    Quota,
    Source,
    SubjectTrial,
    Weights,
)

__all__ = ["READERS_OWN", "Config", "SectionConfig", "listening_place", "load_config"]

READERS_OWN = "subscriber"  # in the place of a zone: each reader's
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


_PAGES = frozenset({"u", "p", "c", "hooks", "healthz", "pictures"})  # first parts of the web pages' addresses


def _zone(name: str) -> str:
    if name == READERS_OWN:
        raise ValueError(f"{name!r} is for a section: write it in [sections.NAME], and here the zone of your paper")
    return _known_zone(name, (), "write one like 'Europe/Berlin'")


def _section_zone(name: str) -> str:
    told = f"write one like 'Europe/Berlin', or {READERS_OWN!r} for each reader's own"
    return name if name == READERS_OWN else _known_zone(name, (READERS_OWN,), told)


def _known_zone(name: str, others: tuple[str, ...], told: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = {known.casefold(): known for known in (*available_timezones(), *others)}
        near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.8)
        advice = f"did you mean {known[near[0]]!r}?" if near else told
        raise ValueError(f"{name!r} is no time zone of the IANA list; {advice}") from None
    return name


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day; write it like '07:00'")
    return text


def _days(text: str) -> str:
    try:
        _weekday_numbers(text)
    except ValueError:
        raise ValueError(f"{text!r} is no set of days; write 'mon-fri', 'sat,sun' or 'daily'") from None
    return text


def _weekday_numbers(text: str) -> frozenset[int]:
    if text.strip() == "daily":
        return frozenset(range(7))
    numbers: set[int] = set()
    for part in text.split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last if dash else first)
        numbers.update(range(start, end + 1) if start <= end else (*range(start, 7), *range(end + 1)))
    return frozenset(numbers)


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no web address; write one like 'https://example.com'")
    return url.rstrip("/")


def _mailbox(text: str) -> str:
    """Accept `Name <news@example.com>` or a bare address; its domain is asked nothing."""
    from email_validator import EmailNotValidError, validate_email

    found = re.fullmatch(r"\s*(?:[^<>]*<\s*([^<>]+?)\s*>|([^<>]+?))\s*", text)
    try:
        validate_email((found[1] or found[2]) if found else text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError(f"{text!r} is no mailbox; write one like 'The Paper <news@example.com>'") from None
    return text


def _key(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise ValueError(f"{name!r} can't be a section's key; use small letters, digits and hyphens")
    if name in _PAGES:
        raise ValueError(f"{name!r} is the address of other pages; give the section another key")
    return name


def listening_place(text: str) -> str:
    """Return `text` when it is a host and a port to listen at.

    Raises:
        ValueError: says how to write it.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{text!r} is no place to listen at; write it like '127.0.0.1:8000'")
    return text


TimeZone = Annotated[str, AfterValidator(_zone)]
SectionZone = Annotated[str, AfterValidator(_section_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublicationConfig(_Table):
    name: str = Field(min_length=1)
    url: WebAddress
    sender: Annotated[str, AfterValidator(_mailbox)] = Field(alias="from")
    postal_address: str = Field(min_length=8)  # CAN-SPAM, 15 U.S.C. 7704(a)(5)(A)(iii)
    timezone: TimeZone = "UTC"
    language: str = "en"
    reply_to: Annotated[str, AfterValidator(lambda text: _mailbox(text) if text else text)] = ""
    theme: str = "classic"
    place: Place | None = None


class DatabaseConfig(_Table):
    """A file, or a server's database whose password is in the variable `password_env`."""

    url: str = "sqlite:///var/digest.db"
    password_env: str = ""


class SponsorConfig(_Table):
    """A paid place in a section's emails, from one local date to another, both included."""

    name: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=400)
    url: WebAddress
    image: WebAddress | None = None
    first: date | None = Field(default=None, alias="from")
    until: date | None = None

    def runs_on(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.until is None or day <= self.until)


class SectionConfig(_Table):
    """One section's email: when it goes out and how much it carries."""

    title: str = ""
    at: Annotated[str, AfterValidator(_clock)] = "07:00"
    days: Annotated[str, AfterValidator(_days)] = "daily"
    timezone: SectionZone | None = None  # the publication's when not given
    top: int = Field(default=6, ge=1, le=20)
    popular: int = Field(default=5, ge=0, le=20)
    more: int = Field(default=5, ge=0, le=20)
    minimum: int = Field(default=3, ge=1, le=20)
    window_hours: float = Field(default=24.0, gt=0, le=24 * 14)
    popular_repeats_top: bool = False
    weight: float = Field(default=1.0, gt=0, le=10)  # of its stories' scores, in editions that span sections
    spans: Literal["all"] | tuple[str, ...] = ()  # sections whose stories it carries beside its own
    approval: Literal["auto", "required"] = "auto"
    approve_by_minutes: int = Field(default=30, ge=0, le=24 * 60)  # after its time; then comes what follows
    if_unanswered: Literal["deliver", "skip"] = "skip"
    sponsors: tuple[SponsorConfig, ...] = ()
    subject_trial: SubjectTrial = SubjectTrial()
    combine: bool = True  # one letter for those who also read other sections of the same time
    labels: tuple[str, ...] = ()  # what the publisher's pages call this section

    @property
    def at_time(self) -> time:
        return time.fromisoformat(self.at)

    @property
    def is_at_readers_hour(self) -> bool:
        """Whether it goes out when each reader's own clock reaches the time."""
        return self.timezone == READERS_OWN

    @property
    def weekdays(self) -> frozenset[int]:
        """Monday is 0."""
        return _weekday_numbers(self.days)

    @property
    def quota(self) -> Quota:
        return Quota(self.top, self.popular, self.more, self.minimum, self.window_hours, self.popular_repeats_top)


class RankConfig(_Table):
    weights: Weights = Weights()


class CompressConfig(_Table):
    model: LanguageModelSettings | None = None


class WebConfig(_Table):
    listen: Annotated[str, AfterValidator(listening_place)] = "127.0.0.1:8000"
    base_url: WebAddress = "http://127.0.0.1:8000"
    secret_env: str = "DIGEST_SECRET"  # noqa: S105  (the name of a variable)


class Config(_Table):
    """Everything an installation is told. Paths are relative to `root`, the file's folder."""

    publication: PublicationConfig
    database: DatabaseConfig = DatabaseConfig()
    sources: tuple[Source, ...]
    popularity: PopularitySettings = PopularitySettings()
    sections: Mapping[Annotated[str, AfterValidator(_key)], SectionConfig] = Field(min_length=1)
    rank: RankConfig = RankConfig()
    compress: CompressConfig = CompressConfig()
    delivery: DeliverySettings = DeliverySettings()
    pictures: PictureSettings = PictureSettings()
    web: WebConfig = WebConfig()
    file: Path = Field(default=Path("config.toml"), exclude=True)

    @property
    def root(self) -> Path:
        return self.file.parent

    def path(self, name: str) -> Path:
        """Return `name` as a path beside config.toml."""
        return self.root / name

    def title_of(self, section: str) -> str:
        """Return the title of a section, or of several joined by "+"."""
        return " · ".join(self.sections[key].title or key.replace("-", " ").capitalize() for key in section.split("+"))

    def zone_of(self, section: str) -> ZoneInfo:
        """Return the zone that a section's dates are in, and readers of no known zone."""
        told = self.sections[section.partition("+")[0]].timezone
        return ZoneInfo(self.publication.timezone if told in (None, READERS_OWN) else told)

    def publication_noun(self) -> Publication:
        told = self.publication
        return Publication(
            name=told.name,
            url=told.url,
            sender=told.sender,
            postal_address=told.postal_address,
            language=told.language,
            timezone=told.timezone,
            base_url=self.web.base_url,
            reply_to=told.reply_to,
        )


def load_config(path: Path) -> Config:
    """Read and check a config.toml.

    Raises:
        ConfigError: with every fault found, each by file and key path.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            [Fault(str(path), "there is no such file.", "Make one with `digest init`, or name another with --config.")]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError([Fault(str(path), f"can't be read: {reason}.")]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(str(path), f"is not valid TOML: {error}.")]) from error
    except RecursionError:
        raise ConfigError([Fault(str(path), "is nested too deeply to be a configuration.")]) from None
    return check_config(raw, path)


def check_config(raw: Mapping[str, Any], path: Path) -> Config:
    """Return the `Config` that `raw` (parsed TOML) describes; `path` is where it came from."""
    faults: list[Fault] = []
    config: Config | None = None
    try:
        config = Config.model_validate({**raw, "file": path.resolve()})
    except ValidationError as error:
        faults += [worded_fault(path, dict(detail), Config) for detail in error.errors()]
    faults += secrets_in_file(path, raw)
    faults += faults_across_tables(path, raw)
    if faults or config is None:
        raise ConfigError(faults)
    return config
