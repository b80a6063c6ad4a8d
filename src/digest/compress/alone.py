"""Whether a takeaway can stand alone, far from its story: R11 and R12, which only prefer another bullet, and R13."""

from __future__ import annotations

import re
from datetime import timedelta

from digest.compress.lexicon import Language
from digest.compress.names import KnownNames
from digest.compress.words import lowered, words

__all__ = ["QUOTED", "SECOND_PERSON", "r11_names_in_full", "r12_names_a_day", "r13_speaks_to_nobody", "spoken_words"]

A_DAY = timedelta(hours=24)

QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”?|„[^“”]*[“”]?|«[^»]*»?")
SECOND_PERSON = {
    "en": re.compile(r"\b(?:[Yy]ou|[Yy]our|[Yy]ours|[Yy]ourself|[Ll]et['’]s)\b"),
    "de": re.compile(r"(?<=\w )(?:Sie|Ihnen|Ihre|Ihren|Ihrem|Ihrer)\b|\b(?:du|dich|dir|dein|deine|deinen|euch)\b"),
    "fr": re.compile(r"\b(?:[Vv]ous|[Vv]otre|[Vv]os)\b"),
    "es": re.compile(r"\b(?:[Uu]sted|[Uu]stedes|tú|te|tu|tus)\b"),
    "nl": re.compile(r"\b(?:u|uw|je|jij|jouw|jullie)\b"),
    "pt": re.compile(r"\b(?:[Vv]ocê|[Vv]ocês)\b"),
    "it": re.compile(r"\b(?:[Vv]oi|[Vv]ostro|[Vv]ostra|tu|tuo|tua)\b"),
}
# A sentence that opens with a bare verb asks the reader to do something.
_ASKED_TO = re.compile(
    r"(?:Seek|Try|Use|Make|Choose|Start|Get|Keep|Take|Add|Consider|Find|Look|Remember|Avoid|Don['’]t|Do not|Let|Imagine"
    r"|Picture|Think|Forget|Learn|Discover|Check|Ask|Give|Go|Put|Pick|Grab|Enjoy|Stay|Be|Know|Turn|Bring|Prepare|Pack"
    r"|Visit|Celebrate|Explore|Skip|Mix|Heat|Stir|Combine|Place|Serve)\b (?=(?:a|an|the|up|out|in|on|at|to|it|for"
    r"|with|of|off"
    r"|away|more|some|any|sure|about|around|into|from|by|plenty|time|care|all|one|two|this|these|that|those)\b)"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def r11_names_in_full(bullet: str, names: KnownNames, place: int, told: str = "") -> str | None:
    """A person's surname at first mention comes with the full name (soft).

    Args:
        bullet: A takeaway, its names written in full where that was sure.
        names: The people whom the story names.
        place: Where the bullet's source sentence starts in the story.
        told: What readers were told before: the headline.
    """
    bare = names.bare(bullet, place)
    return next((f"names “{name}” by the surname alone" for name in bare if name not in told), None)


def r12_names_a_day(bullet: str, source: str, language: Language, age: timedelta | None = None) -> str | None:
    """ "Today" and "Monday" are right only within 24 hours of publication (soft).

    Args:
        age: Of the story when it is read; None when that is not known, which is taken for too old.
    """
    if age is not None and age <= A_DAY:
        return None
    found = [word for word in words(bullet) if word.removesuffix("'s") in language.days]
    return f"says “{found[0]}”" if found else None


def r13_speaks_to_nobody(bullet: str, source: str, language: Language) -> str | None:
    """Outside quotation nobody says "I" or "we", and no reader is spoken to.

    A rule of this house: hard, but a page's own takeaways may speak as the page does.
    """
    unquoted = QUOTED.sub(" ", bullet)
    own = spoken_words(unquoted) & language.first_person
    if own:
        return f"says “{min(own)}”"
    if language.code == "en" and (asked := _ASKED_TO.match(bullet)):
        return f"speaks to the reader: “{asked.group()}”"
    addressed = SECOND_PERSON.get(language.code)
    spoken_to = addressed.search(unquoted) if addressed else None
    return f"speaks to the reader: “{spoken_to.group()}”" if spoken_to else None


def spoken_words(text: str) -> frozenset[str]:
    """Return the words of `text` in lower case without its acronyms: "US" is no "us"."""
    return frozenset(lowered(word) for word in _WORD.findall(text) if len(word) < 2 or not word.isupper())
