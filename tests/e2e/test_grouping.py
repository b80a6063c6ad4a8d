"""`digest cluster`: JSON lines in, events out."""

from __future__ import annotations

import json
import subprocess

from tests.conftest import COMMAND

LINES = [
    {"id": "a", "title": "Mayor reopens the old quay after two years of work", "published": "2026-11-24T07:00:00Z"},
    {"id": "b", "title": "UPDATE: Mayor reopens old quay after two years of work", "published": "2026-11-24T09:00:00Z"},
    {"title": "Rovers win the derby with a late penalty"},
]


def grouped(text: str, *options: str, exit_code: int = 0) -> list[str]:
    assert COMMAND is not None
    done = subprocess.run([COMMAND, "cluster", *options], input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == exit_code, done.stderr
    return (done.stdout + done.stderr).splitlines()


def test_stories_are_told_by_event_in_the_order_of_their_lines() -> None:
    text = "\n".join(json.dumps(line) for line in LINES)
    told = [json.loads(line) for line in grouped(text, "--jsonl")]
    assert told == [
        {"id": "a", "event": 1, "leads": False},
        {"id": "b", "event": 1, "leads": True},
        {"id": "3", "event": 2, "leads": True},
    ]
    assert grouped(text) == [
        "UPDATE: Mayor reopens old quay after two years of work",
        "    Mayor reopens the old quay after two years of work",
        "Rovers win the derby with a late penalty",
    ]


def test_a_line_that_is_no_story_is_named_and_the_others_are_grouped() -> None:
    wrong = ["not JSON", '{"title": 3}', '{"title": "Two", "published": "soon"}', "[1]", '{"id": "1", "title": "x"}']
    text = "\n".join(['{"title": "One"}', *wrong])
    told = [json.loads(line) for line in grouped(text, "--jsonl", exit_code=1)]
    assert told[0] == {"id": "1", "event": 1, "leads": True}
    assert [line["line"] for line in told[1:]] == [2, 3, 4, 5, 6]
    assert "line 3: not a story: 'title' is no text." in grouped(text, exit_code=1)
    assert grouped("", "--jsonl") == []
