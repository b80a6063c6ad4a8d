"""What can be wrong with config.toml, in words: where, the value, what to do.

pydantic finds what a single key can tell; here its findings are worded, and what no single key tells
is found: over the raw tables, so that one fault doesn't hide another.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from digest.delivery_faults import delivery_faults
from digest.errors import Fault
from digest.model_faults import model_faults
from digest.settings import Weights

__all__ = ["faults_across_tables", "secrets_in_file", "worded_fault"]


def worded_fault(path: Path, detail: Mapping[str, Any], model: type) -> Fault:
    """Put one of pydantic's findings into our words: where, the value, what to do.

    Args:
        detail: As `ValidationError.errors()` gives it.
        model: The class of the whole file, which tells the known keys.
    """
    location = [part for part in detail["loc"] if part != "[key]"]
    where = f"{path.name}: {_dotted(location)}"
    kind, value = detail["type"], detail.get("input")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _known_keys(model, location[:-1])
        near = difflib.get_close_matches(str(location[-1]), known, n=1)
        return Fault(where, "is no known key.", f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}.")
    if kind in ("missing", "missing_argument"):
        return Fault(where, "is missing.", "Add it; `digest init` writes an example of every key.")
    message = str(detail["msg"]).removeprefix("Value error, ")
    shown = repr(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    if repr(value) in message:
        return Fault(where, message if message.endswith("?") else f"{message}.")
    return Fault(where, f"{message} (it is {shown[:80]}).")


def _dotted(location: list[Any]) -> str:
    dotted = ""
    for part in location:
        dotted += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if dotted else str(part)
    return dotted


def _known_keys(model: type, location: list[Any]) -> list[str]:
    """Return the keys that the table at `location` may have."""
    here: Any = model
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
    return sorted(field.name for field in dataclasses.fields(here)) if dataclasses.is_dataclass(here) else []


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


def secrets_in_file(path: Path, raw: Any, location: tuple[Any, ...] = ()) -> Iterator[Fault]:
    """Yield a fault for each value that looks like a password or a key, by its name or by its form."""
    items = raw.items() if isinstance(raw, Mapping) else enumerate(raw) if isinstance(raw, list) else ()
    for key, value in items:
        here = (*location, key)
        if isinstance(value, str) and (_SECRET_KEY.search(str(key)) or _SECRET_VALUE.search(value)):
            yield Fault(
                f"{path.name}: {_dotted(list(here))}",
                "looks like a secret (its value is not shown).",
                f"Put it into an environment variable and name that one here, as {str(key).removesuffix('_env')}_env.",
            )
        yield from secrets_in_file(path, value, here)


def faults_across_tables(path: Path, raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Check what no single key can tell. What is of the wrong type is left to `worded_fault`."""
    yield from _weight_faults(path.name, _table(_table(raw, "rank"), "weights"))
    yield from _source_faults(path.name, raw)
    yield from _span_faults(path.name, _table(raw, "sections"))
    yield from _picture_faults(path.name, _table(raw, "pictures"))
    yield from _popularity_faults(path.name, _table(raw, "popularity"))
    yield from _range_faults(path.name, raw)
    yield from model_faults(f"{path.name}: compress.model", _table(_table(raw, "compress"), "model"))
    yield from delivery_faults(f"{path.name}: delivery", _table(raw, "delivery"))
    yield from _database_faults(f"{path.name}: database.url", _table(raw, "database").get("url", "sqlite:///"))


_SERVER_URL = re.compile(r"postgresql(\+psycopg)?://(?P<user>[^/@]*@)?[^/]*/[^/]+")


def _database_faults(where: str, url: Any) -> Iterator[Fault]:
    if not isinstance(url, str) or (url.startswith("sqlite:///") and not url.endswith(":memory:")):
        return
    server = _SERVER_URL.match(url)
    if server is None:
        shown = re.sub(r"(//[^/@:]*):[^/@]*@", r"\1:***@", url)
        hint = "Write it like 'sqlite:///var/digest.db' or 'postgresql+psycopg://digest@db.example.com/digest'."
        yield Fault(where, f"{shown!r} is not supported.", hint)
    elif re.search(":[^@]", server["user"] or ""):
        hint = "Put it into an environment variable and name that one as database.password_env."
        yield Fault(where, "has a password in it (it is not shown).", hint)


def _weight_faults(where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    usual = Weights()
    names = [field.name for field in dataclasses.fields(Weights)]
    weights = [told.get(name, getattr(usual, name)) for name in names]
    if not all(isinstance(weight, int | float) for weight in weights):
        return
    total = sum(weights)
    if abs(total - 1.0) > 1e-6:
        yield Fault(f"{where}: rank.weights", f"add up to {total:g}.", "They must add up to 1.")


def _source_faults(where: str, raw: Mapping[str, Any]) -> Iterator[Fault]:
    sources = raw.get("sources")
    sections = _table(raw, "sections")
    if sources == []:
        yield Fault(f"{where}: sources", "is empty.", "Add a [[sources]] table; without one there are no stories.")
    for number, source in enumerate(sources if isinstance(sources, list) else [], 1):
        if not isinstance(source, Mapping):
            continue
        at = f"{where}: sources[{number}]"
        yield from _place_faults(at, source)
        fallbacks = source.get("fallbacks")
        for place, fallback in enumerate(fallbacks if isinstance(fallbacks, list) else [], 1):
            if isinstance(fallback, Mapping):
                yield from _place_faults(f"{at}.fallbacks[{place}]", fallback)
        section = source.get("section", "")
        if section and sections and section not in sections:
            known = ", ".join(sections)
            yield Fault(f"{at}.section", f"{section!r} is no section of this file.", f"Known: {known}.")


def _picture_faults(where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    most = told.get("max_kb", 120)
    if isinstance(most, int) and not 10 <= most <= 1000:
        yield Fault(f"{where}: pictures.max_kb", f"is {most}.", "It lies between 10 and 1000.")


def _span_faults(where: str, sections: Mapping[str, Any]) -> Iterator[Fault]:
    for key, section in sections.items():
        trial = _table(section, "subject_trial") if isinstance(section, Mapping) else {}
        share, minutes = trial.get("share", 0.2), trial.get("decide_after_minutes", 30)
        at = f"{where}: sections.{key}.subject_trial"
        if isinstance(share, int | float) and not 0 < share <= 1:
            yield Fault(f"{at}.share", f"is {share}.", "It is a part of the audience, above 0 and at most 1.")
        if isinstance(minutes, int) and not 1 <= minutes <= 24 * 60:
            yield Fault(f"{at}.decide_after_minutes", f"is {minutes}.", "It lies between 1 and 1440.")
        spans = section.get("spans") if isinstance(section, Mapping) else None
        for name in spans if isinstance(spans, list) else []:
            if name not in sections:
                hint = f"Known: {', '.join(sections)}."
                yield Fault(f"{where}: sections.{key}.spans", f"{name!r} is no section of this file.", hint)


def _place_faults(at: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    """Check where a source or one of its fallbacks is."""
    if told.get("kind") == "folder":
        if not told.get("path"):
            yield Fault(f"{at}.path", "is missing.", "A folder source names the folder of its stories.")
    elif not _is_web_address(url := told.get("url", "")):
        yield Fault(f"{at}.url", f"{url!r} is no web address.", "Write one like 'https://example.com/feed'.")
    if told.get("kind") == "ghost" and not told.get("key_env"):
        yield Fault(f"{at}.key_env", "is missing.", "Name the environment variable that holds the content API key.")


# What each kind of popularity input can't do without.
_INPUT_NEEDS = {
    "access-log": ("path",),
    "csv": ("path",),
    "json": ("path",),
    "plausible": ("url", "key_env"),
    "matomo": ("api_url", "site_id", "key_env"),
}


def _popularity_faults(where: str, told: Mapping[str, Any]) -> Iterator[Fault]:
    for key in ("half_life_hours", "window_hours"):
        hours = told.get(key, 1)
        if isinstance(hours, int | float) and not hours > 0:
            yield Fault(f"{where}: popularity.{key}", f"is {hours}.", "It must be above 0.")
    inputs = told.get("inputs")
    for number, given in enumerate(inputs if isinstance(inputs, list) else [], 1):
        if not isinstance(given, Mapping):
            continue
        at = f"{where}: popularity.inputs[{number}]"
        kind = str(given.get("kind"))
        for key in _INPUT_NEEDS.get(kind, ()):
            if not given.get(key):
                yield Fault(f"{at}.{key}", "is missing.", f'An input of kind "{kind}" can\'t do without it.')
        for key in ("url", "api_url"):
            if given.get(key) and not _is_web_address(given[key]):
                yield Fault(
                    f"{at}.{key}", f"{given[key]!r} is no web address.", "Write one like 'https://example.com'."
                )


def _range_faults(where: str, raw: Mapping[str, Any]) -> Iterator[Fault]:
    place = _table(_table(raw, "publication"), "place")
    for key, low, high in (("latitude", -90, 90), ("longitude", -180, 180)):
        value = place.get(key)
        if isinstance(value, int | float) and not low <= value <= high:
            yield Fault(f"{where}: publication.place.{key}", f"is {value}.", f"It lies between {low} and {high}.")


def _is_web_address(url: object) -> bool:
    if not isinstance(url, str):
        return True
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}
