"""What can be wrong with [compress.model]."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.config import load_config
from digest.settings import LanguageModelSettings
from tests.unit.test_config import SMALLEST, faults_of

GOOD = '[compress.model]\nbase_url = "https://api.example.com/v1"\nmodel = "small"\n'


def test_an_address_and_a_name_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALLEST + GOOD, "utf-8")
    told = load_config(path).compress.model
    assert told == LanguageModelSettings("https://api.example.com/v1", "small")
    assert told.label == "api.example.com"


def test_without_the_table_there_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALLEST, "utf-8")
    assert load_config(path).compress.model is None


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        (GOOD.replace("https://", ""), ".base_url: 'api.example.com/v1' is no address of an API."),
        (GOOD.replace("https://", "https://me:hunter2@"), ".base_url: 'https://…@api.example.com/v1' is no address"),
        (GOOD.replace("/v1", "/v1?key=x"), ".base_url: 'https://api.example.com/v1?key=x' is no address of an API."),
        (GOOD.replace("https", "http") + 'key_env = "K"', ".base_url: would carry the key unencrypted."),
        (GOOD.replace('"small"', '""'), ".model: is empty."),
        (GOOD + "timeout_seconds = 0", ".timeout_seconds: is 0. It lies between 0.1 and 600."),
        (GOOD + "max_tokens = -1", ".max_tokens: is -1. It lies between 50 and 100,000."),
        (GOOD + "connections = 99", ".connections: is 99. It lies between 1 and 16."),
        (GOOD + "cost_per_day = 5", ".cost_per_day: can't be kept without a price."),
        (GOOD + 'api_key = "sk-1"', ".api_key: looks like a secret (its value is not shown)."),
        (GOOD + "modle = 1", ".modle: is no known key. Did you mean 'model'?"),
        ("[compress]\nmodel = 3", ": Input should be a dictionary"),
        ('[compress.model]\nmodel = "x"', ".base_url: is missing."),
    ],
)
def test_a_fault_is_named_by_its_key_with_what_to_do(tmp_path: Path, table: str, fault: str) -> None:
    found = faults_of(tmp_path, SMALLEST + table)
    assert any(one.startswith(f"config.toml: compress.model{fault}") for one in found), found
    assert not any("hunter2" in one for one in found)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.1.2.3", "model-server"])
def test_a_key_may_travel_unencrypted_within_the_own_network(tmp_path: Path, host: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{SMALLEST}[compress.model]\nbase_url = "http://{host}:80/v1"\nmodel = "m"\nkey_env = "K"\n')
    assert load_config(path).compress.model is not None
