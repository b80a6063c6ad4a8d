"""One letter for those who read several sections of one time. Real SQLite, folders of stories, letters as files."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest import combining
from digest.app import App
from digest.cli import whole_app
from digest.config import load_config
from digest.deliver import dispatch, ledger
from digest.deliver.auditing import audit
from digest.deliver.candidates import sets_in_use
from digest.errors import EditionError, TemplateError
from digest.model import DeliveryState, EditionStatus
from digest.schedule import catch_up
from digest.store import editions, settings, subscribers
from digest.store.corrections import corrections_of
from digest.wiring import open_app
from tests.unit.test_web_hooks import serving

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SECTIONS = ("politics", "sports", "business")
HEAD = """
[publication]
name = "The Harbour Herald"
url = "https://example.com"
from = "The Harbour Herald <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
[delivery]
surprise_percent = 0
"""
SHARED = "https://example.com/shared"


@contextmanager
def opened(
    folder: Path, readers: Mapping[str, str], *, extra: str = "", now: datetime = NOW, database: str = ""
) -> Iterator[App]:
    """Open a paper whose `readers` are told as {"ana": "politics sports"}."""
    text = HEAD + (f'[database]\nurl = "{database}"\n' if database else "")
    (folder / "subscribers").mkdir(exist_ok=True)
    for number, section in enumerate(SECTIONS):
        stories = folder / "stories" / section
        stories.mkdir(parents=True, exist_ok=True)
        for place in range(3):
            write_story(stories, section, f"{section}-{place}", number * 3 + place)
        text += f'[[sources]]\nkind = "folder"\npath = "stories/{section}"\nsection = "{section}"\n'
        text += f'[sections.{section}]\nat = "07:00"\nminimum = 1\n{extra}'
        listed = [f"{name}@example.com" for name, theirs in readers.items() if section in theirs.split()]
        (folder / "subscribers" / f"{section}.csv").write_text("\n".join(["email", *listed, ""]), "utf-8")
    (folder / "config.toml").write_text(text, "utf-8")
    with open_app(load_config(folder / "config.toml")) as app:
        settings.first_served(app.database, NOW - timedelta(days=1, hours=-1))
        yield replace(app, now=lambda: now)


STORIES = (
    ("Mooring dues rise by six per cent", "The harbour board voted to raise what boats pay for a berth in winter."),
    ("Council buys a second night ferry", "Islanders will sail home at midnight from May, the transport office said."),
    ("Street lamps go dark at one", "Engineers will switch off four hundred lights on the hill to save money."),
    ("Rovers win the county cup", "A late header from the captain decided the final before nine thousand people."),
    ("Rowing club orders an eight", "Members chose a carbon shell that was built for the regatta at Lake Orme."),
    ("Marathon finds a new course", "Runners will cross the old viaduct twice and finish beside the lighthouse."),
    ("Bakery chain closes six shops", "Its owner blamed the price of flour and a lease that could not be renewed."),
    ("Shipyard hires forty welders", "An order for two tugs keeps the slipway busy until autumn, the yard said."),
    ("Timber merchant goes to court", "A dispute over wet planks has cost both firms a year, the judge was told."),
)


def write_story(folder: Path, section: str, name: str, number: int) -> None:
    title, text = STORIES[number]
    story = {
        "url": f"https://example.com/{name}",
        "title": title,
        "text": f"{text} " * 4,
        "published_at": (NOW - timedelta(hours=number + 1)).isoformat(),
    }
    (folder / f"{name}.json").write_text(json.dumps(story), "utf-8")


def read(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def letters(folder: Path) -> Counter[tuple[str, str]]:
    """Count the letters by (who, sections)."""
    return Counter(
        (path.name.partition("@")[0], path.parent.parent.name) for path in (folder / "var" / "outbox").rglob("*.eml")
    )


def statuses(app: App) -> dict[str, EditionStatus]:
    return {row.section: row.status for row in editions.list_editions(app.database)}


READERS = {"ana": "politics", "tom": "sports", "eve": "politics sports", "kim": "politics sports business", "bo": ""}


def test_each_reader_gets_one_letter_with_all_their_sections(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, READERS, database=database_url) as app:
        catch_up(app)
        catch_up(app)
        found = statuses(app)
        audits = {row.id: audit(app.database, row.id).has_failed for row in editions.list_editions(app.database)}
        politics = dict(ledger.counts(app.database, "politics/2026-11-24"))
    assert letters(tmp_path) == {
        ("ana", "politics"): 1,
        ("tom", "sports"): 1,
        ("eve", "politics+sports"): 1,
        ("kim", "politics+sports+business"): 1,
    }
    assert set(found.values()) == {EditionStatus.DONE}
    assert politics == {DeliveryState.ACCEPTED: 1}
    assert not any(audits.values())


def test_sections_that_shall_not_be_combined_come_alone(tmp_path: Path) -> None:
    with opened(tmp_path, READERS, extra="combine = false\n") as app:
        catch_up(app)
    assert sum(letters(tmp_path).values()) == 7
    assert not any("+" in sections for _, sections in letters(tmp_path))


def test_a_combined_letter_has_its_sections_in_order_and_a_shared_story_once(tmp_path: Path) -> None:
    with opened(tmp_path, {"eve": "politics sports"}) as app:
        for section in ("politics", "sports"):  # one story in both
            path = tmp_path / "stories" / section / "shared.json"
            told = {"url": SHARED, "title": "The quay opens to walkers", "published_at": NOW.isoformat()}
            told["text"] = "A promenade of two miles has opened after nine years of work behind fences. " * 4
            path.write_text(json.dumps(told), "utf-8")
        catch_up(app)
        content = editions.get_content(app.database, "politics+sports/2026-11-24")
    assert content is not None
    assert [part.section for part in content.parts] == ["politics", "sports"]
    assert [brief.story.url for brief in content.briefs].count(SHARED) <= 1
    [path] = (tmp_path / "var" / "outbox").rglob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
    html, text = (read(letter, kind) for kind in ("html", "plain"))
    assert html.index('href="#p1"') < html.index('href="#p2"') < html.index('id="p1"') < html.index('id="p2"')
    text = text.replace("\r\n", "\n")
    assert text.index("Inside today: Politics; Sports.") < text.index("\nPolitics\n") < text.index("\nSports\n")
    assert letter["List-Id"].endswith("<politics-and-sports.example.com>")


def test_unsubscribing_from_a_combined_letter_leaves_all_of_its_sections(tmp_path: Path) -> None:
    with opened(tmp_path, {"kim": "politics sports business", "eve": "politics sports"}) as app:
        catch_up(app)
        kim = subscribers.find(app.database, "kim@example.com")
        assert kim is not None
        path = app.links.unsubscribe_url(kim.id, "politics+sports").removeprefix(app.config.web.base_url)
        with serving(app) as pages:
            assert "Politics · Sports" in pages.get(path).text
            assert pages.post(path).status_code == 200
        kim = subscribers.find(app.database, "kim@example.com")
    assert kim is not None
    assert kim.sections == ("business",)


def test_a_run_that_died_after_freezing_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        """Ends a run as a kill does."""

    def die(*_: object, **__: object) -> None:
        raise Died

    with opened(tmp_path, READERS) as app:
        with monkeypatch.context() as patched:
            patched.setattr(dispatch, "deliver", die)
            with pytest.raises(Died):
                catch_up(app)
        assert letters(tmp_path) == {}
        catch_up(app)
        assert sum(letters(tmp_path).values()) == 4
        assert set(statuses(app).values()) == {EditionStatus.DONE}


def test_two_that_run_at_once_make_each_letter_once(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, READERS, database=database_url) as app:
        threads = [threading.Thread(target=catch_up, args=(app,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        catch_up(app)
    assert letters(tmp_path).total() == 4
    assert set(letters(tmp_path).values()) == {1}


@pytest.mark.parametrize(
    "error", [TemplateError([]), EditionError("held meanwhile"), RuntimeError("a mistake of ours")]
)
def test_without_a_combined_letter_each_section_comes_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    with opened(tmp_path, READERS) as app:
        monkeypatch.setattr(combining, "compose_letter", fail)
        catch_up(app)
    assert letters(tmp_path).total() == 7


def test_a_story_of_a_combined_letter_is_used_for_each_section(tmp_path: Path) -> None:
    with opened(tmp_path, {"eve": "politics sports"}) as app:
        catch_up(app)
        for section in ("politics", "sports"):
            used = editions.used_stories(app.database, section, NOW - timedelta(days=1))
            assert {use.edition_id for use in used} == {f"{section}/2026-11-24"}
        assert corrections_of(app.database, "politics/2026-11-24") == ()


def test_the_archive_lists_the_sections_and_not_their_sets(tmp_path: Path) -> None:
    with opened(tmp_path, {"eve": "politics sports", "ana": "politics"}) as app:
        catch_up(app)
        listed = [row.section for row in editions.list_editions(app.database, limit=2, of_one_section=True)]
        assert "politics+sports" not in listed
        with serving(app) as pages:
            front = pages.get("/").text
            assert pages.get("/politics+sports/2026-11-24").status_code == 200
            assert pages.get("/sports/2026-11-24").status_code == 200, "only read in a combined letter"
    assert "/politics/2026-11-24" in front
    assert "+" not in "".join(part for part in front.split('"') if part.startswith("/"))


def test_sets_in_use_are_those_that_somebody_reads(tmp_path: Path) -> None:
    with opened(tmp_path, READERS) as app:
        catch_up(app)
        assert sets_in_use(app.database, SECTIONS) == (("politics", "sports"), SECTIONS)
        assert sets_in_use(app.database, ("business",)) == ()


def test_combined_editions_of_a_slot_are_one_line_and_all_of_them_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(*arguments: str) -> str:
        whole_app()(["-c", str(tmp_path / "config.toml"), *arguments], standalone_mode=False)
        return capsys.readouterr().out

    readers = {**READERS, "ben": "sports business", "joe": "politics business", "flo": "sports business"}
    with opened(tmp_path, readers) as app:
        catch_up(app)
    lines = [line for line in printed("status").splitlines() if "/2026-11-24" in line]
    assert [line.partition("  ")[0] for line in lines] == [
        "business/2026-11-24",
        "politics/2026-11-24",
        "sports/2026-11-24",
        "politics+business/2026-11-24 and 3 other sets",
    ]
    assert lines[-1].split()[5:8] == ["done", "5", "accepted"]
    assert len([line for line in printed("status", "--all").splitlines() if "/2026-11-24" in line]) == 7
    told = json.loads(printed("status", "--json"))["editions"]
    assert sum(one["counts"]["accepted"] for one in told if "+" in one["edition"]) == 5
    assert len(told) == len(json.loads(printed("stats", "--json"))) == 7
    assert "politics+business/2026-11-24 and 3 other sets" in printed("stats")
