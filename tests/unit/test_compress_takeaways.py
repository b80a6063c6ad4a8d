"""Takeaways of whole stories: what is chosen, what never happens, and bad input."""

import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compress import Considered, explain, takeaways
from digest.compress.candidates import MOST_SENTENCES
from digest.compress.clean import dateline_length, furniture
from digest.compress.faithful import f1_deletion_only
from digest.compress.lexicon import ENGLISH
from digest.compress.names import known_names
from digest.compress.plain import plain_text
from digest.compress.repeats import r9_repeats_no_other
from digest.compress.rules import refusal
from digest.compress.shorten import shortened_forms
from digest.compress.words import toks, word_count

TITLE = "Council votes to close Old Fish Market over cracked roof"
_SENTENCE = "The council voted to close the Old Fish Market after a report found cracks in its roof. "
STORY = """HARBOUR CITY (AP) — The council voted 7–4 on Tuesday to close the Old Fish Market by March after an engineers’ report found deep cracks in its iron roof.

But Mayor Ana Ortiz (Harbour Party) said the closure would not be permanent and put the cost of repairs at $4.2 million, half of which the state has promised.

Photo: The Old Fish Market in 1931. (Harbour Archive)

“We are losing our home. Nobody asked us,” said Pilar Hale, who has sold mackerel there for 30 years.

What the engineers found

The report, written by the firm Quay & Sons, counted 212 cracked beams and warned that snow could bring down the eastern half of the roof.

He has asked for more time.

Read more: How the market was built

Ortiz told traders that a heated tent beside the station would be ready on February 1, and that nobody would pay rent until summer.

Will they come back? Traders’ leader Tom Aalto accused the council of hiding the report for a year, a charge that Ortiz denied.

Sign up for our newsletter to get the news every morning.

The market opened in 1889 and is the last covered market on the coast; about 3,000 people shop there on a Saturday, according to the traders’ association."""  # noqa: E501 - a story has long lines


def test_a_story_is_told_in_three_bullets() -> None:
    assert [bullet.text for bullet in takeaways(TITLE, STORY)] == [
        "The council voted 7–4 on Tuesday to close the Old Fish Market by March after an engineers’ report found deep"
        " cracks in its iron roof.",
        "Mayor Ana Ortiz said the closure would not be permanent and put the cost of repairs at $4.2 million, half of"
        " which the state has promised.",
        "The report, written by the firm Quay & Sons, counted 212 cracked beams and warned that snow could bring down"
        " the eastern half of the roof.",
    ]


def test_every_bullet_has_the_place_of_its_sentence() -> None:
    for bullet in takeaways(TITLE, STORY):
        source = STORY[bullet.start : bullet.end]
        assert source.endswith(".")
        assert f1_deletion_only(bullet.text, source, ENGLISH) is None


def test_explain_says_of_every_sentence_what_became_of_it() -> None:
    considered = explain(TITLE, STORY)
    verdicts = {item.text[:20]: item.verdict for item in considered}
    assert verdicts["HARBOUR CITY (AP) — "] == "chosen"
    assert verdicts["Photo: The Old Fish "] == "page furniture"
    assert verdicts["Nobody asked us,” sa"] == "R8: stands inside a quotation"
    assert verdicts["What the engineers f"] == "sub-head, label or fragment"
    assert verdicts["He has asked for mor"] == "R1: starts with “He”"
    assert verdicts["Read more: How the m"] == "page furniture"
    assert verdicts["Will they come back?"].startswith("R3")
    assert verdicts["Sign up for our news"] == "page furniture"
    assert verdicts["The market opened in"] == "R12: says “saturday”"
    assert verdicts["Ortiz told traders t"] == "not needed: others say more"
    assert considered[0] == Considered(
        text=considered[0].text,
        start=0,
        end=len(considered[0].text),
        score=considered[0].score,
        shortened=considered[0].text.removeprefix("HARBOUR CITY (AP) — "),
        verdict="chosen",
    )


def test_a_headline_that_ran_into_the_first_sentence_is_no_part_of_it() -> None:
    text = f"{TITLE} The council voted to close the market by March, and traders will move to a tent. {_SENTENCE * 2}"
    first = explain(TITLE, text)[0]
    assert first.text == text[first.start : first.end]
    assert first.text.startswith("The council voted to close the market by March")


def test_shouted_first_words_are_written_as_the_story_writes_them() -> None:
    text = "ANA ORTIZ and UNESCO met. Ana Ortiz spoke.\n\nAT least three boats sank.\n\nUS boats came.\n\nUNESCO left."
    assert [item.text for item in explain("", text, language="en")] == [
        "Ana Ortiz and UNESCO met.",
        "Ana Ortiz spoke.",
        "At least three boats sank.",
        "US boats came.",
        "UNESCO left.",
    ]


def test_a_limit_caps_and_never_pads() -> None:
    assert [len(takeaways(TITLE, STORY, limit=limit)) for limit in (-1, 0, 1, 2, 9)] == [0, 0, 1, 2, 3]


def test_more_than_600_words_give_four_bullets() -> None:
    strong = (
        "The council voted 7–4 to close the Old Fish Market by March after engineers found cracks in its iron roof.",
        "Mayor Ana Ortiz put the cost of a new roof for the market at $4.2 million, half of it paid by the state.",
        "Engineers of Quay & Sons counted 212 cracked beams above the fish stalls and warned of snow on the old roof.",
        "Traders pay no rent in a heated tent beside the closed market until summer, Mayor Ortiz told the council.",
    )
    names = [
        f"{first}{second}{third}" for first in "bdkt" for second in "aeiou" for third in ("ron", "lin", "sev", "mak")
    ]
    filler = [f"He met {' and '.join(names[at : at + 8])} there." for at in range(0, len(names), 8)] * 5  # R1
    text = "\n\n".join([*strong, *filler])
    assert word_count(text) > 600
    assert [bullet.text for bullet in takeaways(TITLE, text)] == list(strong)
    assert len(takeaways(TITLE, "\n\n".join([*strong, *filler[:5]]))) == 3


def test_too_short_a_story_gives_fewer_or_none() -> None:
    sentences = STORY.split("\n\n")
    assert takeaways(TITLE, sentences[0]) == ()
    assert len(takeaways(TITLE, "\n\n".join([sentences[0], sentences[1]]))) == 1


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_answer_hangs_on_no_hash_seed(seed: str) -> None:
    code = "import sys; from digest.compress import explain; print(explain(sys.argv[1], sys.argv[2]))"
    ran = subprocess.run(
        [sys.executable, "-c", code, TITLE, STORY],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert ran.stdout.decode().strip() == str(explain(TITLE, STORY))


# --- properties -------------------------------------------------------------------------------

_SUBJECTS = ("The council", "Mayor Ana Ortiz", "Police", "He", "“We", "But the traders", "Tom Aalto", "The firm (Quay)")
_VERBS = ("did not close", "said on Monday that fire killed", "voted to fund", "never denied", "accused", "will open")
_OBJECTS = (
    "the market",
    "two men",
    "$4.2 million of repairs",
    "the old quay — built in 1901 — again",
    "12 boats",
    "it",
)
_ENDS = (
    ".",
    ", police said.",
    "?",
    "…",
    ".”",
    ", which opened in 1889 and is the last of its kind on the whole coast.",
)
_SENTENCES = st.builds(
    lambda *parts: f"{parts[0]} {parts[1]} {parts[2]} in Harbour City {parts[3]}{parts[4]}",
    st.sampled_from(_SUBJECTS),
    st.sampled_from(_VERBS),
    st.sampled_from(_OBJECTS),
    st.sampled_from(("today", "after a long debate", "for 30 years", "and beyond")),
    st.sampled_from(_ENDS),
)
_TEXTS = st.lists(_SENTENCES, max_size=14).map("\n\n".join) | st.lists(_SENTENCES, max_size=14).map(" ".join)


@given(_TEXTS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_every_bullet_passes_every_hard_rule(text: str) -> None:
    names, before = known_names(text), list[str]()
    for bullet in takeaways(TITLE, text, language="en"):
        source = text[bullet.start : bullet.end]
        assert refusal(names.contracted(bullet.text), names.contracted(source)) is None
        assert r9_repeats_no_other(bullet.text, before, ENGLISH) is None
        before.append(bullet.text)


@given(_SENTENCES)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_a_shortened_form_only_leaves_things_out(sentence: str) -> None:
    for form in shortened_forms(sentence, ENGLISH):
        rest = iter(toks(sentence))
        assert all(token in rest for token in toks(form))


@given(st.text(max_size=400), st.text(max_size=80), st.sampled_from((None, "en", "de", "fr", "xx", "")))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_any_text_gives_an_answer(text: str, title: str, language: str | None) -> None:
    for bullet in takeaways(title, text, language=language):
        assert 0 <= bullet.start < bullet.end <= len(text)


# --- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        _SENTENCE,
        "word and word " * 500,
        _SENTENCE.upper() * 10,
        "â€œItâ€™s broken,â€\x9d said â€¦ Ã©tÃ© " * 50,
        "<div><script>alert('x. Y.')</script>" * 50,
        "\ud800\u202e\x00" * 50,
        "All 12 traders of the old market will move to a tent beside the station " * 600,  # no full stop
        '"' * 3000 + "(" * 3000 + "<" * 3000 + "A. " * 3000,
    ],
)
def test_bad_text_gives_nothing_and_no_error(text: str) -> None:
    assert takeaways(TITLE, text) == ()


# Strings that break programs: markup, templates, control and combining characters, formats, numbers, paths.
_NAUGHTY = (
    "{{ 7*7 }} {% for x in y %} ${jndi:ldap://x/a}",
    "<b>The council</b> voted &amp; closed the <i>market</i>, &lt;script&gt; said &nbsp; Ortiz.",
    "'; DROP TABLE stories; -- The council voted to close it.",
    "Z\u0351\u036b\u0343\u036a\u0302\u036bA\u0334\u0335\u031cL\u0348\u0354G\u0316O closed the market at noon.",
    "\u202ethe council voted\u202c to close \u2066the\u2069 market at noon.",
    "\ufeff\u200b\u200c\u200dThe\u200b council\u00ad voted to close the market.",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea voted \U0001f44d\U0001f3fd for the market roof.",
    "1/0 1e309 NaN -Infinity 0x0 ０１２ ١٢٣ voted for the market roof.",
    "../../../etc/passwd C:\\con\\con %s%n%d %00 voted for the market roof.",
    "ﬁnance oﬃcers voted ½ a ㎏ of ﬁsh for the market ﷽ roof.",
    "The council\x07 voted\x1b[31m to close\x85 the\u2028market at\x0cnoon.",
    "Powerلُلُصّبُلُلصّبُررً ॣ ॣh ॣ ॣ冗 voted for the market roof.",
)


@pytest.mark.parametrize("naughty", _NAUGHTY)
@pytest.mark.parametrize("pattern", ["{0}", "{0} {1}", "{1}\n\n{0}\n\n{2}", "“{0}” {1} {2}"])
def test_naughty_strings_bring_no_word_of_their_own(naughty: str, pattern: str) -> None:
    text = pattern.format(naughty, *STORY.split("\n\n")[:2])
    for made in (*takeaways(naughty, text), *takeaways(TITLE, f"{text}\n\n{STORY}")):
        whole = f"{text}\n\n{STORY}"
        assert set(toks(made.text)) <= set(toks(plain_text(whole)))


def test_other_scripts_pass_through_whole() -> None:
    japanese = (
        "市議会は火曜日、古い魚市場を閉鎖することを決めた。市長は修理に4億円かかると述べた。"
        "商人は反対している。雪の前に閉める。"
    )
    arabic = (
        "صوت مجلس المدينة يوم الثلاثاء على إغلاق سوق السمك القديم. "
        "قالت العمدة إن الإصلاح سيكلف أربعة ملايين دولار من المال العام."
    )
    assert [bullet.text for bullet in takeaways("", japanese)] == [
        "市議会は火曜日、古い魚市場を閉鎖することを決めた。",
        "市長は修理に4億円かかると述べた。",
    ]
    assert [bullet.text for bullet in takeaways("", arabic)] == [arabic.split(". ")[0] + "."]


def test_of_50_000_words_the_first_sentences_are_looked_at() -> None:
    text = (STORY + "\n\n") * 250
    assert word_count(text) > 50_000
    assert len(explain(TITLE, text)) == MOST_SENTENCES
    assert takeaways(TITLE, text)[0].text.startswith("The council voted")


# --- pieces -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Read more: How the market was built.", "page furniture"),
        ("Lesen Sie auch: So wurde der Markt gebaut.", "page furniture"),
        ("Te puede interesar: así se construyó el mercado.", "page furniture"),
        ("This story was first published on May 3.", "page furniture"),
        ("Editor’s note: The name has been corrected.", "page furniture"),
        ("By Ana Ortiz", "page furniture"),
        ("Tom Hale contributed to this report.", "page furniture"),
        ("The market in 1931. (Photo: Harbour Archive)", "caption or credit"),
        ("Traders at the market. Photo: Ana Ortiz", "caption or credit"),
        ("10:42 am The vote has begun.", "time stamp"),
        ("Q: Will the market close for good?", "labelled line"),
        ("Rovers 3-1 United, and the cup is won.", "list of results"),
        ("The council voted to closeThe mayor was pleased.", "two lines run together"),
        ("The council voted to close it The mayor was pleased.", "two lines run together"),
        ("Ana Ortiz is a freelance writer based in Harbour City.", "about the author"),
        ("THE COUNCIL VOTED TO CLOSE THE MARKET TODAY.", "set in capitals"),
        ("The council voted to close the market.", None),
        ("Bystanders watched the fire from the quay.", None),
        ("Photos of the crash show a broken mast.", None),
    ],
)
def test_furniture_is_told_from_news(line: str, kind: str | None) -> None:
    assert furniture(line, line) == kind


@pytest.mark.parametrize(
    ("text", "dateline"),
    [
        ("(CNN)The council voted to close the market.", "(CNN)"),
        ("LONDON (Reuters) - The council voted to close.", "LONDON (Reuters) - "),
        ("WASHINGTON — The council voted to close it.", "WASHINGTON — "),
        ("BEIJING, May 3 (Xinhua) -- The council voted to close it.", "BEIJING, May 3 (Xinhua) -- "),
        ("Santo Domingo.- El ayuntamiento votó ayer.", "Santo Domingo.- "),
        ("Augsburg – Der Rat hat für die Schließung gestimmt.", "Augsburg – "),
        ("NASA (the space agency) sent a probe to Mars.", ""),
        ("The council – all of it – voted to close.", ""),
    ],
)
def test_datelines_are_found(text: str, dateline: str) -> None:
    assert text[: dateline_length(text)] == dateline


@pytest.mark.parametrize(
    ("sentence", "shortest"),
    [
        ("But the council voted to close it.", "The council voted to close it."),
        ("“However, the roof leaks,” Ortiz said.", "“However, the roof leaks,” Ortiz said."),
        ("The firm (Quay & Sons) closed.", "The firm closed."),
        ("The firm — Quay & Sons — closed.", "The firm closed."),
        ("Ortiz said on Monday that it closed.", "Ortiz said that it closed."),
        ("Ortiz announced Tuesday the quay would close.", "Ortiz announced the quay would close."),
        ("The council will vote on Tuesday.", "The council will vote on Tuesday."),
        ("Sin embargo, el puente abrió.", "Sin embargo, el puente abrió."),
    ],
)
def test_shortening_leaves_a_sentence(sentence: str, shortest: str) -> None:
    assert shortened_forms(sentence, ENGLISH)[0] == shortest


def test_a_surname_gets_its_first_name_once() -> None:
    text = "Mayor Ana Ortiz said so. Ortiz left. Ortiz came back."
    names, said = known_names(text), set[str]()
    assert names.expanded("Ortiz left.", 25, said) == "Ana Ortiz left."
    assert names.expanded("Ortiz came back.", 38, said) == "Ortiz came back."
    assert names.contracted("Ana Ortiz left.") == "Ortiz left."


@pytest.mark.parametrize(
    ("text", "bullet"),
    [
        ("Ana Ortiz, a trader, and her son Leo Ortiz, 12, left. Ortiz wept.", "Ortiz wept."),  # two of the name
        ("Ortiz spoke. Her daughter Leo Ortiz, 12, left.", "Ortiz spoke."),  # known before the full name
        ("The Green Quay, a pub, closed. Quay staff wept.", "Quay staff wept."),
        ("Ana Ortiz, 40, spoke. The Ortiz family left.", "The Ortiz family left."),
        ("Constitutional Amendment, the first, was kept. The 14th Amendment stands.", "The 14th Amendment stands."),
    ],
)
def test_no_first_name_is_guessed(text: str, bullet: str) -> None:
    assert known_names(text).expanded(bullet, text.index(bullet), set()) == bullet
