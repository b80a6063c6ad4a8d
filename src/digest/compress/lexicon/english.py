"""The word lists of English."""

from __future__ import annotations

from digest.compress.lexicon.language import ANY_ABBREVIATIONS, Language, listed, phrases, word_set

__all__ = ["ENGLISH"]

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
    connectives=phrases(
        "but|and|or|nor|so|yet|however|meanwhile|moreover|furthermore|also|then|thus|therefore|hence|still|instead"
        "|no wonder|no surprise|not surprisingly|the reason is|one reason is|first up|next up|up next|up again"
        "|worse still|even worse|even better|believe it or not|brace yourself"
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
    negations=phrases(
        "no|not|n't|cannot|never|none|nobody|nothing|nowhere|neither|nor|without|denied|deny|denies|denying|denial*"
        "|refus*|reject*|unlikely|hardly|barely|scarcely|fail*|lack*|false|falsely|unable|dispute*|disputing|ain't"
    ),
    allegations=phrases(
        "alleg*|accus*|charg*|suspect*|claim*|kill*|murder*|arrest*|assault*|rape*|raping|abus*|fraud*|corrupt*|stole*"
        "|steal*|guilt*|crim*|attack*|terror*|convict*|bribe*|bribing|launder*|smuggl*|traffick*|harass*|blam*|sued"
        "|lawsuit*|indict*|shot|shoot*|stabb*|threaten*|violat*|launch*|illegal*|unlawful*|lied|lying|cheat*|dop*"
    ),
    cues=phrases(
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
        f"{ANY_ABBREVIATIONS} messrs mmes capt cmdr col gen lt maj sgt cpl pvt adm rev hon gov sen rep reps sens pres"
        " supt det insp jan feb mar apr jun jul aug sept sep oct nov dec mt ft ave blvd rd hwy ala ariz calif colo"
        " conn fla ill ind kan mass mich minn mo mont neb nev okla ore pa penn tenn tex va vt wash wis wyo ga ky la md"
        " bros assn est min max pp u.s u.k u.n d.c i.e e.g a.m p.m ph.d m.d b.a m.a esq atty dist hr hrs"
    ),
    suffixes=listed("ations ation ingly ments ment ings edly ness ions ies ied ing ion ers est ed er es ly 's s y e"),
)
