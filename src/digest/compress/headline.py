"""A headline set right: what a CMS, a feed or an attacker left in it goes, its words stay.

Outlet suffixes, "UPDATE:", shouting, entities, straight quotes, hyphens for dashes, markup and
invisible characters. The meaning never changes: "Opinion:" and "Analysis:" stay.
"""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import urlsplit

from digest.compress.languages import language_of
from digest.compress.lexicon import UNKNOWN, Language, word_set
from digest.compress.plain import plain_text

__all__ = ["SHORT_CHARACTERS", "headline", "short_headline", "typographic"]

SHORT_CHARACTERS = 50

_LABEL = re.compile(
    r"^\W{0,3}(?:(?:live )?updates?(?: ?\d+)?|updated|live(?: blog| updates?)?|breaking(?: news)?|just in"
    r"|watch(?: live)?|video"
    r"|exclusive|developing|urgent|alert|refile|corrected|(?:última|ultima) hora|actualizaci[óo]n|actualizado"
    r"|en vivo|en direct"
    r"|direct|mise à jour|eilmeldung|eil|liveblog|newsticker|live-ticker|liveticker|aktualisiert|ao vivo"
    r"|urgente|diretta"
    r"|aggiornamento)\W{0,2}\s?(?:[:|–—]|\s-|\d?-)\s*(?=\S)"
    r"|^\s*[\[(](?:updated?|live|breaking|video|watch|photos?|exclusive)[\])]\s*[:–—-]?\s*(?=\S)",
    re.IGNORECASE,
)
_LABEL_AT_END = re.compile(r"\s*[\[(](?:updated?|live|video|photos?|watch|with video|gallery)[\])]\s*$", re.IGNORECASE)
_TICKER_MARKS = re.compile(r"^\s*\+{2,}\s*|\s*\+{2,}\s*$")
_SEPARATOR = re.compile(r"\s+(?:[|·•»:]|::|//|[-–—])\s+|\s*[|]\s*")
_OUTLET_WORD = re.compile(
    r"\b(?:news|times|post|herald|tribune|gazette|chronicle|journal|daily|observer|guardian|independent"
    r"|telegraph|mirror"
    r"|express|mail|press|bbc|cnn|nbc|cbs|abc|fox|npr|pbs|reuters|ap|afp|bloomberg|cnbc|magazine|review|globe|star|sun"
    r"|online|media|radio|tv|\w*zeitung|nachrichten|spiegel|welt|rundschau|anzeiger|tagesschau|país|mundo"
    r"|diario|periódico"
    r"|monde|figaro|libération|repubblica|corriere|volkskrant|telegraaf|jornal|folha|weekly|today|network|blog"
    r"|politics|business|sports?|world|opinion|science|technology|health)\b|\.(?:com|net|org|co|de|fr|es|it|nl"
    r"|uk|au|at|ch|news|info)\b",
    re.IGNORECASE,
)
_MOST_CHARACTERS = 1000  # of a title; what is longer is an attack or a whole story
_MOST_SUFFIX_WORDS = 6
_LEAST_WORDS_LEFT = 3

_ACRONYMS = word_set(
    "us uk eu un usa uae nato fbi cia nasa bbc cnn ceo cfo gdp ai tv pm mp mps dc la ny nyc nhs irs doj epa fda"
    " cdc who wto imf nfl nba mlb nhl mls fifa uefa ufc pga f1 nsa dna hiv aids covid gop hr it id ip iphone pc"
    " vat vr dj mla aclu nypd lapd swat lgbt lgbtq opec osce oecd icc ecb esa rspca rspb raf rnli mod mi5 mi6"
    " cdu csu spd fdp afd ard zdf rtl eeuu onu otan pp psoe sncf rer pt psd pib stf"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_INSIDE = re.compile(r"(?<=[^\W_] )[^\W_]+(?:['’][^\W_]+)*|(?<=, )[^\W_]+")
_SPELLING_CHARACTERS = 20_000  # of the story, enough to see how it writes its words
_MANY_CAPITALS = 0.7
_SHOUTED_LETTERS = 5  # "MPs" and "NATO" are no shouting; "SLAMS" is

# A cut headline does not end with a word that only leads on to the next.
_LOOSE_END = re.compile(
    r"(?:\s(?:a|an|the|of|in|on|at|to|for|and|or|but|by|with|as|is|are|was|from|that|we|it|its|over|after|der"
    r"|die|das|des|dem"
    r"|den|und|in|im|am|zu|zum|zur|mit|für|von|vom|auf|ein|eine|de|la|el|los|las|y|en|del|un|una|por|para|con|le|les|du"
    r"|et|à|au|aux|e|o|da|do|em|di|il|per|het|een|van|op|te))+$",
    re.IGNORECASE,
)
_LOOSE_MARKS = " ,;:.–—-“‘„«(|/&"

_QUOTES = {"de": ("„", "“", "‚", "‘"), "fr": ("«\u00a0", "\u00a0»", "“", "”")}
_ENGLISH_QUOTES = ("“", "”", "‘", "’")


def headline(title: str, *, source: str = "", url: str = "", text: str = "", language: str | None = None) -> str:
    """Return the headline as readers get it.

    Args:
        title: As the page or feed has it; may hold entities, markup and worse.
        source: The outlet's name, and `url` the story's address: a suffix that names them goes.
        text: The story; how it writes a word decides how a shouted one is written.
        language: A BCP 47 tag; guessed from the text when not given.
    """
    spoken = language_of(language, text or title)
    line = _TICKER_MARKS.sub("", plain_text(title[:_MOST_CHARACTERS]))
    line = _without_suffix(_LABEL_AT_END.sub("", line), source, url)
    unlabelled = _LABEL.sub("", line)
    if unlabelled != line and _WORD.search(unlabelled):
        line = unlabelled[0].upper() + unlabelled[1:]
    return typographic(_unshouted(line, text, spoken), spoken)


def short_headline(line: str, most: int = SHORT_CHARACTERS) -> str:
    """Return at most `most` characters of a headline, cut at a word and marked "…" only if cut."""
    if len(line) <= most:
        return line
    room = line[:most]  # one more than fits before the mark: a word may end there
    cut = room.rfind(" ")
    kept = room[:cut] if cut > most // 3 else _whole_characters(line[: most - 1])
    trimmed = _LOOSE_END.sub("", kept.rstrip(_LOOSE_MARKS)).rstrip(_LOOSE_MARKS)
    return f"{_balanced(trimmed) or kept}…"


def typographic(text: str, language: Language = UNKNOWN) -> str:
    """Return `text` with curly quotes of the language, dashes for spaced hyphens, "…" for three dots."""
    text = re.sub(r"\.{3,}", "…", text)
    text = re.sub(r"\s--?\s", " – ", text)
    text = re.sub(r"(?<=\w)--(?=\w)", "—", text)
    if '"' not in text and "'" not in text and "`" not in text:
        return text
    opening, closing, single_opening, single_closing = _QUOTES.get(language.code, _ENGLISH_QUOTES)
    text = text.replace("``", '"').replace("`", "'")
    text = (
        re.sub(r"(?<=\d)['\"](?=\d|\s|$)", lambda mark: {"'": "′", '"': "″"}[mark.group()], text)
        if _feet(text)
        else text
    )
    text = re.sub(r"(?<![\w.,!?…%)”’])\"(?=\S)", opening, text)
    text = text.replace('"', closing)
    text = re.sub(r"(?<![^\W_])'(?=\d\ds?\b|(?:em|tis|twas|til|cause|n)\b)", "’", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<![\w.,!?…%)”’])'(?=\S)", single_opening, text)
    single = single_closing if single_opening in text and single_closing != "’" else "’"
    return re.sub(r"'(?=\w)", "’", text).replace("'", single)


def _feet(text: str) -> bool:
    return bool(re.search(r"\d'\s?\d{1,2}\"", text))


def _without_suffix(line: str, source: str, url: str) -> str:
    """Drop " | Outlet" and the like, with all that follows it ("Title | Politics | Outlet")."""
    separators = list(_SEPARATOR.finditer(line))
    for place, separator in enumerate(separators):
        kept = line[: separator.start()].rstrip()
        end = separators[place + 1].start() if place + 1 < len(separators) else len(line)
        if len(_WORD.findall(kept)) >= _LEAST_WORDS_LEFT and _names_outlet(line[separator.end() : end], source, url):
            line, separators = kept, separators[:place]
            break
    while separators and _looks_like_outlet(line, separators[-1]):
        line = line[: separators.pop().start()].rstrip()
    return line


def _names_outlet(part: str, source: str, url: str) -> bool:
    bare = _letters(part)
    if not bare:
        return False
    if bare.removeprefix("the") == _letters(source).removeprefix("the"):
        return True
    host = _letters((urlsplit(url).hostname or "").removeprefix("www.").rpartition(".")[0]) if url else ""
    forms = {bare, bare.removeprefix("the"), *(_letters(part.replace("&", word)) for word in ("and", "und", "et", "y"))}
    return len(bare) > 3 and bool(host) and any(len(form) > 3 and (form in host or host in form) for form in forms)


def _looks_like_outlet(line: str, separator: re.Match[str]) -> bool:
    kept, suffix = line[: separator.start()], line[separator.end() :].strip()
    words = _WORD.findall(suffix)
    if len(_WORD.findall(kept)) < _LEAST_WORDS_LEFT or not 0 < len(words) <= _MOST_SUFFIX_WORDS:
        return False
    if not suffix[:1].isupper() and "." not in suffix:
        return False
    if separator.group().strip() in ("|", "»", "::", "//"):
        return True
    return (
        separator.group().strip() != ":" and len(words) <= 4 and bool(_OUTLET_WORD.search(suffix)) and _is_name(suffix)
    )


def _is_name(suffix: str) -> bool:
    return (
        all(word[:1].isupper() or word.lower() in ("the", "of", "and", "de", "la") for word in _WORD.findall(suffix))
        or "." in suffix
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _unshouted(line: str, text: str, language: Language) -> str:
    letters = [character for character in line if character.isalpha() and character.lower() != character.upper()]
    capitals = sum(character.isupper() for character in letters)
    spelling = _spellings(text) if capitals > 2 else {}
    if len(letters) >= 12 and capitals >= _MANY_CAPITALS * len(letters):
        return _in_sentence_case(line, spelling, language)
    return _WORD.sub(lambda match: _calm(match.group(), spelling), line)


def _calm(word: str, spelling: dict[str, str]) -> str:
    """Return one shouted word in capital and small letters, if the story writes it so."""
    if len(word) < _SHOUTED_LETTERS or not word.isupper() or not word.isalpha():
        return word
    known = spelling.get(word.lower())
    return word if known is None or known.isupper() else known


def _in_sentence_case(line: str, spelling: dict[str, str], language: Language) -> str:
    def calm(match: re.Match[str]) -> str:
        word = match.group()
        low = word.lower()
        if low in spelling and not (low in _ACRONYMS and word.isupper() and low not in language.stop):
            return spelling[low]
        if (low in language.stop and low not in ("us", "it", "who", "la")) or (
            low in ("us", "it", "who") and language.code != "en"
        ):
            return low
        if low in _ACRONYMS or any(map(str.isdigit, word)):
            return word
        return low if spelling else word[0] + low[1:]  # a name would stand in the story

    calmed = _WORD.sub(calm, line)
    at = next((place for place, character in enumerate(calmed) if character.isalpha()), 0)
    return calmed[:at] + calmed[at : at + 1].upper() + calmed[at + 1 :]


def _spellings(text: str) -> dict[str, str]:
    """Return how the story writes each word: inside its sentences, else at their beginning."""
    found: dict[str, Counter[str]] = {}
    text = text[:_SPELLING_CHARACTERS]
    for pattern in (_INSIDE, _WORD):
        known = frozenset(found)
        for word in pattern.findall(text):
            if word.lower() not in known:
                found.setdefault(word.lower(), Counter())[word] += 1
    return {low: min(counts.items(), key=lambda item: (-item[1], item[0]))[0] for low, counts in found.items()}


def _whole_characters(text: str) -> str:
    """Return `text` without a half of a joined character at its end."""
    while text and (text[-1] in "\u200d\ufe0f" or "\U0001f3fb" <= text[-1] <= "\U0001f3ff"):
        text = text[:-1]
    return text


def _balanced(text: str) -> str:
    """Drop an opening quotation mark or bracket whose partner was cut off with the rest."""
    for opening, closing in ("“”", "„“", "«»", "()"):
        if text.count(opening) > text.count(closing):
            at = text.rfind(opening)
            text = (text[:at] + text[at + 1 :]).rstrip()
    return text
