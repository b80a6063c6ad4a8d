"""How `digest serve` begins: where it listens, and that a wish to stop is heard before the pages are up."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from digest.cli import whole_app
from digest.config import load_config
from digest.environment import VARIABLES
from digest.errors import ConfigError
from digest.wiring import open_app, open_sender

CONFIG = """
[publication]
name = "The Harbour Herald"
url = "https://example.com"
from = "The Harbour Herald <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
[[sources]]
kind = "feed"
url = "https://example.com/feed"
section = "politics"
[sections.politics]
"""


@contextmanager
def stopped_at_once(*_: object) -> Iterator[None]:
    signal.raise_signal(signal.SIGTERM)
    yield


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[uvicorn.Server]:
    """The servers that were run; they do nothing."""
    servers: list[uvicorn.Server] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, **_: servers.append(self))
    monkeypatch.setattr("digest.schedule.scheduled", stopped_at_once)
    return servers


def serve(folder: Path, *arguments: str) -> Result:
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    return CliRunner().invoke(whole_app(), ["--config", str(folder / "config.toml"), "serve", *arguments])


def test_told_to_stop_before_the_pages_are_up_it_stops(tmp_path: Path, ran: list[uvicorn.Server]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    assert serve(tmp_path, "--listen", "127.0.0.1:0").exit_code == 0

    assert [server.should_exit for server in ran] == [True]
    assert signal.getsignal(signal.SIGTERM) is before


def test_it_listens_where_it_is_told_and_not_where_config_toml_says(tmp_path: Path, ran: list[uvicorn.Server]) -> None:
    serve(tmp_path, "--listen", "localhost:0")

    assert [(server.config.host, server.config.port) for server in ran] == [("localhost", 0)]


def test_a_secret_may_be_in_a_file_that_a_variable_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = '[delivery]\nsender = "smtp"\n[delivery.smtp]\nusername = "herald"\npassword_env = "HERALD_PASSWORD"\n'
    (tmp_path / "config.toml").write_text(CONFIG + told, "utf-8")
    config = load_config(tmp_path / "config.toml")
    secret = tmp_path / "secret"
    monkeypatch.delenv("HERALD_PASSWORD", raising=False)
    monkeypatch.setenv("HERALD_PASSWORD_FILE", str(secret))
    with pytest.raises(ConfigError, match=r"HERALD_PASSWORD_FILE names .*secret, which .*: No such file"):
        open_sender(config)
    secret.write_text("", "utf-8")
    with pytest.raises(ConfigError, match="it is empty"):
        open_sender(config)
    secret.write_text("pässword \n", "utf-8")
    assert open_sender(config) and VARIABLES["HERALD_PASSWORD"] == "pässword "
    monkeypatch.setenv("HERALD_PASSWORD", "itself")
    assert VARIABLES["HERALD_PASSWORD"] == "itself"


@pytest.mark.parametrize("told", ["8000", "127.0.0.1:http", "nowhere.invalid:8000"])
def test_what_is_no_place_is_misuse(tmp_path: Path, ran: list[uvicorn.Server], told: str) -> None:
    done = serve(tmp_path, "--listen", told)

    assert (done.exit_code, ran) == (2, []) and "--listen" in done.output


def test_a_place_that_is_taken_is_named_as_it_was_told(tmp_path: Path, ran: list[uvicorn.Server]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve(tmp_path, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")

    assert (done.exit_code, ran) == (2, []) and "Address already in use" in done.output


def test_links_of_the_files_key_work_on_when_a_variable_has_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    config = load_config(tmp_path / "config.toml")
    monkeypatch.delenv("DIGEST_SECRET", raising=False)
    with open_app(config) as opened:
        token = opened.links.unsubscribe_url(7, "politics").rpartition("/u/")[2]
    monkeypatch.setenv("DIGEST_SECRET", "another")

    with open_app(config) as opened:
        assert opened.links.read_unsubscribe(token) == (7, "politics")
        assert opened.links.unsubscribe_url(7, "politics").rpartition("/u/")[2] != token
    (tmp_path / "var" / "secret.key").unlink()
    with open_app(config) as opened:
        assert opened.links.read_unsubscribe(token) is None
