"""The words that carry grammar and no subject, by language; and in English what reporters write in every story."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["STOP_WORDS"]

_TEXTS = {
    "en": (
        "a about after again against all also am amid an and any are aren't as at be because been before being "
        "between both but by can can't could did didn't do does doesn't don't down during each few for from had "
        "has have he her here him his how i if in into is isn't it it's its just may me might more most must my "
        "new no nor not now of off on one only or other our out over own per said same say says she should so "
        "some still such than that the their them then there these they this those through to told too under "
        "until up upon us very via was wasn't we were what when where whether which while who whom whose why will "
        "with without won't would wouldn't you your"
    ),
    "de": (
        "aber alle als am an auch auf aus bei bis da das dass dem den der des die doch durch ein eine einem einen "
        "einer eines er es für gegen hat haben ich ihr ihre im in ist kein keine man mehr mit nach nicht noch nun "
        "nur ob oder sein seine sich sie sind so über um und uns unter vom von vor war was wegen wenn werden wie "
        "wieder will wird wir zu zum zur"
    ),
    "fr": (
        "à après au aussi aux avant avec c ce cette ces chez comme contre d dans de depuis des deux du elle en "
        "entre est et été être il ils elles j je l la le les leur leurs lui mais me même n ne nous on ont ou où "
        "par pas plus pour qu que qui s sa sans se ses son sont sous sur très un une vous y"
    ),
    "es": (
        "a al ante aquí como con contra cuando de del desde donde dos el ella en entre era es esta este esto fue "
        "ha han hasta hay la las le les lo los más me mi muy ni no nos o para pero por porque que qué se según "
        "ser si sin sobre son su sus también tras un una uno y ya"
    ),
    "it": (
        "a ai al alla anche che chi come con contro da dal dalla de degli dei del dell della delle di dopo due e "
        "è ed era gli ha hanno i il in l la le lo ma nel nella non o per perché più quando se senza si sono su "
        "sua sul sulla suo tra un una uno"
    ),
    "pt": (
        "a ao aos as até com como contra da das de depois do dos e é ela ele em entre está foi há isso já mais "
        "mas na nas não no nos o os ou para pela pelo por quando que quem se sem ser seu sua são sobre também um "
        "uma"
    ),
    "nl": (
        "aan al als bij dan dat de deze die dit door een en er geen had heeft het hij hun ik in is je kan maar "
        "meer met na naar niet nog nu of om ook op over te tegen tot uit van veel voor was wat we wel werd wordt "
        "ze zich zijn zo"
    ),
    "sv": (
        "att av blir de den det efter en ett från för har här i inte med mot nu när och om på sig som till under "
        "var vid är"
    ),
    "da": (
        "af at blev da de den der det efter en er et for fra har hun han i ikke med mod nu når og om på sig som "
        "til var ved"
    ),
    "tr": ("bir bu çok da daha de en gibi göre için ile ise kadar ki mi ne o olan olarak sonra şu ve veya ya"),
    "ru": (
        "а без бы был была были в во вы для до его ее если же за и из или их к как на не но о об он она они от по "
        "при с со так что это"
    ),
}

STOP_WORDS: Mapping[str, frozenset[str]] = {language: frozenset(text.split()) for language, text in _TEXTS.items()}
