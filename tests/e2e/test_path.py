"""One edition's way, through the installed command and real sockets."""

import email
import email.policy
import json
import re
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest
from rich.cells import cell_len

from digest.demo.server import DemoSite
from tests.conftest import Project

READERS = {"politics": 12, "business": 10, "science": 9, "sport": 11}


def read_letter(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)


def _list(project: Project, section: str) -> str:
    return (project.folder / "subscribers" / f"{section}.csv").read_text("utf-8")


def part(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_a_run_writes_one_letter_per_subscriber_and_a_second_run_none(project: Project) -> None:
    printed = project.digest("run")
    letters = project.letters()
    readers = {section: set(re.findall(r"[\w.]+@[\w.]+", _list(project, section))) for section in READERS}
    assert {section: len(found) for section, found in readers.items()} == READERS
    at_seven, at_half_past = readers["politics"] | readers["business"], readers["science"] | readers["sport"]
    assert len(letters) == len(at_seven) + len(at_half_past), printed
    sections = Counter(path.parent.parent.name for path in letters)
    assert sum(len(name.split("+")) * count for name, count in sections.items()) == sum(READERS.values())
    assert sections["politics+business"] == 5
    before = {path: path.read_bytes() for path in letters}

    again = project.digest("run")
    assert {path: path.read_bytes() for path in project.letters()} == before
    assert "Collected" not in again, "a finished edition needs no stories"


def test_a_letter_is_complete_and_opens_in_a_mail_client(project: Project) -> None:
    project.digest("run", "politics")
    letter = read_letter(project.letters()[0])
    assert (letter["From"], letter["List-Unsubscribe-Post"]) == (
        "The Harbour Herald <news@harbourherald.example>",
        "List-Unsubscribe=One-Click",
    )
    html, text = part(letter, "html"), part(letter, "plain")
    for needed in ("Politics", "1 Quay Street", "°</span>\u00a0· Port Ellery", "Most popular", "Key takeaways"):
        assert needed in html, needed
    unsubscribe = str(letter["List-Unsubscribe"]).strip("<>")
    assert unsubscribe in html
    assert unsubscribe in text
    assert len(project.letters()[0].read_bytes()) < 102_400
    assert max(map(len, text.splitlines())) <= 100


def test_no_story_stands_twice_in_an_edition(project: Project) -> None:
    edition = json.loads(project.digest("preview", "science", "--format", "json"))
    briefs = [edition["lead"], *edition["top"], *edition["popular"], *edition["more"]]
    ids = [brief["story"]["id"] for brief in briefs]
    assert len(set(ids)) == len(ids)
    assert all(brief["takeaways"] for brief in [edition["lead"], *edition["top"]])


@pytest.mark.parametrize(
    ("how", "said"), [("dead", "connect"), ("slow", "s"), ("huge", "MB"), ("malformed", "feed"), ("gone", "410")]
)
def test_a_broken_source_is_a_named_line_and_the_edition_goes_on(
    project: Project, site: DemoSite, how: str, said: str
) -> None:
    site.fail("/politics/feed.xml", how)
    printed = project.digest("run", "politics")
    line = next(line for line in printed.splitlines() if "/politics/feed.xml" in line)
    assert said in line
    assert len(project.letters()) == READERS["politics"]


def test_the_weather_that_can_not_be_had_is_left_out_and_said_so(project: Project, site: DemoSite) -> None:
    site.fail("/v1/forecast", "gone")
    printed = project.digest("run", "politics")
    assert re.search(r"! .*(weather|forecast)", printed, re.IGNORECASE)
    assert "°</span>\u00a0· Port Ellery" not in part(read_letter(project.letters()[0]), "html")


def test_without_any_source_the_edition_is_skipped_until_there_is_one(project: Project, site: DemoSite) -> None:
    project.change_config(lambda text: re.sub(r'url = "http://127.0.0.1:\d+/', 'url = "http://127.0.0.1:9/', text))
    printed = project.digest("run", "politics", exit_code=1)
    assert "skipped" in printed
    assert "0 stories" in printed
    assert project.letters() == []
    project.change_config(lambda text: text.replace("http://127.0.0.1:9/", f"{site.base_url}/"))
    project.digest("run", "politics")
    assert len(project.letters()) == READERS["politics"], "the day is not lost"


def test_a_bad_row_is_reported_with_its_line_and_the_others_go_in(project: Project) -> None:
    with (project.folder / "subscribers" / "politics.csv").open("a", encoding="utf-8") as file:
        file.write("tomas.reyes@,Tomas Reyes\nnew.reader@example.com,New Reader,en,,2026-01-01T00:00:00Z,form\n")
    printed = project.digest("run", "politics")
    assert "subscribers/politics.csv:14" in printed
    assert len(project.letters()) == READERS["politics"] + 1


def test_preview_shows_the_edition_in_every_format(project: Project) -> None:
    terminal = project.digest("preview", "politics")
    assert "Politics" in terminal
    assert "\x1b[" not in terminal
    assert max(cell_len(line) for line in terminal.splitlines()) <= 80
    assert project.digest("preview", "politics", "--format", "html").startswith("<!DOCTYPE html>")
    assert project.digest("preview", "politics", "--format", "mjml").lstrip().startswith("<mjml")
    assert "unsubscribe" in project.digest("preview", "politics", "--format", "text").lower()
    assert project.digest("preview", "politics", "--format", "eml").startswith(("From:", "Subject:", "MIME"))
    assert project.letters() == [], "a preview delivers nothing"


def test_the_preview_of_a_frozen_edition_is_those_bytes(project: Project, site: DemoSite) -> None:
    project.digest("run", "politics")
    first = project.digest("preview", "politics", "--format", "html")
    site.fail("/politics/feed.xml", "gone")
    assert project.digest("preview", "politics", "--format", "html") == first


def test_stories_and_explain_say_why(project: Project) -> None:
    found = json.loads(project.digest("stories", "politics", "--json"))
    assert len(found) >= 5
    explained = json.loads(project.digest("explain", "politics", "--json"))
    for pick in explained:
        assert sum(reason["value"] for reason in pick["reasons"]) == pytest.approx(pick["score"], abs=1e-9)
    assert "In the edition: lead" in project.digest("explain", "politics", explained[0]["story"])
    assert sum(pick["on_event"] for pick in found) == sum(1 + len(pick["also"]) for pick in explained)


def test_explain_shows_what_was_merged_and_left_out_and_points_to_another_section(project: Project) -> None:
    project.change_config(lambda text: text.replace("more = 2", "more = 0").replace("popular = 4", "popular = 0"))
    told = project.digest("explain", "politics")
    assert "+ Council backs winter ferry timetable after six-hour debate" in told
    assert "– Sixteen-year-olds to sit on the harbour’s advisory panel: Others scored more than its 0.0" in told
    (left,) = (pick for pick in json.loads(project.digest("explain", "politics", "--json")) if "panel" in pick["url"])
    assert left["part"] is None
    assert left["left_out"].startswith("Others scored more")
    assert "Not in the edition. Others scored more" in project.digest("explain", "politics", "advisory panel")
    elsewhere = project.digest("explain", "politics", "tidal turbine", exit_code=1)
    assert "is of another section: `digest explain science " in elsewhere
    assert "No story is meant by 'nonsense'" in project.digest("explain", "politics", "nonsense", exit_code=1)


def test_brief_reads_a_page_and_json_lines(project: Project, site: DemoSite) -> None:
    story = site.newsroom.stories[0]
    printed = project.digest("brief", f"{site.base_url}{story.path}")
    assert "  – " in printed
    assert "no such" not in printed
    missing = project.digest("brief", str(project.folder / "nothing.html"), exit_code=1)
    assert "nothing.html" in missing


def test_misuse_exits_2_and_failure_1(project: Project) -> None:
    assert "Known: politics" in project.digest("run", "polotics", exit_code=2)
    assert "No such command" in project.digest("frobnicate", exit_code=2)
    assert "no such file" in project.digest("--config", "nowhere.toml", "status", exit_code=1)


def test_check_names_every_fault_in_one_go(project: Project) -> None:
    assert "all good" in project.digest("check")
    (project.folder / "subscribers" / "sport.csv").write_text("email\nnot an address\n", "utf-8")
    (project.folder / "subscribers" / "gardening.csv").write_text("email\n", "utf-8")
    printed = project.digest("check", exit_code=1)
    assert "subscribers/sport.csv:2" in printed
    assert "subscribers/gardening.csv" in printed
    project.change_config(lambda text: text.replace("minimum = 3", "minimun = 3"))
    printed = project.digest("check", exit_code=1)
    assert "config.toml: sections.politics.minimun: is no known key. Did you mean 'minimum'?" in printed
    assert "subscribers/sport.csv:2" in printed


def test_schedule_lists_the_next_slots_local_and_utc(project: Project) -> None:
    slots = json.loads(project.digest("schedule", "--days", "7", "--json"))
    assert len(slots) == 4 * 7
    assert "UTC" in project.digest("schedule")


def test_init_finds_the_site_and_its_project_checks_and_previews(project: Project, site: DemoSite) -> None:
    printed = project.digest("init", "paper", "--site", site.base_url)
    assert "The Harbour Herald" in printed
    paper = Project(project.folder / "paper")
    assert "[sections.politics]" in (paper.folder / "config.toml").read_text("utf-8")
    assert "Politics" in paper.digest("preview", "politics")
    assert "postal_address: is the example's" in paper.digest("check", exit_code=1)
    assert "postal_address: is the example's" in paper.digest("run", exit_code=1)
    paper.change_config(lambda text: text.replace("Street and number, city, country", "1 Quay Street, Port Ellery"))
    assert "all good" in paper.digest("check")
    assert "no readers" in paper.digest("run", "politics", exit_code=1)
    (paper.folder / "subscribers" / "politics.csv").write_text("email\nreader@example.com\n", "utf-8")
    assert "1 accepted" in paper.digest("run", "politics")
    assert "exists already" in project.digest("init", "paper", exit_code=1)
