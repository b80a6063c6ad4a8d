"""Words that give a story's section away: the last resort where a publisher labels nothing.

Each list holds English words that rarely stand in another section's news. `ALIASES` are the names
that publishers give to the same section, in several languages.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ALIASES", "LEXICON"]

ALIASES: Mapping[str, frozenset[str]] = {
    section: frozenset(name.strip() for name in names.split(","))
    for section, names in {
        "politics": (
            "politics, political, government, elections, election, parliament, congress, white house, us "
            "politics, uk politics, national politics, policy, politik, innenpolitik, politique, politica, "
            "gobierno, politiek, politikk, siyaset"
        ),
        "business": (
            "business, economy, economics, finance, financial, money, markets, companies, economy and business, "
            "business and economy, wirtschaft, finanzen, economie, entreprises, argent, economia, negocios, "
            "empresas, mercados, finanza, ekonomi"
        ),
        "science": (
            "science, sciences, science and environment, space, environment, climate, nature, wissenschaft, "
            "wissen, umwelt, klima, sciences et environnement, ciencia, ciencias, medio ambiente, scienza, "
            "scienze, ambiente, wetenschap, bilim"
        ),
        "sport": (
            "sport, sports, football, soccer, cricket, rugby, tennis, golf, basketball, baseball, athletics, "
            "cycling, formula 1, fussball, deportes, deporte, futbol, calcio, desporto, esporte, esportes, spor"
        ),
        "technology": (
            "technology, tech, technologies, digital, gadgets, internet, computing, technik, netzwelt, high tech, "
            "technologie, numerique, tecnologia, teknoloji"
        ),
        "culture": (
            "culture, arts, art, entertainment, arts and entertainment, arts and culture, film, movies, music, "
            "books, tv, television, theatre, theater, stage, celebrity, showbiz, kultur, unterhaltung, "
            "feuilleton, kino, musik, livres, musique, cinema, cultura, entretenimiento, espectaculos, musica, "
            "libros, spettacoli, kultuur, cultuur"
        ),
        "health": (
            "health, wellness, wellbeing, medicine, health and fitness, gesundheit, medizin, sante, salud, "
            "salute, saude, gezondheid, saglik"
        ),
        "world": (
            "world, international, world news, foreign, abroad, global, ausland, aussenpolitik, welt, monde, "
            "etranger, mundo, internacional, internacionales, mondo, esteri, buitenland, wereld, dunya"
        ),
    }.items()
}

LEXICON: Mapping[str, frozenset[str]] = {
    section: frozenset(words.split())
    for section, words in {
        "politics": (
            "ballot cabinet campaigner candidate coalition commons congressional congressman conservative "
            "constituency council councillor democrat democratic election electoral electorate filibuster "
            "governor impeachment labour lawmaker legislation legislature liberal lord manifesto mayor midterm "
            "minister mp mps ombudsman opposition parliament parliamentary party policy politician poll pollster "
            "populist premier president presidential referendum republican senate senator tory tories veto vote "
            "voter whip backbencher chancellor bill"
        ),
        "business": (
            "acquisition analyst bank banking bankruptcy billion bond broker ceo commodity company consumer "
            "creditor currency deficit dividend dollar earnings economic economist economy employer euro export "
            "finance firm forecast gdp growth import inflation investment investor invoice ipo lender loan margin "
            "market merger mortgage oil pension price profit quarter quarterly recession retail retailer revenue "
            "sales sector share shareholder stock subsidiary supplier takeover tariff trade trader turnover yen"
        ),
        "science": (
            "ancestor archaeologist asteroid astronaut astronomer astronomy atmosphere atom bacteria biodiversity "
            "biologist biology carbon chemist climate comet coral dinosaur dna ecologist ecology ecosystem "
            "emission evolution evolutionary experiment extinct extinction fossil galaxy gene genetic genome "
            "geologist glacier gravity habitat laboratory lunar mammal mars microbe molecule moon nasa "
            "neuroscience orbit organism palaeontologist particle physicist physics planet planetary protein "
            "quantum reef researcher satellite scientist scientific species specimen spacecraft telescope "
            "universe"
        ),
        "sport": (
            "athlete athletic ball bat batsman bowler captain champion championship club coach cup defeat "
            "defender derby finalist fixture football footballer game goal goalkeeper halftime injury innings "
            "knockout league manager marathon match medal medallist midfielder offside olympic olympics opener "
            "penalty pitch player playoff premiership quarterback quarterfinal race referee rugby scorer season "
            "semifinal sprinter squad squash stadium striker substitute team teammate tennis tournament trainer "
            "try umpire victory wicket win winger"
        ),
        "technology": (
            "algorithm android app artificial broadband browser chip chipmaker chatbot computer computing cyber "
            "cybersecurity data device digital download encryption facebook gadget gamer gaming google hacker "
            "hardware internet iphone laptop malware microsoft mobile multimedia network online password phishing "
            "pc platform robot router server silicon smartphone software spam startup streaming tablet tech "
            "technology user video virus web website wireless"
        ),
        "culture": (
            "actor actress album artist artwork audience author award band bestseller broadcaster cast celebrity "
            "chart choreographer cinema comedian comedy concert curator dancer director drama exhibition festival "
            "film filmmaker gallery gig grammy hollywood movie museum music musical musician novel novelist "
            "nomination opera orchestra oscar painter painting playwright poet poetry pop premiere producer "
            "rapper rock role screenplay sequel show singer sitcom song songwriter soundtrack star theatre "
            "theater tv"
        ),
        "health": (
            "alzheimer antibiotic cancer cardiac cardiologist cholesterol chronic clinic clinical clinician "
            "dementia dentist depression diabetes diagnosis disease doctor dose drug epidemic flu gp health "
            "healthcare hospital immune infection infectious insulin maternity measles medical medication "
            "medicine midwife nhs nurse nursing nutrition obesity oncologist outbreak paediatric pandemic patient "
            "pediatric pharmacist pharmacy physician pregnancy prescription psychiatrist surgeon surgery symptom "
            "therapy transplant treatment tumour tumor vaccination vaccine ward"
        ),
        "world": (
            "airstrike ambassador annex armistice asylum bombing border bloc ceasefire civilian consulate coup "
            "diplomat diplomatic drone embassy envoy exile foreign frontline genocide guerrilla hostage "
            "humanitarian insurgent insurgency invasion jihadist junta kremlin militant military militia missile "
            "nato offensive peacekeeper peacekeeping ally pentagon rebel refugee regime sanction separatist "
            "shelling siege summit territory treaty troop truce un unicef war warship"
        ),
    }.items()
}
