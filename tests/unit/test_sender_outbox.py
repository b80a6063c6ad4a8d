"""The sender that writes files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from digest.deliver.envelope import encode_letter
from digest.deliver.senders.outbox import OutboxSender
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, DeliveryState, Letter, Outcome
from tests.standins.letters import a_letter, a_reader, readers


def submit(folder: Path, letter: Letter, who: Sequence[Addressed]) -> list[Outcome]:
    with OutboxSender(folder).open(letter) as session:
        return list(session.submit(who, lambda ids, _="": frozenset(ids)))


def test_each_reader_gets_a_file_with_the_very_message(tmp_path: Path) -> None:
    outcomes = submit(tmp_path, a_letter(), readers(2))
    for outcome, reader in zip(outcomes, readers(2), strict=True):
        assert outcome == Outcome(reader.delivery.id, DeliveryState.ACCEPTED, provider_id=outcome.provider_id)
        path = tmp_path / "politics" / "2026-11-24" / outcome.provider_id
        assert path.name.startswith(f"{reader.delivery.email}-")
        assert path.read_bytes() == encode_letter(a_letter()).message(reader)
    assert not list(tmp_path.rglob(".writing-*"))


def test_the_same_delivery_has_the_same_file_and_another_of_the_same_address_its_own(tmp_path: Path) -> None:
    submit(tmp_path, a_letter(), [a_reader(1)])
    submit(tmp_path, a_letter(), [a_reader(1)])
    submit(tmp_path, a_letter(), [a_reader(1, delivery_id="test-1")])
    assert len(list(tmp_path.rglob("*.eml"))) == 2


@pytest.mark.parametrize("email", ["../../etc@x.example", "a/b@x.example", ".hidden@x.example", "CON|x@x.example"])
def test_no_address_leads_out_of_the_folder(tmp_path: Path, email: str) -> None:
    outbox = tmp_path / "outbox"
    submit(outbox, a_letter(edition_id="../politics/2026-11-24"), [a_reader(email=email)])
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]
    assert all(not path.name.startswith(".") for path in outbox.rglob("*"))


def test_the_letters_page_has_no_readers_links_and_the_index_leads_to_everything(tmp_path: Path) -> None:
    submit(tmp_path, a_letter(subject="Größe & <b>more</b>"), readers(2))
    submit(tmp_path, a_letter(edition_id="science/2026-11-23", subject="Older"), [a_reader(5)])
    page = (tmp_path / "politics" / "2026-11-24" / "letter.html").read_text("utf-8")
    assert page == '<p>“Größe”</p><a href="#">Out</a> <a href="#">##</a>'
    index = (tmp_path / "index.html").read_text("utf-8")
    assert "3 letters in 2 editions" in index
    assert "Größe &amp; &lt;b&gt;more&lt;/b&gt;" in index
    assert index.index("Tuesday, 24 November 2026") < index.index("Monday, 23 November 2026")
    for path in (*tmp_path.rglob("*.eml"), *tmp_path.rglob("letter.html")):
        assert f'href="{path.relative_to(tmp_path)}"' in index


def test_a_folder_that_stops_taking_files_puts_the_delivery_back_and_halts(tmp_path: Path) -> None:
    outcomes: list[Outcome] = []
    with OutboxSender(tmp_path).open(a_letter()) as session:
        folder = tmp_path / "politics" / "2026-11-24"
        (folder / "letter.html").unlink()
        folder.rmdir()
        with pytest.raises(SubmitHalted, match="run again"):
            for outcome in session.submit(readers(2), lambda ids, _="": frozenset(ids)):
                outcomes.append(outcome)  # noqa: PERF402  (what came before the exception counts)
    assert [(outcome.delivery_id, outcome.state) for outcome in outcomes] == [("d0000", DeliveryState.QUEUED)]


def test_a_folder_that_can_not_be_made_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeliveryError, match="can be written to"), OutboxSender(tmp_path / "file").open(a_letter()):
        pass


def test_an_address_that_can_not_be_used_is_rejected(tmp_path: Path) -> None:
    (outcome,) = submit(tmp_path, a_letter(), [a_reader(email="nobody")])
    assert outcome == replace(outcome, state=DeliveryState.REJECTED) and "can't be used" in outcome.detail
