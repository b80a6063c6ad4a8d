import pytest

from digest.model import Story
from digest.select import Assigned, SectionStep, assign_section

LABELS = {
    "politics": ("Politics", "City Hall"),
    "business": ("Business",),
    "science": ("Science & Environment",),
    "sport": ("Sport",),
}
NOWHERE = Assigned("", SectionStep.NONE)

MATCH = (
    "The striker scored twice before half-time and the goalkeeper saved a penalty as Rovers won the derby. "
    "The manager praised his midfielder, and the club goes top of the league."
)


def story(
    label: str = "", url: str = "https://herald.example/x", title: str = "", text: str = "", language: str = ""
) -> Story:
    return Story(url=url, title=title, text=text, section=label, language=language)


def test_the_sources_own_key_comes_before_all_else() -> None:
    told = story("politics", "https://herald.example/sport/x", "Rovers win derby", MATCH)
    assert assign_section(told, LABELS) == Assigned("politics", SectionStep.EXPLICIT)


@pytest.mark.parametrize(
    ("label", "section"),
    [
        ("POLITICS", "politics"),
        ("City-Hall", "politics"),
        ("Política", "politics"),
        ("News > Politics > Elections", "politics"),
        ("Science and Environment", "science"),
        ("science & environment", "science"),
        ("Fußball", "sport"),
        ("Football", "sport"),
        ("Économie", "business"),
        ("World; Markets", "business"),
        ("Gardening", ""),
        ("!?", ""),
    ],
)
def test_a_label_is_known_whatever_its_case_accents_and_punctuation(label: str, section: str) -> None:
    assert assign_section(story(label), LABELS).section == section


@pytest.mark.parametrize(
    ("url", "section"),
    [
        ("https://herald.example/sport/rovers-win", "sport"),
        ("https://herald.example/en/news/city-hall/vote", "politics"),
        ("https://herald.example/2026/11/24/us/politics/vote.html", "politics"),
        ("https://herald.example/pol%C3%ADtica/voto", "politics"),
        ("https://herald.example/sport", ""),
        ("https://herald.example/it/notizie/sindaco", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_the_folders_of_the_address_tell_and_its_last_part_does_not(url: str, section: str) -> None:
    expected = Assigned(section, SectionStep.ADDRESS) if section else NOWHERE
    assert assign_section(story(url=url), LABELS) == expected


def test_a_label_comes_before_the_address() -> None:
    assert assign_section(story("Markets", "https://herald.example/sport/x"), LABELS) == Assigned(
        "business", SectionStep.LABEL
    )


def test_a_name_of_ones_own_comes_before_the_common_one() -> None:
    labels = {"football": ("Football",), "sport": ("Sport",)}
    assert [assign_section(story(label), labels).section for label in ("Football", "Sports", "Cricket")] == [
        "football",
        "sport",
        "sport",
    ]


def test_of_several_sections_of_a_kind_none_is_guessed() -> None:
    assert assign_section(story("Cricket"), {"football": (), "tennis": ()}) == NOWHERE


def test_words_tell_where_no_label_does() -> None:
    assert assign_section(story(title="Rovers win derby", text=MATCH), LABELS) == Assigned("sport", SectionStep.WORDS)


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Rovers", "", ""),  # no hit
        ("The striker left", "", ""),  # one word alone
        ("Senator and mayor buy shares in football club", "", ""),  # two kinds, none ahead
        ("Nurses: hospital doctors treat patients", "The clinic's surgeons and nurses.", ""),  # no such section here
        (
            "Der Stürmer traf, die Elf gewinnt",
            "Der Trainer und die Mannschaft sind mit dem Sieg in der Liga zufrieden.",
            "",
        ),
        ("Goal in league match, penalty saved by goalkeeper", MATCH, "de"),
    ],
)
def test_words_that_speak_for_no_section_or_for_two_decide_nothing(title: str, text: str, language: str) -> None:
    assert assign_section(story(title=title, text=text, language=language), LABELS) == NOWHERE


def test_without_sections_nothing_is_assigned() -> None:
    assert assign_section(story("Politics", title="Rovers win derby", text=MATCH), {}) == NOWHERE
