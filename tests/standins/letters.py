"""A letter with both blanks in both parts, its readers, and forty texts that want to be more than text."""

from __future__ import annotations

from collections.abc import Sequence

from digest.model import Addressed, Blank, Delivery, Letter, blank_token

__all__ = ["HOSTILE", "MARK", "a_letter", "a_reader", "filled", "readers"]

MARK = "5f0c2a9d71"

HOSTILE: tuple[str, ...] = (
    "Budget\r\nBcc: eve@evil.example",
    "Budget\nBcc: eve@evil.example",
    "Budget\rBcc: eve@evil.example",
    "Budget\r\n\r\n<script>alert(1)</script>",
    "Budget\r\n .\r\nMAIL FROM:<eve@evil.example>",
    "\r\nBcc: eve@evil.example",
    "Budget\r\n",
    "Budget\x0bBcc: eve@evil.example",
    "Budget\x0cBcc: eve@evil.example",
    "Budget\x85Bcc: eve@evil.example",
    "Budget\u2028Bcc: eve@evil.example",
    "Budget\u2029Bcc: eve@evil.example",
    "Budget\x1cBcc: eve@evil.example",
    "Bud\x00get",
    "\x00",
    "Bud\x07\x1bget\x7f",
    "=?utf-8?q?a=0D=0ABcc:_eve=40evil.example?=",
    "=?utf-8?b?YQ0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
    "Budget =?utf-8?q?a=0ABcc:_x?= and more",
    "=?utf-8?q?=?==?utf-8?q?=0A?=",
    "=?x",
    "\u202eevil\u202c",
    "\u2066isolated\u2069 \u202aembedded\u202c",
    "\ufeffmarked",
    "\ud800 alone",
    "pair reversed \udc00\ud800",
    "x" * 5_000,
    "long words of plain text " * 200,
    "Überlänge " * 300,
    "👩‍👩‍👧‍👦 family 🏳️‍🌈 flag 🇩🇪" * 8,
    "مرحبا بالعالم اليوم",
    "שלום עולם",
    "日本語の見出しが長く続くとどうなるか" * 6,
    "e\u0301" * 60,
    "{{ 7 * 7 }} {% include 'x' %}",
    "<mj-text>Budget</mj-text>",
    'Eve <eve@evil.example>, "Bob" <bob@evil.example>',
    '"; \\" (comment) : group;',
    "Re: [list] Fwd: a  b   c\t\td",
    "   ",
)


def a_letter(
    *,
    subject: str = "Council votes on the harbour",
    html: str = "",
    text: str = "",
    headers: Sequence[tuple[str, str]] | None = None,
    edition_id: str = "politics/2026-11-24",
) -> Letter:
    """Return a letter; text and HTML hold each blank twice, some at the ends of lines and some side by side."""
    unsubscribe, preferences = (blank_token(MARK, blank) for blank in Blank)
    common = (
        ("From", "The Harbour Herald <news@herald.example>"),
        ("Subject", subject),
        ("Date", "Tue, 24 Nov 2026 07:00:00 -0800"),
        ("List-Id", "Politics digest <politics.herald.example>"),
        ("Precedence", "bulk"),
    )
    return Letter(
        edition_id=edition_id,
        segment="all",
        subject=subject,
        html=html
        or f'<p>“Größe”</p><a href="{unsubscribe}">Out</a> <a href="{preferences}">{unsubscribe}{preferences}</a>',
        text=text or f"“Größe”, she said.\n.\nFrom here on:\n{unsubscribe}\n{preferences} {unsubscribe}{preferences}",
        headers=common if headers is None else tuple(headers),
        mark=MARK,
    )


def a_reader(number: int = 0, *, email: str = "", name: str = "", delivery_id: str = "") -> Addressed:
    """Return the `number`th reader, with links of their own."""
    delivery = Delivery(
        id=delivery_id or f"d{number:04d}",
        edition_id="politics/2026-11-24",
        subscriber_id=number,
        email=email or f"reader{number}@example.com",
        name=name,
    )
    token = f"{number:04d}" + "tok-EN_" * 6
    return Addressed(delivery, f"https://news.herald.example/u/{token}", f"https://news.herald.example/p/{token}?a=.b")


def readers(count: int) -> tuple[Addressed, ...]:
    return tuple(a_reader(number) for number in range(count))


def filled(content: str, addressed: Addressed) -> str:
    """Return a part of the letter as `addressed` should read it."""
    for blank in Blank:
        content = content.replace(blank_token(MARK, blank), addressed.value(blank))
    return content
