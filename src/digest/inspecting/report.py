"""Inspections as one page that needs nothing beside itself, and as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from digest.inspecting.facts import CLIENTS, newest_test, share_without
from digest.inspecting.findings import Level
from digest.inspecting.gallery import Rendering
from digest.inspecting.inspection import Inspection
from digest.inspecting.subjects import PREHEADER_SHOWN, SUBJECT_SHOWN, cuts_of
from digest.inspecting.weight import CLIPPED_AT_BYTES

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["Exhibit", "as_data", "report_page"]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One letter's inspection with its pictures; `no_gallery` says why there are none."""

    inspection: Inspection
    gallery: tuple[Rendering, ...] = ()
    no_gallery: str = ""


def report_page(exhibits: Sequence[Exhibit]) -> str:
    """Return the page of one or more letters."""
    return _template().render(
        letters=[_shown(exhibit) for exhibit in exhibits],
        clients=CLIENTS,
        newest_test=newest_test(),
        marks={"y": "yes", "a": "part", "n": "no"},
        clipped_at=CLIPPED_AT_BYTES,
        share_without=share_without,
    )


def as_data(inspection: Inspection) -> dict[str, Any]:
    """Return what scripts want to know."""
    return {
        "edition": inspection.specimen.edition.id,
        "subject": inspection.specimen.letter.subject,
        **_counts(inspection),
        "findings": [asdict(finding) for finding in inspection.findings],
        "bytes": {part.name: part.size for part in inspection.parts},
        "features": {use.feature.slug: round(share_without(use.feature), 3) for use in inspection.uses},
    }


def _counts(inspection: Inspection) -> dict[str, int]:
    return {f"{level}s": sum(finding.level is level for finding in inspection.findings) for level in Level}


def _shown(exhibit: Exhibit) -> dict[str, Any]:
    inspection = exhibit.inspection
    edition = inspection.specimen.edition
    return {
        "id": edition.id,
        "anchor": edition.id.replace("/", "-"),
        "specimen": inspection.specimen,
        "findings": inspection.findings,
        "counts": _counts(inspection),
        "uses": inspection.uses,
        "lost": [use for use in inspection.uses if share_without(use.feature)],
        "kept": [use for use in inspection.uses if not share_without(use.feature)],
        "parts": inspection.parts,
        "headers": inspection.headers,
        "links": inspection.links,
        "subject_cuts": cuts_of(inspection.specimen.letter.subject, SUBJECT_SHOWN),
        "preheader_cuts": cuts_of(edition.preheader, PREHEADER_SHOWN) if edition.preheader else (),
        "gallery": exhibit.gallery,
        "no_gallery": exhibit.no_gallery,
    }


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files("digest.inspecting").joinpath("report.html.j2").read_text("utf-8"))
