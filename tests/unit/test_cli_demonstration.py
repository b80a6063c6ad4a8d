"""Where `digest demo` makes its project."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.cli.demonstration import empty_for_demo
from digest.errors import DigestError


def made(folder: Path) -> Path:
    (folder / "outbox" / "politics").mkdir(parents=True)
    (folder / ".digest-demo").touch()
    (folder / "config.toml").touch()
    return folder


def test_a_demo_is_made_anew_from_within_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made(tmp_path))
    empty_for_demo(Path())
    assert [held.name for held in Path.cwd().iterdir()] == [".digest-demo"]


def test_a_demo_is_not_made_anew_under_your_feet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made(tmp_path) / "outbox" / "politics")
    with pytest.raises(DigestError, match="this shell stands in a folder within it"):
        empty_for_demo(tmp_path)
    assert (tmp_path / "config.toml").exists()


def test_what_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(DigestError, match="holds something that no demo made"):
        empty_for_demo(tmp_path)
    assert (tmp_path / "thesis.txt").exists()
