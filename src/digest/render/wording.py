"""The fixed words of a letter, by language; English where a language is missing.

Only what every letter says by itself: labels, links, the footer. Dates are Babel's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from digest.model import Condition

__all__ = ["Wording", "is_right_to_left", "wording_for"]

_RIGHT_TO_LEFT = frozenset({"ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "ckb", "dv"})


@dataclass(frozen=True, slots=True)
class Wording:
    """What a letter says in one language. Braces name what is filled in."""

    inside: str
    minutes: str
    takeaways: str
    read: str
    top: str
    more: str
    popular: str
    elsewhere: str
    related: str
    updated: str
    correction: str
    why: str
    preferences: str
    unsubscribe: str
    browser: str
    links: str
    sky: Mapping[Condition, str]


def wording_for(language: str) -> Wording:
    """Return the wording for a BCP 47 tag, judged by its first part."""
    return _WORDINGS.get(language.partition("-")[0].lower(), _WORDINGS["en"])


def is_right_to_left(language: str) -> bool:
    return language.partition("-")[0].lower() in _RIGHT_TO_LEFT


def _sky(*words: str) -> Mapping[Condition, str]:
    return MappingProxyType(dict(zip(Condition, words, strict=True)))


_WORDINGS = {
    "en": Wording(
        inside="Inside today",
        minutes="{count} min read",
        takeaways="Key takeaways",
        read="Read the full story",
        top="Top stories",
        more="More in {section}",
        popular="Most popular",
        elsewhere="Also covered by",
        related="More on this",
        updated="updated {time}",
        correction="Correction: {headline}",
        why="You get this because you asked for the {section} email of {publication}.",
        preferences="Choose what you get",
        unsubscribe="Unsubscribe",
        browser="View in browser",
        links="Links",
        sky=_sky("clear", "clear night", "partly cloudy", "cloudy", "fog", "rain", "snow", "thunderstorm"),
    ),
    "de": Wording(
        inside="Heute im Überblick",
        minutes="{count} Min. Lesezeit",
        takeaways="Das Wichtigste",
        read="Den ganzen Artikel lesen",
        top="Die wichtigsten Themen",
        more="Mehr aus {section}",
        popular="Meistgelesen",
        elsewhere="Auch bei",
        related="Mehr dazu",
        updated="aktualisiert {time}",
        correction="Berichtigung: {headline}",
        why="Sie erhalten diese E-Mail, weil Sie {section} von {publication} bestellt haben.",
        preferences="Auswahl ändern",
        unsubscribe="Abbestellen",
        browser="Im Browser ansehen",
        links="Links",
        sky=_sky("klar", "klare Nacht", "teils bewölkt", "bewölkt", "Nebel", "Regen", "Schnee", "Gewitter"),
    ),
    "fr": Wording(
        inside="Au sommaire",
        minutes="{count} min de lecture",
        takeaways="L’essentiel",
        read="Lire l’article entier",
        top="À la une",
        more="Plus dans {section}",
        popular="Les plus lus",
        elsewhere="Aussi chez",
        related="Sur le même sujet",
        updated="mis à jour {time}",
        correction="Rectificatif : {headline}",
        why="Vous recevez cet e-mail car vous avez demandé {section} de {publication}.",
        preferences="Choisir mes e-mails",
        unsubscribe="Se désabonner",
        browser="Voir dans le navigateur",
        links="Liens",
        sky=_sky("ciel clair", "nuit claire", "éclaircies", "nuageux", "brouillard", "pluie", "neige", "orage"),
    ),
    "es": Wording(
        inside="En esta edición",
        minutes="{count} min de lectura",
        takeaways="Puntos clave",
        read="Leer la noticia completa",
        top="Lo más importante",
        more="Más de {section}",
        popular="Lo más leído",
        elsewhere="También en",
        related="Más sobre esto",
        updated="actualizado {time}",
        correction="Corrección: {headline}",
        why="Recibe este correo porque pidió {section} de {publication}.",
        preferences="Elegir qué recibo",
        unsubscribe="Darse de baja",
        browser="Ver en el navegador",
        links="Enlaces",
        sky=_sky("despejado", "noche despejada", "nubes y claros", "nublado", "niebla", "lluvia", "nieve", "tormenta"),
    ),
    "ar": Wording(
        inside="في عدد اليوم",
        minutes="{count} د قراءة",
        takeaways="أهم النقاط",
        read="اقرأ الخبر كاملًا",
        top="أهم الأخبار",
        more="المزيد من {section}",
        popular="الأكثر قراءة",
        elsewhere="في وسائل أخرى",
        related="المزيد عن الموضوع",
        updated="حُدِّث {time}",
        correction="تصحيح: {headline}",
        why="تصلك هذه الرسالة لأنك طلبت نشرة {section} من {publication}.",
        preferences="اختر ما يصلك",
        unsubscribe="إلغاء الاشتراك",
        browser="عرض في المتصفح",
        links="الروابط",
        sky=_sky("صحو", "ليل صافٍ", "غائم جزئيًا", "غائم", "ضباب", "مطر", "ثلج", "عاصفة رعدية"),
    ),
}
