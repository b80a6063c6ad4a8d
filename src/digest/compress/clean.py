"""Page furniture: what stands in an article's text and is no part of the story.

Captions, credits, bylines, "read more", newsletter lines, corrections, timestamps. A sentence is
judged by its own words and by the paragraph around it. The phrases are those of newsrooms in seven
languages; a wrong hit costs one sentence, a missed one is printed.
"""

from __future__ import annotations

import re

from digest.compress.languages import Language

__all__ = ["dateline_length", "furniture", "is_label"]

_AT_START = re.compile(
    r"\W*(?:"
    r"read (?:more|also|next|now|the full|full|our|about)|also read|see also|more (?:on|from|about)\b.{0,40}:|related\b"
    r"|watch\b.{0,60}:|watch (?:the|our|this|more|live)|listen (?:to|now|here)|click|tap (?:here|on)|sign up|subscribe"
    r"|follow (?:us|our|@|live|along|the latest)|join (?:us|our|the conversation)|get (?:the latest|our|more)\b"
    r"|download|share this|print|email this|photos?\b\s*[:(]|photograph\w*:|pictures?\s*:|pictured\b|images?\s*:"
    r"|video\s*:|gallery|slideshow|credits?\s*:|source\s*:|file (?:photo|picture|image)|illustration\b|advertisement"
    r"|story continues|article continues|continue reading|scroll (?:down|to)|editor['’]s (?:note|picks?)|correction"
    r"|clarification|note to|this (?:story|article|post|report|piece|interview|page|content)\b.{0,60}"
    r"\b(?:was|is|has|been|appeared|contains|first)\b.{0,30}"
    r"\b(?:updated|corrected|published|amended|edited|produced|sponsored|translated|adapted|affiliate|originally|written)"
    r"|(?:first|originally) published|last updated|updated (?:at|on|:)|published (?:at|on|:)|posted (?:at|on|:)"
    r"|(?:additional )?reporting by|written by|edited by|editing by|compiled by|translated by|by [A-Z][\w.’'-]+ [A-Z]"
    r"|with (?:reporting|files|additional reporting)|copyright|©|all rights reserved|the views expressed|opinions? expressed"
    r"|the author is|the writer is|about the (?:author|writer)|contact (?:us|the)|for more\b|to (?:read|subscribe|contact|learn|find out) more"
    r"|if you (?:or someone|have (?:been|any)|know|would like|need|are struggling|enjoyed)|do you (?:have|know)"
    r"|have you|tell us|let us know|send (?:us|your)|what do you think|comments?\b\s*(?:\(|$)|(?:recommended|trending|most read|top stories)\b"
    r"|support (?:our|us|independent)|donate|become a|enable|please (?:enable|note|subscribe|see|consider|read|share)"
    r"|you (?:can|may) (?:also )?(?:read|listen|watch|find|follow|sign|subscribe|unsubscribe)|here(?:['’]s| is| are) (?:what|how|everything)"
    r"|key (?:takeaways?|points?)|at a glance|in (?:brief|short)\s*:|conclusion\b\W*$|tl;?dr"
    # German
    r"|lesen sie|lies auch|mehr (?:zum|zu|dazu|aus|lesen)|auch interessant|zum thema|foto\s*:|bild\s*:|fotos?\b\s*[:(]"
    r"|quelle\s*:|quellen\s*:|symbolbild|archivbild|anzeige\b|werbung\b|newsletter|abonnieren|hier geht es|weitere (?:infos|informationen|nachrichten|artikel|meldungen)"
    r"|dieser (?:artikel|text|beitrag)\b|empfohlener|an dieser stelle finden|mit material von|redaktion\s*:|autor(?:in)?\s*:|stand\s*:|folgen sie"
    # Spanish, Portuguese, Italian
    r"|le[ae] (?:también|más|aquí|mais)|lea (?:también|además)|te puede interesar|le puede interesar|ver (?:más|también)|suscr[ií]b"
    r"|síguenos|sigue (?:leyendo|nuestro)|foto(?:s|grafía)?\s*:|fuente\s*:|imagen\s*:|vídeo\s*:|con información de|leia (?:também|mais)|saiba mais"
    r"|veja (?:também|mais)|inscreva|siga (?:o|a|nosso)|crédito|leggi (?:anche|tutto)|iscriviti|seguici|fonte\s*:|riproduzione riservata"
    # French, Dutch
    r"|lire (?:aussi|également|la suite)|à lire|voir aussi|abonnez|inscrivez|suivez|photo\s*:|crédits?\b|source\s*:|cet article"
    r"|lees (?:ook|meer|verder)|bekijk ook|volg ons|meld je aan|abonneer|beeld\s*:|bron\s*:|tekst gaat verder|dit artikel"
    r")",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(
    r"contributed (?:to )?(?:this|the|reporting)|all rights reserved|newsletters?\b.{0,40}\b(?:inbox|sign|subscri|daily|here)"
    r"|\bsign up (?:for|to|here)\b|\bsubscribe (?:to|now|today|here)\b|\bclick (?:here|the|on)\b|\bfollow (?:us|him|her|them|me) on\b"
    r"|\bon (?:twitter|instagram|facebook|x|whatsapp|telegram|bluesky) @|getty images|\b(?:ap|afp|reuters|epa|dpa|efe)[ /]?photo\b"
    r"|shutterstock|\bphoto by\b|\bphotograph(?:ed)? by\b|\b(?:photo|image|picture) (?:credit|courtesy)|\bcourtesy of\b.{0,40}$|\bpictured (?:above|below|here|left|right)"
    r"|\((?:pictured|left|right|above|below|centre|center|file|photo|image)\b|\bvia (?:ap|getty|reuters|afp)\b|scroll down|terms (?:of use|and conditions)|privacy policy|cookie"
    r"|for (?:more|further) (?:information|details|stories|news)|\bvisit (?:our|the) (?:website|site|page)|\bour (?:app|podcast|newsletter|reporters?|live blog|whatsapp|coverage|website)\b"
    r"|the full (?:story|article|interview|list) (?:here|below)|(?:story|article|report|post|list|gallery|video) (?:below|above)\b|as shown (?:above|below)"
    r"|views? (?:expressed|in this)|does not necessarily (?:reflect|represent)|is a (?:senior |staff |contributing |freelance |political )?(?:reporter|columnist|correspondent|editor|contributor) (?:for|at|with|covering)\b"
    r"|\bsamaritans\b|hotline|helpline|call (?:999|911|101|0\d{3})|crimestoppers|anyone with (?:information|any)"
    r"|https?://|www\.|\S+@\S+\.\w|\.com/|pic\.twitter|#\w+ #\w+|affiliate (?:links?|commission)|we may earn|this (?:article|story) (?:is|was|first|originally)"
    r"|\bliebe leser|\bnewsletter\b|\bwhatsapp-kanal|\babonnez-vous\b|suscríb[ae]|\bpolítica de privacidad|\bdatenschutz(?:erklärung|bestimmungen)"
    r"|\bcopyright\b|©|\bdpa/|/dpa\b|\bdpa-infocom|\bapa/dpa\b|\(dpa\)$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^\W*(?:photo(?:graph)?s?|pictures?|images?|credits?|foto|bild|imagen?|crédits?|beeld|file|fuente|fonte|quelle)\b\s*[:/]"
    r"|\((?:photo|image|picture|ap|foto|bild|credit|afp|reuters|file|courtesy|getty)\b[^)]*\)\s*$|(?:/|—|– )(?:AP|AFP|Reuters|Getty|EPA|dpa|EFE|Shutterstock|PA)\b\W*$",
    re.IGNORECASE,
)
_LABEL_SPEAKER = re.compile(r"^(?:Q|A|[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+){0,2}|[A-Z]{2,}(?: [A-Z]{2,})*)\s*[:：]\s")
_TIMESTAMP = re.compile(
    r"^\W*\d{1,2}[:.h]\d{2}\s*(?:uhr|am|pm|a\.m\.|p\.m\.|[A-Z]{2,4})?\b\s*(?:[-–—|:,]|$|(?=[A-Z]))", re.IGNORECASE
)
_SCORES = re.compile(r"^[A-Z][\w .’'-]{2,30}\s\d{1,3}\s?[-–:]\s?\d{1,3}\b")
_LIST_MARK = re.compile(r"^(?:\d{1,2}[.)]|#\d|[-*•–·▪►])\s")

_AGENCIES = r"AP|Reuters|REUTERS|AFP|CNN|UPI|PTI|ANI|IANS|dpa|DPA|EFE|Xinhua|ANSA|Lusa|LUSA|APA|PA|TASS|Bloomberg|BBC|CBS|NBC|ABC|KUTV"
_PLACE = r"[A-ZÀ-Þ][\w.’'-]*(?:[ ,/]+(?:de |of |am |la |del )?[A-ZÀ-Þ][\w.’'-]*){0,5}"
_DATELINE = re.compile(
    rf"(?:(?:{_PLACE},?\s*)?(?:\d{{1,2}}\.? \w+\.?,? )?\((?:{_AGENCIES})(?: [A-Z]\w+| ?[/-] ?\w+)*\)\s*(?:[-–—]+\s*)?"
    r"|[A-ZÀ-Þ]{3,}[A-ZÀ-Þ ,./’'-]{0,40}\s?(?:\([A-Za-z /]{2,20}\)\s?)?\s[-–—]{1,2}\s+(?=\S)"
    r"|[A-ZÀ-Þ]{3,}[A-ZÀ-Þ ,.’'-]{0,30}, (?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}) ?(?:\([A-Za-z /]{2,20}\) ?)?[-–—]{1,2}\s+"
    r"|[A-ZÀ-Þ][\w’'-]+(?: (?:de |of |am |la |del )?[A-ZÀ-Þ][\w’'-]+){0,2}(?:, [A-ZÀ-Þ][\w’'.-]+){0,2}\.\s?[-–—]\s?(?=[A-ZÀ-Þ\"“„«])"
    r"|[A-ZÀ-Þ][\w’'-]+(?:/[A-ZÀ-Þ][\w’'-]+)?\s[–—]\s(?=(?:The|A|An|Der|Die|Das|Ein|Eine|El|La|Los|Las|Un|Una|Le|Les|Il|Im|In|Am|Mit|O|Os|As)\s)"
    r")"
)


def furniture(sentence: str, paragraph: str, language: Language) -> str | None:
    """Return what kind of furniture the sentence is, or None for a sentence of the story."""
    if _AT_START.match(sentence) or _ANYWHERE.search(sentence):
        return "page furniture"
    if _is_caption(paragraph):
        return "caption or credit"
    if _TIMESTAMP.match(sentence):
        return "time stamp"
    if _LABEL_SPEAKER.match(sentence) and not _LABEL_SPEAKER.match(sentence + " ").group().startswith("“"):  # type: ignore[union-attr]
        return "labelled line"
    if _SCORES.match(sentence):
        return "list of results"
    return None


def is_label(sentence: str) -> bool:
    """Say whether a line is a list item or a sub-head rather than a sentence."""
    return bool(_LIST_MARK.match(sentence)) or not re.search(r"[.!?…。！？।؟][\"'”’»)\]“」』]*$", sentence)


def dateline_length(text: str) -> int:
    """Return how many characters of the beginning are a dateline such as "LONDON (AP) — ", often 0."""
    match = _DATELINE.match(text)
    return match.end() if match and match.end() < len(text) - 20 else 0


def _is_caption(paragraph: str) -> bool:
    return len(paragraph) < 500 and bool(_CREDIT.search(paragraph))
