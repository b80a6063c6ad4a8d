"""Page furniture: what stands in an article's text and is no part of the story.

Captions, credits, bylines, "read more", newsletter lines, corrections, time stamps, datelines. A
sentence is judged by its own words and by the paragraph around it. The phrases are those of newsrooms
in seven languages; a wrong hit costs one sentence, a missed one is printed.
"""

from __future__ import annotations

import re

__all__ = ["dateline_length", "furniture", "is_label", "speaker_label"]

# How furniture begins: plain text and regular expressions, matched without regard to case.
_BEGINNINGS = (
    # leads elsewhere
    r"(?:also )?read (?:more|also|next|now|our|about|the full|full)",
    r"(?:see|read|watch|listen) also|also read|related\s*(?::|stor|articles|content|news|topics|posts"
    r"|reading)|more (?:on|from|about|in)\b.{0,40}:|find out more",
    r"watch\b.{0,60}:|watch (?:the|our|this|more|live|here|below)|listen (?:to|now|here)|(?:click|tap) (?:here|on|the)",
    r"sign up|subscribe\b|follow (?:us|our|@|live|along|the latest)|join (?:us|our|the conversation)",
    r"get (?:the latest|our|more|unlimited)\b|download (?:the|our|now)|share this|email this"
    r"|continue reading|scroll (?:down|to)",
    r"(?:story|article|report|text) continues|(?:recommended|trending|most read|top stories|popular)\b.{0,20}:",
    r"for more\b|to (?:read|subscribe|contact|learn|find out) more|you (?:can|may) (?:also )?(?:read|listen|watch|find"
    r"|follow|sign|subscribe|unsubscribe)|here(?:'s| is| are)\b|the following (?:chart|table|graph|map|video|list"
    r"|photo|image|infographic)s?\b|pro tip\b|start your (?:day|week|morning)"
    r"|before you go\b",
    r"key (?:takeaways?|points?)|at a glance|in (?:brief|short)\s*:|tl;?dr|conclusion\W*$",
    # pictures
    r"(?:photo|photograph|picture|image|illustration|video|gallery|slideshow|graphic|map)s?\s*[:(|]|photograph\w*:",
    r"pictured\b|file (?:photo|picture|image|pic)|file\s*[-–—:]|in this .{0,40}\b(?:photo|image|picture)\b",
    r"credits?\s*:|source\s*:|sources\s*:|courtesy\b|advertisement\W*$"
    r"|sponsored (?:content|post|article)",
    # the newsroom about itself
    r"editor's (?:note|picks?)|(?:correction|clarification)s?\s*(?:[:(]|$)|note to|updates?\s*:|copyright"
    r"|©|all rights reserved",
    r"this (?:story|article|post|report|piece|interview|page|content|version)\b.{0,60}\b(?:updated|corrected|published"
    r"|amended|edited|produced|sponsored|translated|adapted|affiliate|originally|written)",
    r"(?:first|originally) published|last updated|(?:updated|published|posted|modified) (?:at|on|:|\d)",
    r"(?:additional )?(?:reporting|writing|editing) by|(?:written|edited|compiled|translated|reported) by",
    r"by (?-i:[A-Z])[\w.'-]+ (?-i:[A-Z])[\w.'-]+(?:\s*[|,/–—-]|\W*$)|with (?:reporting|files|additional reporting)",
    r"the views expressed|opinions? expressed|the (?:author|writer) (?:is|was)\b|about the (?:author|writer)",
    r"contact (?:us|the (?:author|writer|reporter|newsroom))|support (?:our|us|independent)|donate\b"
    r"|become a (?:member|sub)",
    r"enable\b|please (?:enable|note|subscribe|see|consider|read|share)|what do you think|comments?\b\s*(?:\(|$)",
    r"if you (?:or someone|have (?:been|any)|would like|are struggling|enjoyed)|do you (?:have|know)|have you\b",
    r"tell us|let us know|send (?:us|your)|thank you for",
    # German
    r"lesen sie|lies auch|mehr (?:zum|zu|dazu|aus|lesen)|auch interessant|zum thema|foto\s*[:(|]|bild\s*[:(|]"
    r"|fotos\s*[:(]",
    r"quellen?\s*:|symbolbild|archivbild|(?:anzeige|werbung)\W*$|abonnieren|hier geht es|folgen sie|weitere (?:infos"
    r"|informationen|nachrichten|artikel|meldungen)|diese[rs]? (?:artikel|text|beitrag|interview)\b|empfohlener",
    r"an dieser stelle finden|mit material von|redaktion\s*:|autor(?:in)?\s*:|stand\s*:|grafik\s*:|video\s*:",
    # Spanish, Portuguese, Italian
    r"le[ae] (?:también|más|aquí|mais|además)|(?:te|le) puede interesar|ver (?:más|también)|suscr[ií]b|síguenos",
    r"sigue (?:leyendo|nuestro)|foto(?:s|grafía)?\s*[:(|]|fuente\s*:|imagen\s*:|vídeo\s*:|con información de",
    r"leia (?:também|mais)|saiba mais|veja (?:também|mais)|inscreva|siga (?:o|a|nosso)|créditos?\s*:"
    r"|leggi (?:anche|tutto)",
    r"iscriviti|seguici|fonte\s*:|riproduzione riservata",
    # French, Dutch
    r"lire (?:aussi|également|la suite)|à lire|voir aussi|abonnez|inscrivez|suivez|crédits?\s*:|cet article",
    r"lees (?:ook|meer|verder)|bekijk ook|volg ons|meld je aan|abonneer|beeld\s*:|bron\s*:|tekst gaat verder"
    r"|dit artikel",
)
_AT_START = re.compile(r"\W*(?:" + "|".join(_BEGINNINGS) + ")", re.IGNORECASE)

# What stands in no news sentence, wherever it stands in it. Lower case, straight apostrophes.
_PHRASES = (
    "contributed to this", "contributed reporting", "contributed this", "all rights reserved", "sign up for",
    "sign up to", "sign up here", "subscribe to", "subscribe now", "subscribe here", "click here", "click the",
    "click on", "follow us", "getty images", "ap photo", "afp photo", "shutterstock", "photo by", "photographed by",
    "photo credit", "image credit", "picture credit", "photo courtesy", "image courtesy", "(pictured", "pictured above",
    "pictured below", "pictured left", "pictured right", "pictured here", "(left)", "(right)", "(above)", "(below)",
    "scroll down", "terms of use", "terms and conditions", "privacy policy", "cookie policy", "uses cookies",
    "use cookies", "of cookies", "accept cookies", "for more information", "for further information",
    "for more details", "visit our", "our website", "our app", "our podcast", "our newsletter", "our live blog",
    "our coverage", "our reporter", "our whatsapp", "story below", "article below", "video below", "video above",
    "gallery below", "list below", "see below", "as shown above", "as shown below", "views expressed",
    "necessarily reflect", "samaritans on", "crimestoppers", "anyone with information", "with any information is asked",
    "https://", "http://", "www.", ".com/", "pic.twitter", "affiliate link", "we may earn", "this article",
    "this story", "©", "liebe leser", "whatsapp-kanal", "datenschutzerklärung", "datenschutzbestimmung",
    "über den datenschutz", "abonnez-vous", "suscríbe", "suscríba", "política de privacidad", "dpa-infocom", "/dpa",
    "dpa/", "(dpa)", "mehr dazu", "weiterlesen", "jetzt lesen", "sigue leyendo", "más información en", "lire la suite",
    "free newsletter", "our readers", "all our readers", "unseren leser", "unsere leser", "allen leser",
    "liebe leserinnen", "nuestros lectores", "nos lecteurs", "nossos leitores", "nostri lettori", "onze lezers",
    "daily newsletter", "weekly newsletter", "newsletter here", "newsletter for", "this newsletter",
    "to the newsletter", "newsletter anmelden", "copyright 20", "file photo", "file picture", "handout photo",
    "handout picture", "photo provided", "image provided", "in this image", "in this photo", "pictured in this",
    "stock photo", "stock image", "photo illustration", "undated photo", "continue reading", "posted by ",
    "advertisement continue",
)  # fmt: skip
_PATTERNS = re.compile(
    r" \| |\b[Uu]pdated:? ?\d|\b\d{1,2}:\d{2} (?:AM|PM) [A-Z]{2,3}\b|"
    r"@[\w-]{1,63}\.\w|#\w{1,40} #\w|\b(?:senior|staff|contributing|freelance|political|a|an|the)"
    r" (?:[\w-]+ )?(?:reporter|columnist|correspondent|editor|contributor) (?:for|at|with|covering) (?:The |[A-Z]{2,})"
    r"|\bcall (?:999|911|101|0\d{3})"
)

_CREDIT = re.compile(
    r"^\W*(?:photo(?:graph)?s?|pictures?|images?|credits?|foto|bild|imagen?|crédits?|beeld|file|fuente|fonte"
    r"|quelle)\s*[:/]"
    r"|\((?:photo|image|picture|ap|foto|bild|credit|afp|reuters|file|courtesy|getty)\b[^)]*\)\s*$"
    r"|(?:[.!?]\s+|^)(?:photo(?:graph)?s?|pictures?|images?|credit|foto|bild|imagen|beeld)\s*:[^.!?]{2,60}$"
    r"|(?:/|—|–\s?)(?:AP|AFP|Reuters|Getty|EPA|dpa|EFE|Shutterstock|PA)\b\W*$",
    re.IGNORECASE,
)
_LONGEST_CAPTION = 500  # characters
_LONGEST_ACRONYMS = 30  # characters
_NAME_AND_AGE = re.compile(r"[^.,;:!?]{10,90}, \d{1,3}\.")  # "Premier Ana Ortiz, 51."
_RUN_TOGETHER = re.compile(
    r"[a-z]{3,}(?:The|An|He|She|It|But|And|We|This|That|Read|For|With|After|When)\b"
    r"|[a-z] (?:It|The|He|She|They|But|This|We|There) [a-z]"
)
_ABOUT_THE_AUTHOR = re.compile(
    r"[A-Z][\w.’'-]+ (?:[A-Z][\w.’'-]+ ){1,3}is (?:an?|the) (?:[\w-]+ ){0,4}"
    r"(?:writer|journalist|author|columnist|reporter|correspondent|commentator|blogger|freelancer)\b"
)
_LABELLED = re.compile(
    r"(?:Q|A|(?:Dr|Prof|Mr|Mrs|Ms|Sr|Sra|Hr|Fr)\. [A-ZÀ-Þ]\w+|[A-ZÀ-Þ]{2,}(?: [A-ZÀ-Þ]{2,})*"
    r"|[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+){0,2})\s?[:：]\s"
)
_TIME_STAMP = re.compile(
    r"\W*\d{1,2}[:.h]\d{2}\s*(?:uhr|am|pm|a\.m\.|p\.m\.|[A-Z]{2,4})?\s*(?:[-–—|:,]|$|(?=[A-Z]))", re.IGNORECASE
)
_SCORES = re.compile(r"(?:[A-ZÀ-Þ][\w.’'-]*\s){1,4}\d{1,3}\s?[-–:]\s?\d{1,3},?\s+[A-ZÀ-Þ]")
_TIMES = re.compile(r"\b(?:\d{1,2}:)?\d{1,2}:\d{2}(?:\.\d+)?\b|\b[A-Z]\w+ \d{1,2}[–-]\d{1,2} [A-Z]")
_LIST_MARK = re.compile(r"(?:\d{1,2}[.)]|#\d+|[-*•–·▪►])\s")
_ENDS = re.compile(r"[.!?…。！？।؟۔][\"'”’»“)\]」』]*$")

_AGENCIES = r"AP|Reuters|REUTERS|AFP|CNN|UPI|PTI|ANI|IANS|dpa|DPA|EFE|Xinhua|ANSA|Lusa|LUSA|APA|PA|TASS|Bloomberg|BBC"
_CAPITAL = r"[A-ZÀ-Þ]"
_PLACE = rf"{_CAPITAL}[\w.’'-]*(?:[ ,/]+(?:de |of |am |la |del )?{_CAPITAL}[\w.’'-]*){{0,5}}"
_NAMES = rf"{_CAPITAL}[\w.’'-]+(?: {_CAPITAL}[\w.’'-]+){{0,2}}"
_DATELINES = (
    # "(CNN)", "LONDON (AP) — ", "Berlin, 3. Mai (dpa) - "
    # "Nendeln, 27.6.2025 – ", "Berlin, 3. Mai 2025 - "
    rf"{_PLACE}, \d{{1,2}}\.\s?(?:\d{{1,2}}\.|\w{{3,9}})\s?\d{{2,4}}\s?[-–—:]+\s*",
    # "Washington, DC, United States: "
    rf"{_NAMES}(?:, {_NAMES}){{1,2}}:\s+(?={_CAPITAL})",
    rf"(?:{_PLACE}(?: \d{{1,2}})?,?\s*)?(?:\d{{1,2}}\.? \w+\.?,? )?\((?:{_AGENCIES})(?: [A-Z]\w+"
    rf"| ?[/-] ?\w+)*\)\s*(?:[-–—]+\s*)?",
    # "WASHINGTON — ", "SAN FRANCISCO, Calif. -- ", "BEIJING, May 3 (Xinhua) -- "
    rf"{_CAPITAL}{{3,}}[A-ZÀ-Þ ,./’'-]{{0,40}}(?:, [A-Z][\w.]+(?: [A-Z][\w.]+){{0,2}}(?: \d{{1,2}})?)?\s?"
    rf"(?:\([A-Za-z /]{{2,20}}\)\s?)?"
    r"\s[-–—]{1,2}\s+(?=\S)",
    # "Santo Domingo.- ", "Madrid. – "
    rf"{_CAPITAL}[\w’'-]+(?: (?:de |del )?{_CAPITAL}[\w’'-]+){{0,2}}(?:, {_CAPITAL}[\w’'.-]+){{0,2}}\.\s?[-–—]\s?"
    rf"(?={_CAPITAL}|[\"“„«])",
    # "Augsburg – Die ", "Harbour City — The "
    rf"{_CAPITAL}[\w’'/-]+(?: {_CAPITAL}[\w’'-]+)?\s[–—]\s(?=(?:The|A|An|Der|Die|Das|Ein|Eine|El|La|Los|Las|Un"
    rf"|Una|Le|Les"
    r"|Il|In|Im|Am|Mit|O|Os|As)\s)",
    # "NEW DELHI: The "
    r"[A-Z]{3,}(?: [A-Z]{2,}){0,2}: (?=(?:The|A|An|In|At|On|Police|Prime|President|Union|Chief)\s)",
)
_DATELINE = re.compile("|".join(_DATELINES))
_LEAST_AFTER_DATELINE = 20  # characters: a shorter rest is no sentence


def furniture(sentence: str, paragraph: str) -> str | None:
    """Return what kind of furniture the sentence is, or None for a sentence of the story."""
    low = sentence.lower().replace("’", "'")
    if _AT_START.match(low if sentence.isupper() else sentence.replace("’", "'")):
        return "page furniture"
    if _ABOUT_THE_AUTHOR.match(sentence):
        return "about the author"
    if any(phrase in low for phrase in _PHRASES) or _PATTERNS.search(sentence):
        return "page furniture"
    if len(paragraph) < _LONGEST_CAPTION and _CREDIT.search(paragraph):
        return "caption or credit"
    if _NAME_AND_AGE.fullmatch(sentence):
        return "caption or credit"
    if sentence.isupper() and len(sentence) > _LONGEST_ACRONYMS:
        return "set in capitals"
    if _TIME_STAMP.match(sentence):
        return "time stamp"
    if _LABELLED.match(sentence) and not dateline_length(sentence):
        return "labelled line"
    if _RUN_TOGETHER.search(sentence):
        return "two lines run together"
    return "list of results" if _SCORES.match(sentence) or len(_TIMES.findall(sentence)) > 2 else None


def speaker_label(paragraph: str) -> str:
    """Return the label that a paragraph of an interview begins with ("Dr. Ortiz:", "Q:"), or ""."""
    match = _LABELLED.match(paragraph)
    return match.group().strip() if match and not dateline_length(paragraph) else ""


def is_label(sentence: str) -> bool:
    """Say whether a line is a list item or a sub-head rather than a sentence."""
    return bool(_LIST_MARK.match(sentence)) or not _ENDS.search(sentence)


def dateline_length(text: str) -> int:
    """Return how many characters of the beginning are a dateline such as "LONDON (AP) — ", often 0."""
    match = _DATELINE.match(text)
    return match.end() if match and match.end() < len(text) - _LEAST_AFTER_DATELINE else 0
