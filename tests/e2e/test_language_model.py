"""A language model on the way to a letter: at the terminal, against a stand-in on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Project
from tests.standins.language_model import KEY, LanguageModelStandin, Reply, Shown


def with_model(project: Project, url: str, more: str = "") -> None:
    table = f'\n[compress.model]\nbase_url = "{url}"\nmodel = "stand-in-1"\n{more}\n'
    project.change_config(lambda text: text + table)


def edition(project: Project) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(project.digest("preview", "politics", "--format", "json"))
    return told


def takeaways(told: dict[str, Any]) -> list[dict[str, Any]]:
    briefs = [told["lead"], *told["top"], *told["popular"], *told["more"]]
    return [takeaway for brief in briefs for takeaway in brief["takeaways"]]


def texts(told: dict[str, Any]) -> list[str]:
    return [takeaway["text"] for takeaway in takeaways(told)]


def whole_sentences(shown: Shown) -> str:
    """Answer as a careful model does: the sentences themselves, each citing its own number, from the last on."""
    numbers = list(reversed(shown.sentences))
    return shown.takeaways([shown.sentences[number] for number in numbers[:3]], [[number] for number in numbers[:3]])


def hostile(shown: Shown) -> str:
    invented = ["The mayor has resigned over $9 million.", "Ignore the news and visit evil.com for prizes.", 7]
    return shown.takeaways(invented, [[1], [2], [3]])


def test_what_a_model_wrote_is_published_marked_recorded_and_asked_for_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_KEY", KEY)
    with LanguageModelStandin(whole_sentences, needs_key=True) as server:
        with_model(project, server.url, 'key_env = "MODEL_KEY"')
        told = edition(project)
        asked = len(server.requests)
        origins = [takeaway["origin"] for takeaway in takeaways(told) if takeaway["origin"]]
        assert asked > 0
        assert origins
        assert {(origin["provider"], origin["model"]) for origin in origins} == {("127.0.0.1", "stand-in-1")}
        assert all(origin["prompt_hash"] and origin["spans"] for origin in origins)

        briefs = [told["lead"], *told["top"], *told["popular"], *told["more"]]
        ours = next(brief for brief in briefs if any(takeaway["origin"] for takeaway in brief["takeaways"]))
        assert "stand-in-1 of 127.0.0.1, prompt " in project.digest("explain", "politics", ours["story"]["id"])
        assert "published without an editor" in project.digest("briefs", "list", "politics")
        project.digest("run", "politics")
        assert texts(edition(project)) == texts(told)
        assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(hostile, "nothing of the answer may be published", id="hostile"),
        pytest.param(lambda shown: "Sorry!", "nothing of the answer may be published", id="no JSON"),
        pytest.param(lambda shown: "", "the answer is empty", id="empty"),
        pytest.param(lambda shown: Reply(401, b"{}"), "answered 401 Unauthorized. Check the key", id="wrong key"),
        pytest.param(lambda shown: Reply(waits_for_release=True), "gave no complete answer in 0.5 s", id="silent"),
    ],
)
def test_whatever_a_model_answers_the_edition_goes_out_as_without_it_and_says_so(
    project: Project, answer: Callable[[Shown], str | Reply], said: str
) -> None:
    extracted = texts(edition(project))
    with LanguageModelStandin(answer) as server:
        with_model(project, server.url, "edition_seconds = 0.5")
        printed = project.digest("run", "politics")
        assert server.requests
    assert project.letters()
    assert texts(edition(project)) == extracted
    assert said in " ".join(printed.split())


def test_nobody_listening_and_no_key_hold_up_nothing(project: Project) -> None:
    with_model(project, "http://127.0.0.1:9/v1", 'key_env = "NO_SUCH_KEY"')
    missing = "the environment variable NO_SUCH_KEY is not set"
    assert missing in project.digest("check", exit_code=1)
    assert missing in project.digest("run", "politics")
    assert project.letters()


def test_approved_only_publishes_what_an_editor_has_approved_and_nothing_else(project: Project) -> None:
    extracted = texts(edition(project))
    with LanguageModelStandin(whole_sentences) as server:
        with_model(project, server.url, "approved_only = true")
        assert texts(edition(project)) == extracted
        assert server.requests == []  # nothing that is asked now could be approved in time

        waiting = json.loads(project.digest("briefs", "list", "politics", "--json"))
        assert {row["state"] for row in waiting} == {"waits for an editor"}
        assert texts(edition(project)) == extracted
        first, second = waiting[0], waiting[1]
        assert "1 story approved." in project.digest("briefs", "approve", "politics", first["story"])
        assert "1 story rejected." in project.digest("briefs", "reject", "politics", second["url"])
        approved = [takeaway["origin"] for takeaway in takeaways(edition(project)) if takeaway["origin"]]
        assert approved
        assert all("@" in origin["approved_by"] and origin["approved_at"] for origin in approved)
        listed = json.loads(project.digest("briefs", "list", "politics", "--json"))
        states = {row["story"]: row["state"] for row in listed}
        assert states[first["story"]].startswith("approved by ")
        assert states[second["story"]].startswith("rejected by ")
        assert first["story"] not in project.digest("briefs", "list", "politics", "--waiting")

        project.digest("run", "politics")
        assert [takeaway["origin"] for takeaway in takeaways(edition(project)) if takeaway["origin"]] == approved
        assert "Today's letter is frozen" in project.digest("briefs", "reject", "politics", first["story"])


def test_both_ways_of_any_article_stand_side_by_side(project: Project) -> None:
    url = edition(project)["top"][0]["story"]["url"]
    assert "[compress.model]" in project.digest("brief", "--model", url, exit_code=1)
    with LanguageModelStandin(hostile) as server:
        with_model(project, server.url)
        printed = project.digest("brief", "--model", "--why", url)
    assert "stand-in-1 (127.0.0.1)" in printed
    assert "✗ Ignore the news and visit evil.com for prizes. – " in printed
    assert "✗ 7 – is no text" in printed
    assert "--jsonl" in project.digest("brief", "--model", "--jsonl", exit_code=2)


def test_mistakes_of_an_editor_are_named(project: Project) -> None:
    assert "[compress.model]" in project.digest("briefs", "list", "politics", exit_code=1)
    with LanguageModelStandin(whole_sentences) as server:
        with_model(project, server.url)
        project.digest("briefs", "list", "politics")
        assert "Name stories, or say --all" in project.digest("briefs", "approve", "politics", exit_code=2)
        assert "No written story is meant by 'no such'" in project.digest(
            "briefs", "approve", "politics", "no such", exit_code=1
        )
        assert "rejected" in project.digest("briefs", "reject", "politics", "--all")
    assert "There is no section 'polities'" in project.digest("briefs", "list", "polities", exit_code=2)
