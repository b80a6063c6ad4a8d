"""Many values as one parameter, so that a statement is the same however many there are: JSON, read as a table.

SQLite and PostgreSQL have other names for the functions that read it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, String, TableValuedAlias, bindparam, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["given_numbers", "given_values"]


class _Pairs(FunctionElement[Any]):
    """The pairs of a JSON object: `key` and `value`."""

    name = "json_each"
    inherit_cache = True


class _Values(FunctionElement[Any]):
    """The members of a JSON list: `value`."""

    name = "json_each"
    inherit_cache = True


def given_values(parameter: str) -> TableValuedAlias:
    """Return a table with the column `value`, the texts of the JSON list that `parameter` brings."""
    return _Values(bindparam(parameter, type_=String)).table_valued("value").alias(f"given_{parameter}")


def given_numbers(parameter: str) -> tuple[TableValuedAlias, ColumnElement[int]]:
    """Return a table with the column `key` of the JSON object that `parameter` brings, and the key's whole number."""
    table = _Pairs(bindparam(parameter, type_=String)).table_valued("key", "value").alias(f"given_{parameter}")
    return table, cast(table.c.value, Integer)


@compiles(_Pairs, "sqlite")
@compiles(_Values, "sqlite")
def _on_sqlite(element: FunctionElement[Any], compiler: Any, **told: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **told)})"


@compiles(_Pairs, "postgresql")
def _pairs_on_postgres(element: _Pairs, compiler: Any, **told: Any) -> str:
    return f"json_each_text(CAST({compiler.process(element.clauses, **told)} AS json))"


@compiles(_Values, "postgresql")
def _values_on_postgres(element: _Values, compiler: Any, **told: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **told)} AS json))"
