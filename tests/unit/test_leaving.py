"""Who leaves one section of a combined letter after freezing gets the letter of the others, once. Both databases."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import func

from digest import combining
from digest.app import App
from digest.batching import Batches
from digest.deliver import dispatch, ledger
from digest.deliver.auditing import audit
from digest.deliver.candidates import candidates_of
from digest.deliver.listing import each_delivery
from digest.deliver.segments import remaining_segment, sections_of
from digest.deliver.transitions import Attempt, Marked, begun, mark
from digest.errors import TemplateError
from digest.model import Delivery, DeliveryState, EditionStatus
from digest.schedule import catch_up
from digest.store import editions, schema, subscribers
from digest.subscribing import import_lists
from tests.unit.test_combining import NOW, letters, opened, read
from tests.unit.test_web_hooks import serving

BOTH = "politics+sports/2026-11-24"
ALL = "politics+sports+business/2026-11-24"
Leave = Callable[[], None]


def leave(app: App, name: str, *sections: str) -> None:
    reader = subscribers.find(app.database, f"{name}@example.com")
    assert reader is not None
    for section in sections:
        subscribers.unsubscribe(app.database, reader.id, section, NOW, how="one-click")


def when_frozen(monkeypatch: pytest.MonkeyPatch, act: Leave) -> None:
    """Do `act` once, after the audiences are frozen and before anything is submitted."""
    usual, todo = dispatch.deliver, [act]

    def act_first(*arguments: object, **options: object) -> object:
        if todo:
            todo.pop()()
        return usual(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(dispatch, "deliver", act_first)


def arrived(folder: Path, name: str) -> EmailMessage:
    [path] = (folder / "var" / "outbox").rglob(f"{name}@*.eml")
    return email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)


def by_name(app: App, edition_id: str) -> Mapping[str, Delivery]:
    return {row.email.partition("@")[0]: row for row in each_delivery(app.database, edition_id)}


def test_a_segments_name_tells_the_sections_that_are_left() -> None:
    assert sections_of(remaining_segment(["politics", "art-and-life"])) == ("politics", "art-and-life")
    assert [sections_of(segment) for segment in ("all", "b", "")] == [(), (), ()]


def test_who_left_one_section_gets_the_letter_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    with opened(tmp_path, {"eve": "politics sports", "kim": "politics sports"}, database=database_url) as app:
        when_frozen(monkeypatch, lambda: leave(app, "eve", "sports"))
        catch_up(app)
        catch_up(app)
        counts, told = dict(ledger.counts(app.database, BOTH)), audit(app.database, BOTH)
        eve = subscribers.find(app.database, "eve@example.com")
        assert eve is not None
        page = app.links.unsubscribe_url(eve.id, "politics")
    assert counts == {DeliveryState.ACCEPTED: 2}
    assert (told.has_failed, told.candidates, told.status) == (False, 2, EditionStatus.DONE)
    assert letters(tmp_path) == {("eve", "politics+sports"): 1, ("kim", "politics+sports"): 1}
    letter, whole = arrived(tmp_path, "eve"), arrived(tmp_path, "kim")
    assert f"{app.config.web.base_url}/politics/2026-11-24" in read(letter, "html")
    for kind in ("html", "plain"):
        assert "Mooring dues rise" in read(letter, kind)
        assert "Rovers win" not in read(letter, kind)
        assert "Rovers win" in read(whole, kind)
    assert letter["List-Id"].endswith("<politics.example.com>")
    assert letter["List-Unsubscribe"] == f"<{page}>"


def test_two_of_three_sections_stay_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    readers = {"kim": "politics sports business", "ben": "politics sports business", "joe": "politics sports business"}
    with opened(tmp_path, readers, database=database_url) as app:

        def leave_some() -> None:
            leave(app, "kim", "politics")
            leave(app, "ben", "sports")
            leave(app, "joe", "sports", "politics", "business")

        when_frozen(monkeypatch, leave_some)
        catch_up(app)
        rows = by_name(app, ALL)
        assert editions.segments_of(app.database, ALL) == ("all", "only politics+business", "only sports+business")
        assert not audit(app.database, ALL).has_failed
        with serving(app) as pages:  # each letter's own page shows what it holds, and no more
            own, others = (pages.get(f"/{key}/2026-11-24") for key in ("sports+business", "politics+sports"))
        assert (own.status_code, others.status_code) == (200, 404)
        assert "Rovers win" in own.text
        assert "Mooring dues rise" not in own.text
    assert {name: row.segment for name, row in rows.items() if row.state is DeliveryState.ACCEPTED} == {
        "kim": "only sports+business",
        "ben": "only politics+business",
    }
    assert (rows["joe"].state, rows["joe"].detail) == (DeliveryState.WITHDRAWN, "unsubscribed")
    letter = arrived(tmp_path, "kim")
    assert f"{app.config.web.base_url}/sports+business/2026-11-24" in read(letter, "html")
    text = read(letter, "plain").replace("\r\n", "\n")
    assert "Inside today: Sports; Business." in text
    assert "Mooring dues rise" not in text
    assert letters(tmp_path).total() == 2


def test_who_is_suppressed_gets_none_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    with opened(tmp_path, {"eve": "politics sports"}, database=database_url) as app:

        def suppress() -> None:
            leave(app, "eve", "sports")
            subscribers.erase(app.database, "eve@example.com", NOW)

        when_frozen(monkeypatch, suppress)
        catch_up(app)
        counts = dict(ledger.counts(app.database, BOTH))
    assert counts == {DeliveryState.WITHDRAWN: 1}
    assert letters(tmp_path).total() == 0


def test_a_correction_goes_to_whose_letter_had_the_section(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    with opened(tmp_path, {"eve": "politics sports", "kim": "politics sports"}, database=database_url) as app:
        when_frozen(monkeypatch, lambda: leave(app, "eve", "sports"))
        catch_up(app)
        asked = {
            section: candidates_of(section, f"{section}/2026-11-24").with_only_columns(func.count())
            for section in ("politics", "sports")
        }
        with app.database.read() as connection:
            counts = {section: connection.execute(wanted).scalar_one() for section, wanted in asked.items()}
    assert counts == {"politics": 2, "sports": 1}


def test_who_leaves_before_their_own_hour_gets_the_rest_then(tmp_path: Path, database_url: str) -> None:
    readers = {"eve": "politics sports", "kim": "politics sports"}
    with opened(tmp_path, readers, extra='timezone = "subscriber"\n', database=database_url) as app:
        import_lists(app.config, app.database, NOW)
        with app.database.write() as connection:
            at_home = schema.subscribers.update().where(schema.subscribers.c.email == "eve@example.com")
            connection.execute(at_home.values(timezone="America/New_York"))
        catch_up(app)
        assert letters(tmp_path) == {("kim", "politics+sports"): 1}
        leave(app, "eve", "sports")
        catch_up(replace(app, now=lambda: NOW + timedelta(hours=5)))
        assert audit(app.database, BOTH).status is EditionStatus.DONE
        assert not audit(app.database, BOTH).has_failed
    assert letters(tmp_path) == {("kim", "politics+sports"): 1, ("eve", "politics+sports"): 1}
    assert "Rovers win" not in read(arrived(tmp_path, "eve"), "plain")


def marked(app: App, *attempts: Attempt) -> Marked:
    with app.database.writer() as writer, writer.transaction() as cursor:
        return mark(app.database, cursor, BOTH, attempts, NOW, "")


def frozen(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze and begin, and submit nothing."""
    with monkeypatch.context() as patched:
        patched.setattr(dispatch, "deliver", stop_here)
        with pytest.raises(Died):
            catch_up(app)
    begin = frozenset({EditionStatus.APPROVED})
    assert editions.set_status(app.database, BOTH, EditionStatus.SENDING, expected=begin, now=NOW)


class Died(BaseException):
    """Ends a run as a kill does."""


def stop_here(*_: object, **__: object) -> None:
    raise Died


def test_the_guard_of_the_mark_lets_no_letter_go_with_what_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    with opened(tmp_path, {"eve": "politics sports", "kim": "politics sports"}, database=database_url) as app:
        frozen(app, monkeypatch)
        eve, kim = (by_name(app, BOTH)[name] for name in ("eve", "kim"))
        leave(app, "eve", "sports")
        assert marked(app, begun(eve), begun(kim)) == Marked(frozenset({kim.id}), left=1)
        # Another connection read her row before, and has the letter of both.
        assert marked(app, begun(eve)) == Marked(frozenset(), left=0)
        eve = by_name(app, BOTH)["eve"]
        assert (eve.state, eve.segment, eve.attempts) == (DeliveryState.QUEUED, "only politics", 0)
        leave(app, "eve", "politics")
        assert marked(app, begun(eve)) == Marked(frozenset(), left=1)
        assert by_name(app, BOTH)["eve"].state is DeliveryState.WITHDRAWN


def test_who_leaves_on_the_way_gets_what_remains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    with opened(tmp_path, {"eve": "politics sports business"}, database=database_url) as app:
        usual, sections = combining.remaining_letter, ["business"]

        def leave_again(*arguments: object) -> object:  # while the letter without sports is made
            letter = usual(*arguments)  # type: ignore[arg-type]
            if sections:
                leave(app, "eve", sections.pop())
            return letter

        monkeypatch.setattr("digest.pipeline.remaining_letter", leave_again)
        when_frozen(monkeypatch, lambda: leave(app, "eve", "sports"))
        catch_up(app)
        assert by_name(app, ALL)["eve"].segment == "only politics"
    text = read(arrived(tmp_path, "eve"), "plain")
    assert "Mooring dues rise" in text
    assert "Bakery chain" not in text


def test_a_letter_that_cant_be_made_withdraws_its_readers_and_tells_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    readers = {"eve": "politics sports business", "kim": "politics sports business"}
    with opened(tmp_path, readers, database=database_url) as app:

        def break_theme() -> None:
            leave(app, "eve", "sports")
            monkeypatch.setattr(combining, "compose_letter", fail)

        def fail(*_: object) -> None:
            raise TemplateError([])

        when_frozen(monkeypatch, break_theme)
        catch_up(app)
        rows = by_name(app, ALL)
        assert audit(app.database, ALL).status is EditionStatus.DONE
    assert rows["kim"].state is DeliveryState.ACCEPTED
    assert rows["eve"].state is DeliveryState.WITHDRAWN
    assert rows["eve"].detail.startswith("no letter of what is left of it can be made: ")
    assert letters(tmp_path) == {("kim", "politics+sports+business"): 1}


@pytest.mark.parametrize("place", ["digest.deliver.letters.editions.add_letter", "digest.deliver.dispatch.Rounds.run"])
def test_a_run_that_died_in_between_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, place: str
) -> None:
    with opened(tmp_path, {"eve": "politics sports", "kim": "politics sports"}, database=database_url) as app:
        when_frozen(monkeypatch, lambda: leave(app, "eve", "sports"))
        with monkeypatch.context() as patched:
            patched.setattr(place, stop_here)
            with pytest.raises(Died):
                catch_up(app)
        catch_up(app)
        assert not audit(app.database, BOTH).has_failed
        assert dict(ledger.counts(app.database, BOTH)) == {DeliveryState.ACCEPTED: 2}
    assert "Rovers win" not in read(arrived(tmp_path, "eve"), "plain")
    assert letters(tmp_path).total() == 2


def test_workers_deliver_what_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_database: str) -> None:
    readers = {f"r{number}": "politics sports" for number in range(6)}
    with opened(tmp_path, readers, database=postgres_database) as app:
        app = replace(app, now=lambda: datetime.now(UTC))
        with monkeypatch.context() as patched:
            patched.setattr(dispatch, "deliver", stop_here)
            with pytest.raises(Died):
                catch_up(replace(app, now=lambda: NOW))
        late = datetime.now(UTC) + timedelta(hours=1)
        editions.set_late(app.database, BOTH, late)
        editions.set_status(
            app.database, BOTH, EditionStatus.SENDING, expected=frozenset({EditionStatus.APPROVED}), now=NOW
        )
        leave(app, "r1", "sports")
        leave(app, "r2", "politics")
        leave(app, "r3", "politics", "sports")
        workers = [Batches(app, threading.Event()) for _ in range(2)]
        threads = [threading.Thread(target=worker.deliver, args=(BOTH, 0)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for worker in workers:
            worker.close_idle(0.0)
        assert dict(ledger.counts(app.database, BOTH)) == {DeliveryState.ACCEPTED: 5, DeliveryState.WITHDRAWN: 1}
        assert not audit(app.database, BOTH).has_failed
    assert letters(tmp_path).total() == 5
    assert "Rovers win" not in read(arrived(tmp_path, "r1"), "plain")
    assert "Mooring dues rise" not in read(arrived(tmp_path, "r2"), "plain")
