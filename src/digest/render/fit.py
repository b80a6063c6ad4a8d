"""Makes an edition fit into what Gmail shows without clipping.

The letter is measured as it leaves: quoted-printable, with the longest links a reader can have. What
is too much is cut in a fixed order, least missed first; the lead and the footer stay.
"""

from __future__ import annotations

import quopri
from collections.abc import Iterator
from dataclasses import replace

from digest.model import Blank, Brief, Edition, blank_token
from digest.render.html import edition_mark, render_html
from digest.render.theme import Theme

__all__ = ["fit", "letter_bytes"]

_GMAIL_CLIPS_AT_BYTES = 102_400
_LONGEST_LINK = "https://example.com/".ljust(80, "x")


def fit(edition: Edition, theme: Theme, max_bytes: int = _GMAIL_CLIPS_AT_BYTES) -> tuple[Edition, tuple[str, ...]]:
    """Return `edition` cut to `max_bytes`, and in sentences what was cut.

    Raises:
        TemplateError: the theme can't render it.
    """
    size = letter_bytes(edition, theme)
    if size <= max_bytes:
        return edition, ()
    steps = [edition, *_cuts(edition)]
    fewest, most = 1, len(steps) - 1
    while fewest < most:
        middle = (fewest + most) // 2
        if letter_bytes(steps[middle], theme) <= max_bytes:
            most = middle
        else:
            fewest = middle + 1
    fitted = steps[most] if len(steps) > 1 else edition
    return fitted, _said(edition, fitted, size, letter_bytes(fitted, theme), max_bytes)


def letter_bytes(edition: Edition, theme: Theme) -> int:
    """Return the bytes of the HTML part as it leaves, with the longest links a reader can have."""
    html, mark = render_html(edition, theme), edition_mark(edition)
    for blank in Blank:
        html = html.replace(blank_token(mark, blank), _LONGEST_LINK)
    lines = html.count("\n")  # each leaves as CR LF
    return len(quopri.encodestring(html.encode("utf-8"))) + lines


def _cuts(edition: Edition) -> Iterator[Edition]:
    """Yield the edition shorter by one thing each time.

    Takeaways go first, from the end and evenly: every story keeps one. Then *more*, *popular* and *top*
    lose their last; at the very end the lead's body does.
    """
    if edition.parts:
        yield from _cuts_of_parts(edition)
        return
    for kept in (3, 2, 1):
        for at in reversed(range(len(edition.top))):
            brief = edition.top[at]
            while len(brief.takeaways) > kept:
                brief = replace(brief, takeaways=brief.takeaways[:-1])
                edition = replace(edition, top=(*edition.top[:at], brief, *edition.top[at + 1 :]))
                yield edition
    while edition.more:
        edition = replace(edition, more=edition.more[:-1])
        yield edition
    while edition.popular:
        edition = replace(edition, popular=edition.popular[:-1])
        yield edition
    while edition.top:
        edition = replace(edition, top=edition.top[:-1])
        yield edition
    while edition.lead and edition.lead.body:
        edition = replace(edition, lead=replace(edition.lead, body=edition.lead.body[:-1]))
        yield edition


def _cuts_of_parts(edition: Edition) -> Iterator[Edition]:
    """Yield a letter of several sections shorter by one thing each time: the last section gives way first."""
    for at in reversed(range(len(edition.parts))):
        for shorter in _cuts(edition.parts[at]):
            edition = replace(edition, parts=(*edition.parts[:at], shorter, *edition.parts[at + 1 :]))
            yield edition


def _said(edition: Edition, fitted: Edition, size: int, fitted_size: int, max_bytes: int) -> tuple[str, ...]:
    """Return what a run's report says of the cuts."""
    ids = {brief.story.id for brief in fitted.briefs}
    left_out = [brief for brief in edition.briefs if brief.story.id not in ids]
    takeaways = _takeaways(edition.briefs) - _takeaways(fitted.briefs) - _takeaways(left_out)
    passages = sum(len(brief.body) for brief in edition.briefs) - sum(len(brief.body) for brief in fitted.briefs)
    parts = [f"{takeaways} takeaways"] if takeaways else []
    parts.extend(f"the story “{brief.headline}”" for brief in left_out)
    parts.extend([f"{passages} passages of the lead"] if passages else [])
    said = [
        f"The letter had {size:,} bytes, {size - max_bytes:,} more than fit. Left out: {', '.join(parts) or 'nothing'}."
    ]
    if fitted_size > max_bytes:
        said.append(f"It still has {fitted_size:,} bytes: Gmail will clip it. Use a lighter theme.")
    return tuple(said)


def _takeaways(briefs: tuple[Brief, ...] | list[Brief]) -> int:
    return sum(len(brief.takeaways) for brief in briefs)
