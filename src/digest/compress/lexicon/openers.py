"""How a sentence of other languages opens that leans on the one before: pronouns and connectives only.

They are enough for R1 and R2; no other rule is applied in these languages.
"""

from __future__ import annotations

from digest.compress.lexicon.language import ANY_ABBREVIATIONS, Language, phrases, word_set

__all__ = ["OPENERS"]


def _opening(code: str, pronouns: str, connectives: str) -> Language:
    return Language(
        code=code,
        pronouns=word_set(pronouns),
        connectives=phrases(connectives),
        abbreviations=word_set(ANY_ABBREVIATIONS),
    )


_NORWEGIAN = (
    "han hun den det de vi jeg du hans hennes deres dette denne disse slike slik sånn min mitt mine vår vårt våre"
    " dem henne ham",
    "men|og|eller|så|derfor|likevel|dessuten|samtidig|imidlertid|i tillegg|for eksempel|også|da|dermed|altså|heller"
    "|videre|senere|deretter|der|her|nå|på den annen side",
)

OPENERS = tuple(
    _opening(code, pronouns, connectives)
    for code, pronouns, connectives in (
        ("no", *_NORWEGIAN),
        ("nb", *_NORWEGIAN),
        (
            "nn",
            "han ho den det dei vi eg du hans hennar deira dette denne desse slike slik min mitt mine vår vårt våre",
            "men|og|eller|så|derfor|likevel|dessutan|samstundes|i tillegg|til dømes|også|då|dermed|altså|vidare|der"
            "|her",
        ),
        (
            "da",
            "han hun den det de vi jeg du hans hendes deres dette denne disse sådan sådanne min mit mine vores dem",
            "men|og|eller|så|derfor|alligevel|desuden|samtidig|imidlertid|for eksempel|også|dermed|altså|heller"
            "|derudover|senere|derefter|der|her|nu|på den anden side",
        ),
        (
            "sv",
            "han hon den det de vi jag du hans hennes deras detta denna dessa dessa sådana sådan min mitt mina vår våra"
            " dem hen",
            "men|och|eller|så|därför|ändå|dessutom|samtidigt|emellertid|dock|till exempel|också|även|därmed|alltså"
            "|heller|vidare|senare|sedan|där|här|nu|å andra sidan",
        ),
        (
            "fi",
            "hän he se ne me minä sinä te hänen heidän sen niiden tämä nämä tuo nuo meidän minun",
            "mutta|ja|tai|siksi|kuitenkin|lisäksi|samalla|esimerkiksi|myös|siis|sitten|siellä|täällä|nyt|toisaalta",
        ),
        (
            "is",
            "hann hún það þeir þær þau við ég þú hans hennar þeirra þetta þessi þessir þessar slíkt slíkur",
            "en|og|eða|svo|því|samt|auk þess|hins vegar|þó|til dæmis|einnig|líka|síðan|þar|hér|nú",
        ),
        (
            "pl",
            "on ona ono oni one my ja ty wy jego jej ich to ten ta ci te tego tej tych taki taka takie nasz nasza",
            "ale|i|lub|więc|jednak|dlatego|ponadto|poza tym|tymczasem|na przykład|także|również|zatem|potem|tam|tu"
            "|teraz|z kolei|natomiast|dodatkowo",
        ),
        (
            "cs",
            "on ona ono oni ony my já ty vy jeho její jejich to ten ta ti tyto tento tato toho takový taková takové"
            " náš",
            "ale|a|nebo|tak|proto|však|navíc|kromě toho|mezitím|například|také|rovněž|tedy|pak|tam|tady|nyní|naopak",
        ),
        (
            "ru",
            "он она оно они мы я ты вы его её ее их это этот эта эти этого этой этих тот та те такой такая такие наш"
            " мой",
            "но|и|или|а|поэтому|однако|кроме того|тем временем|например|также|тоже|потом|затем|там|здесь|сейчас"
            "|при этом|в свою очередь|таким образом|впрочем|ведь|между тем|кстати|к тому же",
        ),
        (
            "uk",
            "він вона воно вони ми я ти ви його її їх їхній це цей ця ці цього цієї цих той та ті такий така такі наш",
            "але|і|й|або|а|тому|однак|проте|крім того|тим часом|наприклад|також|теж|потім|там|тут|зараз|при цьому"
            "|своєю чергою|таким чином|втім|адже|водночас|до речі",
        ),
        (
            "tr",
            "o onlar biz ben sen siz onun onların bu şu bunlar şunlar böyle bizim benim",
            "ama|ve|veya|fakat|ancak|bu nedenle|bu yüzden|ayrıca|bu arada|örneğin|yine de|böylece|sonra|öte yandan"
            "|bununla birlikte|dolayısıyla|şimdi|orada|burada",
        ),
        (
            "ko",
            "그는 그가 그녀는 그녀가 그들은 이들은 이는 이것은 그것은 이런 이러한 그런 그러한 우리는 나는 저는 이같은",
            "그러니|게다가|그건|그러나|하지만|그리고|그래서|그런데|따라서|또한|또|이에|이어|한편|즉|예를 들어"
            "|그럼에도|반면"
            "|특히|물론|이와 함께|이를 위해|이에 따라|이날|여기에",
        ),
    )
)
"""Danish, Swedish, Norwegian, Icelandic, Finnish, Polish, Czech, Russian, Ukrainian, Turkish, Korean."""
