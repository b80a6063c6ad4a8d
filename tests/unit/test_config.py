from pathlib import Path

import pytest

from digest.bundled import bundled
from digest.config import load_config
from digest.errors import ConfigError
from digest.settings import Source, SourceKind

SMALLEST = """
[publication]
name = "The Harbour Herald"
url = "https://example.com"
from = "The Harbour Herald <news@example.com>"
postal_address = "1 Quay Street, Harbour City"
[[sources]]
kind = "feed"
url = "https://example.com/feed"
[sections.politics]
"""


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return [str(fault) for fault in caught.value.faults]


def test_the_smallest_configuration_has_defaults_for_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALLEST, "utf-8")
    config = load_config(path)
    assert config.sources == (Source(SourceKind.FEED, "https://example.com/feed"),)
    assert (config.title_of("politics"), config.sections["politics"].at, config.delivery.sender) == (
        "Politics",
        "07:00",
        "outbox",
    )
    assert config.root == tmp_path


def test_the_shipped_configuration_is_good() -> None:
    assert list(load_config(bundled("config.toml")).sections) == ["politics", "business", "science", "sport"]


def test_every_fault_is_named_at_once_by_its_key_path(tmp_path: Path) -> None:
    text = SMALLEST.replace('url = "https://example.com"', 'url = "example.com"')
    text = text.replace('kind = "feed"', 'kind = "fed"').replace(
        "[sections.politics]", '[sections.politics]\nat = "7:00"\ntops = 4'
    )
    assert faults_of(tmp_path, text) == [
        "config.toml: publication.url: 'example.com' is no web address; write one like 'https://example.com'.",
        "config.toml: sources[1].kind: Input should be 'feed', 'sitemap', 'front-page' or 'folder' (it is 'fed').",
        "config.toml: sections.politics.at: '7:00' is no time of day; write it like '07:00'.",
        "config.toml: sections.politics.tops: is no known key. Did you mean 'top'?",
    ]


def test_a_secret_in_the_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, SMALLEST + '[delivery.smtp]\npassword = "hunter2"\n')
    assert any("password_env" in fault and "environment variable" in fault for fault in faults)
    assert not any("hunter2" in fault for fault in faults)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('[publication.place]\nname = "X"', "config.toml: publication.place.latitude: is missing."),
        ("[rank.weights]\nrecency = 0.9", "config.toml: rank.weights: add up to 1.75."),
        ('[database]\nurl = "mysql://x"', "config.toml: database.url: 'mysql://x' is not supported."),
        ('[[sources]]\nkind = "folder"', "config.toml: sources[2].path: is missing."),
        ('[[sources]]\nkind = "feed"\nurl = "feed.xml"', "config.toml: sources[2].url: 'feed.xml' is no web address."),
        ('[sections."Top News"]', "config.toml: sections.Top News: 'Top News' can't be a section's key"),
        ('[sections.sport]\ndays = "weekdays"', "config.toml: sections.sport.days: 'weekdays' is no set of days"),
        ('[web]\nlisten = "8000"', "config.toml: web.listen: '8000' is no place to listen at"),
    ],
)
def test_a_wrong_value_says_what_would_be_right(tmp_path: Path, line: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults_of(tmp_path, f"{SMALLEST}\n{line}\n"))


def test_a_source_of_an_unknown_section_is_a_fault(tmp_path: Path) -> None:
    text = SMALLEST.replace("[sections", 'section = "polotics"\n[sections')
    assert faults_of(tmp_path, text) == [
        "config.toml: sources[1].section: 'polotics' is no section of this file. Known: politics."
    ]


@pytest.mark.parametrize("text", ["[publication", "a = 1\na = 2", "x = " + "[" * 5000, "\x00"])
def test_what_is_no_toml_is_one_fault(tmp_path: Path, text: str) -> None:
    assert len(faults_of(tmp_path, text)) == 1


def test_a_missing_file_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="digest init"):
        load_config(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("days", "numbers"),
    [("daily", set(range(7))), ("mon-fri", set(range(5))), ("sat,sun", {5, 6}), ("fri-mon", {4, 5, 6, 0})],
)
def test_days_are_read_as_people_write_them(tmp_path: Path, days: str, numbers: set[int]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{SMALLEST}days = "{days}"\n', "utf-8")
    assert load_config(path).sections["politics"].weekdays == numbers
