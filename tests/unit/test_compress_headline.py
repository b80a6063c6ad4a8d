"""Headlines set right: nothing added, nothing hidden, no meaning changed."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compress.headline import SHORT_CHARACTERS, headline, short_headline

HERALD = {"source": "The Harbour Herald", "url": "https://www.harbourherald.example/news/1"}


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Council closes old market | The Harbour Herald", "Council closes old market"),
        ("Council closes old market | News | Harbour Herald", "Council closes old market"),
        ("Council closes old market - Harbour Herald", "Council closes old market"),
        ("Council closes old market – Politics – The Harbour Herald", "Council closes old market"),
        ("Council closes old market - BBC News", "Council closes old market"),
        ("Council closes old market — for good", "Council closes old market — for good"),
        ("Council closes old market – traders angry", "Council closes old market – traders angry"),
        ("Ortiz - the mayor", "Ortiz – the mayor"),
        ("Opinion | Why the market must close", "Opinion | Why the market must close"),
    ],
)
def test_an_outlet_suffix_goes_and_a_subtitle_stays(title: str, line: str) -> None:
    assert headline(title, **HERALD) == line


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("UPDATE: council closes old market", "Council closes old market"),
        ("LIVE: Council closes old market", "Council closes old market"),
        ("UPDATE 2-Council closes old market", "Council closes old market"),
        ("Breaking news: Council closes old market", "Council closes old market"),
        ("[Video] Council closes old market", "Council closes old market"),
        ("Council closes old market [UPDATED]", "Council closes old market"),
        ("+++ Eilmeldung: Rat schließt alten Markt +++", "Rat schließt alten Markt"),
        ("Live music returns to old market", "Live music returns to old market"),
        ("Update on the old market", "Update on the old market"),
        ("Analysis: Council closes old market", "Analysis: Council closes old market"),
    ],
)
def test_labels_go_and_words_that_look_like_them_stay(title: str, line: str) -> None:
    assert headline(title) == line


def test_a_shouted_headline_is_written_as_the_story_writes_it() -> None:
    text = (
        "The council of Harbour City, led by Mayor Ana Ortiz, voted to close the old market, NATO said. A US firm bid."
    )
    assert headline("MAYOR ORTIZ TELLS NATO: HARBOUR CITY TO CLOSE MARKET, US FIRM SAYS", text=text, language="en") == (
        "Mayor Ortiz tells NATO: Harbour City to close market, US firm says"
    )


def test_one_shouted_word_is_calmed_only_when_the_story_knows_it() -> None:
    text = "A critic slams the plan. It slams all."
    assert headline("Mayor SLAMS UNESCO plan", text=text) == "Mayor slams UNESCO plan"
    assert headline("Mayor SLAMS UNESCO plan") == "Mayor SLAMS UNESCO plan"


@pytest.mark.parametrize(
    ("title", "language", "line"),
    [
        ("Ortiz: \"We're done\" -- and it's over...", "en", "Ortiz: “We’re done” – and it’s over…"),
        ("Ortiz 'furious' at traders' plan of the '90s", "en", "Ortiz ‘furious’ at traders’ plan of the ’90s"),
        ("Ortiz &amp; Hale &#8216;furious&#8217;", "en", "Ortiz & Hale ‘furious’"),
        ('Ortiz: "Wir gehen"', "de", "Ortiz: „Wir gehen“"),
        ('Ortiz: "On part"', "fr", "Ortiz: «\u00a0On part\u00a0»"),
        ("Boat of 6'2\" found", "en", "Boat of 6′2″ found"),
    ],
)
def test_quotes_dashes_and_entities_are_set(title: str, language: str, line: str) -> None:
    assert headline(title, language=language) == line


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("<script>alert('x')</script>Council <b>closes</b> market", "alert(‘x’) Council closes market"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; Council", "alert(1) Council"),
        ("&amp;lt;img src=x onerror=alert(1)&amp;gt; Council", "Council"),
        ("Council <script src=//x", "Council script src=//x"),
        ("Council 3 < 5 and 5 > 3", "Council 3 < 5 and 5 > 3"),
        ("Council\r\nBcc: all@example.com", "Council Bcc: all@example.com"),
        ("Coun\u200bcil \u202eclo\u00adses\u202c mar\ufeffket\x00\x1b[31m", "Council closes market [31m"),
        ("{{ 7 * 7 }} ${x} %s closes", "{{ 7 * 7 }} ${x} %s closes"),
        ("\ud800Council", "Council"),
        ("", ""),
        ("می‌خواهم 👩‍🚒", "می‌خواهم 👩‍🚒"),
    ],
)
def test_a_hostile_headline_becomes_plain_text_that_keeps_its_words(title: str, line: str) -> None:
    assert headline(title) == line


@given(st.text(max_size=200))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_a_headline_is_one_visible_line(title: str) -> None:
    line = headline(title)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in line)
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2060\ufeff")
    assert line == line.strip()


@pytest.mark.parametrize(
    ("line", "short"),
    [
        ("Council closes old market", "Council closes old market"),
        (
            "Council closes old market after report finds cracks in the roof",
            "Council closes old market after report finds…",
        ),
        (
            "Council votes to close the market and the tent of the traders",
            "Council votes to close the market and the tent…",
        ),
        (
            "Ortiz says “the market is finished and nothing will ever save it”",
            "Ortiz says the market is finished and nothing…",
        ),
        ("M" * 60, "M" * 49 + "…"),
    ],
)
def test_a_short_headline_is_cut_at_a_word(line: str, short: str) -> None:
    assert short_headline(line) == short


@given(st.text(max_size=200).map(headline))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_a_short_headline_is_short_and_marked_only_if_cut(line: str) -> None:
    short = short_headline(line)
    assert len(short) <= SHORT_CHARACTERS
    assert short == line if len(line) <= SHORT_CHARACTERS else short.endswith("…")
