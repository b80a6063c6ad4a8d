"""Full names at first mention: "Alvarez said" becomes "Ana Alvarez said", but only when it is sure.

R11: a surname is expanded when exactly one "First Surname" stands before it in the story, and that
person was introduced as a person. What is inserted stands in the story, letter for letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.compress.lexicon import ENGLISH, word_set

__all__ = ["KnownNames", "known_names"]

_MOST_CHARACTERS = 60_000  # of a story: who is named after them is not in a takeaway
_NAME = r"[A-ZÀ-Þ][a-zà-ÿ]{1,30}(?:[’'-]?[A-ZÀ-Þ][a-zà-ÿ]{1,30}){0,2}"
_FULL_NAME = re.compile(
    rf"(?<![\w’'-])(?P<first>{_NAME})(?P<middle>(?: [A-Z]\.| {_NAME}(?= {_NAME}))?) "
    rf"(?P<surname>(?:(?:van|von|de|del|della|da|dos|bin|al|Mc|Mac|O['’])\s?)*{_NAME})(?![\w-]|[’'](?!s\b))"
)
_SMALL_WORD = re.compile(r"(?<![\w’'-])[a-zß-öø-ÿ]+")
# A person is somebody who has an age, an apposition in small letters, or says something.
_IS_PERSON_AFTER = re.compile(
    r",? (?:\d{2},|who |said\b|says\b|told\b|added\b|wrote\b|explained\b)|, (?:an? |the |who\b|\d{2}\b)"
)
_IS_PERSON_BEFORE = re.compile(
    r"(?:(?:President|Chancellor|Senator|Mayor|Minister|Chairman|Director|Judge|Justice|Professor|Dr\.?|Officer|Chief"
    r"|Councillor|Governor|Secretary|Captain|Coach|Sheriff|Attorney|Prof\.?|Mr\.?|Mrs\.?|Ms\.?|Sgt\.?|Sir"
    r"|Gov\.?|Sen\.?|Rep\.?"
    r"|manager|coach|president|director|executive|minister|spokes\w+|officer|leader|analyst|author|actor|actress|singer"
    r"|farmer|owner|resident|driver|player|captain|mayor|chief|chair\w*|secretary|lawyer|researcher|teacher|engineer"
    r"|scientist|founder|editor|wife|husband|son|daughter|brother|sister|mother|father|midfielder|striker|defender"
    r"|goalkeeper|historian|economist|professor|skipper|harbourmaster|ranger|biologist|oceanographer|commissioner) )$"
)
# Verbs of saying that stand beside a speaker's name, in the languages that have lists.
_SAYS = (
    "said|says|told|added|explained|argued|noted|wrote|sagt|sagte|erklärt|erklärte|betont|betonte|meint|meinte|erwartet"
    "|geht davon aus|so|dijo|dice|explicó|afirmó|aseguró|señaló|a déclaré|a expliqué|explique|affirme|estime|disse|diz"
    "|afirmou|explicou|ha detto|ha spiegato|dice|afferma|zei|zegt|vertelt"
)
_SPEAKER = re.compile(
    rf"(?<![\w’'-])({_NAME}) (?:{_SAYS})\b|(?<=[.,”“\" ])(?:{_SAYS}) ({_NAME})\b"
    rf"|(?:^|[.!?”\"]\s{{1,3}})({_NAME}),? (?=[a-z])"
)
_LONGEST_TITLE = 40  # characters before a name in which its title is looked for
_IS_PART_OF_NAME = re.compile(r"(?:\W*[A-ZÀ-Þ0-9].*[^.!?:,;”\"]|[A-Z][a-z]{0,3}\.)$")
_NO_FIRST_NAME = word_set(
    "new north south east west northern southern eastern western central upper lower great greater united saint"
    " san santa los las la le el port fort cape mount lake river royal national international federal supreme"
    " high state city county district university college school hospital bank street road avenue park house"
    " white black green red blue prime vice chief deputy acting former general president chancellor senator"
    " mayor minister chairman director judge justice professor doctor officer councillor governor secretary"
    " captain coach sheriff attorney sir lord lady king queen prince princess pope mr mrs ms the a an in on at"
    " by for of and but when while after before if as with january february march april may june july"
    " august september october november december monday tuesday wednesday thursday friday saturday sunday democratic"
    " republican labour conservative liberal green american british german french spanish chinese russian"
    " european african asian indian australian canadian christmas easter world old young both each some many"
    " most all our their his her its this that these those dear san st first second third one two detective"
    " inspector sergeant constable superintendent commander colonel major lieutenant admiral reverend rev dr"
    " prof sgt gov sen rep capt lt col gen said says owner founder editor author actor actress singer coach"
    " manager skipper leader analyst lawyer teacher farmer engineer scientist historian spokesman spokeswoman"
    " spokesperson commissioner sister brother mother father uncle aunt cousin driver player striker defender"
    " goalkeeper ranger premier"
)
_NO_SURNAME = word_set(
    "city county state states street road avenue park bank university college school council court house party"
    " union times post news herald league cup games river lake island islands bay sea ocean coast hill valley"
    " kingdom nations office department ministry committee commission association society company group limited"
    " inc foundation agency authority service police army navy force museum theatre center centre hospital"
    " airport station bridge church act bill law day week year war championship premier national america africa"
    " europe asia monday tuesday wednesday thursday friday saturday sunday january february march april june july"
    " august september october november december"
)


class KnownNames:
    """The people whom a story names in full, in the order of the text."""

    def __init__(self, people: dict[str, list[tuple[int, str]]], doubtful: dict[str, int] | None = None) -> None:
        """Take the full names by surname, each with its place, and the surnames that may be a person's."""
        self._people = people
        self._doubtful = doubtful or {}

    def expanded(self, bullet: str, place: int, said: set[str]) -> str:
        """Return `bullet` with the full name where a person's bare surname comes first.

        Args:
            bullet: A takeaway.
            place: Where its source sentence starts; only names that stand before count.
            said: Surnames that earlier bullets brought in full. This bullet's are added.
        """
        for surname in sorted(self._people, key=lambda name: (-len(name), name)):
            if surname not in bullet:
                continue
            if any(full in bullet for _, full in self._people[surname]):
                said.add(surname)
                continue
            full = self._one_before(surname, place)
            if full is None or surname in said:
                continue
            expanded = _insert(bullet, surname, full)
            if expanded != bullet:
                said.add(surname)
                bullet = expanded
        return bullet

    def bare(self, bullet: str, place: int) -> tuple[str, ...]:
        """Return the surnames that stand in `bullet` without their first names, in alphabetical order.

        Args:
            bullet: A takeaway.
            place: Where its source sentence starts; only people named in full before it count.
        """
        known = {surname: min(at for at, _ in people) for surname, people in self._people.items()}
        return tuple(
            surname
            for surname, at in sorted((self._doubtful | known).items())
            if at < place and surname in bullet and _stands_bare(bullet, surname)
        )

    def contracted(self, bullet: str) -> str:
        """Return `bullet` with bare surnames where `expanded` may have put full names."""
        for surname, people in self._people.items():
            for full in {full for _, full in people}:
                bullet = bullet.replace(full, surname)
        return bullet

    def _one_before(self, surname: str, place: int) -> str | None:
        names = {full for at, full in self._people[surname] if at < place}
        return names.pop() if len(names) == 1 else None


def known_names(text: str) -> KnownNames:
    """Find the people whom `text` names in full."""
    found: dict[str, list[tuple[int, str]]] = {}
    persons: set[str] = set()
    text = text[:_MOST_CHARACTERS]
    speaking = _speakers(text)
    small = frozenset(_SMALL_WORD.findall(text))
    for match in _full_names(text):
        first, surname = match["first"].lower(), match["surname"].split()[-1].lower()
        if surname in _NO_SURNAME or {first, surname} & small:
            continue
        found.setdefault(match["surname"], []).append((match.start(), match.group()))
        before = max(0, match.start() - _LONGEST_TITLE)
        if _IS_PERSON_AFTER.match(text, match.end()) or _IS_PERSON_BEFORE.search(text, before, match.start()):
            persons.add(match.group())
    return KnownNames(
        {
            surname: people
            for surname, people in found.items()
            if all(full in persons for _, full in people) and text.index(surname) >= people[0][0]
        },
        {surname: people[0][0] for surname, people in found.items() if surname in speaking},
    )


def _speakers(text: str) -> frozenset[str]:
    """Return the bare names that say something or open a sentence: a place or a club rarely does."""
    return frozenset(name for match in _SPEAKER.finditer(text) for name in match.groups() if name)


def _stands_bare(bullet: str, surname: str) -> bool:
    """Say whether a surname's first mention in `bullet` has neither a first name nor a title before it."""
    match = re.search(rf"(?<![\w’'-]){re.escape(surname)}(?![\w-])", bullet)
    if not match:
        return False
    before = re.search(r"(\S+)\s+$", bullet[: match.start()])
    return before is None or not _IS_PART_OF_NAME.match(before[1])


def _full_names(text: str) -> Iterator[re.Match[str]]:
    """Yield what looks like a full name; a title before it is no part of it."""
    at = 0
    while match := _FULL_NAME.search(text, at):
        if match["first"].lower() in _NO_FIRST_NAME or match["first"].lower() in ENGLISH.stop:
            at = match.end("first")
            continue
        yield match
        at = match.end()


def _insert(bullet: str, surname: str, full: str) -> str:
    """Put the full name for the first bare surname, unless that is part of another name."""
    match = re.search(rf"(?<![\w’'-]){re.escape(surname)}(?![\w-])(?!(?:['’]s)? {_NAME})", bullet)
    if not match:
        return bullet
    word_before = re.search(r"(\S+)\s+$", bullet[: match.start()])
    if word_before and (_IS_PART_OF_NAME.match(word_before[1]) or word_before[1].lower() in ("the", "a", "an")):
        return bullet
    return bullet[: match.start()] + full + bullet[match.end() :]
