"""Reading a list of subscribers: a CSV as publishers really export them.

UTF-8 or UTF-16, with or without a byte order mark; commas, semicolons or tabs. A row that can't be
used is a `Fault` with its line, and the others are read. Each line is a row of its own: no column of
ours holds a line break, and so a quote that is never closed costs one row and not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.audience.addresses import address_key
from digest.audience.export import COLUMNS, unguarded
from digest.audience.rows import RowFault, read_row
from digest.errors import Fault
from digest.model import Subscriber

__all__ = ["ListReading", "read_list"]

# What other tools call our columns, without case, blanks, hyphens and underscores.
_ALIASES = {"mail": "email", "emailaddress": "email", "fullname": "name", "locale": "language"}
_KNOWN = {column.replace("_", ""): column for column in COLUMNS} | _ALIASES
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class ListReading:
    """Who is on a list, each address once in the list's order, and what could not be read."""

    subscribers: tuple[Subscriber, ...]
    faults: tuple[Fault, ...]


def read_list(data: bytes, name: str) -> ListReading:
    """Read a CSV with a header; only `email` must be there.

    Other columns: name, language, timezone, consented_at, consent_source ("import" when empty),
    sections (keys, parted by blanks). Columns that we don't know are passed over.

    Args:
        data: The file.
        name: What faults call it, such as "subscribers/politics.csv".
    """
    text = _decoded(data)
    if "\0" in text:
        return ListReading((), (Fault(name, "is no text.", "Save the list as CSV in UTF-8."),))
    rows = _rows(text)
    header_line, header = next(rows, (1, ""))
    delimiter = max(",;\t", key=header.count)
    columns = _columns(header, delimiter)
    if "email" not in columns:
        shown = _clipped(header) if header else "nothing"
        fault = Fault(
            f"{name}:{header_line}",
            f"has no column 'email' (the first row is {shown}).",
            f"Begin the file with a header: {','.join(COLUMNS)}.",
        )
        return ListReading((), (fault,))
    people, faults = _read_rows(rows, delimiter, columns, name)
    return ListReading(tuple(people), tuple(faults))


def _read_rows(
    rows: Iterator[tuple[int, str]], delimiter: str, columns: tuple[str, ...], name: str
) -> tuple[list[Subscriber], list[Fault]]:
    people: list[Subscriber] = []
    faults: list[Fault] = []
    line_of: dict[str, int] = {}
    for line, row in rows:
        try:
            person = read_row(_cells(row, delimiter, columns))
            first = line_of.setdefault(address_key(person.email), line)
            if first != line:
                raise RowFault(f"{_clipped(person.email)} stands in line {first} already.", "Keep one of the two.")
        except RowFault as found:
            faults.append(Fault(f"{name}:{line}", found.problem, found.hint))
        else:
            people.append(person)
    return people, faults


def _decoded(data: bytes) -> str:
    """Return the text; a byte that is not of its encoding becomes a lone surrogate, which `read_row` refuses."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    # Without a mark, ASCII letters in UTF-16 have a zero in every other byte.
    if data[:1] and data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\0" and data[1:2]:
        return data.decode("utf-16-be", "replace")
    return data.decode("utf-8", "surrogateescape")


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) of what is not blank. Only CR and LF part lines, unlike `splitlines`."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if line.strip(" ,;\t"):
            yield number, line


def _columns(header: str, delimiter: str) -> tuple[str, ...]:
    try:
        names = _split(header, delimiter)
    except RowFault:
        return ()
    plain = (re.sub(r"[\s_-]", "", name).lower() for name in names)
    return tuple(_KNOWN.get(name, "") for name in plain)


def _cells(row: str, delimiter: str, columns: tuple[str, ...]) -> Mapping[str, str]:
    values = [unguarded(cell.strip(" \t")) for cell in _split(row, delimiter)]
    if len(values) > len(columns):
        raise RowFault(
            f"has {len(values)} cells where the header has {len(columns)}.",
            f"Put a value that holds a {'tab' if delimiter == chr(9) else repr(delimiter)} into double quotes.",
        )
    return {column: value for column, value in zip(columns, values, strict=False) if column}


def _split(row: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise RowFault(
            f"can't be read as CSV ({error}).",
            "A double quote inside a value is written twice, and the value in quotes.",
        ) from None


def _clipped(value: str) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
