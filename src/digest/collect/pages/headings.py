"""The wordings under which pages put their own key points, and their lists of what is read most.

Words as found on news pages in a score of languages, compared without case, articles and marks.
"""

from __future__ import annotations

import re
from enum import IntEnum

from lxml.html import HtmlElement

__all__ = ["Claim", "heading_text", "is_key_points_heading", "is_plain_key_points_heading", "popularity_claim"]

MAX_HEADING_CHARACTERS = 70
_MARKS = ' \t\n\u00a0•*|–—-#:.!?…>»›→▶"“”'
_LEADING = re.compile(
    r"^(?:the|our|your|today's|die|das|der|les|le|la|los|las|lo|el|i|gli|os|as|o|de|het|\d{1,2}|three|four|five|six|ten)\s+"
)


class Claim(IntEnum):
    """What a heading says of the stories below it; the lower, the plainer a count of readers."""

    READ = 0
    POPULAR = 1
    TRENDING = 2


def heading_text(element: HtmlElement) -> str:
    """Return the text of `element` on one line, or "" when it is too long for a heading: long ones are not walked."""
    first = element.text or ""
    if len(first) > MAX_HEADING_CHARACTERS and len(first.strip()) > MAX_HEADING_CHARACTERS:
        return ""
    parts, length = [] if len(element) else [first], 0
    for part in element.itertext() if len(element) else ():
        length += len(part.strip())
        if length > MAX_HEADING_CHARACTERS:
            return ""
        parts.append(part)
    line = "".join(parts)
    return re.sub(r"\s+", " ", line).strip(" \t\n•*|–—-") if line and not line.isspace() else ""


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in text.splitlines() for phrase in line.split("·") if phrase.strip())


_KEY_POINTS = _phrases(
    """
    key takeaways · key takeaway · key points · key facts · key findings · key insights · key highlights
    key messages · takeaways · takeaway · main points · main takeaways · main ideas · highlights · story highlights
    article highlights · report highlights · news highlights · quick facts · fast facts · quick summary · quick read
    quick take · quick look · article summary · news summary · story summary · ai summary · ai-generated summary
    summary · in summary · in brief · at a glance · in short · in a nutshell · tl;dr · tldr · bottom line
    the bottom line · why it matters · need to know · what to know · what you need to know · what you should know
    what you'll learn · things to know · key things to know · essentials · in this story · wichtigste in kürze
    wichtigste im überblick · wichtigste auf einen blick · wichtigste zum thema · wichtigste · wichtigsten punkte
    wichtigsten fakten · wichtigsten erkenntnisse · wichtigsten infos · wichtigsten punkte in kürze
    wichtigsten infos im überblick · wichtigsten fakten im überblick · in kürze · kurz und knapp · kurz & knapp
    kurz und bündig · kurz zusammengefasst · kurz gefasst · kurz gesagt · auf einen blick · im überblick
    darum geht's · darum geht es · zusammenfassung · zusammengefasst · kort fortalt · kort sagt · kort om saken
    kortversjonen · sammendrag · oppsummert · saken oppsummert · kortversionen · sammanfattning · det viktigaste
    det här vet vi · kort nyt · overblik · det vigtigste · kort sammenfatning · essentiel · l'essentiel
    essentiel en bref · l'essentiel en bref · ce qu'il faut savoir · ce qu'il faut retenir · points clés
    points essentiels · points forts · à retenir · en résumé · résumé · en bref · puntos clave · puntos importantes
    puntos principales · claves · claves de la noticia · en resumen · resumen · más importante · esencial
    que debes saber · que hay que saber · en pocas palabras · en breve · que sabemos · pontos-chave · pontos chave
    principais pontos · resumo · em resumo · destaques · que você precisa saber · que é preciso saber · em síntese
    in sintesi · sintesi · punti chiave · punti principali · in pillole · cosa sapere · in breve · in het kort
    kort samengevat · samengevat · samenvatting · kernpunten · dit moet je weten · belangrijkste punten · w skrócie
    najważniejsze informacje · najważniejsze punkty · kluczowe informacje · kluczowe wnioski · podsumowanie · lyhyesti
    tiivistelmä · pääkohdat · özet · özetle · öne çıkanlar · коротко · кратко · главное · коротко о главном · 요약
    핵심 · 핵심 요약 · 3줄 요약 · 要点 · まとめ · この記事のポイント · ポイント · 摘要 · 重点 · 重點
    """
)
# Those that begin no sentence of a text: "In short: nobody knows" and "Summary: …" do.
_PLAIN_KEY_POINTS = _phrases(
    """
    key takeaways · key takeaway · key points · key point · key facts · key findings · key insights · key highlights
    takeaways · main points · main takeaways · highlights · story highlights · article highlights · quick facts
    fast facts · at a glance · what to know · what you need to know · wichtigste in kürze · wichtigste im überblick
    wichtigste auf einen blick · wichtigsten punkte · wichtigsten fakten · auf einen blick · darum geht's
    l'essentiel · essentiel · points clés · ce qu'il faut retenir · à retenir · puntos clave · claves de la noticia
    pontos-chave · principais pontos · punti chiave · in pillole · kort fortalt · kernpunten · belangrijkste punten
    najważniejsze informacje · öne çıkanlar · 핵심 요약 · 要点
    """
)
_KEY_POINTS_TAIL = re.compile(
    r"\s+(?:of|from|in|about|on|for|zum|zur|des|der|von|du|de|del|della|sur)\s.{2,50}$|\s*\(.{1,30}\)$"
)

_READ = _phrases(
    """
    most read · most viewed · most popular · most visited · most clicked · most watched · most read articles
    most read stories · most read news · most popular articles · most popular stories · most popular posts
    most popular news · most viewed articles · most viewed stories · read most · meistgelesen · meistgelesene artikel
    am meisten gelesen · meistgeklickt · meistgelesene · meistgelesene beiträge · beliebteste artikel
    beliebteste beiträge · meist gelesen · meistgesehen · más leído · mas leído · más leido · mas leido · más leídas
    más leídos · noticias más leídas · más visto · más vistas · más vistos · más popular · más populares · mais lidas
    mais lidos · mais vistas · mais vistos · mais populares · notícias mais lidas · + lidas · plus lus · plus lu
    articles les plus lus · plus consultés · plus populaires · plus vus · articles les plus populaires · più letti
    più lette · più visti · più popolari · articoli più letti · notizie più lette · meest gelezen · best gelezen
    meest bekeken · mest lest · mest leste · mest läst · mest lästa · mest læst · mest læste · mest populære
    luetuimmat · najczęściej czytane · najpopularniejsze · najchętniej czytane · çok okunanlar · en çok okunanlar
    самое читаемое · самые читаемые · самое популярное · популярное · 많이 본 뉴스 · 가장 많이 본 뉴스 · 많이 본 기사
    인기 뉴스 · 인기기사 · 많이 읽은 기사 · アクセスランキング · 人気記事 · 人気の記事 · よく読まれている記事
    热门新闻 · 热门文章 · 熱門新聞 · 熱門文章 · 最多人看 · 最受歡迎
    """
)
_POPULAR = _phrases(
    """
    popular · popular now · popular articles · popular stories · popular posts · popular news · popular reads
    more popular · most shared · most discussed · most commented · most emailed · reader favorites · reader favourites
    beliebt · beliebte artikel · beliebte beiträge · meistgeteilt · meistkommentiert · populaires
    articles populaires · populares · posts populares · noticias populares · más compartido · más comentado
    mais comentadas · popolari · populair · populärt · populært · ランキング · 人気 · 热门 · 熱門 · 인기
    """
)
_TRENDING = _phrases(
    """
    trending · trending now · trending stories · trending news · trending articles · trending posts · trending today
    what's hot · what's trending · hot right now · hot now · tendencias · tendances · em alta · im trend · di tendenza
    """
)
_TIME_TAIL = re.compile(
    r"\s+(?:now|today|right now|this (?:week|month|hour)|of the (?:day|week|month)|in the last \d+ (?:hours|days)"
    r"|der woche|heute|diese woche|del día|de hoy|de la semana|do dia|hoje|da semana|du jour|de la semaine"
    r"|aujourd'hui|di oggi|della settimana|vandaag|i dag|idag|siste døgn)$"
)
# "Most read in Sport", "Lo más leído por los socios": counted, but not over all stories or readers.
_PART_TAIL = re.compile(r"\s+(?:in|on|from|by|por|de|en|sur|em|aus|su|på)\s[\w. ]{2,30}$")


def is_key_points_heading(text: str) -> bool:
    """Return whether `text` announces the key points of a story."""
    plain = _plain(text)
    return _is_among(plain, _KEY_POINTS) or _is_among(_KEY_POINTS_TAIL.sub("", plain), _KEY_POINTS)


def is_plain_key_points_heading(text: str) -> bool:
    """Return whether `text` announces key points even where it stands in one line with them."""
    return _is_among(_plain(text), _PLAIN_KEY_POINTS)


def popularity_claim(text: str) -> Claim | None:
    """Return what `text` claims of the stories below it, or None when it is no such heading."""
    plain = _TIME_TAIL.sub("", _plain(text))
    for claim, phrases in ((Claim.READ, _READ), (Claim.POPULAR, _POPULAR), (Claim.TRENDING, _TRENDING)):
        if _is_among(plain, phrases):
            return claim
        if _is_among(_PART_TAIL.sub("", plain), phrases):
            return max(claim, Claim.POPULAR)
    return None


def _plain(text: str) -> str:
    """Return `text` as headings are compared, "" when it is too long to be one."""
    plain = re.sub(r"\s+", " ", text.casefold().replace("’", "'").strip(_MARKS))
    return plain if len(plain) <= MAX_HEADING_CHARACTERS else ""


def _is_among(plain: str, phrases: frozenset[str]) -> bool:
    for _ in range(3):  # "the 5 key takeaways": as it is, and without one or two leading words
        if plain in phrases:
            return True
        plain = _LEADING.sub("", plain)
    return False
