import csv
import ipaddress
import itertools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from digest.demo.newsroom import load_newsroom
from digest.demo.traffic import write_access_log, write_views_csv

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
ROOM = load_newsroom(NOW)
LINE = re.compile(
    r'(?P<address>\S+) - - \[(?P<time>[^\]]+)\] "(?P<method>GET|HEAD) (?P<path>\S+) HTTP/1\.1" '
    r'(?P<status>\d{3}) \d+ "[^"]*" "(?P<agent>[^"]+)"'
)
DOCUMENTATION = [
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
Line = dict[str, str]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    path = tmp_path_factory.mktemp("traffic") / "access.log"
    write_access_log(path, ROOM)
    matches = [LINE.fullmatch(line) for line in path.read_text("ascii").splitlines()]
    return [match.groupdict() for match in matches if match]


def is_reader(line: Line) -> bool:
    is_person = line["agent"].startswith("Mozilla/5.0") and "compatible" not in line["agent"]
    return is_person and line["method"] == "GET" and line["status"] in ("200", "304")


def at(line: Line) -> datetime:
    return moment(line["time"])


@cache
def moment(time: str) -> datetime:
    return datetime.strptime(time, "%d/%b/%Y:%H:%M:%S %z")


def test_the_log_has_exactly_the_promised_lines_in_order_of_time(lines: list[Line]) -> None:
    assert len(lines) == 50_000
    times = [at(line) for line in lines]
    assert times == sorted(times)
    assert NOW - timedelta(hours=48) <= times[0]
    assert times[-1] < NOW


def test_the_same_seed_gives_the_same_log(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        write_access_log(tmp_path / name, ROOM, seed=seed, requests=2_000)
    one, two, three = ((tmp_path / name).read_bytes() for name in ("one", "two", "three"))
    assert one == two
    assert one != three
    assert one.count(b"\n") == 2_000


def test_more_views_means_more_readers(lines: list[Line]) -> None:
    visits = {(line["address"], line["agent"], line["path"].partition("?")[0]) for line in lines if is_reader(line)}
    readers = Counter(path for _, _, path in visits)
    ordered = ROOM.most_viewed()
    counts = [readers[story.path] for story in ordered]
    for more, fewer in itertools.combinations(ordered, 2):
        if more.views > 1.05 * fewer.views:  # nearer ones may meet the chance that two readers look like one
            assert readers[more.path] > readers[fewer.path]
    shares = [story.views / sum(s.views for s in ordered) for story in ordered]
    assert [count / sum(counts) for count in counts] == pytest.approx(shares, abs=0.002)


def test_nobody_reads_a_story_before_it_is_out(lines: list[Line]) -> None:
    out = {story.path: story.published_at for story in ROOM.stories}
    read = [line for line in lines if is_reader(line) and line["path"].partition("?")[0] in out]
    assert all(at(line) >= out[line["path"].partition("?")[0]] for line in read)


def test_robots_prefetches_assets_feeds_and_misses_are_among_the_lines(lines: list[Line]) -> None:
    agents = " ".join({line["agent"] for line in lines})
    assert all(name in agents for name in ("Googlebot", "bingbot", "GPTBot", "Prefetch Proxy", "Feedly"))
    assert Counter(line["method"] for line in lines)["HEAD"] > 500
    assert {line["status"] for line in lines} == {"200", "304", "404"}
    kinds = {line["path"].partition("?")[0].rpartition(".")[2] for line in lines}
    assert {"css", "jpg", "xml", "atom", "json"} <= kinds


def test_all_addresses_are_set_aside_for_documentation(lines: list[Line]) -> None:
    addresses = {ipaddress.ip_address(line["address"]) for line in lines[:5_000]}
    assert all(any(address in net for net in DOCUMENTATION) for address in addresses)


def test_evenings_are_busier_than_nights(lines: list[Line]) -> None:
    hours = Counter(at(line).hour for line in lines if is_reader(line))
    assert hours[19] > 3 * hours[3]


def test_the_table_has_the_views_of_every_story(tmp_path: Path) -> None:
    write_views_csv(tmp_path / "views.csv", ROOM, "http://127.0.0.1:8040")
    with (tmp_path / "views.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["url", "views", "start", "end"]
    views: Counter[str] = Counter()
    for row in rows:
        views[row["url"]] += int(row["views"])
        assert datetime.fromisoformat(row["start"]) < datetime.fromisoformat(row["end"]) <= NOW
    assert views == {f"http://127.0.0.1:8040{story.path}": story.views for story in ROOM.stories}
