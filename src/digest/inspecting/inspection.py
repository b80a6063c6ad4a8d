"""All that can be said of one letter without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass

from digest.inspecting.authentication import authentication_findings
from digest.inspecting.colours import colour_findings
from digest.inspecting.findings import Finding, Level, Specimen, Topic
from digest.inspecting.links import link_findings, links_of, pictures_of
from digest.inspecting.markup import read_page
from digest.inspecting.outlook import outlook_findings
from digest.inspecting.plain import law_findings, text_findings
from digest.inspecting.structure import structure_findings
from digest.inspecting.subjects import subject_findings
from digest.inspecting.support import Use, support_findings, uses_of
from digest.inspecting.weight import Part, parts_of, weight_findings
from digest.inspecting.wire import header_rows, wire_findings

__all__ = ["Inspection", "inspect_letter", "sorted_findings"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found of one letter, worst first, and what it was found on."""

    specimen: Specimen
    findings: tuple[Finding, ...]
    uses: tuple[Use, ...]
    parts: tuple[Part, ...]
    headers: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, int], ...]  # on the web, with their lines
    pictures: tuple[tuple[str, int], ...]  # likewise


def inspect_letter(specimen: Specimen) -> Inspection:
    """Look at everything that the letter itself shows; equal findings are told once."""
    page = read_page(specimen.html)
    uses = uses_of(page)
    found = (
        *subject_findings(specimen),
        *law_findings(page, specimen),
        *support_findings(uses),
        *outlook_findings(specimen.html, page),
        *weight_findings(specimen, page),
        *structure_findings(page),
        *colour_findings(page),
        *link_findings(page, specimen),
        *text_findings(page, specimen),
        *wire_findings(specimen),
        *authentication_findings(specimen),
    )
    links = tuple(links_of(page, specimen).items())
    parts, headers = parts_of(specimen.message), header_rows(specimen.message)
    return Inspection(specimen, sorted_findings(found), uses, parts, headers, links, tuple(pictures_of(page).items()))


def sorted_findings(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return each finding once: the worst first, then by topic."""
    levels, topics = list(Level), list(Topic)
    return tuple(sorted(dict.fromkeys(findings), key=lambda each: (levels.index(each.level), topics.index(each.topic))))
