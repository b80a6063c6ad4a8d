"""What each rule of a takeaway holds for whatever text it meets (hypothesis)."""

import re
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from digest.compress.alone import r11_names_in_full, r12_names_a_day, r13_speaks_to_nobody
from digest.compress.faithful import (
    f1_deletion_only,
    f2_negation_kept,
    f3_attribution_kept,
    f4_figures_kept,
    f4_names_kept,
)
from digest.compress.fit_to_print import (
    MOST_CHARACTERS,
    MOST_WORDS,
    r1_starts_with_no_pronoun,
    r2_starts_with_no_connective,
    r3_length,
    r4_balance,
    r5_ends_as_a_sentence,
    r6_starts_as_a_sentence,
    r7_is_no_question,
    r8_is_no_bare_quotation,
)
from digest.compress.languages import LANGUAGES
from digest.compress.lexicon import ENGLISH, OPENERS, UNKNOWN, Language
from digest.compress.names import known_names
from digest.compress.repeats import r9_repeats_no_other, r10_repeats_the_headline
from digest.compress.rules import HARD_RULES, Rule, refusal

ALL = (*LANGUAGES.values(), *OPENERS, UNKNOWN)
LANGUAGE = st.sampled_from(ALL)
WORD = st.sampled_from(
    "council market roof police said not never denied killed 12 $4.2 Ortiz Quay opened closed the a of in".split()
)
WORDS = st.lists(WORD, min_size=2, max_size=30)
ANY = st.text(max_size=200)
fast = settings(derandomize=True, max_examples=60, deadline=None)


@given(st.sampled_from(HARD_RULES), ANY, ANY, LANGUAGE)
@fast
def test_a_rule_gives_none_or_a_reason_and_the_same_twice(
    named: tuple[str, Rule], bullet: str, source: str, language: Language
) -> None:
    rule = named[1]
    reason = rule(bullet, source, language)
    assert reason is None or reason.strip()
    assert rule(bullet, source, language) == reason


@given(ANY, LANGUAGE)
@fast
def test_a_whole_sentence_is_faithful_to_itself(sentence: str, language: Language) -> None:
    for rule in (f1_deletion_only, f2_negation_kept, f3_attribution_kept, f4_figures_kept, f4_names_kept):
        assert rule(sentence, sentence, language) is None


@given(WORDS, st.data())
@fast
def test_f1_lets_any_words_go_and_none_come(words: list[str], data: st.DataObject) -> None:
    kept = [word for word in words if data.draw(st.booleans())]
    assert f1_deletion_only(" ".join(kept), " ".join(words), ENGLISH) is None
    assert f1_deletion_only(" ".join([*words, "ferry"]), " ".join(words), ENGLISH)
    if words != words[::-1]:
        assert f1_deletion_only(" ".join(words[::-1]), " ".join(words), ENGLISH)


@given(WORDS, st.sampled_from(("not", "never", "denied")))
@fast
def test_f2_counts_negations(words: list[str], negation: str) -> None:
    assert f2_negation_kept(" ".join(words), " ".join([*words, negation]), ENGLISH)
    assert f2_negation_kept(" ".join([*words, negation]), " ".join(words), ENGLISH) is None


@given(WORDS)
@fast
def test_f3_never_lets_the_cue_of_an_allegation_go(words: list[str]) -> None:
    source = " ".join([*words, "killed two men, police said."])
    assert f3_attribution_kept(source.removesuffix(", police said.") + ".", source, ENGLISH)


@given(WORDS, st.integers(1, 10**9))
@fast
def test_f4_lets_no_new_figure_and_no_new_name_in(words: list[str], number: int) -> None:
    assume(str(number) not in " ".join(words))
    assert f4_figures_kept(" ".join([*words, str(number)]), " ".join(words), ENGLISH)
    assert f4_figures_kept(" ".join(words), " ".join([*words, str(number)]), ENGLISH) is None
    assert f4_names_kept(" ".join([*words, "Zebedee"]), " ".join(words), ENGLISH)


@given(LANGUAGE, ANY, st.data())
@fast
def test_r1_refuses_every_pronoun_of_a_language(language: Language, rest: str, data: st.DataObject) -> None:
    assume(language.pronouns)
    pronoun = data.draw(st.sampled_from(sorted(language.pronouns)))
    assert r1_starts_with_no_pronoun(f"“{pronoun.capitalize()} {rest}", "", language)


@given(LANGUAGE, ANY, st.data())
@fast
def test_r2_refuses_every_connective_of_a_language(language: Language, rest: str, data: st.DataObject) -> None:
    assume(language.connectives)
    connective = data.draw(st.sampled_from(language.connectives))
    assert r2_starts_with_no_connective(f"{connective.capitalize()} {rest}", "", language)


@given(st.integers(0, 80))
@fast
def test_r3_lets_6_to_45_words_pass(count: int) -> None:
    assert (r3_length(" ".join(["word"] * count), "", ENGLISH) is None) is (6 <= count <= MOST_WORDS)
    assert r3_length("w" * (MOST_CHARACTERS + 1), "", ENGLISH)


@given(st.lists(st.sampled_from(("“word”", "(word)", '"word"', "„word“", "«word»", "word’s", "the")), max_size=8))
@fast
def test_r4_lets_pairs_pass_and_no_half_of_one(parts: list[str]) -> None:
    paired = " ".join(parts)
    assert r4_balance(paired, "", ENGLISH) is None
    for half in ("(", "“", '"', "«", "]"):
        assert r4_balance(f"{paired} {half}word", "", ENGLISH)


@given(ANY, st.sampled_from(("...", "…", ",", ":", "", "and", "…”")))
@fast
def test_r5_refuses_what_is_cut_off(text: str, end: str) -> None:
    assert r5_ends_as_a_sentence(f"{text} word{end}", "", ENGLISH)
    assert r5_ends_as_a_sentence(f"{text} word.", "", ENGLISH) is None


@given(ANY)
@fast
def test_r6_judges_the_first_character_alone(text: str) -> None:
    assert r6_starts_as_a_sentence(f"a{text}", "", ENGLISH)
    for start in ("A", "1", "É", "你", "م"):
        assert r6_starts_as_a_sentence(f"{start}{text}", "", ENGLISH) is None


@given(ANY, ANY)
@fast
def test_r7_refuses_a_question_wherever_its_mark_stands(before: str, after: str) -> None:
    assert r7_is_no_question(f"{before}?{after}", "", ENGLISH)


@given(st.lists(WORD, min_size=1, max_size=20))
@fast
def test_r8_refuses_every_bare_quotation(words: list[str]) -> None:
    quoted = " ".join(words)
    for line in (f"“{quoted}.”", f'"{quoted}," he said.', f"The roof is “{quoted},” she said."):
        assert r8_is_no_bare_quotation(line, "", ENGLISH)
    assert r8_is_no_bare_quotation(f"“{quoted},” Mayor Ana Ortiz said.", "", ENGLISH) is None


@given(ANY, st.lists(ANY, max_size=3), LANGUAGE)
@fast
def test_r9_refuses_a_second_of_the_same(bullet: str, others: list[str], language: Language) -> None:
    assume(re.search(r"\w", bullet))
    assert r9_repeats_no_other(bullet, [*others, bullet], language)
    assert r9_repeats_no_other(bullet, [], language) is None


@given(WORDS)
@fast
def test_r10_finds_the_headline_again(words: list[str]) -> None:
    line = " ".join(["Harbour", *words])
    assert r10_repeats_the_headline(line, line, ENGLISH)
    assert r10_repeats_the_headline(line, "", ENGLISH) is None


@given(st.sampled_from(("Ortiz", "Aalto", "Hale")), st.sampled_from(("Ana", "Tom", "Pilar")))
@fast
def test_r11_wants_a_person_in_full_at_first(surname: str, first: str) -> None:
    text = f"Mayor {first} {surname} spoke to the council. {surname} said that the roof leaks."
    names, place = known_names(text), text.index(f". {surname}") + 2
    assert r11_names_in_full(f"{surname} said that the roof leaks.", names, place)
    assert r11_names_in_full(f"{surname} said that the roof leaks.", names, place, f"{surname} speaks") is None
    assert r11_names_in_full(f"{first} {surname} said that the roof leaks.", names, place) is None
    assert r11_names_in_full("The council heard that the roof leaks.", names, place) is None


@given(LANGUAGE, st.data(), st.integers(0, 100))
@fast
def test_r12_lets_days_pass_for_a_day(language: Language, data: st.DataObject, hours: int) -> None:
    assume(language.days)
    bullet = f"Word {data.draw(st.sampled_from(sorted(language.days)))} word."
    fresh = r12_names_a_day(bullet, "", language, timedelta(hours=hours)) is None
    assert fresh is (hours <= 24)
    assert r12_names_a_day(bullet, "", language)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("I will close the market.", "en"),
        ("Our market is closed.", "en"),
        ("The market you love is closed.", "en"),
        ("Try the soup at the market.", "en"),
        ("Der Markt, den Sie lieben, ist zu.", "de"),
        ("Le marché que vous aimez est fermé.", "fr"),
    ],
)
def test_r13_refuses_who_speaks_as_i_or_to_you(line: str, code: str) -> None:
    assert r13_speaks_to_nobody(line, "", LANGUAGES[code])


@given(ANY)
@fast
def test_r13_lets_everybody_speak_inside_quotation(words: str) -> None:
    quoted = re.sub(r"[\"“”„«»]", "", words)
    assert (
        r13_speaks_to_nobody(f"Ana Ortiz said “we love you, and I mean it {quoted}” on the quay.", "", ENGLISH) is None
    )
    assert r13_speaks_to_nobody("US trade with the UK and IT firms rose.", "", ENGLISH) is None


@given(ANY, LANGUAGE)
@fast
def test_refusal_is_the_first_rule_broken(sentence: str, language: Language) -> None:
    found = refusal(sentence, sentence, language)
    broken = [name for name, rule in HARD_RULES if name[0] == "R" and rule(sentence, sentence, language)]
    assert (found.split(":")[0] if found else None) == (broken[0] if broken else None)
