"""What the inbox lab finds: nothing wrong with our letters, and each fault in a letter that was spoiled with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.inspecting import Finding, Level, Specimen, Topic
from digest.model import Edition
from digest.render.sample import FULL, MINIMAL
from tests.golden import editions
from tests.unit.inspect_setup import UNSUBSCRIBE, Spoil, found, in_html, in_message, in_text, specimen_of

END = "</body>"


@pytest.fixture(scope="module")
def good() -> Specimen:
    return specimen_of()


@pytest.mark.parametrize("theme", ["classic", "brief", "plain"])
@pytest.mark.parametrize(
    "edition",
    [FULL, MINIMAL, editions.FULL, editions.BARE, editions.GERMAN, editions.ARABIC, editions.HOSTILE],
    ids=["sample", "minimal", "full", "bare", "german", "arabic", "right-to-left"],
)
def test_our_letters_have_no_error_in_any_theme(theme: str, edition: Edition) -> None:
    assert [str(finding) for finding in found(specimen_of(edition, theme), Level.ERROR)] == []


def with_subject(subject: str) -> Spoil:
    def spoil(specimen: Specimen) -> Specimen:
        headers = tuple((name, subject if name == "Subject" else value) for name, value in specimen.letter.headers)
        return replace(specimen, letter=replace(specimen.letter, subject=subject, headers=headers))

    return spoil


def with_edition(**changes: str) -> Spoil:
    return lambda specimen: replace(specimen, edition=replace(specimen.edition, **changes))  # type: ignore[arg-type]  # text fields only


def with_address(address: str) -> Spoil:
    def spoil(specimen: Specimen) -> Specimen:
        publication = replace(specimen.edition.publication, postal_address=address)
        return replace(specimen, edition=replace(specimen.edition, publication=publication))

    return spoil


def added(html: str) -> Spoil:
    return in_html(END, html + END)


def link(address: str, words: str = "A story") -> Spoil:
    return added(f'<p><a href="{address}">{words}</a></p>')


def without(name: str) -> Spoil:
    """Take a header field out of the message."""

    def spoil(specimen: Specimen) -> Specimen:
        head, end, body = specimen.message.partition(b"\r\n\r\n")
        fields = head.replace(b"\r\n ", b"\0").split(b"\r\n")
        kept = [field for field in fields if not field.lower().startswith(f"{name.lower()}:".encode())]
        assert len(kept) < len(fields)
        return replace(specimen, message=b"\r\n".join(kept).replace(b"\0", b"\r\n ") + end + body)

    return spoil


def last_subject(specimen: Specimen) -> Specimen:
    return replace(specimen, last_subject=specimen.letter.subject)


def no_end(specimen: Specimen) -> Specimen:
    return replace(specimen, message=specimen.message.rpartition(b"--=_")[0])


def a_style(rule: str) -> Spoil:
    return in_html("</head>", f"<style>{rule}</style></head>")


ERROR, WARNING, NOTE = Level

FAULTS: dict[str, tuple[Spoil, Level, Topic, str]] = {
    "no subject": (with_subject(""), ERROR, Topic.SUBJECT, "There is no subject."),
    "long subject": (with_subject("A word " * 14), WARNING, Topic.SUBJECT, "78 are shown at most"),
    "cut subject": (with_subject("A word " * 7), NOTE, Topic.SUBJECT, "A phone shows the subject as"),
    "false answer": (with_subject("RE: your order"), ERROR, Topic.SUBJECT, "looks like an answer"),
    "capitals": (with_subject("COUNCIL VOTES TODAY"), WARNING, Topic.SUBJECT, "set in capitals"),
    "shouting": (with_subject("Council votes!!"), WARNING, Topic.SUBJECT, "shouts"),
    "pictogram": (with_subject("Council votes \U0001f680"), NOTE, Topic.SUBJECT, "pictogram"),
    "same subject": (last_subject, WARNING, Topic.SUBJECT, "that of the edition before"),
    "no preheader": (with_edition(preheader=""), WARNING, Topic.SUBJECT, "There is no preheader"),
    "preheader twice": (with_edition(preheader=FULL.subject), WARNING, Topic.SUBJECT, "repeats the subject"),
    "preheader lost": (with_edition(preheader="Xylophones"), ERROR, Topic.SUBJECT, "is not in the HTML"),
    "no address told": (with_address(""), ERROR, Topic.LAW, "There is no postal address."),
    "no address shown": (with_address("9 Other Street"), ERROR, Topic.LAW, "is not shown"),
    "no sender": (in_text("Sample &", "We and"), ERROR, Topic.LAW, "does not say who sends it"),
    "no way out": (in_html(f'href="{UNSUBSCRIBE}"', 'href="#x"'), ERROR, Topic.LAW, "No visible link unsubscribes"),
    "list unnamed": (in_html("Politics", "This"), WARNING, Topic.LAW, "does not name the list"),
    "flex": (added('<div style="display:flex">x</div>'), ERROR, Topic.SUPPORT, "display:flex"),
    "grid in style": (a_style(".x { display: grid }"), ERROR, Topic.SUPPORT, "display:grid"),
    "webp": (added('<img src="https://a.example/x.webp" alt="" width="1">'), ERROR, Topic.SUPPORT, "webP"),
    "a plain loss": (a_style("p { transform: none }"), WARNING, Topic.SUPPORT, "transform: about"),
    "clipped": (
        in_message(b"</body>", b"=C3=A9" * 17_000 + b"</body>"), ERROR, Topic.WEIGHT, "Gmail clips the letter",
    ),
    "nearly clipped": (in_message(b"</body>", b"a" * 48_000 + b"</body>"), WARNING, Topic.WEIGHT, "comes near"),
    "heavy headers": (
        in_message(b"MIME-Version:", b"X-Long: " + b"a " * 9_000 + b"\r\nMIME-Version:"),
        WARNING, Topic.WEIGHT, "headers are beyond",
    ),
    "heavy style": (a_style("p { color: #111111 }\n" * 500), ERROR, Topic.WEIGHT, "Gmail drops this <style>"),
    "no language": (in_html('<html lang="en"', "<html"), ERROR, Topic.STRUCTURE, "names no language"),
    "no direction": (in_html('dir="ltr" xmlns=', "xmlns="), WARNING, Topic.STRUCTURE, "names no direction"),
    "wrong direction": (in_html('<html lang="en"', '<html lang="ar"'), ERROR, Topic.STRUCTURE, "does not fit"),
    "no title": (in_html("<title>", "<title></title><x>"), ERROR, Topic.STRUCTURE, "has no title"),
    "no first heading": (in_html("<h1", "<h2"), WARNING, Topic.STRUCTURE, "no first heading"),
    "skipped heading": (added("<h1>a</h1><h3>b</h3>"), WARNING, Topic.STRUCTURE, "level 3 follows one of level 1"),
    "table read out": (added("<table><tr><td>a</td></tr></table>"), WARNING, Topic.STRUCTURE, "layout table"),
    "script": (added("<script>1</script>"), ERROR, Topic.STRUCTURE, "There is a <script>"),
    "form": (added("<form>a</form>"), ERROR, Topic.STRUCTURE, "There is a <form>"),
    "small type": (added('<p style="font-size:11px">a</p>'), WARNING, Topic.STRUCTURE, "set in 11 px"),
    "small target": (
        added('<p style="line-height:16px"><a href="https://a.example">a</a></p>'),
        NOTE, Topic.STRUCTURE, "16 px high",
    ),
    "no alt": (added('<img src="https://a.example/a.jpg" width="9">'), ERROR, Topic.PICTURES, "has no alt"),
    "empty linked alt": (
        added('<a href="https://a.example"><img src="https://a.example/a.jpg" alt="" width="9"></a>'),
        WARNING, Topic.PICTURES, "with images off the link is gone",
    ),
    "no width": (added('<img src="https://a.example/a.jpg" alt="">'), WARNING, Topic.PICTURES, "no width"),
    "no source": (added('<img alt="a" width="9">'), ERROR, Topic.PICTURES, "has no address"),
    "picture inside": (added('<img src="data:x" alt="a" width="9">'), ERROR, Topic.PICTURES, "letter itself"),
    "picture in clear": (
        added('<img src="http://a.example/a.jpg" alt="a" width="9">'), WARNING, Topic.PICTURES, "over http",
    ),
    "nowhere": (link("#"), ERROR, Topic.LINKS, "leads nowhere"),
    "lost anchor": (link("#lost"), ERROR, Topic.LINKS, "not in the letter"),
    "wordless": (link("https://a.example", ""), ERROR, Topic.LINKS, "has no words"),
    "http": (link("http://a.example/story"), WARNING, Topic.LINKS, "over http"),
    "endless": (link("https://a.example/" + "x" * 500), WARNING, Topic.LINKS, "518 characters"),
    "tracking": (link("https://a.example/?fbclid=1"), WARNING, Topic.LINKS, "carries fbclid"),
    "user in link": (link("https://bank.example@a.example/"), ERROR, Topic.LINKS, "user's name"),
    "script link": (link("javascript:alert(1)"), ERROR, Topic.LINKS, "leads to no page"),
    "fraud": (link("https://a.example", "https://b.example"), ERROR, Topic.LINKS, "take that for a fraud"),
    "pale": (added('<p style="color:#BBBBBB">a</p>'), ERROR, Topic.COLOUR, "In light, #BBBBBB on #FFFFFF"),
    "dark on dark": (
        a_style("@media (prefers-color-scheme: dark) { .letter p { color: #222222 !important } }"),
        ERROR, Topic.COLOUR, "In dark, #222222 on #141414",
    ),
    "dark in Outlook": (
        a_style("[data-ogsc] .letter p { color: #222222 !important }"),
        ERROR, Topic.COLOUR, "In Outlook's dark mode, #222222",
    ),
    "no dark twin": (in_html("prefers-color-scheme", "min-width"), WARNING, Topic.COLOUR, "no dark twin"),
    "no text": (lambda specimen: replace(specimen, text=""), ERROR, Topic.TEXT, "no text part"),
    "wide text": (in_text("Top stories", "A word " * 12), WARNING, Topic.TEXT, "72 fit"),
    "tags in text": (in_text("Top stories", "<table>"), WARNING, Topic.TEXT, "tags of HTML"),
    "story lost": (in_text("story 4 has", "tale 4 has"), WARNING, Topic.TEXT, "not in the text part"),
    "link lost": (in_text("https://sample.example/other/4", ""), NOTE, Topic.TEXT, "A link of the HTML is not"),
    **{
        f"no {name}": (without(name), ERROR, Topic.HEADERS, f"There is no {name}")
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Unsubscribe",
                     "List-Unsubscribe-Post")
    },
    **{f"no {name}": (without(name), NOTE, Topic.HEADERS, f"There is no {name}") for name in ("List-Id", "Precedence")},
    "two subjects": (
        in_message(b"MIME-Version:", b"Subject: Another\r\nMIME-Version:"), ERROR, Topic.HEADERS, "more than once",
    ),
    "another subject": (in_message(b"Subject: A sample", b"Subject: B"), ERROR, Topic.HEADERS, "as another one"),
    "no domain": (in_message(b"<news@sample.example>", b"<news@sample>"), ERROR, Topic.HEADERS, "can be answered"),
    "no reply": (in_message(b"<news@", b"<no-reply@"), WARNING, Topic.HEADERS, "Nobody can answer"),
    "no date": (in_message(b"Date: Tue, 24 Nov", b"Date: soon"), ERROR, Topic.HEADERS, "Date is no date"),
    "bad id": (in_message(b"Message-ID: <inspect@", b"Message-ID: <inspect"), ERROR, Topic.HEADERS, "<id@domain>"),
    "plain way out": (
        in_message(b"List-Unsubscribe: <https:", b"List-Unsubscribe: <http:"), ERROR, Topic.HEADERS, "needs https",
    ),
    "bad post": (in_message(b"=One-Click", b"=Yes"), ERROR, Topic.HEADERS, "as RFC 8058 has it"),
    "one part": (in_message(b"text/plain", b"text/html"), ERROR, Topic.HEADERS, "parts are not as they should be"),
    "no last boundary": (no_end, ERROR, Topic.HEADERS, "malformed"),
    "8bit": (in_message(b"quoted-printable", b"8bit"), ERROR, Topic.HEADERS, "not every server takes"),
    "other text": (in_message(b"Top stories", b"Top tales"), ERROR, Topic.HEADERS, "reads back as something else"),
    "bare line feed": (in_message(b"Top stories\r\n", b"Top stories\n"), ERROR, Topic.HEADERS, "end with CRLF"),
    "endless line": (in_message(b"Top stories", b"x" * 999), ERROR, Topic.HEADERS, "998 are allowed"),
    "not ASCII": (in_message(b"Top stories", "Tøp stories".encode()), ERROR, Topic.HEADERS, "not all ASCII"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_spoiled_letter_is_found_out(name: str, good: Specimen) -> None:
    spoil, level, topic, words = FAULTS[name]

    def matching(findings: tuple[Finding, ...]) -> list[str]:
        return [each.what for each in findings if (each.level, each.topic) == (level, topic) and words in each.what]

    assert matching(found(good)) == []
    spoiled = found(spoil(good))
    assert matching(spoiled), "\n".join(f"{each.level} {each.topic} {each}" for each in spoiled)


def test_findings_say_where_and_what_to_do(good: Specimen) -> None:
    spoiled = found(added('<p style="color:#BBBBBB">Pale words</p>')(good), Level.ERROR)
    (finding,) = [each for each in spoiled if each.topic is Topic.COLOUR and each.what.startswith("In light")]
    assert finding.where.startswith("html:")
    assert finding.value == "Pale words"
    assert finding.hint == "Change the colour in theme.toml."
