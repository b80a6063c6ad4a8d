"""What an edition's stories cost at a language model, and what is kept of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import App
from digest.briefs import Briefs, brief_clusters
from digest.config import load_config
from digest.model import Cluster, Story
from digest.store.model_answers import StoredAnswer, Verdict, answers_of, judge_answers, put_answers, tokens_since
from digest.wiring import open_app
from tests.standins.language_model import LanguageModelStandin, Shown
from tests.unit.audience_setup import opened
from tests.unit.test_config import SMALLEST

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
TEXT = (
    "The council voted 7–4 on Tuesday to close ward {n}'s Old Fish Market by March.\n\n"
    "Engineers from the state found cracks in its iron roof after the storms of last winter.\n\n"
    "Mayor Ana Ortiz put the cost of repairs at $4.2 million, half of which the state will pay.\n\n"
    "Traders will move to a heated tent beside the station until summer without any rent.\n\n"
    "Joan Park has sold mussels at the market since the spring of 1989 and wants to stay.\n\n"
    "The repairs begin in April and the market is to open again within two years."
)


def cluster(number: int) -> Cluster:
    text = TEXT.format(n=number)
    return Cluster(Story(f"https://example.com/{number}", f"Ward {number} loses market", text=text, language="en"))


def answer(shown: Shown) -> str:
    last = max(shown.sentences)
    return shown.takeaways([shown.sentences[last]], [[last]])


@contextmanager
def app_with(
    folder: Path, server: LanguageModelStandin, more: str = "", now: datetime = NOON, model: str = "stand-in-1"
) -> Iterator[App]:
    path = folder / "config.toml"
    table = f'[compress.model]\nbase_url = "{server.url}"\nmodel = "{model}"\nconnections = 1\n{more}\n'
    path.write_text(SMALLEST + table, "utf-8")
    with open_app(load_config(path)) as app:
        yield replace(app, now=lambda: now)


def published(made: Briefs) -> list[str]:
    """Return the ids of the stories that a model's takeaway is published of."""
    return [key for key, brief in made.by_story.items() if any(takeaway.origin for takeaway in brief.takeaways)]


def test_the_same_story_is_paid_for_once_and_a_changed_one_again(tmp_path: Path) -> None:
    with LanguageModelStandin(answer) as server:
        with app_with(tmp_path, server) as app:
            first = brief_clusters(app, [cluster(1)])
        with app_with(tmp_path, server) as app:  # another process, later
            assert brief_clusters(app, [cluster(1)]) == first
            assert len(server.requests) == 1
            changed = replace(cluster(1).lead, text=TEXT.format(n=1).replace("7–4", "8–3"))
            assert published(brief_clusters(app, [Cluster(changed)])) == [changed.id]
            assert len(server.requests) == 2


def test_another_model_is_asked_anew(tmp_path: Path) -> None:
    with LanguageModelStandin(answer, models=("stand-in-1", "stand-in-2")) as server:
        for model in ("stand-in-1", "stand-in-2"):
            with app_with(tmp_path, server, model=model) as app:
                brief_clusters(app, [cluster(1)])
        assert [request["model"] for request in server.requests] == ["stand-in-1", "stand-in-2"]


@pytest.mark.parametrize(
    ("cap", "asked"),
    [
        pytest.param("tokens_per_edition = 1500", 1, id="tokens of an edition"),
        pytest.param("tokens_per_day = 2000", 1, id="tokens of a day"),
        pytest.param("cost_per_edition = 0.0015\nprompt_price_per_million = 1", 1, id="cost of an edition"),
        pytest.param("cost_per_day = 0.0015\nprompt_price_per_million = 1", 1, id="cost of a day"),
        pytest.param("tokens_per_edition = 0\ntokens_per_day = 0", 4, id="no cap"),
    ],
)
def test_beyond_a_cap_stories_are_extracted_and_the_report_says_so(tmp_path: Path, cap: str, asked: int) -> None:
    with LanguageModelStandin(answer, usage=(1000, 100)) as server, app_with(tmp_path, server, cap) as app:
        made = brief_clusters(app, [cluster(number) for number in range(4)])
        assert len(server.requests) == asked
    assert len(published(made)) == asked
    told = [note for note in made.notes if "the cap on tokens or cost is reached" in note]
    assert [note.split(", ")[1].split(":")[0] for note in told] == ([] if asked == 4 else ["3 of 4 stories"])


def test_what_was_used_today_counts_and_what_was_used_yesterday_does_not(tmp_path: Path) -> None:
    with LanguageModelStandin(answer, usage=(1000, 100)) as server:
        for day, number in ((0, 1), (0, 2), (1, 3)):
            with app_with(tmp_path, server, "tokens_per_day = 2000", NOON + timedelta(days=day)) as app:
                brief_clusters(app, [cluster(number)])
        assert len(server.requests) == 2  # the second of the first day was one too many


def test_a_verdict_belongs_to_one_answer_and_says_who_and_when(tmp_path: Path) -> None:
    with LanguageModelStandin(answer) as server, app_with(tmp_path, server, "approved_only = true") as app:
        clusters = [cluster(number) for number in range(3)]
        assert published(brief_clusters(app, clusters)) == []
        assert server.requests == []
        asked = brief_clusters(app, clusters, may_ask=True)
        assert published(asked) == []
        approved, rejected, _ = (one.answer.key for one in asked.written)
        judge_answers(app.database, [approved], Verdict.APPROVED, "ann@desk", NOON)
        judge_answers(app.database, [rejected], Verdict.REJECTED, "ann@desk", NOON)
        made = brief_clusters(app, clusters)
    assert published(made) == [clusters[0].lead.id]
    origins = [takeaway.origin for takeaway in made.by_story[clusters[0].lead.id].takeaways if takeaway.origin]
    assert [(origin.approved_by, origin.approved_at) for origin in origins] == [("ann@desk", NOON)]
    assert made.notes == (
        "What stand-in-1 wrote of 1 story waits for an editor (`digest briefs list`): extracted until then.",
    )


def test_what_an_editor_has_written_of_is_asked_of_nobody(tmp_path: Path) -> None:
    with LanguageModelStandin(answer) as server, app_with(tmp_path, server) as app:
        story = cluster(1)
        assert brief_clusters(app, [story], but=frozenset({story.lead.id})).written == ()
        assert server.requests == []


def stored(key: str, at: datetime, text: str = "{}") -> StoredAnswer:
    return StoredAnswer(key, "s1", "host", "model", "p0", text, 100, 10, at)


def test_answers_are_kept_with_what_they_cost_and_old_ones_go(tmp_path: Path) -> None:
    with opened(tmp_path) as database:
        put_answers(database, [stored("a", NOON - timedelta(days=91))])
        assert set(answers_of(database, ["a"])) == {"a"}
        put_answers(database, [stored("b", NOON, "")])
        assert answers_of(database, ["a", "b"]) == {}
        put_answers(database, [stored("b", NOON), stored("c", NOON)])
        assert answers_of(database, ["a", "b", "c"]) == {
            "b": replace(stored("b", NOON), prompt_tokens=200, answer_tokens=20),  # the empty one was paid for too
            "c": stored("c", NOON),
        }
        assert tokens_since(database, NOON) == (300, 30)
        assert tokens_since(database, NOON + timedelta(seconds=1)) == (0, 0)
        assert judge_answers(database, ["c", "d"], Verdict.REJECTED, "ann@desk", NOON) == 1
        assert answers_of(database, ["c"])["c"].verdict is Verdict.REJECTED
