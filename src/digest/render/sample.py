"""Two invented editions to try a theme on: one with every part, one with as little as there can be.

For `digest check`: an undefined name in a template shows only when the template runs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from digest.model import Brief, Condition, Edition, Masthead, Passage, Publication, Sponsor, Story, Takeaway, Weather

__all__ = ["FULL", "MINIMAL"]

_SLOT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
_PUBLICATION = Publication(
    name="The Sample & Post",
    url="https://sample.example",
    sender="The Sample & Post <news@sample.example>",
    postal_address="1 Sample Street, <Sampleton>",
    base_url="https://news.sample.example",
)


def _brief(number: int, *, language: str = "") -> Brief:
    story = Story(
        url=f"https://sample.example/politics/{number}?a=1&b=2",
        title=f"Sample {number}",
        authors=("Ann Sample", "Bo Example"),
        language=language,
        published_at=datetime(2026, 11, 23, 18, number, tzinfo=UTC),
        updated_at=datetime(2026, 11, 24, 6, number, tzinfo=UTC),
        image_url=f"https://sample.example/{number}.jpg",
        image_alt='A "sample" of <pictures>',
        image_credit="Sample & Co",
    )
    return Brief(
        story=story,
        headline=f"“Sample” story {number} has a headline with <b>marks</b> & a {{{{ brace }}}}",
        takeaways=tuple(Takeaway(f"Takeaway {point} of story {number} is a finished sentence.") for point in range(4)),
        also_covered_by=(
            Story(url=f"https://elsewhere.example/{number}", title="Elsewhere"),
            Story(url=f"https://sample.example/other/{number}", title="Another version"),
        ),
        short_headline=f"Sample {number} in short",
    )


def _with_body(brief: Brief) -> Brief:
    body = (Passage("What is a sample?", is_subhead=True), Passage("It is a part that stands for the whole."))
    return Brief(brief.story, brief.headline, brief.takeaways, body=body, also_covered_by=brief.also_covered_by)


FULL = Edition(
    id="politics/2026-11-24",
    section="politics",
    slot=_SLOT,
    publication=_PUBLICATION,
    title="Politics",
    subject="A sample of <subjects> & more",
    preheader="The second story of the sample",
    masthead=Masthead("Tuesday, November 24, 2026", "Sampleton", Weather(-3.4, "°C", Condition.PARTLY_CLOUDY, _SLOT)),
    lead=_with_body(_brief(1)),
    top=(
        replace(_brief(2), is_update=True, section_title="Sample & Business"),
        _brief(3, language="ar"),
        _brief(4),
    ),
    note="A word from the <editor> & friends.\nAnd a second paragraph.",
    sponsors=(Sponsor("Sample & Sons", "Fine <samples> since 1900.", "https://sons.example/?a=1&b=2"),),
    more=(_brief(5), _brief(6)),
    popular=(_brief(7), _brief(8)),
)

MINIMAL = Edition(
    id="politics/2026-11-24",
    section="politics",
    slot=_SLOT,
    publication=_PUBLICATION,
    title="Politics",
    subject="A sample",
    preheader="",
    masthead=Masthead("Tuesday, November 24, 2026"),
    lead=Brief(Story(url="javascript:alert(1)", title="A story without anything"), "A story without anything"),
)
