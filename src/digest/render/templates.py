"""Runs a theme's templates in Jinja's immutable sandbox; faults name the file and the line.

A theme is the operator's own, but what it shows is not: values are always escaped, an unknown name is
an error, and a template can reach nothing but what it is given and the files beside it. The sandbox
bounds neither time nor memory, so the growth that one expression can make is bounded here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

from digest.errors import Fault, TemplateError
from digest.render.lines import lead_in, unbroken, without_widow
from digest.render.theme import Theme

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

__all__ = ["render_template", "syntax_faults"]

_MAX_OUTPUT_CHARACTERS = 2_000_000
_FILTERS = (
    "default",
    "escape",
    "e",
    "first",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "round",
    "title",
    "upper",
)


def render_template(theme: Theme, name: str, **values: object) -> str:
    """Return what the template `name` of `theme` makes of `values`.

    Raises:
        TemplateError: syntax, an undefined name, a forbidden or failing expression: file and line.
    """
    from jinja2 import TemplateError as JinjaError
    from jinja2 import TemplateSyntaxError, UndefinedError

    try:
        return _joined(_environment(theme).get_template(name).generate(**values))
    except TemplateSyntaxError as error:
        raise TemplateError([_syntax_fault(theme, error)]) from None
    except (JinjaError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        line = _line_in(theme, error.__traceback__) or theme.place_of(name)
        raise TemplateError(
            [Fault(line, _sentence(error), f"Known: {', '.join(values)}." if isinstance(error, UndefinedError) else "")]
        ) from None


def syntax_faults(theme: Theme) -> Iterable[Fault]:
    """Find what no template could be run with, in every file of the theme."""
    from jinja2 import TemplateSyntaxError

    for name, _ in theme.templates:
        try:
            _environment(theme).get_template(name)
        except TemplateSyntaxError as error:
            if error.name in (None, name):
                yield _syntax_fault(theme, error)


@lru_cache(maxsize=8)
def _environment(theme: Theme) -> ImmutableSandboxedEnvironment:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """The immutable sandbox, without the two operators that make a gigabyte of a few letters."""

        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            is_number = isinstance(left, int | float) and isinstance(right, int | float)
            if operator == "**" or not is_number:
                raise SecurityError(f"{operator!r} is only for numbers, and powers are not allowed")
            return left * right

    sources = dict(theme.templates)

    def load(name: str) -> tuple[str, str, None] | None:
        return (sources[name], theme.place_of(name), None) if name in sources else None

    environment = Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS} | {
        "without_widow": without_widow,
        "lead_in": lead_in,
        "unbroken": unbroken,
    }
    environment.globals = {"namespace": environment.globals["namespace"]}
    return environment


def _joined(pieces: Iterable[str]) -> str:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _MAX_OUTPUT_CHARACTERS:
            raise ValueError(f"makes more than {_MAX_OUTPUT_CHARACTERS:,} characters")
        kept.append(piece)
    return "".join(kept)


def _syntax_fault(theme: Theme, error: Any) -> Fault:
    return Fault(f"{theme.place_of(error.name or error.filename)}:{error.lineno}", _sentence(error))


def _line_in(theme: Theme, traceback: TracebackType | None) -> str:
    """Return the innermost place of the theme that the traceback passes: Jinja rewrites it to templates."""
    place, places = "", {where for _, where in theme.places}
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file in places:
            place = f"{file}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _sentence(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if text.endswith(".") else f"{text}."
