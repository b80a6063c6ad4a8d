"""Many values as one parameter, so that a statement is the same however many there are.

SQLite reads them from JSON, PostgreSQL from an array: of an array as a parameter its planner expects ten
rows, of JSON a hundred, and would rather walk a table of ten thousand rows than look up that many.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Integer, String, TableValuedAlias, bindparam, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

__all__ = ["given_numbers", "given_values"]


class _Texts(TypeDecorator[Sequence[str]]):
    """Texts as they are given to `_Values`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        told = list(value or ())
        return json.dumps(told) if dialect.name == "sqlite" else told


class _Numbers(TypeDecorator[Mapping[str, int]]):
    """Numbers by text as they are given to `_Pairs`: in an array a text follows its number and a space."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, int] | None, dialect: Dialect) -> Any:
        told = dict(value or {})
        return json.dumps(told) if dialect.name == "sqlite" else [f"{number} {key}" for key, number in told.items()]


class _Pairs(FunctionElement[Any]):
    """What a `_Numbers` has: `key` and `value`."""

    name = "json_each"
    inherit_cache = True


class _Values(FunctionElement[Any]):
    """What a `_Texts` has: `value`."""

    name = "json_each"
    inherit_cache = True


def given_values(parameter: str) -> TableValuedAlias:
    """Return a table with the column `value`, the texts of the list that `parameter` brings."""
    return _Values(bindparam(parameter, type_=_Texts)).table_valued("value").alias(f"given_{parameter}")


def given_numbers(parameter: str) -> tuple[TableValuedAlias, ColumnElement[int]]:
    """Return a table with the column `key` of the dict that `parameter` brings, and the key's whole number."""
    table = _Pairs(bindparam(parameter, type_=_Numbers)).table_valued("key", "value").alias(f"given_{parameter}")
    return table, cast(table.c.value, Integer)


@compiles(_Pairs, "sqlite")
@compiles(_Values, "sqlite")
def _on_sqlite(element: FunctionElement[Any], compiler: Any, **told: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **told)})"


@compiles(_Pairs, "postgresql")
def _pairs_on_postgres(element: _Pairs, compiler: Any, **told: Any) -> str:
    pairs = f"unnest(CAST({compiler.process(element.clauses, **told)} AS text[])) AS pair"
    return f"(SELECT substr(pair, strpos(pair, ' ') + 1) AS key, split_part(pair, ' ', 1) AS value FROM {pairs})"  # noqa: S608


@compiles(_Values, "postgresql")
def _values_on_postgres(element: _Values, compiler: Any, **told: Any) -> str:
    values = f"unnest(CAST({compiler.process(element.clauses, **told)} AS text[])) AS value"
    return f"(SELECT value FROM {values})"  # noqa: S608
