"""Outlook's own parts of a letter: ours are whole, and each that was broken is found, with what and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mjml import mjml2html

from digest.inspecting import Level, Specimen, Topic
from digest.inspecting.conditionals import as_outlook_reads, holds_in_outlook, read_conditionals
from digest.inspecting.markup import read_page
from digest.inspecting.outlook import outlook_findings
from tests.unit.inspect_setup import found, specimen_of

LINK = "https://sample.example/offer"
SHAPE = f'<v:roundrect href="{LINK}" style="width:200px;height:44px" fillcolor="#1A1A1A"><w:anchorlock/>'
VML = f"{SHAPE}<center>Read the offer</center></v:roundrect>"
DRESSED = f'<a href="{LINK}" style="background-color:#1A1A1A;padding:12px 20px;color:#FFFFFF">Read the offer</a>'
HIDDEN = DRESSED.replace('style="', 'style="mso-hide:all;')

OTHERS, END = "<!--[if !mso]><!-->", "<!--<![endif]-->"
OUTLOOK, OUTLOOK_END = "<!--[if mso]>", "<![endif]-->"
TABLE = '<table role="presentation"><tr><td'

BUTTONS = {
    "a shape for Outlook, a link for the others": f"{OUTLOOK}{VML}{OUTLOOK_END}{OTHERS}{DRESSED}{END}",
    "a shape, and a link that Outlook hides": f"{OUTLOOK}{VML}{OUTLOOK_END}{HIDDEN}",
    "a coloured cell": f'{TABLE} bgcolor="#1A1A1A" style="mso-padding-alt:12px">{DRESSED}</td></tr></table>',
    "a table for Outlook": f"{OUTLOOK}{TABLE}>{OUTLOOK_END}<p>So</p>{OUTLOOK}</td></tr></table>{OUTLOOK_END}",
    "a paper behind": f"{OUTLOOK}<v:rect style='width:600px;height:90px'><v:fill color='#1A1A1A'/><v:textbox>"
    f"{OUTLOOK_END}<p>Words on it</p>{OUTLOOK}</v:textbox></v:rect>{OUTLOOK_END}",
    "a long dead Outlook": "<!--[if lte mso 11]>Words that nobody sees<![endif]-->",
}

FAULTS = {
    "never closed": (f"{OUTLOOK}<b>So</b>", "is not closed", OUTLOOK),
    "closed by the next": (f"{OUTLOOK}<b>So</b><p>A</p>{OTHERS}{DRESSED}{END}", "is not closed", OUTLOOK),
    "closed twice": (f"<p>A</p>{OUTLOOK_END}", "ends that none began", OUTLOOK_END),
    "cut short": (f"{OUTLOOK}<!-- a table --><table></table>{OUTLOOK_END}", "ends it", "a table -->"),
    "unknown condition": ("<!--[if outlook]><p></p><![endif]-->", "does not understand", "outlook"),
    "words for Outlook": (f"{OUTLOOK}<p>Get another program</p>{OUTLOOK_END}", "Only Outlook", "Get another program"),
    "words for the others": (f"{OTHERS}<p>A secret sale</p>{END}", "doesn't show these words", "A secret sale"),
    "words that it hides": ('<p style="mso-hide: all">A secret sale</p>', "doesn't show these words", "A secret sale"),
    "link for the others": (f'<p>Read</p>{OTHERS}<a href="{LINK}">Read</a>{END}', "is not there in Outlook", LINK),
    "link of another way": (
        f"{OUTLOOK}{VML.replace('/offer', '/other')}{OUTLOOK_END}{HIDDEN}",
        "in Outlook on Windows alone",
        "/other",
    ),
    "shape without a link": (
        f"{OUTLOOK}{VML.replace('href', 'data-href')}{OUTLOOK_END}{HIDDEN}",
        "has no link in Outlook",
        "Read the offer",
    ),
    "shape without a size": (
        f"{OUTLOOK}{VML.replace('height:44px', '')}{OUTLOOK_END}{HIDDEN}",
        "has no height",
        "Read the offer",
    ),
    "shape never closed": (f"{OUTLOOK}{SHAPE}{OUTLOOK_END}{DRESSED}", "has no fellow", "v:roundrect"),
    "shape closed twice": (f"{OUTLOOK}{VML}</v:roundrect>{OUTLOOK_END}{HIDDEN}", "has no fellow", "v:roundrect"),
    "button without paper": (f"<p>{DRESSED}</p>", "bare words in Outlook", "Read the offer"),
    "button without room": (f'{TABLE} bgcolor="#1A1A1A">{DRESSED}</td></tr></table>', "as tight as", "Read the offer"),
}


@pytest.fixture(scope="module")
def good() -> Specimen:
    return specimen_of()


def with_part(specimen: Specimen, html: str) -> Specimen:
    return replace(specimen, html=specimen.html.replace("</body>", f"\n{html}</body>"))


@pytest.mark.parametrize("html", BUTTONS.values(), ids=BUTTONS)
def test_parts_of_their_own_that_say_the_same_are_no_fault(good: Specimen, html: str) -> None:
    told = [str(each) for each in found(with_part(good, html)) if each.topic is Topic.OUTLOOK]

    assert told == []


@pytest.mark.parametrize(("html", "what", "value"), FAULTS.values(), ids=FAULTS)
def test_each_broken_part_is_an_error_with_its_place(good: Specimen, html: str, what: str, value: str) -> None:
    line = good.html.partition("</body>")[0].count("\n") + 2

    told = [each for each in found(with_part(good, html), Level.ERROR) if each.topic is Topic.OUTLOOK]

    assert [each for each in told if what in each.what and value in each.value and each.where == f"html:{line}"], told
    assert all(each.hint for each in told)


def test_what_mjml_makes_of_its_own_parts_is_no_fault() -> None:
    picture = 'background-url="https://sample.example/sea.jpg"'
    button = f'<mj-button href="{LINK}">Read the offer</mj-button>'
    html = mjml2html(
        f"<mjml><mj-body><mj-section {picture}><mj-column><mj-text>Words</mj-text>{button}</mj-column></mj-section>"
        f'<mj-hero mode="fixed-height" height="90px" {picture} background-width="600px" background-height="90px">'
        f"{button}</mj-hero></mj-body></mjml>",
        fonts={},
    )

    assert "<v:rect" in html
    assert [str(each) for each in outlook_findings(html, read_page(html))] == []


def test_vml_needs_its_name_in_the_letter(good: Specimen) -> None:
    shown = with_part(good, f"<!--[if mso]>{VML}<![endif]-->{HIDDEN}")
    nameless = replace(shown, html=shown.html.replace(' xmlns:v="urn:schemas-microsoft-com:vml"', ""))

    assert nameless.html != shown.html
    told = [each.what for each in found(nameless, Level.ERROR) if each.topic is Topic.OUTLOOK]
    assert ["doesn't say what it is" in what for what in told] == [True]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("mso", True),
        ("!mso", False),
        ("IE", False),
        ("mso | IE", True),
        ("!mso & !IE", False),
        ("(gte mso 9)|(IE)", True),
        ("lte mso 11", False),
        ("(gt mso 9)&(lt mso 15)", False),
        ("!(IE|vml)", False),
        ("mso 16", True),
        ("IE | mso & vml", True),
        ("outlook", None),
        ("mso gte 9", None),
        ("", None),
    ],
)
def test_conditions_are_read_as_outlook_does(condition: str, holds: bool | None) -> None:
    assert holds_in_outlook(condition) is holds


def test_outlook_reads_its_own_parts_and_lines_stay() -> None:
    html = (
        "a\n<!--[if mso]>b\n<![endif]-->\n<!--[if !mso]><!-- -->c\n<!--<![endif]--><!-- <![endif] -->\n"
        "d <![if !mso]>e<![endif]>"
    )

    segments, broken = read_conditionals(html)

    assert broken == ()
    assert [(each.body, each.line, each.is_shown_by_others) for each in segments] == [
        ("b\n", 2, False),
        ("c\n", 4, True),
        ("e", 6, True),
    ]
    assert as_outlook_reads(html, segments) == "a\nb\n\n\n<!-- <![endif] -->\nd "
