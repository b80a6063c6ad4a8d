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
        "config.toml: sources[1].kind: Input should be 'feed', 'sitemap', 'front-page', 'wordpress', 'ghost' or "
        "'folder' (it is 'fed').",
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


KEY_FILE = 'key_file = "dkim.pem"'


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("per_second = -1", "per_second: is -1. It lies between 0 and 100000; 0 means no limit."),
        ("per_second = nan", "per_second: is nan. It lies between 0 and 100000; 0 means no limit."),
        ("per_domain_per_second = inf", "per_domain_per_second: is inf. It lies between 0 and 100000;"),
        ("halt_after_failures = 0", "halt_after_failures: is 0. It lies between 1 and 1000000."),
        ("max_attempts = 0", "max_attempts: is 0. It lies between 1 and 100."),
        ("too_late_minutes = 0", "too_late_minutes: is 0. It lies between 1 and 10080."),
        ("surprise_percent = 1001", "surprise_percent: is 1001. It lies between 0 and 1000; 0 means never."),
        ("reconcile_after_minutes = 0", "reconcile_after_minutes: is 0. It lies between 1 and 10080."),
        ('finish_by = "8am"', "finish_by: '8am' is no time of day. Write it like '08:00'."),
        ('on_uncertain = "retry"', "on_uncertain: Input should be 'reconcile', 'hold' or 'resubmit' (it is 'retry')."),
        ("[delivery.smtp]\nport = 0", "smtp.port: is 0. It lies between 1 and 65535."),
        ("[delivery.smtp]\nconnections = 501", "smtp.connections: is 501. It lies between 1 and 500."),
        ("[delivery.smtp]\nmessages_per_connection = 0", "smtp.messages_per_connection: is 0."),
        ("[delivery.smtp]\ntimeout_seconds = 0", "smtp.timeout_seconds: is 0. It lies between 0.1 and 3600."),
        ('[delivery.smtp]\nbounce_domain = "bounce"', "smtp.bounce_domain: 'bounce' is no domain."),
        ("[delivery.sendgrid]\nconnections = 0", "sendgrid.connections: is 0. It lies between 1 and 500."),
        (
            "[delivery.sendgrid]\npersonalizations = 1001",
            "sendgrid.personalizations: is 1001. It lies between 1 and 1000; SendGrid takes no more in one request.",
        ),
        ("[delivery.sendgrid]\ntimeout_seconds = -5.0", "sendgrid.timeout_seconds: is -5.0."),
        (
            '[delivery.sendgrid]\nwebhook_public_key = "SGk="',
            "sendgrid.webhook_public_key: is no public key in base64. Copy the verification key",
        ),
        (
            f'[[delivery.dkim]]\ndomain = "-example.com"\nselector = "digest"\n{KEY_FILE}',
            "dkim[1].domain: '-example.com' is no domain. Write one like 'news.example.com'.",
        ),
        (
            f'[[delivery.dkim]]\ndomain = "example.com"\nselector = "two words"\n{KEY_FILE}',
            "dkim[1].selector: 'two words' is no selector.",
        ),
        (
            '[[delivery.dkim]]\ndomain = "example.com"\nselector = "digest"',
            "dkim[1]: has neither key_file nor key_env. Name the private key by one of them.",
        ),
        (
            f'[[delivery.dkim]]\ndomain = "example.com"\nselector = "digest"\n{KEY_FILE}\nkey_env = "DKIM_KEY"',
            "dkim[1]: has both key_file and key_env.",
        ),
        (f"[[delivery.dkim]]\n{KEY_FILE}", "dkim[1].domain: is missing."),
    ],
    ids=lambda value: value.partition(":")[0] if ":" in value else None,
)
def test_a_delivery_that_cant_be_is_told_by_its_key(tmp_path: Path, lines: str, fault: str) -> None:
    faults = faults_of(tmp_path, f"{SMALLEST}\n[delivery]\n{lines}\n")
    assert any(found.startswith(f"config.toml: delivery.{fault}") for found in faults), faults


def test_every_key_of_a_delivery_can_be_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f"""{SMALLEST}
[delivery]
sender = "smtp"
per_second = 0
per_domain_per_second = 2.5
warm_up = true
finish_by = "08:00"
halt_after_failures = 50
surprise_percent = 0
on_uncertain = "hold"
reconcile_after_minutes = 90
[delivery.smtp]
messages_per_connection = 100
bounce_domain = "bounce.bücher.example"
[delivery.sendgrid]
connections = 8
webhook_public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAA"
[[delivery.dkim]]
domain = "example.com"
selector = "2026.digest"
{KEY_FILE}
[[delivery.dkim]]
domain = "example.com"
selector = "ed25519"
key_env = "DKIM_KEY"
""",
        "utf-8",
    )
    told = load_config(path).delivery
    assert (told.per_domain_per_second, told.warm_up, told.finish_by) == (2.5, True, "08:00")
    assert [signature.selector for signature in told.dkim] == ["2026.digest", "ed25519"]


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


def test_the_known_keys_of_a_table_are_those_that_can_be_written(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, f"{SMALLEST}\n[delivery.zzz]\n")
    assert "Known: dkim, finish_by," in fault


@pytest.mark.parametrize(
    ("zone", "advice"),
    [
        ("suscriber", "did you mean 'subscriber'?"),
        ("subscribers", "did you mean 'subscriber'?"),
        ("Subscriber", "did you mean 'subscriber'?"),
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("local", "write one like 'Europe/Berlin', or 'subscriber' for each reader's own."),
    ],
)
def test_a_wrong_zone_of_a_section_tells_what_was_meant(tmp_path: Path, zone: str, advice: str) -> None:
    told = f"config.toml: sections.politics.timezone: '{zone}' is no time zone of the IANA list; {advice}"
    assert faults_of(tmp_path, f'{SMALLEST}timezone = "{zone}"\n') == [told]


def test_a_publication_has_no_readers_zone(tmp_path: Path) -> None:
    text = SMALLEST.replace("[[sources]]", 'timezone = "subscriber"\n[[sources]]')
    assert faults_of(tmp_path, text) == [
        "config.toml: publication.timezone: 'subscriber' is for a section: write it in [sections.NAME], and here the "
        "zone of your paper."
    ]
