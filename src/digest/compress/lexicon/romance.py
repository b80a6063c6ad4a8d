"""The word lists of Spanish, French, Portuguese and Italian."""

from __future__ import annotations

from digest.compress.lexicon.language import ANY_ABBREVIATIONS, Language, listed, phrases, word_set

__all__ = ["FRENCH", "ITALIAN", "PORTUGUESE", "SPANISH"]

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
    connectives=phrases(
        "no es de extrañar|la razón|la razón es|el motivo|en ambos casos|en cualquier caso|dicho de otro modo|"
        "pero|y|e|o|sin embargo|además|también|así|entonces|por lo tanto|por tanto|por ello|por eso|no obstante"
        "|mientras tanto|por otro lado|por otra parte|por su parte|asimismo|en cambio|de hecho|es decir|por ejemplo"
        "|incluso|tampoco|después|luego|finalmente|en este sentido|en ese sentido|de esta manera|de esta forma"
        "|al respecto|en tanto|allí|ahí|aquí|a su vez|igualmente|ahora|en consecuencia|pese a ello|aun así|con ello"
    ),
    first_person=word_set("yo mi mis me nosotros nosotras nuestro nuestra nuestros nuestras nos conmigo"),
    negations=phrases(
        "no|nunca|jamás|ningún|ninguno|ninguna|nadie|nada|ni|sin|tampoco|neg*|rechaz*|desmint*|desmient*"
    ),
    allegations=phrases(
        "acus*|presunt*|supuest*|imput*|denunci*|mat*|asesin*|deten*|detuv*|sospech*|culpa*|delit*|fraud*|corrup*"
        "|rob*|ataqu*|atac*|terror*|viol*|amenaz*|homicid*|ilegal*"
    ),
    cues=phrases(
        "según|dijo|dice|dicen|dijeron|afirm*|asegur*|señal*|declar*|explic*|indic*|inform*|anunci*|sostuv*|sostien*"
        "|coment*|manifest*|aclar*|añad*|agreg*|denunci*|advirti*|advert*|reconoc*|confirm*|de acuerdo con|revel*"
        "|presuntamente|presunto|presunta|presuntos|presuntas|supuestamente"
    ),
    days=word_set("lunes martes miércoles jueves viernes sábado domingo hoy ayer mañana anoche"),
    abbreviations=word_set(
        f"{ANY_ABBREVIATIONS} sra srta dra lic ing gral pág págs art núm ud uds av avda ee.uu d dña c"
    ),
    suffixes=listed(
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
    connectives=phrases(
        "rien d'étonnant|la raison|dans les deux cas|en tout cas|autrement dit|"
        "mais|et|ou|or|donc|car|cependant|pourtant|toutefois|néanmoins|ainsi|aussi|alors|puis|ensuite|enfin|de plus"
        "|en outre|par ailleurs|en effet|par exemple|en revanche|au contraire|du coup|dès lors|pour autant|en fait"
        "|d'ailleurs|par conséquent|pendant ce temps|de son côté|à l'inverse|là|ici|désormais|malgré cela|c'est"
        "|de leur côté|également|autrement dit|bref|quant à"
    ),
    first_person=word_set("je j' j me moi mon ma mes nous notre nos"),
    negations=phrases("ne|n'|pas|jamais|rien|aucun*|personne|ni|sans|non|nul|nulle|nie|nié|dément*|rejet*|refus*"),
    allegations=phrases(
        "accus*|soupçonn*|présum*|inculp*|tu*|meurtr*|assassin*|arrêt*|attaqu*|terror*|viol*|fraud*|corrup*|vol*"
        "|coupabl*|crim*|délit*|menac*|illég*|condamn*|poursuiv*"
    ),
    cues=phrases(
        "selon|d'après|a dit|dit|disent|affirm*|déclar*|assur*|expliqu*|indiqu*|annonc*|précis*|ajout*|estim*|soulign*"
        "|confirm*|rapport*|témoign*|confi*|avertit|averti|reconn*|révél*|présumé*|soupçonn*|aurait|auraient"
    ),
    days=word_set("lundi mardi mercredi jeudi vendredi samedi dimanche aujourd'hui aujourd hier demain"),
    abbreviations=word_set(f"{ANY_ABBREVIATIONS} m mm mme mlle me ste bd av env p pp art éd"),
    suffixes=listed("ations ements ation ement ments ment ions ées és ée ion er ez es é e s x"),
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
    connectives=phrases(
        "não é de admirar|o motivo|a razão|em ambos os casos|de qualquer forma|"
        "mas|e|ou|porém|contudo|entretanto|no entanto|todavia|além disso|também|assim|então|portanto|por isso"
        "|enquanto isso|por outro lado|já|aliás|ou seja|por exemplo|depois|finalmente|ainda assim|com isso|dessa forma"
        "|desta forma|por sua vez|lá|ali|aqui|agora|nesse sentido|neste sentido|apesar disso|ainda"
    ),
    first_person=word_set("eu me meu minha meus minhas nós nosso nossa nossos nossas"),
    negations=phrases("não|nunca|jamais|nenhum|nenhuma|ninguém|nada|nem|sem|tampouco|neg*|rejeit*|desment*|recus*"),
    allegations=phrases(
        "acus*|supost*|suspeit*|indici*|denunci*|mat*|mort*|assassin*|pres*|detid*|culpad*|crim*|fraud*|corrup*|roub*"
        "|ataqu*|atac*|terror*|ameaç*|ilega*"
    ),
    cues=phrases(
        "segundo|de acordo com|conforme|disse|diz|dizem|disseram|afirm*|declar*|explic*|inform*|anunci*|ressalt*"
        "|destac*|acrescent*|cont*|coment*|alert*|confirm*|revel*|supostamente|suposto|suposta"
    ),
    days=word_set("segunda terça quarta quinta sexta sábado domingo hoje ontem amanhã"),
    abbreviations=word_set(f"{ANY_ABBREVIATIONS} sra dra av pág art núm exmo prof profa d eng"),
    suffixes=listed(
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
    connectives=phrases(
        "non c'è da stupirsi|il motivo|la ragione|in entrambi i casi|in ogni caso|"
        "ma|e|ed|o|però|tuttavia|inoltre|anche|così|allora|quindi|dunque|perciò|intanto|nel frattempo|d'altra parte"
        "|infatti|invece|ad esempio|per esempio|poi|infine|eppure|comunque|cioè|insomma|del resto|per questo|lì|qui"
        "|ora|a sua volta|dal canto suo|in particolare|ecco|pertanto|nonostante ciò"
    ),
    first_person=word_set("io mi me mio mia miei mie noi nostro nostra nostri nostre"),
    negations=phrases(
        "non|no|mai|nessun|nessuno|nessuna|niente|nulla|né|senza|nega|negato|negano|smenti*|rifiut*|respin*"
    ),
    allegations=phrases(
        "accus*|presunt*|sospett*|indagat*|denunci*|uccis*|uccid*|omicid*|arrest*|colpevol*|reat*|frod*|corruz*|rubat*"
        "|attacc*|terror*|minacc*|illegal*|condann*"
    ),
    cues=phrases(
        "secondo|stando a|ha detto|detto|dice|dicono|afferma*|dichiar*|spieg*|annunci*|sottoline*|aggiun*|raccont*"
        "|conferm*|riferi*|rivel*|avvert*|presunto|presunta|presunti|presunte|presumibilmente|avrebbe|avrebbero|sarebbe"
    ),
    days=word_set("lunedì martedì mercoledì giovedì venerdì sabato domenica oggi ieri domani"),
    abbreviations=word_set(f"{ANY_ABBREVIATIONS} sig sigg dott avv ing on arch rag geom pag art ecc prof"),
    suffixes=listed(
        "azioni amento imento mente azione ando endo ioni ate ati ata ato ite iti ita ito are ere ire ione a e i o"
    ),
)
