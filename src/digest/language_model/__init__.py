"""Asking a language model for takeaways, within a time, a number of tokens and a price.

It knows how to ask and what an answer costs; whether an answer may be published is for `compress.gate`.
"""

from __future__ import annotations

from digest.language_model.allowance import Allowance
from digest.language_model.client import LanguageModel
from digest.language_model.prompt import PROMPT_HASH, Question
from digest.language_model.replies import Answer, Unanswered

__all__ = ["PROMPT_HASH", "Allowance", "Answer", "LanguageModel", "Question", "Unanswered"]
