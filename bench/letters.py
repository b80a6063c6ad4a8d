"""Milliseconds from stories to a letter, in every shipped theme, and what of it MJML and the inlining of styles take.

    python -m bench.letters

An edition of 20 invented stories: 6 with takeaways, the lead with its own paragraphs. Briefs are made anew each time,
nothing is kept from one round to the next. The letter's bytes are those that leave, with the longest reader's links.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from digest.compress import brief
from digest.model import Choice, Cluster, Edition, Pick, Story
from digest.render import compose, html, letter_bytes, load_theme, render, render_mjml
from digest.render.sample import FULL
from digest.render.templates import render_template

ROUNDS = 15
STORIES = 20
THEMES = ("classic", "brief", "plain")
SENTENCES = (
    "The harbour board approved plan {n} on Monday after a debate of three hours in the old town hall.",
    "Its chair said the work would cost {n} million pounds and take two winters.",
    "Fishermen had asked for a longer wall, and {n} of them signed a letter to the council.",
    "The first stones are to be laid in March, when the herring fleet is at sea.",
)


def main() -> None:
    stories = [_story(number) for number in range(STORIES)]
    print(f"{len(stories)} stories, median of {ROUNDS}\n")
    print(f"{'theme':<10}{'stories to letter':>18}{'briefs':>9}{'MJML':>8}{'styles':>9}{'bytes':>10}")
    for name in THEMES:
        theme = load_theme(name)
        edition = _edition(stories)
        mjml = render_mjml(edition, theme)
        unstyled = html._to_html(mjml, theme)
        styles = render_template(theme, "letter.css.j2", **html._given(html.galley_of(edition), theme))
        whole = _median(lambda theme=theme: render(_edition(stories), theme))  # type: ignore[misc]  # bound per round
        briefs = _median(lambda: [brief(Cluster(story), is_lead=story is stories[0]) for story in stories])
        to_html = _median(lambda mjml=mjml, theme=theme: html._to_html(mjml, theme))  # type: ignore[misc]
        inlined = _median(lambda unstyled=unstyled, styles=styles: html._inlined(unstyled, styles))  # type: ignore[misc]
        size = letter_bytes(edition, theme)
        print(f"{name:<10}{whole:>15.1f} ms{briefs:>6.1f} ms{to_html:>5.1f} ms{inlined:>6.1f} ms{size:>10,}")


def _story(number: int) -> Story:
    paragraphs = tuple(sentence.format(n=number + 2) for sentence in SENTENCES * 3)
    return Story(
        f"https://example.com/politics/plan-{number}",
        f"Harbour board approves plan {number + 2} after a long debate",
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        language="en",
    )


def _edition(stories: list[Story]) -> Edition:
    html.render_html.cache_clear()
    html.galley_of.cache_clear()
    picks = [Pick(Cluster(story), 1.0) for story in stories]
    choice = Choice(picks[0], tuple(picks[1:6]), tuple(picks[6:11]), tuple(picks[11:]))
    briefs = {pick.cluster.lead.id: brief(pick.cluster, is_lead=pick is picks[0]) for pick in picks}
    made = compose(
        section="politics",
        title="Politics",
        slot=FULL.slot,
        publication=FULL.publication,
        zone=ZoneInfo("UTC"),
        place="Harbour City",
        weather=FULL.masthead.weather,
        choice=choice,
        briefs=briefs,
    )
    return replace(made, note=FULL.note, sponsors=FULL.sponsors)


def _median(work: Callable[[], object]) -> float:
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


if __name__ == "__main__":
    main()
