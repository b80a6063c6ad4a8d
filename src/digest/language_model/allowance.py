"""How many tokens, and how much money, questions may still cost.

Before a question is asked, the most that it can cost is set aside; afterwards what it did cost is
taken instead. So a cap holds also while several answers are under way. For one thread.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Allowance", "Price"]

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in any one currency."""

    prompt_per_million: float = 0.0
    answer_per_million: float = 0.0

    def of(self, prompt_tokens: int, answer_tokens: int) -> float:
        return (prompt_tokens * self.prompt_per_million + answer_tokens * self.answer_per_million) / _MILLION


@dataclass(slots=True)
class Allowance:
    """What is left; None is without limit."""

    tokens: int | None = None
    cost: float | None = None
    price: Price = Price()

    def take(self, prompt_tokens: int, answer_tokens: int) -> bool:
        """Set tokens aside if both tokens and money suffice; return whether they did."""
        cost = self.price.of(prompt_tokens, answer_tokens)
        if self.tokens is not None and prompt_tokens + answer_tokens > self.tokens:
            return False
        if self.cost is not None and cost > self.cost:
            return False
        self._add(-1, prompt_tokens, answer_tokens)
        return True

    def settle(self, set_aside: tuple[int, int], used: tuple[int, int]) -> None:
        """Take what was used instead of what was set aside, even where it is more; each as `take` is told."""
        self._add(1, *set_aside)
        self._add(-1, *used)

    def _add(self, sign: int, prompt_tokens: int, answer_tokens: int) -> None:
        if self.tokens is not None:
            self.tokens += sign * (prompt_tokens + answer_tokens)
        if self.cost is not None:
            self.cost += sign * self.price.of(prompt_tokens, answer_tokens)
