"""The word lists of seven languages, for the rules that hold only where one knows the words.

Data and nothing else; `languages` says which language a story is in.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "DUTCH",
    "ENGLISH",
    "FRENCH",
    "GERMAN",
    "ITALIAN",
    "PORTUGUESE",
    "SPANISH",
    "UNKNOWN",
    "Language",
    "word_set",
]


@dataclass(frozen=True, slots=True)
class Language:
    """One language's word lists, all in lower case.

    Entries of `negations`, `allegations` and `cues` that end in "*" are beginnings of words. A
    connective that ends in a comma counts only before one ("First, the ..." but not "First Minister").
    """

    code: str
    stop: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()  # pronouns and demonstratives that no bullet may start with
    connectives: tuple[str, ...] = ()  # words and phrases that lean on the sentence before
    first_person: frozenset[str] = frozenset()
    negations: tuple[str, ...] = ()
    allegations: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()  # verbs and phrases that say who said it
    days: frozenset[str] = frozenset()  # weekdays and words like "today"
    abbreviations: frozenset[str] = frozenset()  # without their full stop
    suffixes: tuple[str, ...] = ()  # longest first


def word_set(text: str) -> frozenset[str]:
    """Return the words of a string that lists them."""
    return frozenset(text.split())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(sorted((part.strip() for part in text.split("|")), key=lambda phrase: (-len(phrase), phrase)))


_ANY_ABBREVIATIONS = "prof dr st mr mrs ms jr sr no nr vs etc al approx ca cf fig vol op inc ltd co corp dept univ tel"

ENGLISH = Language(
    code="en",
    stop=word_set(
        "a about above after again against all also am an and any are as at be because been before being below between"
        " both but by can could did do does doing down during each even few for from further get had has have having he"
        " her here hers him himself his how i if in into is it its itself just like made make many may me might more"
        " most much must my new no nor not now of off on once one only or other our out over own said same say says"
        " she should since so some still such than that the their them then there these they this those through to"
        " told too two under until up upon us very was we well were what when where which while who whom why will with"
        " within without would you your s t d ll re ve m mr mrs ms"
    ),
    pronouns=word_set(
        "he she it they we i you his her hers its their theirs our ours my mine your yours him them us me this that"
        " these those who which whom whose himself herself itself themselves he's she's it's they're they've they'll"
        " they'd we're we've we'll we'd i'm i've i'll i'd you're you've you'll you'd he'd he'll she'd she'll it'd it'll"
        " that's this's who's such another"
    ),
    connectives=_phrases(
        "but|and|or|nor|so|yet|however|meanwhile|moreover|furthermore|also|then|thus|therefore|hence|still|instead"
        "|nevertheless|nonetheless|besides|additionally|consequently|accordingly|otherwise|similarly|likewise"
        "|conversely|in addition|for example|for instance|as a result|on the other hand|on the contrary|in contrast"
        "|by contrast|that said|after all|of course|in fact|indeed|in other words|at the same time|as such"
        "|to that end|even so|in turn|in the meantime|in short|in conclusion|to be sure|plus|afterwards|afterward"
        "|elsewhere|here|now|since then|until then|by then|either way|anyway|secondly|thirdly|lastly|finally"
        "|from there|if so|if not|neither|either|both"
        "|others|the latter|the former|namely|perhaps|maybe|ok|okay|in response|in return|in any case|what's more"
        "|unsurprisingly|surprisingly|interestingly|fortunately|unfortunately|hopefully|sadly|luckily"
        "|later,|later that|earlier,|previously|first,|second,|third,|well,|again,|rather,|yes,|no,|oh|too,|there,"
        "|overall,|on top of that|in the process|along the way"
    ),
    first_person=word_set("i me my mine i'm i've i'll i'd myself we our ours us we're we've we'll we'd ourselves"),
    negations=_phrases(
        "no|not|n't|cannot|never|none|nobody|nothing|nowhere|neither|nor|without|denied|deny|denies|denying|denial*"
        "|refus*|reject*|unlikely|hardly|barely|scarcely|fail*|lack*|false|falsely|unable|dispute*|disputing|ain't"
    ),
    allegations=_phrases(
        "alleg*|accus*|charg*|suspect*|claim*|kill*|murder*|arrest*|assault*|rape*|raping|abus*|fraud*|corrupt*|stole*"
        "|steal*|guilt*|crim*|attack*|terror*|convict*|bribe*|bribing|launder*|smuggl*|traffick*|harass*|blam*|sued"
        "|lawsuit*|indict*|shot|shoot*|stabb*|threaten*|violat*|launch*|illegal*|unlawful*|lied|lying|cheat*|dop*"
    ),
    cues=_phrases(
        "said|says|saying|say|told|tells|telling|according to|reported|reports|reporting|report|announced|announces"
        "|added|adds|adding|claimed|claims|claiming|alleged|alleges|alleging|argued|argues|arguing|warned|warns"
        "|warning|stated|states|stating|testified|testifies|confirmed|confirms|confirming|believe|believes|believed"
        "|wrote|writes|insisted|insists|explained|explains|noted|notes|suggested|suggests|accused|accuses|accusing"
        "|acknowledged|acknowledges|admitted|admits|alleging|allegedly|reportedly|apparently|described|describes"
        "|concluded|concludes|found|estimated|estimates|predicted|predicts|quoted|citing|cited|cites|maintains"
        "|maintained|asserted|asserts|recalled|recalls|revealed|reveals|tweeted|posted|thinks|thought|hopes|hoped"
    ),
    days=word_set(
        "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow tonight mon tue wed thu fri"
    ),
    abbreviations=word_set(
        f"{_ANY_ABBREVIATIONS} messrs mmes capt cmdr col gen lt maj sgt cpl pvt adm rev hon gov sen rep reps sens pres"
        " supt det insp jan feb mar apr jun jul aug sept sep oct nov dec mt ft ave blvd rd hwy ala ariz calif colo"
        " conn fla ill ind kan mass mich minn mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ga ky la md"
        " bros assn est min max pp u.s u.k u.n d.c i.e e.g a.m p.m ph.d m.d b.a m.a esq atty dist hr hrs"
    ),
    suffixes=_listed("ations ation ingly ments ment ings edly ness ions ies ied ing ion ers est ed er es ly 's s y e"),
)

SPANISH = Language(
    code="es",
    stop=word_set(
        "a al algo ante antes aunque años cada como con contra cual cuando de del desde donde dos durante e el él ella"
        " ellas ellos en entre era es esa ese eso esta está están estas este esto estos fue fueron ha había han hasta"
        " hay la las le les lo los más me mi mientras muy nada ni no nos o otra otro para pero poco por porque que qué"
        " quien se según ser si sí sido sin sobre son su sus también tanto te tiene tienen toda todo todos tras tu un"
        " una uno unos y ya yo"
    ),
    pronouns=word_set(
        "él ella ello ellos ellas yo tú usted ustedes nosotros nosotras este esta esto estos estas ese esa eso esos"
        " esas aquel aquella aquello aquellos aquellas su sus mi mis tu tus nuestro nuestra nuestros nuestras éste ésta"
        " éstos éstas ése ésa ésos ésas quien quienes cuyo cuya"
    ),
    connectives=_phrases(
        "pero|y|e|o|sin embargo|además|también|así|entonces|por lo tanto|por tanto|por ello|por eso|no obstante"
        "|mientras tanto|por otro lado|por otra parte|por su parte|asimismo|en cambio|de hecho|es decir|por ejemplo"
        "|incluso|tampoco|después|luego|finalmente|en este sentido|en ese sentido|de esta manera|de esta forma"
        "|al respecto|en tanto|allí|ahí|aquí|a su vez|igualmente|ahora|en consecuencia|pese a ello|aun así|con ello"
    ),
    first_person=word_set("yo mi mis me nosotros nosotras nuestro nuestra nuestros nuestras nos conmigo"),
    negations=_phrases(
        "no|nunca|jamás|ningún|ninguno|ninguna|nadie|nada|ni|sin|tampoco|neg*|rechaz*|desmint*|desmient*"
    ),
    allegations=_phrases(
        "acus*|presunt*|supuest*|imput*|denunci*|mat*|asesin*|deten*|detuv*|sospech*|culpa*|delit*|fraud*|corrup*"
        "|rob*|ataqu*|atac*|terror*|viol*|amenaz*|homicid*|ilegal*"
    ),
    cues=_phrases(
        "según|dijo|dice|dicen|dijeron|afirm*|asegur*|señal*|declar*|explic*|indic*|inform*|anunci*|sostuv*|sostien*"
        "|coment*|manifest*|aclar*|añad*|agreg*|denunci*|advirti*|advert*|reconoc*|confirm*|de acuerdo con|revel*"
        "|presuntamente|presunto|presunta|presuntos|presuntas|supuestamente"
    ),
    days=word_set("lunes martes miércoles jueves viernes sábado domingo hoy ayer mañana anoche"),
    abbreviations=word_set(
        f"{_ANY_ABBREVIATIONS} sra srta dra lic ing gral pág págs art núm ud uds av avda ee.uu d dña c"
    ),
    suffixes=_listed(
        "aciones amiento imiento mente ación iones adas ados idas idos ando iendo aron ieron ada ado ida "
        "ido ión ar er ir as os es a o e s ó"
    ),
)

FRENCH = Language(
    code="fr",
    stop=word_set(
        "a à ai ainsi alors après au aucun aussi autre aux avait avec avoir c ce cela ces cet cette ceux chez comme d"
        " dans de depuis des deux donc du elle elles en encore entre est et été être eu fait il ils j je l la le les"
        " leur leurs lui m mais me même moins mon n ne ni non nos notre nous on ont ou où par pas pendant peu plus pour"
        " qu quand que quel qui s sa sans se selon ses si son sont sous sur t tous tout toute très tu un une vers vous"
        " y"
    ),
    pronouns=word_set(
        "il elle ils elles on je tu nous vous ce cela ceci ça cet cette ces celui celle ceux celles son sa ses leur"
        " leurs mon ma mes ton ta tes notre nos votre vos lui eux c'est c'était j'ai qui dont"
    ),
    connectives=_phrases(
        "mais|et|ou|or|donc|car|cependant|pourtant|toutefois|néanmoins|ainsi|aussi|alors|puis|ensuite|enfin|de plus"
        "|en outre|par ailleurs|en effet|par exemple|en revanche|au contraire|du coup|dès lors|pour autant|en fait"
        "|d'ailleurs|par conséquent|pendant ce temps|de son côté|à l'inverse|là|ici|désormais|malgré cela|c'est"
        "|de leur côté|également|autrement dit|bref|quant à"
    ),
    first_person=word_set("je j' j me moi mon ma mes nous notre nos"),
    negations=_phrases("ne|n'|pas|jamais|rien|aucun*|personne|ni|sans|non|nul|nulle|nie|nié|dément*|rejet*|refus*"),
    allegations=_phrases(
        "accus*|soupçonn*|présum*|inculp*|tu*|meurtr*|assassin*|arrêt*|attaqu*|terror*|viol*|fraud*|corrup*|vol*"
        "|coupabl*|crim*|délit*|menac*|illég*|condamn*|poursuiv*"
    ),
    cues=_phrases(
        "selon|d'après|a dit|dit|disent|affirm*|déclar*|assur*|expliqu*|indiqu*|annonc*|précis*|ajout*|estim*|soulign*"
        "|confirm*|rapport*|témoign*|confi*|avertit|averti|reconn*|révél*|présumé*|soupçonn*|aurait|auraient"
    ),
    days=word_set("lundi mardi mercredi jeudi vendredi samedi dimanche aujourd'hui aujourd hier demain"),
    abbreviations=word_set(f"{_ANY_ABBREVIATIONS} m mm mme mlle me ste bd av env p pp art éd"),
    suffixes=_listed("ations ements ation ement ments ment ions ées és ée ion er ez es é e s x"),
)

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
    connectives=_phrases(
        "aber|und|oder|doch|jedoch|allerdings|auch|zudem|außerdem|dann|also|daher|deshalb|deswegen|darum|trotzdem"
        "|dennoch|so|denn|dabei|damit|dafür|dagegen|daraufhin|danach|davor|dazu|darüber|darüber hinaus|hingegen"
        "|unterdessen|inzwischen|indes|stattdessen|ebenso|ferner|schließlich|zum beispiel|beispielsweise|etwa"
        "|einerseits|andererseits|im gegenzug|gleichzeitig|vielmehr|immerhin|somit|demnach|folglich|hier|dort|da"
        "|nun|jetzt|auf diese weise|aus diesem grund|später|zuvor|vorher|sondern|sowie|weder|nämlich|übrigens"
        "|dadurch|davon|daran|darauf|darin|darunter|dorthin|zunächst|anschließend|zuletzt|hinzu|hierzu|hierbei"
        "|hierfür|zugleich|ebenfalls|wiederum"
    ),
    first_person=word_set("ich mich mir mein meine meinen meinem meiner wir uns unser unsere unseren unserem unserer"),
    negations=_phrases(
        "nicht|kein*|nie|niemals|niemand*|nichts|ohne|weder|nirgends|verneint*|bestreit*|bestritt*|dementier*|lehn*"
        "|ablehn*|abgelehnt*|verweiger*|kaum"
    ),
    allegations=_phrases(
        "vorwurf*|vorgeworfen|vorwürf*|beschuldig*|mutmaßlich*|verdacht*|verdächtig*|angeklagt*|anklag*|töt*|getötet*"
        "|mord*|ermord*|festgenommen|verhaft*|betrug*|korrupt*|gestohlen|schuld*|straft*|angriff*|terror*|verletz*"
        "|erschoss*|bedroh*|illegal*|missbrauch*|misshand*"
    ),
    cues=_phrases(
        "laut|zufolge|nach angaben|sagte|sagt|sagten|sagen|erklärt*|betont*|teilte|teilten|berichtet*|meldet*|warf"
        "|wirft|warn*|kündigt*|bestätigt*|meint*|hieß|heißt|so der|so die|mitgeteilt|behauptet*|räumte|soll|sollen"
        "|mutmaßlich*|angeblich*|offenbar"
    ),
    days=word_set(
        "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag heute gestern morgen montagabend"
        " dienstagabend mittwochabend donnerstagabend freitagabend samstagabend sonntagabend"
    ),
    abbreviations=word_set(
        f"{_ANY_ABBREVIATIONS} z.b u.a d.h bzw ggf usw evtl inkl mio mrd str hr fr ing dipl geb gest jh s.o v.a i.d.r"
        " o.ä z.t u.s.w sog allg abs art tsd jan feb apr aug sept okt nov dez p.m st bspw vgl min max"
    ),
    suffixes=_listed(
        "ungen heiten keiten ischen ische isch lichen liche lich ung heit keit ern est end em en er es te st e n s t"
    ),
)

PORTUGUESE = Language(
    code="pt",
    stop=word_set(
        "a à ao aos após as às até cada com como contra da das de dela dele depois desde do dois dos e é ela elas ele"
        " eles em entre era essa esse esta está este eu foi foram há isso já la lhe mais mas me mesmo muito na não nas"
        " nem no nos num numa o os ou para pela pelas pelo pelos por porque qual quando que quem se segundo sem ser seu"
        " seus sobre sua suas são só também tem têm ter um uma você"
    ),
    pronouns=word_set(
        "ele ela eles elas eu tu você vocês nós este esta isto estes estas esse essa isso esses essas aquele aquela"
        " aquilo aqueles aquelas seu sua seus suas meu minha nosso nossa lhe lhes quem cujo cuja"
    ),
    connectives=_phrases(
        "mas|e|ou|porém|contudo|entretanto|no entanto|todavia|além disso|também|assim|então|portanto|por isso"
        "|enquanto isso|por outro lado|já|aliás|ou seja|por exemplo|depois|finalmente|ainda assim|com isso|dessa forma"
        "|desta forma|por sua vez|lá|ali|aqui|agora|nesse sentido|neste sentido|apesar disso|ainda"
    ),
    first_person=word_set("eu me meu minha meus minhas nós nosso nossa nossos nossas"),
    negations=_phrases("não|nunca|jamais|nenhum|nenhuma|ninguém|nada|nem|sem|tampouco|neg*|rejeit*|desment*|recus*"),
    allegations=_phrases(
        "acus*|supost*|suspeit*|indici*|denunci*|mat*|mort*|assassin*|pres*|detid*|culpad*|crim*|fraud*|corrup*|roub*"
        "|ataqu*|atac*|terror*|ameaç*|ilega*"
    ),
    cues=_phrases(
        "segundo|de acordo com|conforme|disse|diz|dizem|disseram|afirm*|declar*|explic*|inform*|anunci*|ressalt*"
        "|destac*|acrescent*|cont*|coment*|alert*|confirm*|revel*|supostamente|suposto|suposta"
    ),
    days=word_set("segunda terça quarta quinta sexta sábado domingo hoje ontem amanhã"),
    abbreviations=word_set(f"{_ANY_ABBREVIATIONS} sra dra av pág art núm exmo prof profa d eng"),
    suffixes=_listed(
        "ações amento imento mente ação adas ados idas idos ando endo indo aram eram iram ada ado ida ido "
        "ões ão ar er ir as os es ou a o e s"
    ),
)

ITALIAN = Language(
    code="it",
    stop=word_set(
        "a ad ai al alla alle allo anche anni c che chi ci come con contro cui d da dal dalla dalle dei del della delle"
        " dello di dopo dove due e è ed era essere fino fra gli ha hanno i il in io l la le lei lo loro lui ma mentre"
        " mi molto ne negli nei nel nella nelle no noi non nostro o per perché più poi prima quale quando quella quello"
        " questa questo qui se secondo sei senza si sia sono stata stati stato su sua sue sugli sui sul sulla suo suoi"
        " tra tutti tutto un una uno va"
    ),
    pronouns=word_set(
        "lui lei loro egli ella esso essa essi esse io tu noi voi questo questa questi queste quello quella quelli"
        " quelle ciò suo sua suoi sue mio mia nostro nostra chi costui costei"
    ),
    connectives=_phrases(
        "ma|e|ed|o|però|tuttavia|inoltre|anche|così|allora|quindi|dunque|perciò|intanto|nel frattempo|d'altra parte"
        "|infatti|invece|ad esempio|per esempio|poi|infine|eppure|comunque|cioè|insomma|del resto|per questo|lì|qui"
        "|ora|a sua volta|dal canto suo|in particolare|ecco|pertanto|nonostante ciò"
    ),
    first_person=word_set("io mi me mio mia miei mie noi nostro nostra nostri nostre"),
    negations=_phrases(
        "non|no|mai|nessun|nessuno|nessuna|niente|nulla|né|senza|nega|negato|negano|smenti*|rifiut*|respin*"
    ),
    allegations=_phrases(
        "accus*|presunt*|sospett*|indagat*|denunci*|uccis*|uccid*|omicid*|arrest*|colpevol*|reat*|frod*|corruz*|rubat*"
        "|attacc*|terror*|minacc*|illegal*|condann*"
    ),
    cues=_phrases(
        "secondo|stando a|ha detto|detto|dice|dicono|afferma*|dichiar*|spieg*|annunci*|sottoline*|aggiun*|raccont*"
        "|conferm*|riferi*|rivel*|avvert*|presunto|presunta|presunti|presunte|presumibilmente|avrebbe|avrebbero|sarebbe"
    ),
    days=word_set("lunedì martedì mercoledì giovedì venerdì sabato domenica oggi ieri domani"),
    abbreviations=word_set(f"{_ANY_ABBREVIATIONS} sig sigg dott avv ing on arch rag geom pag art ecc prof"),
    suffixes=_listed(
        "azioni amento imento mente azione ando endo ioni ate ati ata ato ite iti ita ito are ere ire ione a e i o"
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
    connectives=_phrases(
        "maar|en|of|echter|toch|ook|bovendien|daarnaast|dan|dus|daarom|desondanks|niettemin|ondertussen|intussen"
        "|verder|tevens|vervolgens|daarna|eerder|later|bijvoorbeeld|zo|want|hierdoor|daardoor|daarbij|daarmee|hiermee"
        "|daarvoor|hier|daar|nu|toen|aan de andere kant|in plaats daarvan|eveneens|overigens|kortom|wel|inmiddels"
    ),
    first_person=word_set("ik mij me mijn wij we ons onze"),
    negations=_phrases("niet|geen|nooit|niemand|niets|zonder|noch|nergens|ontken*|weiger*|verwerp*|nauwelijks"),
    allegations=_phrases(
        "beschuldig*|vermeend*|verdacht*|verden*|aangeklaagd*|aanklacht*|gedood|doodde*|vermoord*|moord*|arresteer*"
        "|gearresteerd*|fraude*|corrupt*|gestolen|schuld*|misdrijf*|aanval*|terror*|mishandel*|bedreig*|illega*"
    ),
    cues=_phrases(
        "volgens|zei|zegt|zeiden|zeggen|verklaar*|meld*|stel*|vertel*|bevestig*|waarschuw*|aldus|laat weten|liet weten"
        "|zou|zouden|vermoedelijk*|vermeend*"
    ),
    days=word_set("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag vandaag gisteren morgen"),
    abbreviations=word_set(
        f"{_ANY_ABBREVIATIONS} dhr mevr mw drs ir mr bijv o.a d.w.z m.b.t t.o.v nl enz blz jl mln mld"
    ),
    suffixes=_listed("ingen heden lijke lijk heid ende ing en er st te de e s t"),
)

UNKNOWN = Language(code="und", abbreviations=word_set(_ANY_ABBREVIATIONS))
