"""The hard rules of a takeaway in the order in which they are tried: faithful (F), fit to print (R).

R9 is between bullets (`repeats`); R10 to R12 only prefer another bullet (`repeats`, `alone`). R13 (`alone`) is for
writers other than the page itself.
"""

from __future__ import annotations

from collections.abc import Callable

from digest.compress.faithful import f1_deletion_only, f2_negation_kept, f3_attribution_kept, f4_figures_kept
from digest.compress.fit_to_print import (
    r1_starts_with_no_pronoun,
    r2_starts_with_no_connective,
    r3_length,
    r4_balance,
    r5_ends_as_a_sentence,
    r6_starts_as_a_sentence,
    r7_is_no_question,
    r8_is_no_bare_quotation,
)
from digest.compress.lexicon import ENGLISH, Language

__all__ = ["HARD_RULES", "Rule", "refusal"]

Rule = Callable[[str, str, Language], str | None]

HARD_RULES: tuple[tuple[str, Rule], ...] = (
    ("F1", f1_deletion_only),
    ("F2", f2_negation_kept),
    ("F3", f3_attribution_kept),
    ("F4", f4_figures_kept),
    ("R1", r1_starts_with_no_pronoun),
    ("R2", r2_starts_with_no_connective),
    ("R3", r3_length),
    ("R4", r4_balance),
    ("R5", r5_ends_as_a_sentence),
    ("R6", r6_starts_as_a_sentence),
    ("R7", r7_is_no_question),
    ("R8", r8_is_no_bare_quotation),
)


def refusal(bullet: str, source: str, language: Language = ENGLISH) -> str | None:
    """Return the first hard rule that the bullet breaks, as "R3: 52 words, at most 45", or None."""
    is_whole = bullet == source  # then it is faithful
    for name, rule in HARD_RULES:
        if is_whole and name[0] == "F":
            continue
        reason = rule(bullet, source, language)
        if reason:
            return f"{name}: {reason}"
    return None
