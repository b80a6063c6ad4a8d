"""Invented editions whose letters are kept: a full one, a bare one, and one that means harm, from right to left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from digest.model import (
    Brief,
    Choice,
    Cluster,
    Condition,
    Edition,
    Passage,
    Pick,
    Publication,
    Sponsor,
    Story,
    Takeaway,
    Weather,
)
from digest.render import combine, compose

__all__ = ["ARABIC", "BARE", "COMBINED", "FULL", "GERMAN", "HOSTILE"]

_SLOT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
_HERALD = Publication(
    name="The Harbour Herald",
    url="https://harbourherald.example",
    sender="The Harbour Herald <news@harbourherald.example>",
    postal_address="The Harbour Herald, 1 Quay Street, Port Ellery PE1 4QS",
    language="en-GB",
    timezone="Europe/London",
    base_url="https://news.harbourherald.example",
    reply_to="editors@harbourherald.example",
)


def _brief(
    slug: str,
    headline: str,
    *takeaways: str,
    author: str = "",
    at: tuple[int, int, int] = (24, 5, 40),
    updated: tuple[int, int, int] | None = None,
    short: str = "",
    picture: str = "",
    alt: str = "",
    credit: str = "",
    body: tuple[Passage, ...] = (),
    teaser: str = "",
    also: tuple[Story, ...] = (),
    language: str = "",
) -> Brief:
    story = Story(
        url=f"https://harbourherald.example/{slug}",
        title=headline,
        authors=tuple(filter(None, (author,))),
        language=language,
        published_at=datetime(2026, 11, at[0], at[1], at[2], tzinfo=UTC),
        updated_at=datetime(2026, 11, updated[0], updated[1], updated[2], tzinfo=UTC) if updated else None,
        image_url=f"https://harbourherald.example/pictures/{picture}" if picture else "",
        image_alt=alt,
        image_credit=credit,
    )
    return Brief(
        story=story,
        headline=headline,
        takeaways=tuple(Takeaway(text, story.id) for text in takeaways),
        teaser=teaser,
        body=body,
        also_covered_by=also,
        short_headline=short,
    )


def _edition(
    publication: Publication,
    title: str,
    briefs: tuple[tuple[Brief, ...], tuple[Brief, ...], tuple[Brief, ...], tuple[Brief, ...]],
    *,
    section: str = "politics",
    zone: str = "Europe/London",
    place: str = "",
    weather: Weather | None = None,
) -> Edition:
    """Compose an edition of lead, top, popular and more."""
    lead, top, popular, more = (tuple(Pick(Cluster(brief.story), 1.0) for brief in part) for part in briefs)
    return compose(
        section=section,
        title=title,
        slot=_SLOT,
        publication=publication,
        zone=ZoneInfo(zone),
        place=place,
        weather=weather,
        choice=Choice(lead=lead[0] if lead else None, top=top, popular=popular, more=more),
        briefs={brief.story.id: brief for part in briefs for brief in part},
    )


_LEAD = _brief(
    "politics/night-ferry",
    "Council backs a night ferry to Saltmarsh Island, and will ask the island to help pay for it",
    "The council voted 14 to 9 for a ferry that sails every hour between 22:00 and 04:00 from 1 March.",
    "Islanders will pay a levy of £38 a household each year; visitors will pay a fare of £6.50 each way.",
    "The operator, Ellery Lines, must keep two boats ready, after last winter’s eleven cancelled nights.",
    "Opponents say that the levy was never put to the island and want a vote before the first sailing.",
    author="Marian Okafor",
    at=(23, 21, 15),
    updated=(24, 6, 5),
    short="Council backs night ferry to Saltmarsh Island",
    picture="ferry.png",
    alt="The evening ferry leaves the inner harbour with its lights on, the town behind it",
    credit="Ines Valente",
    body=(
        Passage("What was decided?", is_subhead=True),
        Passage(
            "After four hours of debate the council approved a three-year trial of a ferry through the night. "
            "Until now the last boat has left at 21:40, which keeps shift workers of the hospital and the "
            "fish market on the mainland until morning."
        ),
        Passage("Who pays?", is_subhead=True),
        Passage(
            "The service costs £1.9 million a year. Half comes from the county’s transport fund, a third from "
            "fares, and the rest from a levy on the island’s 4,200 households. “It is the price of a weekly "
            "loaf,” said the transport lead, Dorothea Pell."
        ),
        Passage("What happens next?", is_subhead=True),
        Passage(
            "Ellery Lines has until 15 January to name its boats and crews. A group of islanders has announced "
            "a petition; with 420 signatures the council would have to hear them again before the first sailing."
        ),
    ),
    also=(
        Story(url="https://coastradio.example/news/ferry-vote", title="Night boats for Saltmarsh"),
        Story(url="https://www.thetidetimes.example/2026/11/ferry", title="Saltmarsh to pay for its ferry"),
        Story(url="https://harbourherald.example/politics/ferry-levy-explained", title="The ferry levy, explained"),
    ),
)

_TOP = (
    _brief(
        "politics/harbour-master",
        "Harbour master resigns over the report that nobody was meant to read",
        "Piers Aldous leaves at the end of the month after nineteen years in the post.",
        "A report of 2024, released yesterday, had warned of cracks in the north pier’s footing.",
        "The council says that it got the report only in October; Mr Aldous disputes that.",
        author="Tomas Reid",
        at=(24, 5, 10),
        short="Harbour master resigns over pier report",
        picture="pier.png",
        alt="The north pier at low tide, its footing in the mud",
    ),
    _brief(
        "politics/tram",
        "Tram line to Eastcliff slips to 2029",
        "Tunnelling under Fuller’s Hill has met a second spring, and must stop until it is drained.",
        "The delay adds £12 million, which the county and the council will share.",
        "Replacement buses will run until then, every eight minutes at peak times.",
        "A first section, as far as the market, could still open in 2028.",
        author="Adaeze Lindqvist",
        at=(23, 16, 30),
        updated=(23, 19, 0),
        short="Tram line to Eastcliff slips to 2029",
        picture="tram.png",
        alt="A tram at its stop in the evening",
    ),
    _brief(
        "politics/rents",
        "Rents in Port Ellery may rise by no more than 3 per cent a year",
        "The cap holds for five years and for all flats that were built before 2015.",
        "Landlords can ask for more only after they have insulated a flat, and by 6 per cent at most.",
        author="Marian Okafor",
        at=(23, 14, 5),
        short="Rents to be capped at 3 per cent a year",
        also=(Story(url="https://coastradio.example/news/rents", title="Rent cap agreed"),),
    ),
    _brief(
        "politics/school-meals",
        "Every primary school will serve a free hot lunch from the spring, paid for by the sale of the old customs "
        "house and its two warehouses",
        "2,900 children get the meals, a thousand more than today.",
        "Four schools without a kitchen will be served from the college’s.",
        "The money lasts for six years; after that the council must find £1.1 million a year.",
        author="Jo Santangelo",
        at=(23, 11, 50),
        short="Free hot lunches in every primary school",
    ),
    _brief(
        "politics/marea",
        "El puerto pesquero abre sus puertas a los vecinos el domingo",
        teaser="La cooperativa enseñará la lonja, los barcos y el nuevo frigorífico, con entrada libre desde las diez.",
        at=(22, 17, 20),
        short="El puerto pesquero abre sus puertas",
        language="es",
    ),
)

_MORE = (
    _brief("politics/library", "Library to stay open on Sundays after a trial that filled it", author="Jo Santangelo"),
    _brief("politics/parking", "Parking on the quay will cost £2 an hour from May", at=(23, 9, 0)),
    _brief("politics/bees", "Two hundred beehives may stay on the roofs of the old town", author="Tomas Reid"),
    _brief("politics/clock", "Town hall clock stopped for repairs until Easter", at=(22, 13, 0)),
)

_POPULAR = (
    _brief(
        "politics/seagulls", "What the council’s gull officer does all day", author="Adaeze Lindqvist", at=(22, 8, 0)
    ),
    _brief("politics/budget", "The budget in seven charts", at=(23, 7, 30)),
    _brief("politics/mayor", "Mayor Quist: “I have missed the last ferry more often than anyone”", at=(23, 18, 0)),
    _brief("politics/map", "Map: where the new bus lanes will run", at=(22, 15, 45)),
    _brief("politics/hall", "Why the assembly hall smells of oranges again", at=(21, 10, 0)),
)

FULL = replace(
    _edition(
        _HERALD,
        "Politics",
        ((_LEAD,), (replace(_TOP[0], is_update=True, section_title="Business"), *_TOP[1:]), _POPULAR, _MORE),
        place="Port Ellery",
        weather=Weather(6.6, "°C", Condition.PARTLY_CLOUDY, _SLOT),
    ),
    note="The council votes at ten. We will be there.\nTomorrow’s letter has the result.",
    sponsors=(Sponsor("Marram Ferries", "Two sailings an hour until Christmas.", "https://ferries.example/?a=1&b=2"),),
)

GERMAN = _edition(
    Publication(
        name="Hafenbote",
        url="https://hafenbote.example",
        sender="Hafenbote <post@hafenbote.example>",
        postal_address="Hafenbote, Kaistraße 1, 24103 Hafenstadt",
        language="de",
        timezone="Europe/Berlin",
        base_url="https://post.hafenbote.example",
    ),
    "Wirtschaft",
    (
        (
            _brief(
                "wirtschaft/schiff",
                "Donaudampfschifffahrtsgesellschaft kauft zwei Elektrofähren",
                "Die Elektrofähren ersetzen im Frühjahr die beiden ältesten Dieselschiffe.",
                "Das Verkehrsinfrastrukturfinanzierungsgesetz zahlt die Hälfte des Kaufpreises.",
                author="Änne Groß",
                body=(
                    Passage("Wer bezahlt die Hochgeschwindigkeitsladestationen?", is_subhead=True),
                    Passage("Die Stadt baut drei Ladestationen an der Kaimauer und vermietet sie an die Reederei."),
                ),
            ),
        ),
        (
            _brief(
                "wirtschaft/steuer",
                "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung tritt in Kraft",
                "Über Grundstücke am Hafen entscheidet von Januar an das Wirtschaftsministerium.",
                updated=(24, 6, 50),
            ),
            _brief("wirtschaft/fisch", "Fischer fangen weniger Hering", teaser="Im Oktober waren es 40 Tonnen."),
        ),
        (_brief("wirtschaft/kran", "Der alte Kran am Nordkai wird verkauft"),),
        (_brief("wirtschaft/zoll", "Zollamt zieht in die Speicherstadt"),),
    ),
    section="business",
    zone="Europe/Berlin",
    place="Hafenstadt",
    weather=Weather(-1.2, "°C", Condition.SNOW, _SLOT),
)

ARABIC = _edition(
    Publication(
        name="صدى الميناء",
        url="https://sada.example",
        sender="صدى الميناء <post@sada.example>",
        postal_address="صدى الميناء، شارع الرصيف 1، مدينة الميناء",
        language="ar",
        timezone="Africa/Cairo",
        base_url="https://post.sada.example",
    ),
    "سياسة",
    (
        (
            _brief(
                "siyasa/abbara",
                "المجلس يوافق على عبّارة ليلية إلى الجزيرة",
                "صوّت المجلس بأغلبية 14 مقابل 9 لصالح عبّارة تبحر كل ساعة بين 22:00 و04:00.",
                "تدفع كل أسرة في الجزيرة رسما قدره 38 دينارا في السنة.",
                author="ليلى منصور",
                picture="ferry.png",
                alt="العبّارة المسائية تغادر الميناء الداخلي",
                body=(
                    Passage("من يدفع؟", is_subhead=True),
                    Passage("تدفع المقاطعة نصف التكلفة، ويدفع صندوق الطرق الباقي."),
                ),
            ),
        ),
        (
            _brief(
                "siyasa/mudir",
                "مدير الميناء يستقيل بعد تقرير عن الرصيف",
                "يغادر المدير في نهاية الشهر بعد تسعة عشر عاما.",
                updated=(24, 6, 50),
                picture="pier.png",
                alt="الرصيف الشمالي",
            ),
            _brief(
                "en/tram",
                "Tram line to Eastcliff slips to 2029",
                "The delay adds £12 million, which the county and the council will share.",
                language="en",
            ),
        ),
        (_brief("siyasa/nawras", "ماذا يأكل النورس في الشتاء"),),
        (_brief("siyasa/maktaba", "المكتبة تفتح أبوابها يوم الأحد"),),
    ),
    zone="Africa/Cairo",
    place="مدينة الميناء",
    weather=Weather(19.4, "°C", Condition.CLEAR, _SLOT),
)

BARE = _edition(
    Publication(
        name="Ellery Science Letter",
        url="https://harbourherald.example",
        sender="news@science.example",
        postal_address="PO Box 7, Port Ellery",
        base_url="https://news.science.example",
    ),
    "Science",
    (
        (
            _brief(
                "science/eelgrass",
                "Eelgrass is back",
                "Divers counted 31 hectares off the breakwater, four times as much as in 2021.",
                "Young cod were found in every meadow that they looked at.",
            ),
        ),
        (
            _brief(
                "science/meteorite",
                "A meteorite the size of a walnut was in the museum’s drawer for ninety years, labelled as slag from "
                "the old ironworks by a hurried hand",
                "A student found it while she was sorting magnets.",
            ),
            _brief("science/tide", "New tide tables allow for the bar", teaser="The bar has grown by half a metre."),
        ),
        (),
        (),
    ),
    section="science",
)

_BOMB = "\x1b]0;owned\x07\u202e<script>alert(1)</script> {{ 7*7 }} =?utf-8?q?x?= \x00\u200b]]> --> & “ok”"

HOSTILE = _edition(
    Publication(
        name="صحيفة الميناء",
        url="https://mina.example",
        sender="صحيفة الميناء <news@mina.example>",
        postal_address="شارع الرصيف ١ <b>الميناء</b>",
        language="ar",
        timezone="Africa/Cairo",
        base_url="https://news.mina.example",
    ),
    "سياسة",
    (
        (
            Brief(
                Story(
                    url="javascript:alert(1)",
                    title="x",
                    authors=("</p><script>",),
                    image_url='https://mina.example/a.jpg?x="onerror="alert(1)',
                    image_alt='"><img src=x onerror=alert(1)>',
                    published_at=_SLOT,
                ),
                "المجلس يوافق على عبّارة ليلية إلى الجزيرة ويطلب من سكانها المساهمة في تكلفتها",
                (Takeaway(_BOMB), Takeaway("تبحر العبّارة كل ساعة من العاشرة مساءً حتى الرابعة فجرًا.")),
                body=(Passage(_BOMB, is_subhead=True), Passage("xdeadbeefdeadxunsubscribex")),
                also_covered_by=(
                    Story(url="data:text/html,x", title="x"),
                    Story(url="https://bank.example@evil.example/", title="x"),
                    Story(url="https://radio.example/خبر", title="x"),
                ),
                short_headline="عبّارة ليلية إلى الجزيرة",
            ),
        ),
        (
            Brief(
                Story(url='https://mina.example/a b"c<d>', title="x", language="en", published_at=_SLOT),
                f"Line one\r\nBcc: someone@example.com {_BOMB}",
                (Takeaway("An English story in an Arabic letter keeps its own direction."),),
            ),
            Brief(
                Story(url="https://mina.example/2", title="x"),
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
                (Takeaway("قصة أخرى."),),
            ),
        ),
        (Brief(Story(url="vbscript:x", title="x"), "الأكثر قراءة اليوم"),),
        (Brief(Story(url="//no-scheme.example/x", title="x"), "خبر آخر"),),
    ),
    zone="Africa/Cairo",
    place="الميناء",
    weather=Weather(-0.2, "°C", Condition.CLEAR_NIGHT, _SLOT),
)

_SPORT = _edition(
    FULL.publication,
    "Sport",
    (
        (
            _brief(
                "sport/rovers",
                "Rovers win the county cup in the ninety-first minute",
                "A header from the captain, Imke Sauer, decided the final before 9,100 people at Netloft Park.",
                "It is the club’s first cup since 1987; the women’s side plays its own final on Sunday.",
                author="Pelle Quist",
                at=(23, 22, 40),
                picture="rovers.png",
                alt="The captain holds up the cup under floodlights",
            ),
        ),
        (
            FULL.top[0],
            _brief(
                "sport/eight",
                "Rowing club orders an eight for the regatta",
                "Members chose a carbon shell that costs £41,000, and sold the old boat to a school.",
                at=(23, 17, 5),
            ),
        ),
        (_brief("sport/marathon", "Marathon crosses the viaduct twice", at=(23, 12, 0)),),
        (),
    ),
    section="sport",
)
COMBINED = combine([FULL, _SPORT], "politics+sport/2026-11-24")
"""Two sections in one letter; the second shares a story with the first."""
