"""The word lists of German and Dutch."""

from __future__ import annotations

from digest.compress.lexicon.language import ANY_ABBREVIATIONS, Language, listed, phrases, word_set

__all__ = ["DUTCH", "GERMAN"]

GERMAN = Language(
    code="de",
    stop=word_set(
        "ab aber alle allem allen aller als also am an auch auf aus bei beim bis bisher da damit dann das dass dem den"
        " der des die dies diese diesem diesen dieser doch dort durch ein eine einem einen einer eines er es etwa für"
        " gegen hat hatte hatten habe haben hier ich ihr ihre im in ins ist jetzt kann können könnte man mehr mit nach"
        " nicht noch nun nur ob oder ohne rund sagte schon sehr sei sein seine seit sich sie sind so soll sollen über"
        " um und uns unter vom von vor war waren was weil wenn werden wie wieder will wir wird worden wurde wurden zu"
        " zum zur zwei zwischen"
    ),
    pronouns=word_set(
        "er sie es wir ich du ihr ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner seines ihm ihn ihnen uns"
        " unser unsere mein meine dein dies diese dieser dieses diesem diesen jener jene jenes jenem jenen wer"
        " solche solcher derselbe dieselbe mich mir euch"
    ),
    connectives=phrases(
        "kein wunder|der grund|der grund dafür|ein grund dafür|die folge|das ergebnis|das heißt|hinzu kommt"
        "|hinzu kommen|mit anderen worten"
        "|anders gesagt|kurz gesagt|nicht nur das|gleiches gilt|das gleiche gilt|dasselbe gilt|ähnliches gilt"
        "|zusätzlich|spätestens hier|spätestens da|aber|und|oder|doch|jedoch"
        "|allerdings|auch|zudem|außerdem|dann|also|daher|deshalb|deswegen|darum|trotzdem"
        "|dennoch|so|denn|dabei|damit|dafür|dagegen|daraufhin|danach|davor|dazu|darüber|darüber hinaus|hingegen"
        "|unterdessen|inzwischen|indes|stattdessen|ebenso|ferner|schließlich|zum beispiel|beispielsweise|etwa"
        "|einerseits|andererseits|im gegenzug|gleichzeitig|vielmehr|immerhin|somit|demnach|folglich|hier|dort|da"
        "|nun|jetzt|auf diese weise|aus diesem grund|später|zuvor|vorher|sondern|sowie|weder|nämlich|übrigens"
        "|dadurch|davon|daran|darauf|darin|darunter|dorthin|zunächst|anschließend|zuletzt|hinzu|hierzu|hierbei"
        "|hierfür|zugleich|ebenfalls|wiederum"
    ),
    first_person=word_set("ich mich mir mein meine meinen meinem meiner wir uns unser unsere unseren unserem unserer"),
    negations=phrases(
        "nicht|kein*|nie|niemals|niemand*|nichts|ohne|weder|nirgends|verneint*|bestreit*|bestritt*|dementier*|lehn*"
        "|ablehn*|abgelehnt*|verweiger*|kaum"
    ),
    allegations=phrases(
        "vorwurf*|vorgeworfen|vorwürf*|beschuldig*|mutmaßlich*|verdacht*|verdächtig*|angeklagt*|anklag*|töt*|getötet*"
        "|mord*|ermord*|festgenommen|verhaft*|betrug*|korrupt*|gestohlen|schuld*|straft*|angriff*|terror*|verletz*"
        "|erschoss*|bedroh*|illegal*|missbrauch*|misshand*"
    ),
    cues=phrases(
        "laut|zufolge|nach angaben|sagte|sagt|sagten|sagen|erklärt*|betont*|teilte|teilten|berichtet*|meldet*|warf"
        "|wirft|warn*|kündigt*|bestätigt*|meint*|hieß|heißt|so der|so die|mitgeteilt|behauptet*|räumte|soll|sollen"
        "|mutmaßlich*|angeblich*|offenbar"
    ),
    days=word_set(
        "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag heute gestern morgen montagabend"
        " dienstagabend mittwochabend donnerstagabend freitagabend samstagabend sonntagabend"
    ),
    abbreviations=word_set(
        f"{ANY_ABBREVIATIONS} z.b u.a d.h bzw ggf usw evtl inkl mio mrd str hr fr ing dipl geb gest jh s.o v.a i.d.r"
        " o.ä z.t u.s.w sog allg abs art tsd jan feb apr aug sept okt nov dez p.m st bspw vgl min max"
    ),
    suffixes=listed(
        "ungen heiten keiten ischen ische isch lichen liche lich ung heit keit ern est end em en er es te st e n s t"
    ),
)


DUTCH = Language(
    code="nl",
    stop=word_set(
        "aan al alle als andere bij daar dan dat de deze die dit doen door dus een eens en er ge geen had hebben heeft"
        " hem het hier hij hoe hun iets ik in is ja je jaar kan kunnen maar me meer men met mijn moet na naar niet nog"
        " nu of om omdat ondanks ook op over pas per sinds te tegen ten tijdens toch toen tot tussen twee u uit van"
        " veel voor vooral waar waren was wat we wel werd werden wie wil worden wordt ze zei zich zij zijn zo zonder"
        " zou zouden"
    ),
    pronouns=word_set(
        "hij zij ze wij we ik jij je u jullie hem haar hun hen zijn mijn ons onze jouw uw dit dat deze die wie zo'n"
    ),
    connectives=phrases(
        "maar|en|of|echter|toch|ook|bovendien|daarnaast|dan|dus|daarom|desondanks|niettemin|ondertussen|intussen"
        "|verder|tevens|vervolgens|daarna|eerder|later|bijvoorbeeld|zo|want|hierdoor|daardoor|daarbij|daarmee|hiermee"
        "|daarvoor|hier|daar|nu|toen|aan de andere kant|in plaats daarvan|eveneens|overigens|kortom|wel|inmiddels"
    ),
    first_person=word_set("ik mij me mijn wij we ons onze"),
    negations=phrases("niet|geen|nooit|niemand|niets|zonder|noch|nergens|ontken*|weiger*|verwerp*|nauwelijks"),
    allegations=phrases(
        "beschuldig*|vermeend*|verdacht*|verden*|aangeklaagd*|aanklacht*|gedood|doodde*|vermoord*|moord*|arresteer*"
        "|gearresteerd*|fraude*|corrupt*|gestolen|schuld*|misdrijf*|aanval*|terror*|mishandel*|bedreig*|illega*"
    ),
    cues=phrases(
        "volgens|zei|zegt|zeiden|zeggen|verklaar*|meld*|stel*|vertel*|bevestig*|waarschuw*|aldus|laat weten|liet weten"
        "|zou|zouden|vermoedelijk*|vermeend*"
    ),
    days=word_set("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag vandaag gisteren morgen"),
    abbreviations=word_set(
        f"{ANY_ABBREVIATIONS} dhr mevr mw drs ir mr bijv o.a d.w.z m.b.t t.o.v nl enz blz jl mln mld"
    ),
    suffixes=listed("ingen heden lijke lijk heid ende ing en er st te de e s t"),
)
