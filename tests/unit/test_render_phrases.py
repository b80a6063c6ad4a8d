"""Headlines in less room: a whole phrase or none."""

from __future__ import annotations

import pytest

from digest.model import Brief, Story
from digest.render.phrases import phrase_of


def _brief(headline: str, short: str = "") -> Brief:
    return Brief(Story(url="https://p.example/1", title="x"), headline, short_headline=short)


@pytest.mark.parametrize(
    ("headline", "phrase"),
    [
        ("Bridge tolls to stay", "Bridge tolls to stay"),
        ("What the late ferry changes on the island, and who pays for it", "What the late ferry changes on the island"),
        ("Storm closes the harbour for a day: what we know so far", "Storm closes the harbour for a day"),
        ("Tram line to Eastcliff slips to 2029 – and costs £12m more", "Tram line to Eastcliff slips to 2029"),
        ("Der Hafen bekommt eine neue Fähre, doch die Insel zahlt mit", "Der Hafen bekommt eine neue Fähre"),
        # An opening, a list, a speaker, an open quotation and a name alone say nothing by themselves.
        ("After nineteen years in the post, the harbour master resigns", ""),
        ("Crane drivers at the old quay, pilots, tugs join the strike", ""),
        ("Mayor Quist of Port Ellery: “I have missed the last ferry”", ""),
        ("Mayor says “the pier is safe, and stays so” at the hearing", ""),
        ("Harbour master: nobody told me about the report on the pier", ""),
        ("No pause at all in a headline that goes on and on and on", ""),
    ],
)
def test_headline_is_whole_or_ends_at_a_pause(headline: str, phrase: str) -> None:
    assert phrase_of(_brief(headline), 50) == phrase


@pytest.mark.parametrize(
    ("short", "phrase"),
    [("Ferry: yes", "Ferry: yes"), ("Council backs…", "Council backs a ferry"), ("", "Council backs a ferry")],
)
def test_short_form_is_taken_unless_it_was_cut(short: str, phrase: str) -> None:
    assert phrase_of(_brief("Council backs a ferry", short), 50) == phrase
