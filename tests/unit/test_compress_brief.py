"""A brief: the page's own takeaways first, the teaser, and the lead story's body."""

from digest.compress import brief
from digest.model import Brief, Cluster, Passage, Story, Takeaway

URL = "https://example.com/market"
TITLE = "Council votes to close Old Fish Market"
PARAGRAPHS = (
    "The council voted 7–4 to close the Old Fish Market by March after engineers found cracks in its iron roof.",
    "What it costs",
    "Mayor Ana Ortiz put the cost of repairs at $4.2 million, half of which the state has promised to pay.",
    "Traders will move to a heated tent beside the station on February 1 and pay no rent until summer.",
    "Read more: How the market was built",
    "What happens next",
    "The repairs begin in April, and the market will open again within two years, according to the council.",
)
TEXT = "\n\n".join(PARAGRAPHS)


def story(
    text: str = TEXT,
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    subheads: tuple[int, ...] = (1, 5),
    summary: str = "",
    given: tuple[str, ...] = (),
    title: str = TITLE,
) -> Story:
    return Story(
        url=URL,
        title=title,
        text=text,
        paragraphs=paragraphs,
        subheads=subheads,
        summary=summary,
        takeaways_given=given,
    )


def compressed(source: Story, *, is_lead: bool = False, limit: int = 4) -> Brief:
    return brief(Cluster(source), is_lead=is_lead, limit=limit)


def test_a_brief_has_all_its_parts() -> None:
    source, other = story(), Story(url="https://example.org/fish", title="Market closes")
    first, third = PARAGRAPHS[0], PARAGRAPHS[2]
    assert brief(Cluster(source, (other,)), is_lead=False) == Brief(
        story=source,
        headline=TITLE,
        takeaways=(
            Takeaway(first, source.id, 0, len(first)),
            Takeaway(third, source.id, TEXT.index(third), TEXT.index(third) + len(third)),
        ),
        teaser=first,
        body=(),
        also_covered_by=(other,),
        short_headline=TITLE,
    )


def test_the_pages_own_takeaways_come_first_and_are_finished() -> None:
    given = (
        "• The council voted to close the Old Fish Market",
        "Key takeaway: It",
        "2. Repairs are put at $4.2 million and begin in April.",
        "These traders move to a tent.",
        "Will it open again?",
        "Traders get a heated tent beside the station.",
    )
    found = compressed(story(given=given)).takeaways
    assert [takeaway.text for takeaway in found] == [
        "The council voted to close the Old Fish Market.",
        "Repairs are put at $4.2 million and begin in April.",
        "Traders get a heated tent beside the station.",
    ]
    assert {(takeaway.start, takeaway.end) for takeaway in found} == {(0, 0)}


def test_a_given_takeaway_that_stands_in_the_text_has_its_place() -> None:
    source = story(given=(PARAGRAPHS[2],))
    first = compressed(source).takeaways[0]
    assert TEXT[first.start : first.end] == first.text == PARAGRAPHS[2]


def test_a_cut_takeaway_is_completed_from_the_body_or_left_out() -> None:
    given = ("Traders will move to a heated te…", "The mayor promised that nobody will ever…")
    source = story(given=given)
    texts = [takeaway.text for takeaway in compressed(source).takeaways]
    assert texts[0] == PARAGRAPHS[3]
    assert not any("nobody will ever" in text or "…" in text for text in texts)


def test_too_few_given_takeaways_are_joined_by_extracted_ones() -> None:
    given = ("Repairs will cost the city $2.1 million of its own money.",)
    texts = [takeaway.text for takeaway in compressed(story(given=given)).takeaways]
    assert texts[0] == given[0]
    assert PARAGRAPHS[0] in texts


def test_the_limit_holds_for_given_takeaways_too() -> None:
    given = ("Repairs begin in April next year.", "Traders move to a heated tent.", "The state pays half of the cost.")
    assert len(compressed(story(given=given), limit=2).takeaways) == 2
    assert compressed(story(given=given), limit=0).takeaways == ()


def test_a_teaser_is_whole_sentences_of_160_characters_at_most() -> None:
    given = ("Repairs begin in April next year.", "Traders move to a heated tent.", "The state pays half of all costs.")
    assert compressed(story(given=given)).teaser == " ".join(given)
    assert len(compressed(story()).teaser) <= 160


def test_a_short_story_has_its_standfirst_as_teaser() -> None:
    source = story(text=PARAGRAPHS[0], paragraphs=PARAGRAPHS[:1], subheads=(), summary="The market closes in March")
    assert compressed(source).takeaways == ()
    assert compressed(source).teaser == "The market closes in March"


def test_a_standfirst_about_the_site_is_no_teaser() -> None:
    summary = "All the latest news, weather, sport and jobs from around the whole region, every single day."
    source = story(text=PARAGRAPHS[0], paragraphs=PARAGRAPHS[:1], subheads=(), summary=summary)
    assert compressed(source).teaser == ""


def test_a_sentence_that_the_page_cut_off_is_no_teaser() -> None:
    summary = "The council closes the Old Fish Market by March. Engineers found cracks in the iron roof of..."
    source = story(text=PARAGRAPHS[0], paragraphs=PARAGRAPHS[:1], subheads=(), summary=summary)
    assert compressed(source).teaser == "The council closes the Old Fish Market by March."


def test_only_the_lead_has_a_body() -> None:
    assert compressed(story()).body == ()
    assert compressed(story(), is_lead=True).body == (
        Passage(PARAGRAPHS[0]),
        Passage(PARAGRAPHS[1], is_subhead=True),
        Passage(PARAGRAPHS[2]),
        Passage(PARAGRAPHS[3]),
        Passage(PARAGRAPHS[5], is_subhead=True),
        Passage(PARAGRAPHS[6]),
    )


def test_a_long_body_is_cut_at_paragraphs_and_keeps_its_closing_one() -> None:
    filler = tuple(
        f"Paragraph {number} has a number of words about the market and its roof. " * 3 for number in range(12)
    )
    paragraphs = (PARAGRAPHS[0], "A sub-head", *filler, *PARAGRAPHS[5:])
    source = story(text="\n\n".join(paragraphs), paragraphs=paragraphs, subheads=(1, len(paragraphs) - 2))
    body = compressed(source, is_lead=True).body
    assert body[0] == Passage(PARAGRAPHS[0])
    assert body[-2:] == (Passage(PARAGRAPHS[5], is_subhead=True), Passage(PARAGRAPHS[6]))
    assert 150 < sum(len(passage.text.split()) for passage in body) <= 250


def test_no_subhead_is_left_bare() -> None:
    long = "Many words about the market and about its old iron roof. " * 20
    paragraphs = (PARAGRAPHS[0], "First sub-head", "Second sub-head", long, "Third sub-head", long)
    source = story(text="\n\n".join(paragraphs), paragraphs=paragraphs, subheads=(1, 2, 4))
    assert compressed(source, is_lead=True).body == (
        Passage(PARAGRAPHS[0]),
        Passage("Second sub-head", is_subhead=True),
        Passage(long.strip()),
    )


def test_one_endless_paragraph_is_cut_at_a_sentence() -> None:
    endless = "Many words about the market and about its old iron roof. " * 60
    (passage,) = compressed(story(text=endless, paragraphs=(), subheads=()), is_lead=True).body
    assert passage.text.endswith("roof.")
    assert 200 < len(passage.text.split()) <= 250


def test_a_story_of_nothing_is_a_brief_of_nothing() -> None:
    source = Story(url=URL, title="")
    assert compressed(source, is_lead=True) == Brief(story=source, headline="")
