"""Lists in and out: what is read, what is named with its line, and that a spreadsheet runs nothing."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.audience import ListReading, address_key, export_csv, read_list
from digest.errors import Fault
from digest.model import Subscriber

HEADER = "email,name,language,timezone,consented_at,consent_source,sections\n"
ANA = Subscriber("ana@example.com", name="Ana Núñez", consent_source="import")


def _read(text: str) -> ListReading:
    return read_list(text.encode(), "subscribers/politics.csv")


def _only_fault(row: str) -> Fault:
    """Read `row` between two good ones, which must go in, and return the one fault."""
    reading = _read(f"{HEADER}first@example.com\n{row}\nlast@example.com\n")
    assert [person.email for person in reading.subscribers] == ["first@example.com", "last@example.com"]
    (fault,) = reading.faults
    assert fault.where == "subscribers/politics.csv:3"
    return fault


def test_every_column_is_read() -> None:
    row = "ana@example.com,Ana Núñez,pt_BR,Europe/Madrid,2026-11-24T09:00:00+02:00,fair,politics sport\n"

    assert _read(HEADER + row) == ListReading(
        (
            Subscriber(
                "ana@example.com",
                name="Ana Núñez",
                sections=("politics", "sport"),
                language="pt-BR",
                timezone="Europe/Madrid",
                consented_at=datetime(2026, 11, 24, 7, tzinfo=UTC),
                consent_source="fair",
            ),
        ),
        (),
    )


def test_address_alone_is_enough() -> None:
    assert _read("email\r\nana@example.com\r\n") == ListReading(
        (Subscriber("ana@example.com", consent_source="import"),), ()
    )


@pytest.mark.parametrize(
    "data",
    [
        "email;name\r\nana@example.com;Ana Núñez\r\n".encode(),
        "email\tname\nana@example.com\tAna Núñez".encode(),
        'name,"email"\r"Ana Núñez", ana@example.com \r'.encode(),
        codecs.BOM_UTF8 + "email,name\nana@example.com,Ana Núñez\n".encode(),
        codecs.BOM_UTF16_LE + "email,name\nana@example.com,Ana Núñez\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "email,name\nana@example.com,Ana Núñez\n".encode("utf-16-be"),
        "email,name\nana@example.com,Ana Núñez\n".encode("utf-16-le"),
        "email,name\nana@example.com,Ana Núñez\n".encode("utf-16-be"),
        "Member Rating,Email Address,Full Name\n2,ana@example.com,Ana Núñez\n".encode(),
        "\n\nemail,name\n,,\nana@example.com,Ana Núñez\n\n".encode(),
    ],
)
def test_list_is_read_as_spreadsheets_and_mail_tools_write_it(data: bytes) -> None:
    assert read_list(data, "list.csv") == ListReading((ANA,), ())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",Ana", "has no address."),
        ("ana@", "'ana@' is no email address: "),
        ("ana@example", "'ana@example' is no email address: "),
        ("a b@example.com", "'a b@example.com' is no email address: "),
        ("Ana <ana@example.com>", "'Ana <ana@example.com>' is no email address: "),
        ("ana@example.com\x0bBcc: x@y.example,Ana", "holds the control character U+000B."),
        ('ana@example.com,"Ana\x85Bcc: x@y.example"', "holds the control character U+0085."),
        ("ana@example.com,Ana\u2028Bcc", "holds the control character U+2028."),
        ("ana@example.com,Ana \u202egnihtemos", "holds the control character U+202E."),
        ("ana@example.com,=?utf-8?q?a=0D=0ABcc:_x?=", "holds '=?', the start of an encoded header."),
        ("ana@example.com," + "A" * 201, "has 201 characters."),
        ("ana@example.com,Ana,english please", "language 'english please' is no language tag."),
        ("ana@example.com,Ana,en,Mars/Olympus", "timezone 'Mars/Olympus' is no zone of the IANA list."),
        ("ana@example.com,Ana,en,../../etc/passwd", "is no zone of the IANA list."),
        ("ana@example.com,Ana,en,,24.11.2026", "consented_at '24.11.2026' is no date."),
        ("ana@example.com,Ana,en,,,form,Politics!", "'Politics!' is no section's key."),
        ("ana@example.com,Ana,en,,,form,politics,extra", "has 8 cells where the header has 7."),
        ('ana@example.com,"Ana', "can't be read as CSV"),
        ('ana@example.com,"Ana" "Núñez"', "can't be read as CSV"),
        ("First@EXAMPLE.com,Again", "'First@example.com' stands in line 2 already."),
    ],
)
def test_bad_row_is_a_fault_with_its_line_and_the_others_go_in(row: str, problem: str) -> None:
    fault = _only_fault(row)

    assert problem in fault.problem
    assert fault.hint.endswith(".")
    assert str(fault).isprintable()
    assert len(str(fault)) < 300


def test_same_inbox_in_two_spellings_is_named() -> None:
    reading = _read("email\nana@bücher.example\nANA@xn--bcher-kva.example\nana+tag@bücher.example\n")

    assert [person.email for person in reading.subscribers] == ["ana@bücher.example", "ana+tag@bücher.example"]
    assert [fault.where for fault in reading.faults] == ["subscribers/politics.csv:3"]


def test_byte_of_another_encoding_costs_one_row() -> None:
    reading = read_list(b"email,name\nana@example.com,N\xfa\xf1ez\nbea@example.com,Bea\n", "l.csv")

    assert [person.email for person in reading.subscribers] == ["bea@example.com"]
    assert reading.faults == (
        Fault("l.csv:2", r"name 'N\udcfa\udcf1ez' is not in the file's encoding.", "Save the list as CSV in UTF-8."),
    )


@pytest.mark.parametrize(
    ("data", "where", "problem"),
    [
        (b"", "l.csv:1", "has no column 'email' (the first row is nothing)."),
        (b"Ana,Bea\n1,2\n", "l.csv:1", "has no column 'email' (the first row is 'Ana,Bea')."),
        (b"\nana@example.com\n", "l.csv:2", "has no column 'email' (the first row is 'ana@example.com')."),
        (b"email\n" + b"PK\x03\x04\x00\x00", "l.csv", "is no text."),
    ],
)
def test_file_that_is_no_list_is_one_fault(data: bytes, where: str, problem: str) -> None:
    (fault,) = read_list(data, "l.csv").faults

    assert (fault.where, fault.problem) == (where, problem)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='email,;\t\r\n"@.é=\0\ufeff', max_size=120).map(str.encode))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    for prefix in (b"", b"email,name\n"):
        reading = read_list(prefix + data, "l.csv")
        assert all("@" in person.email and "\n" not in person.name for person in reading.subscribers)


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|'/c calc'!A1",
        "+1",
        "-1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
        'Ana "the pen" Núñez, Dr.',
        "'quoted'",
        "O'Neil; Ltd",
    ],
)
def test_export_runs_nothing_in_a_spreadsheet_and_reads_back_the_same(name: str) -> None:
    person = Subscriber(
        "+ana@example.com", name=name, sections=("politics", "sport"), language="en", consent_source="fair"
    )
    exported = export_csv([person])

    cells = exported.splitlines()[1].split(",", 1)
    assert not any(cell.strip('"').startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for cell in cells)
    assert read_list(exported.encode(), "out.csv") == ListReading((person,), ())


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_export_guards_what_a_spreadsheet_strips(start: str) -> None:
    assert f"'{start}=1" in export_csv([Subscriber("ana@example.com", name=f"{start}=1")])


def test_export_gives_the_instant_of_consent() -> None:
    person = Subscriber("ana@example.com", consented_at=datetime(2026, 11, 24, 7, tzinfo=UTC), consent_source="fair")

    assert export_csv([person]) == (
        "email,name,language,timezone,consented_at,consent_source,sections\r\n"
        "ana@example.com,,,,2026-11-24T07:00:00+00:00,fair,\r\n"
    )


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("Ana.Nunez@Example.COM", "ana.nunez@example.com"),
        (" ana+News@example.com. ", "ana+news@example.com"),
        ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("JOSE\u0301@example.com", "josé@example.com"),
        ("no address", "no address"),
        ("ana@\u00fc..example", "ana@\u00fc..example"),
    ],
)
def test_key_is_what_spellings_have_in_common(email: str, key: str) -> None:
    assert address_key(email) == key
