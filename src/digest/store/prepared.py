"""Statements for the ledger's inner loop: written with SQLAlchemy Core, compiled once, run by the driver.

Core's own execution costs more for a row than the database does. What happens once per edition has no
need of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor as Cursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

__all__ = ["Cursor", "Prepared"]

Values = Mapping[str, Any]


class Prepared:
    """One statement with named values, in the order or under the names that the driver takes."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self._sql = str(compiled)
        self._constants = dict(compiled.params)
        self._pick = _picked(compiled.positiontup)
        processors = {name: _processor(bind.type, dialect) for name, bind in compiled.binds.items()}
        self._processors = {name: process for name, process in processors.items() if process is not None}

    def rows(self, cursor: Cursor, values: Values) -> Sequence[Any]:
        """Run it once and return what it returns, as tuples of the driver's own values."""
        self.run(cursor, values)
        return cursor.fetchall()

    def run(self, cursor: Cursor, values: Values) -> None:
        """Run it once; nothing is asked of what it returns."""
        cursor.execute(self._sql, self._pick({**self._constants, **self._processed(values)}))

    def run_each(self, cursor: Cursor, shared: Values, rows: Iterable[Values]) -> int:
        """Run it for every one of `rows`, each with the `shared` values too; return how many rows it touched."""
        common = {**self._constants, **self._processed(shared)}
        cursor.executemany(self._sql, [self._pick(common | self._processed(row)) for row in rows])
        return cursor.rowcount

    def _processed(self, values: Values) -> dict[str, Any]:
        done = dict(values)
        for name, process in self._processors.items():
            if done.get(name) is not None:
                done[name] = process(done[name])
        return done


def _picked(names: Sequence[str] | None) -> Callable[[Values], Any]:
    """Return what makes the driver's parameters of named values."""
    if names is None:
        return dict
    pick = itemgetter(*names)
    return pick if len(names) > 1 else lambda told: (pick(told),)


def _processor(kind: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    found: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found
