"""The subject and the preheader as inboxes cut them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.inspecting.findings import Finding, Level, Specimen, Topic
from digest.render.lines import clip, columns

__all__ = ["PREHEADER_SHOWN", "SUBJECT_SHOWN", "cuts_of", "subject_findings"]

SUBJECT_SHOWN = ((35, "phone"), (50, "tablet"), (78, "desktop"))
PREHEADER_SHOWN = ((40, "phone"), (90, "tablet"), (130, "desktop"))

_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_REPLY = re.compile(r"\s*(re|fwd?|aw|wg|tr|rv)\s*:", re.IGNORECASE)


def cuts_of(text: str, shown: tuple[tuple[int, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return how `text` is shown at each width, with the width's name."""
    return tuple((f"{name}, {width}", clip(text, width)) for width, name in shown)


def subject_findings(specimen: Specimen) -> Iterator[Finding]:
    """Find what makes a subject less than it could be, or look like what it isn't."""
    subject = dict(specimen.letter.headers).get("Subject", specimen.letter.subject)
    preheader = specimen.edition.preheader

    def found(level: Level, what: str, hint: str, value: str = subject) -> Finding:
        return Finding(level, Topic.SUBJECT, what, "headers: Subject", value, hint)

    change = f'digest rewrite {specimen.edition.section} --subject "…"'
    if not subject.strip():
        yield found(Level.ERROR, "There is no subject.", f"Write one: {change}")
        return
    if columns(subject) > SUBJECT_SHOWN[-1][0]:
        yield found(Level.WARNING, f"The subject has {columns(subject)} characters; 78 are shown at most.", change)
    elif columns(subject) > SUBJECT_SHOWN[0][0]:
        what = f"A phone shows the subject as “{clip(subject, SUBJECT_SHOWN[0][0])}”."
        yield found(Level.NOTE, what, "See to it that its beginning says enough.")
    if _REPLY.match(subject):
        what = "The subject looks like an answer or a forwarded letter, which it isn't."
        yield found(Level.ERROR, what, f"The law on commercial mail forbids misleading subjects: {change}")
    letters = [letter for letter in subject if letter.isalpha() and letter.lower() != letter.upper()]
    if len(letters) > 8 and sum(letter.isupper() for letter in letters) / len(letters) > 0.7:
        yield found(Level.WARNING, "The subject is set in capitals, as junk mail is.", change)
    if "!!" in subject or "$$" in subject:
        yield found(Level.WARNING, "The subject shouts, as junk mail does.", change)
    if _EMOJI.search(subject):
        yield found(Level.NOTE, "The subject has a pictogram, which some programs show as a box.", change)
    if specimen.last_subject and subject == specimen.last_subject:
        what = "The subject is that of the edition before; Gmail puts both into one conversation."
        yield found(Level.WARNING, what, change)
    where, rewrite = "html: preheader", f'digest rewrite {specimen.edition.section} --preheader "…"'
    if not preheader:
        what = "There is no preheader: inboxes show the masthead's words behind the subject."
        yield Finding(Level.WARNING, Topic.SUBJECT, what, where, "", rewrite)
    elif preheader.strip() == subject.strip():
        what = "The preheader repeats the subject."
        yield Finding(Level.WARNING, Topic.SUBJECT, what, where, preheader, rewrite)
    elif preheader not in specimen.html and preheader.split()[0] not in specimen.html:
        what = "The preheader is not in the HTML."
        yield Finding(Level.ERROR, Topic.SUBJECT, what, where, preheader, "See to it that the theme shows it, hidden.")
