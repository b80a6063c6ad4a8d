"""The letter: what is in it, what survives its making, and what no story can do to it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from digest.model import Blank, Brief, Edition, EditionStatus, Passage, Sponsor, Story, Takeaway
from digest.render import fit, letter_bytes, load_theme, render, render_mjml, render_terminal
from digest.render.html import galley_of
from digest.render.lines import columns, lead_in
from digest.render.sample import FULL, MINIMAL

THEME = load_theme("classic")


def _styles(html: str) -> str:
    return "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))


def _hrefs(html: str) -> list[str]:
    return [str(href) for href in lxml_html.fromstring(html).xpath("//@href")]


def test_same_edition_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "from digest.render import render; from digest.render.sample import FULL; import sys;"
        "letter = render(FULL); sys.stdout.buffer.write((letter.html + letter.text + letter.mark).encode())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    letter = render(FULL)
    assert ran.stdout.decode() == letter.html + letter.text + letter.mark


def test_mark_follows_what_is_said_and_not_where_the_edition_stands() -> None:
    assert render(replace(FULL, subject="Another")).mark != render(FULL).mark
    assert render(replace(FULL, status=EditionStatus.SENDING)).mark == render(FULL).mark


def test_blanks_are_links_in_both_parts() -> None:
    letter = render(FULL)

    for blank in Blank:
        assert letter.token(blank) in _hrefs(letter.html)
        assert letter.token(blank) in letter.text.splitlines()


def test_footer_says_why_by_whom_and_where_else() -> None:
    letter = render(FULL)

    for part in (lxml_html.fromstring(letter.html).text_content(), " ".join(letter.text.split())):
        assert "You get this because you asked for the Politics email of The Sample & Post." in part
        assert "1 Sample Street, <Sampleton>" in part
    assert "https://news.sample.example/politics/2026-11-24" in _hrefs(letter.html)


def test_dark_mode_and_narrow_screens_survive_inlining() -> None:
    styles = _styles(render(FULL).html)

    assert "@media (prefers-color-scheme: dark) {" in styles
    assert ".letter .m { color: #A3A3A0 !important }" in styles
    assert "[data-ogsc] .letter .a { color: #E08A7C !important }" in styles
    assert "@media only screen and (max-width: 479px) {" in styles
    assert len(styles.encode()) < 8192


def test_outlook_comments_survive_inlining() -> None:
    html = render(FULL).html

    assert html.count("<!--[if mso | IE]>") > 10
    assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in html


def test_letter_loads_nothing_but_pictures() -> None:
    html = render(FULL).html

    assert not re.search(r"<(link|script|iframe|object|form)\b|@import|@font-face|url\(", html)
    assert html.startswith("<!DOCTYPE html>")


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", render(FULL).html)]

    assert levels[:2] == [1, 2]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_layout_tables_say_so_and_pictures_have_words_and_sizes() -> None:
    tree = lxml_html.fromstring(render(FULL).html)

    assert {table.get("role") for table in tree.iter("table")} == {"presentation"}
    pictures = [(image.get("alt"), image.get("width"), image.get("height")) for image in tree.iter("img")]
    words = 'A "sample" of <pictures>'
    assert pictures == [(words, "536", "302"), (words, "88", "88"), (words, "88", "88")]


@pytest.mark.parametrize(
    "words", ["العبّارة", "Café", "deux\u00a0heures", "👩\u200d🚀 lands", r"C:\new\u{301}", "a\u200fb", "it’s", "“so”"]
)
def test_words_of_a_picture_are_as_written(words: str) -> None:
    assert FULL.lead is not None
    lead = replace(FULL.lead, story=replace(FULL.lead.story, image_alt=words))
    html = render(replace(FULL, lead=lead, top=())).html

    assert [image.get("alt") for image in lxml_html.fromstring(html).iter("img")] == [words]


@pytest.mark.parametrize("words", ["عبّارة ليلية", r"C:\new\u{301}", 'it’s “so” & "so" <b>', "3\u00a0per cent"])
def test_letter_is_named_to_those_who_listen_as_it_is_written(words: str) -> None:
    page = lxml_html.fromstring(render(replace(FULL, subject=words)).html)

    assert page.xpath("//body/div/@aria-label") == [words]
    assert page.findtext("head/title") == words


def test_foreign_story_keeps_its_language_and_direction() -> None:
    anchor = lxml_html.fromstring(render(FULL).html).get_element_by_id("s3")

    headline = anchor.getnext()
    assert (headline.get("lang"), headline.get("dir")) == ("ar", "rtl")


def test_right_to_left_letter_is_set_from_the_right() -> None:
    edition = replace(FULL, publication=replace(FULL.publication, language="he"))
    html = render(edition).html

    assert '<html lang="he" dir="rtl"' in html
    assert "text-align:left" not in html.replace("mj-outlook-group-fix", "").split("<body")[0]
    assert "letter-spacing" not in html


def test_only_web_addresses_become_links() -> None:
    hostile = (
        "javascript:alert(1)",
        "data:text/html,x",
        "https://bank.example@evil.example/",
        "//x.example/",
        "mailto:a@b.example",
    )
    briefs = tuple(Brief(Story(url=url, title="Harm"), "Harm") for url in hostile)
    letter = render(replace(MINIMAL, top=briefs, more=briefs, popular=briefs))

    allowed = ("https://sample.example", "https://news.sample.example/", "#s", f"x{letter.mark}x", "mailto:?subject=")
    assert [href for href in _hrefs(letter.html) if not href.startswith(allowed)] == []


def test_story_can_not_hold_a_blank_of_its_letter() -> None:
    guess = render(MINIMAL).token(Blank.UNSUBSCRIBE_URL)
    assert MINIMAL.lead is not None
    letter = render(replace(MINIMAL, lead=replace(MINIMAL.lead, headline=f"Click {guess}")))

    assert guess in letter.html
    assert guess != letter.token(Blank.UNSUBSCRIBE_URL)


def test_text_part_has_seventy_two_columns_and_numbers_its_links() -> None:
    text = render(FULL).text

    assert [line for line in text.splitlines() if len(line) > 72 and "https://" not in line] == []
    numbers = [int(number) for number in re.findall(r"^\[(\d+)\] https://", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_parts_say_the_same() -> None:
    letter = render(FULL)
    page = " ".join(lxml_html.fromstring(letter.html).text_content().replace("\xa0", " ").split())
    text = " ".join(letter.text.split())

    for article in galley_of(FULL).articles:
        assert article.headline in page
        assert article.headline in text
    for takeaway in galley_of(FULL).top[0].takeaways:
        assert takeaway in page
        assert takeaway in text


def test_terminal_is_plain_without_color_and_keeps_its_width() -> None:
    plain = render_terminal(FULL, width=60, color=False)

    assert "\x1b" not in plain
    assert max(map(columns, plain.splitlines())) <= 60
    assert "\x1b[1m" in render_terminal(FULL)


def _wide(briefs: int) -> Edition:
    points = tuple(Takeaway(f"Takeaway {number}, which says something at some length.") for number in range(4))
    top = tuple(Brief(Story(url=f"https://sample.example/{n}", title="x"), f"Story {n}", points) for n in range(briefs))
    more = tuple(Brief(Story(url=f"https://sample.example/m{n}", title="x"), f"More {n}") for n in range(5))
    return replace(FULL, top=top, more=more)


def test_edition_that_fits_is_left_alone() -> None:
    assert fit(FULL, THEME) == (FULL, ())


def test_takeaways_go_before_stories() -> None:
    edition = _wide(8)
    fitted, cuts = fit(edition, THEME, max_bytes=letter_bytes(edition, THEME) - 2_000)

    assert letter_bytes(fitted, THEME) <= letter_bytes(edition, THEME) - 2_000
    assert [brief.headline for brief in fitted.briefs] == [brief.headline for brief in edition.briefs]
    assert [len(brief.takeaways) for brief in fitted.top] == [4, 4, 3, 3, 3, 3, 3, 3]
    assert cuts[0].endswith("Left out: 6 takeaways.")


def test_everything_goes_before_the_lead_and_the_footer() -> None:
    fitted, cuts = fit(_wide(8), THEME, max_bytes=1_000)

    assert FULL.lead is not None
    assert (fitted.top, fitted.more, fitted.popular) == ((), (), ())
    assert fitted.lead == replace(FULL.lead, body=())
    assert "Gmail will clip it" in cuts[1]
    letter = render(fitted, THEME)
    assert letter.token(Blank.UNSUBSCRIBE_URL) in letter.html


def test_letter_is_measured_with_the_longest_links() -> None:
    letter = render(MINIMAL, THEME)
    filled = letter.html
    for blank in Blank:
        filled = filled.replace(letter.token(blank), "https://n.example/u/" + "t" * 60)

    assert letter_bytes(MINIMAL, THEME) > len(filled.encode())


_ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(_ANY_TEXT, _ANY_TEXT, _ANY_TEXT)
def test_no_text_breaks_a_letter(headline: str, takeaway: str, name: str) -> None:
    story = Story(
        url=f"https://sample.example/{name}",
        title=name,
        authors=(name,),
        image_url=f"https://sample.example/{takeaway}",
        image_alt=headline,
    )
    brief = Brief(story, headline, (Takeaway(takeaway),), body=(Passage(takeaway),), short_headline=headline)
    edition = replace(MINIMAL, lead=brief, top=(brief, brief), popular=(brief,), subject=headline, preheader=name)
    letter = render(edition, THEME)

    tree = lxml_html.fromstring(letter.html)
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= {
        *("html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td", "h1", "h2", "h3"),
        *("p", "a", "img", "span", "strong"),
    }
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", letter.html + letter.text
    )
    assert not re.search(r"\x1b\[(?!0m|1m|2m|1;36m)", render_terminal(edition))
    assert all("\n" not in value and "\r" not in value for _, value in letter.headers)
    assert letter.html.count(letter.token(Blank.UNSUBSCRIBE_URL)) == 1


def test_mjml_is_what_the_letter_is_made_of() -> None:
    assert render_mjml(MINIMAL, THEME).startswith('<mjml lang="en" dir="ltr">\n')


def test_headers_are_those_that_all_readers_share() -> None:
    edition = replace(FULL, publication=replace(FULL.publication, reply_to="editors@sample.example"))

    assert render(edition).headers == (
        ("From", "The Sample & Post <news@sample.example>"),
        ("Reply-To", "editors@sample.example"),
        ("Subject", "A sample of <subjects> & more"),
        ("Date", "Tue, 24 Nov 2026 07:00:00 +0000"),
        ("List-Id", "Politics digest <politics.sample.example>"),
        ("List-Help", "<https://news.sample.example/>"),
        ("List-Archive", "<https://news.sample.example/>"),
        ("List-Post", "NO"),
        ("Feedback-ID", "politics-2026-11-24:politics:digest:sampleexample"),
        ("Precedence", "bulk"),
        ("Auto-Submitted", "auto-generated"),
    )


def test_updated_mark_needs_half_an_hour() -> None:
    published = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    metas = []
    for minutes in (29, 30):
        story = Story(
            url="https://sample.example/1",
            title="x",
            published_at=published,
            updated_at=published.replace(minute=minutes),
        )
        metas.append(galley_of(replace(MINIMAL, lead=Brief(story, "x"))).articles[0].meta)

    assert metas == [("5:00\xa0AM",), ("5:00\xa0AM", "updated 5:30\xa0AM")]


def test_times_are_the_sections_own() -> None:
    def times(zone: str) -> tuple[str, ...]:
        return galley_of(replace(FULL, masthead=replace(FULL.masthead, zone=zone))).articles[1].meta[1:]

    assert times("") == ("Mon\xa06:02\xa0PM", "updated 6:02\xa0AM")
    assert times("Europe/Athens") == ("Mon\xa08:02\xa0PM", "updated 8:02\xa0AM")


def test_inside_line_says_whole_phrases_or_passes_over_the_story() -> None:
    long = "Skippers say that the new mooring dues will push all small boats out of the basin"
    told = [
        ("Bridge tolls to stay", ""),
        (long, "Skippers say that…"),
        ("Tram slips to 2029", ""),
        ("Rents capped", ""),
    ]
    top = tuple(replace(FULL.top[0], headline=headline, short_headline=short) for headline, short in told)

    letter = galley_of(replace(FULL, top=top))

    assert [(item.text, item.href) for item in letter.inside] == [
        ("Bridge tolls to stay", "#s2"),
        ("Tram slips to 2029", "#s4"),
        ("Rents capped", "#s5"),
    ]
    assert galley_of(replace(FULL, top=top[:2])).inside == ()


def test_a_letter_made_later_than_its_slot_is_dated_so() -> None:
    later = FULL.slot + timedelta(hours=5)
    assert dict(render(replace(FULL, dated_at=later)).headers)["Date"] == format_datetime(later)
    assert dict(render(FULL).headers)["Date"] == format_datetime(FULL.slot)


def test_note_sponsors_and_marks_stand_in_every_form_of_the_letter() -> None:
    told = replace(
        MINIMAL,
        lead=replace(FULL.briefs[0], section_title="Business"),
        top=(replace(FULL.briefs[1], is_update=True, section_title="Science"),),
        note="One <b>word</b>.\n\nAnother.",
        sponsors=(
            Sponsor("Sons & Co", "Fine since 1900.", "https://sons.example/"),
            Sponsor("Harm", "Not shown.", "javascript:alert(1)"),
        ),
    )
    letter = render(told)
    for text in (letter.text, render_terminal(told, width=80, color=False)):
        assert "From the editor" in text
        assert "One <b>word</b>." in text
        assert "Advertisement" in text
        assert "Sons & Co" in text
        assert "Harm" not in text
        assert "Science" in text
        assert "Updated" in text
    assert "One &lt;b&gt;word&lt;/b&gt;." in letter.html
    assert "Sons &amp; Co" in letter.html
    assert "Not shown" not in letter.html
    assert ">Business</p>" in letter.html
    assert ">Science</span>" in letter.html


def test_a_letter_without_a_page_of_its_own_is_not_forwarded() -> None:
    assert "mailto:" in render(MINIMAL).html
    assert "mailto:" not in render(replace(MINIMAL, publication=replace(MINIMAL.publication, base_url=""))).html


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("Great Marram’s last ferry will leave Quay Two at 21:40.", "Great Marram’s last"),
        ("Gwen Pascoe, the chair of the board, said no.", "Gwen Pascoe,"),
        ("The council must find £40,000 of its share.", "The council must"),
        ("For a boat of ten metres the dues go up.", "For a boat"),
        ("Two of the five car parks would close.", "Two of the five"),
        ("The toll was introduced in 1996.", "The toll was introduced"),
        ("Ferries: two more.", "Ferries: two more."),
        ("Rain – then sun.", "Rain – then"),
        ("Ja.", "Ja."),
        ("", ""),
    ],
)
def test_a_lead_in_ends_where_the_eye_may_rest(text: str, opening: str) -> None:
    assert lead_in(text) == (opening, text[len(opening) :])
