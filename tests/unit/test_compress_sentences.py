"""Splitting text into sentences, with their places, and telling languages apart."""

import pytest

from digest.compress.languages import detect_language, language_of
from digest.compress.lexicon import DUTCH, ENGLISH, FRENCH, GERMAN, ITALIAN, PORTUGUESE, SPANISH, UNKNOWN, Language
from digest.compress.sentences import paragraph_spans, split_sentences


def split(text: str, language: Language = ENGLISH) -> list[str]:
    return [sentence.text for sentence in split_sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dr. Ana Ortiz met Mr. J. R. Hale of Quay St. on Jan. 5.|He left.", ENGLISH),
        ("The U.S. Navy paid $4.2 million to Hale Inc. in 2024.|The rest is unpaid.", ENGLISH),
        ("He moved to the U.S.|The firm stayed.", ENGLISH),
        ("“Go!” she said.|They went... slowly.", ENGLISH),
        ("“We lost. We go home.”|Ortiz left at 5 p.m. on Friday.", ENGLISH),
        ("It was No. 3 of 12.|Was it?|Yes!", ENGLISH),
        ("Am 3. Oktober kamen ca. 40 Boote, u.a. aus Kiel.|Der Hafen war voll.", GERMAN),
        ("La Sra. Ortiz llegó a las 5.|¿Quién la vio?|Nadie.", SPANISH),
        ("M. Hale a payé 4,5 millions.|« C’est trop », a-t-il dit.", FRENCH),
        ("O Sr. Hale pagou R$ 4,5 milhões.|Foi muito.", PORTUGUESE),
        ("Il dott. Rossi ha pagato.|È molto.", ITALIAN),
        ("Dhr. Hale betaalde 4,5 mln. euro.|Dat is veel.", DUTCH),
        ("市議会は閉鎖を決めた。|市長は反対した。", UNKNOWN),
        ("أغلق المجلس السوق.|هل يعود؟|لا.", UNKNOWN),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, language: Language) -> None:
    sentences = text.split("|")
    joined = ("" if "。" in text else " ").join(sentences)
    if "We lost." in joined:  # a quotation is two sentences
        sentences = ["“We lost.", "We go home.”", *sentences[1:]]
    assert split(joined, language) == sentences


def test_a_lost_space_after_a_full_stop_is_seen() -> None:
    assert split("The quay closed.The boats left.") == ["The quay closed.", "The boats left."]
    assert split("She works for example.Com in town.") == ["She works for example.Com in town."]


def test_places_point_into_the_text_as_given() -> None:
    text = "\n\n  <p>The quay &amp; the market closed.</p>\n<p>The <b>boats</b> left.</p>  "
    found = split_sentences(text, ENGLISH)
    assert [(sentence.text, text[sentence.start : sentence.end]) for sentence in found] == [
        ("The quay & the market closed.", "The quay &amp; the market closed."),
        ("The boats left.", "The <b>boats</b> left."),
    ]


def test_scripts_and_styles_are_no_text() -> None:
    assert split("<style>p {color: red.}</style>The quay closed.<script>alert('x. Y.')</script>") == [
        "The quay closed."
    ]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    wrapped = (
        "The council of Harbour City voted on Tuesday to close the\nOld Fish Market after a report.\nTraders left."
    )
    assert len(paragraph_spans(wrapped)) == 2
    assert split(wrapped)[0].startswith("The council of Harbour City voted on Tuesday to close the Old Fish Market")


def test_a_subhead_is_a_paragraph_of_its_own() -> None:
    assert split("What happens next\n\nThe quay closes.") == ["What happens next", "The quay closes."]


def test_sentences_inside_a_long_quotation_are_known() -> None:
    text = "Ortiz said: “The quay is old. The roof leaks. We must go.” Traders left.\n\nThe end came."
    assert [sentence.is_inside_quotation for sentence in split_sentences(text, ENGLISH)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_paragraph_closes_a_forgotten_quotation() -> None:
    text = "“The quay is old. It leaks.\n\nTraders left."
    assert [sentence.is_inside_quotation for sentence in split_sentences(text, ENGLISH)] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council voted to close the market because it was not safe for the people.", ENGLISH),
        ("El ayuntamiento votó por el cierre del mercado porque no era seguro para la gente.", SPANISH),
        ("Le conseil a voté pour la fermeture du marché parce que le toit est dans un mauvais état.", FRENCH),
        ("Der Rat hat für die Schließung des Marktes gestimmt, weil das Dach nicht mehr sicher war.", GERMAN),
        ("A câmara votou pelo fim do mercado porque o telhado não era seguro para as pessoas.", PORTUGUESE),
        ("Il consiglio ha votato per la chiusura del mercato perché il tetto non era sicuro.", ITALIAN),
        ("De raad heeft voor de sluiting van de markt gestemd omdat het dak niet veilig was.", DUTCH),
        ("市議会は閉鎖を決めた。", UNKNOWN),
        ("Rada miasta zagłosowała za zamknięciem targu, ponieważ dach był niebezpieczny dla ludzi.", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_language_is_known_by_its_small_words(text: str, language: Language) -> None:
    assert detect_language(text) is language


def test_a_tag_decides_over_the_text() -> None:
    assert language_of("de-AT", "The council voted to close the market.") is GERMAN
    assert language_of("ja", "The council voted to close the market.") is UNKNOWN
