"""`digest brief --jsonl`: a line out for every line in."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
from typing import Any

import pytest
import typer

from digest.cli.streaming import brief_lines
from tests.conftest import COMMAND, DEADLINE_SECONDS

TEXT = (
    "The council voted 7–4 to close the Old Fish Market in ward {n} by March after engineers found cracks in its roof. "
    "Mayor Ana Ortiz put the cost of repairs at $4.2 million, half of which the state has promised to pay."
)


def line(number: int) -> bytes:
    return json.dumps({"title": f"Market {number} to close", "text": TEXT.format(n=number)}).encode() + b"\n"


def answers(lines: list[bytes], processes: int = 2) -> tuple[list[dict[str, Any]], int]:
    """Return what comes out, and the exit code."""
    out = io.StringIO()
    try:
        brief_lines(lines, out, limit=3, processes=processes)
    except typer.Exit as exited:
        return [json.loads(told) for told in out.getvalue().splitlines()], exited.exit_code
    return [json.loads(told) for told in out.getvalue().splitlines()], 0


@pytest.mark.parametrize("processes", [1, 2])
def test_answers_keep_the_order_of_the_lines_on_however_many_processes(processes: int) -> None:
    told, code = answers([line(number) for number in range(60)], processes)
    assert [answer["headline"] for answer in told] == [f"Market {number} to close" for number in range(60)]
    assert f"ward {59}" in told[59]["takeaways"][0]["text"]
    assert code == 0


@pytest.mark.parametrize("before", [0, 30], ids=["among the first", "in another process"])
@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"\xff\xfe\xfa", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested"),
        pytest.param(b'{"title": 7, "text": null}', id="no texts"),
        pytest.param(b'"title"', id="another shape"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_others_are_answered(bad: bytes, before: int) -> None:
    lines = [*(line(number) for number in range(before)), b"\n", bad + b"\n", line(99)]
    told, code = answers(lines)
    assert len(told) == before + 2
    assert told[before]["line"] == before + 2  # the blank one counts too
    assert told[before]["error"].startswith("not a story: ")
    assert told[-1]["headline"] == "Market 99 to close"
    assert code == 1


def test_half_a_character_in_a_story_is_no_trouble() -> None:
    told, code = answers([b'{"title": "Half \\ud800", "text": "An odd \\udfff text."}'])
    assert (len(told), code) == (1, 0)
    json.dumps(told, ensure_ascii=False).encode()


def test_each_answer_comes_before_the_next_line_is_given() -> None:
    assert COMMAND is not None
    process = subprocess.Popen([COMMAND, "brief", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    watchdog = threading.Timer(DEADLINE_SECONDS, process.kill)
    watchdog.start()
    try:
        for number in range(24):  # beyond those that are answered without other processes
            os.write(process.stdin.fileno(), line(number))
            assert json.loads(process.stdout.readline())["headline"] == f"Market {number} to close"
        process.stdin.close()
        assert process.stdout.readline() == b""
        assert process.wait() == 0
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_a_reader_who_leaves_ends_it_without_a_word() -> None:
    assert COMMAND is not None
    everything = b"".join(line(number) for number in range(300))
    process = subprocess.Popen(  # noqa: S602  (a pipe, of our own words)
        f"{COMMAND} brief --jsonl | head -n 1",
        shell=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, errors = process.communicate(everything, timeout=DEADLINE_SECONDS)
    assert out.count(b"\n") == 1
    assert errors == b""
