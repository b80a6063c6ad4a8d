"""config.toml and the environment → one frozen `Config`.

Every fault is found at once and named by its key path; an unknown key is a fault, with the nearest
known one. Secrets never stand in the file: it names environment variables.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from digest.errors import ConfigError, Fault
from digest.model import Publication
from digest.settings import DeliverySettings, Place, PopularitySettings, Quota, Source, SourceKind, Weights

__all__ = ["Config", "SectionConfig", "load_config"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone of the IANA list; write one like 'Europe/Berlin'") from None
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


def _key(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise ValueError(f"{name!r} can't be a section's key; use small letters, digits and hyphens")
    return name


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{text!r} is no place to listen at; write it like '127.0.0.1:8000'")
    return text


TimeZone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublicationConfig(_Table):
    name: str = Field(min_length=1)
    url: WebAddress
    sender: str = Field(alias="from", min_length=3)
    postal_address: str = Field(min_length=8)  # CAN-SPAM, 15 U.S.C. 7704(a)(5)(A)(iii)
    timezone: TimeZone = "UTC"
    language: str = "en"
    reply_to: str = ""
    theme: str = "classic"
    place: Place | None = None


class DatabaseConfig(_Table):
    url: str = "sqlite:///var/digest.db"


class SectionConfig(_Table):
    """One section's email: when it goes out and how much it carries."""

    title: str = ""
    at: Annotated[str, AfterValidator(_clock)] = "07:00"
    days: Annotated[str, AfterValidator(_days)] = "daily"
    timezone: TimeZone | None = None  # the publication's when not given
    top: int = Field(default=6, ge=1, le=20)
    popular: int = Field(default=5, ge=0, le=20)
    more: int = Field(default=5, ge=0, le=20)
    minimum: int = Field(default=3, ge=1, le=20)
    window_hours: float = Field(default=24.0, gt=0, le=24 * 14)
    labels: tuple[str, ...] = ()  # what the publisher's pages call this section

    @property
    def at_time(self) -> time:
        return time.fromisoformat(self.at)

    @property
    def weekdays(self) -> frozenset[int]:
        """Monday is 0."""
        return _weekday_numbers(self.days)

    @property
    def quota(self) -> Quota:
        return Quota(self.top, self.popular, self.more, self.minimum, self.window_hours)


class RankConfig(_Table):
    weights: Weights = Weights()


class WebConfig(_Table):
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8000"
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
    delivery: DeliverySettings = DeliverySettings()
    web: WebConfig = WebConfig()
    root: Path = Field(default=Path(), exclude=True)

    def path(self, name: str) -> Path:
        """Return `name` as a path beside config.toml."""
        return self.root / name

    def title_of(self, section: str) -> str:
        return self.sections[section].title or section.replace("-", " ").capitalize()

    def zone_of(self, section: str) -> ZoneInfo:
        return ZoneInfo(self.sections[section].timezone or self.publication.timezone)

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
        raise ConfigError([Fault(str(path), f"can't be read: {error}.")]) from error
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
        config = Config.model_validate({**raw, "root": path.resolve().parent})
    except ValidationError as error:
        faults += [_fault(path, raw, dict(detail)) for detail in error.errors()]
    faults += _secrets_in_file(path, raw)
    if config is not None:
        faults += _across_tables(path, config)
    if faults or config is None:
        raise ConfigError(faults)
    return config


def _fault(path: Path, raw: Mapping[str, Any], detail: Mapping[str, Any]) -> Fault:
    """Put pydantic's finding into our words: where, the value, what to do."""
    location = [part for part in detail["loc"] if part != "[key]"]
    where = f"{path.name}: {_dotted(location)}"
    kind, value = detail["type"], detail.get("input")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _known_keys(location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        return Fault(where, "is no known key.", f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}.")
    if kind in ("missing", "missing_argument"):
        return Fault(where, "is missing.", "Add it; `digest init` writes an example of every key.")
    message = str(detail["msg"]).removeprefix("Value error, ")
    shown = repr(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    if repr(value) in message:
        return Fault(where, f"{message}.")
    return Fault(where, f"{message} (it is {shown[:80]}).")


def _dotted(location: list[Any]) -> str:
    dotted = ""
    for part in location:
        dotted += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if dotted else str(part)
    return dotted


def _known_keys(location: list[Any]) -> list[str]:
    """Return the keys that the table at `location` may have."""
    here: Any = Config
    for part in location:
        if isinstance(part, int):
            continue
        fields = getattr(here, "model_fields", None)
        if fields is not None and part in fields:
            here = fields[part].annotation
            here = next(
                (t for t in _leaves(here) if hasattr(t, "model_fields") or hasattr(t, "__dataclass_fields__")), here
            )
        elif hasattr(here, "__dataclass_fields__") and part in here.__dataclass_fields__:
            here = next(_leaves(get_type_hints(here)[part]))
    if hasattr(here, "model_fields"):
        return sorted(info.alias or name for name, info in here.model_fields.items() if not info.exclude)
    return sorted(getattr(here, "__dataclass_fields__", {}))


def _leaves(annotation: Any) -> Iterator[Any]:
    arguments = getattr(annotation, "__args__", None)
    if not arguments:
        yield annotation
        return
    for argument in arguments:
        if argument not in (type(None), Ellipsis):
            yield from _leaves(argument)


_SECRET_KEY = re.compile(r"(^|_)(api_key|password|secret|token)$")
_SECRET_VALUE = re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")


def _secrets_in_file(path: Path, raw: Any, location: tuple[Any, ...] = ()) -> Iterator[Fault]:
    items = raw.items() if isinstance(raw, Mapping) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in items:
        here = (*location, key)
        if isinstance(value, str) and (_SECRET_KEY.search(str(key)) or _SECRET_VALUE.search(value)):
            yield Fault(
                f"{path.name}: {_dotted(list(here))}",
                "looks like a secret (its value is not shown).",
                f"Put it into an environment variable and name that one here, as {str(key).removesuffix('_env')}_env.",
            )
        yield from _secrets_in_file(path, value, here)


def _across_tables(path: Path, config: Config) -> Iterator[Fault]:
    """Check what no single key can tell."""
    where = path.name
    total = sum(dataclasses.astuple(config.rank.weights))
    if abs(total - 1.0) > 1e-6:
        yield Fault(f"{where}: rank.weights", f"add up to {total:g}.", "They must add up to 1.")
    if not config.sources:
        yield Fault(f"{where}: sources", "is empty.", "Add a [[sources]] table; without one there are no stories.")
    for number, source in enumerate(config.sources, 1):
        at = f"{where}: sources[{number}]"
        if source.kind is SourceKind.FOLDER:
            if not source.path:
                yield Fault(f"{at}.path", "is missing.", "A folder source names the folder of its stories.")
        elif not urlsplit(source.url).hostname:
            yield Fault(f"{at}.url", f"{source.url!r} is no web address.", "Write one like 'https://example.com/feed'.")
        if source.section and source.section not in config.sections:
            known = ", ".join(config.sections)
            yield Fault(f"{at}.section", f"{source.section!r} is no section of this file.", f"Known: {known}.")
    if not config.database.url.startswith("sqlite:///"):
        yield Fault(
            f"{where}: database.url",
            f"{config.database.url!r} is not supported.",
            "Write it like 'sqlite:///var/digest.db'.",
        )
