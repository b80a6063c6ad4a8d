"""Whether a sentence has a verb: "A motorway near the border." paints a scene or stands below a picture.

A guess by endings and a list of the irregular ones, for English and German; it is sure only where it
says no.
"""

from __future__ import annotations

import re

from digest.compress.lexicon import Language, word_set

__all__ = ["has_verb"]

_MOST_WORDS = 16  # a longer sentence without a verb is rarer than a verb that is not known
_EDGES = re.compile(r"^\W+|\W+$")
_ENGLISH_VERBS = word_set(
    "is are was were be been am has have had do does did can could may might must shall should will would 's 're 've"
    " became began bet bit blew bought broke brought built burst came caught chose cost cut dealt drew drove ate fell"
    " felt fought found fled flew forbade forgot froze gave got grew heard held hid hit hurt kept knelt knew laid led"
    " left lent let lay lit lost made meant met paid put quit read rode rang rose ran saw sold sent set shook shot"
    " shut sang sank sat slept slid spoke spent spun split spread sprang stood stole stuck struck swore swept swam"
    " swung took taught tore told thought threw understood woke wore wept won withdrew wrote said went come go say"
    " make take get give want need seem remain face plan try hope know think see find leave keep let begin help show"
    " play run move live believe hold bring happen provide include lose pay meet continue set learn lead understand"
    " stop create speak read allow add spend grow open walk win offer remember love consider appear buy wait serve die"
    " send expect build stay fall reach kill rise call claim report return agree support oppose join vote"
)
_ENGLISH_NO_VERBS = word_set(
    "according as his this its less his hers ours theirs yours was thus plus perhaps always besides towards across"
    " during regarding including concerning following nothing something anything everything morning evening red bed"
    " indeed hundred sacred wing ring king"
)
_GERMAN_VERBS = word_set(
    "ist sind war waren wird werden wurde wurden hat haben hatte hatten kann können konnte konnten muss müssen soll"
    " sollen will wollen darf dürfen mag mögen bin bist sei seien wäre wären hätte gebe gab gaben kam kamen ging"
    " gingen stand standen fand fanden sah sahen lag lagen fiel fielen lief liefen hielt nahm nahmen trat trug schlug"
    " zog zogen stieg sank blieb blieben schrieb rief starb gewann verlor begann bekam ließ hieß wuchs sprach sprachen"
    " brach traf warf half bot verbot schoss floss fuhr fuhren las aß trank saß brachte dachte wusste kannte nannte"
)
_GERMAN_NO_VERBS = word_set(
    "nahe heute gerade viele einige beide andere weitere ganze neue gute lange endlich erst statt samt selbst nicht"
    " fast gegen neben zwischen hinten oben unten außen innen eben hunderte tausende dutzende allerbeste rechte linke"
    " gestern morgen abend mitten meisten ersten letzten dritten hinter unter unweit seitens"
)
_GERMAN_ENDINGS = ("te", "ten", "en", "eln", "ern", "e")


def has_verb(sentence: str, language: Language) -> bool:
    """Say whether a short sentence may have a finite verb; True for a long one and in other languages."""
    tokens = [_EDGES.sub("", token) for token in sentence.replace("’", "'").split()]
    if language.code not in ("en", "de") or len(tokens) > _MOST_WORDS:
        return True
    if language.code == "en":
        return any(_is_english_verb(token) for token in tokens if token[:1].islower())
    around = zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False)
    return any(
        _is_german_verb(token, language, stands_before_noun=after[:1].isupper() and not before[:1].isupper())
        for before, token, after in around
        if token[:1].islower()
    )


def _is_english_verb(word: str) -> bool:
    if word in _ENGLISH_VERBS or "'" in word:
        return True
    return word.endswith(("ed", "s", "ing")) and len(word) > 3 and word not in _ENGLISH_NO_VERBS


def _is_german_verb(word: str, language: Language, *, stands_before_noun: bool) -> bool:
    """Say whether it ends as verbs do; before a noun an adjective does so too, but never in a bare t."""
    if word in _GERMAN_VERBS:
        return True
    if word in language.stop or word in _GERMAN_NO_VERBS:
        return False
    return word.endswith("t") or (word.endswith(_GERMAN_ENDINGS) and not stands_before_noun)
