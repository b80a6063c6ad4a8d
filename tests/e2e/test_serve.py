"""`digest serve`: the clock fills what is due, and the readers' pages act."""

import html
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx

from digest.store.database import open_database
from digest.store.settings import put_setting
from tests.conftest import COMMAND, Project, wait_for
from tests.e2e.test_path import READERS, part, read_letter

A_BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0"}


@contextmanager
def serving(project: Project) -> Iterator[str]:
    """Run `digest serve`; give the address of its pages, and end it as a supervisor does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base_url = f"http://127.0.0.1:{port}"
    project.change_config(lambda text: text.replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    assert COMMAND is not None
    process = subprocess.Popen([COMMAND, "serve"], cwd=project.folder, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: is_up(base_url))
        yield base_url
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, output


def test_clicks_in_a_letter_lead_to_the_story_and_are_counted_when_asked_for(project: Project) -> None:
    counted = '[[popularity.inputs]]\nkind = "clicks"\n\n[sections.politics]'
    project.change_config(lambda text: text.replace("[sections.politics]", counted, 1))
    with serving(project) as base_url, httpx.Client(trust_env=False, headers=A_BROWSER) as browser:
        project.digest("run", "politics")
        letter = part(read_letter(project.letters()[0]), "html")
        links = re.findall(rf'href="({base_url}/c/[^"]+)"', letter)
        assert links
        first = browser.get(html.unescape(links[0]))
        assert first.status_code == 302
        assert httpx.get(first.headers["location"], trust_env=False).status_code == 200
    (edition,) = json.loads(project.digest("stats", "--json"))
    assert (edition["clicks"], edition["accepted"]) == (1, edition["letters"])
    stories = json.loads(project.digest("stats", edition["edition"], "--json"))
    assert [story["clicks"] for story in stories if story["part"] == "lead"] == [1]


def is_up(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_the_readers_pages_show_on_get_and_act_on_post(project: Project) -> None:
    with serving(project) as base_url, httpx.Client(trust_env=False) as browser:
        project.digest("run", "politics")
        letter = read_letter(project.letters()[0])
        address = str(letter["To"].addresses[0].addr_spec)
        unsubscribe = str(letter["List-Unsubscribe"]).strip("<>")

        shown = browser.get(unsubscribe)
        assert shown.status_code == 200
        assert "Unsubscribe from Politics?" in shown.text
        assert shown.headers["referrer-policy"] == "no-referrer"
        assert json.loads(project.digest("subscribers", "show", address, "--json"))["sections"].count("politics") == 1

        for _ in range(2):  # providers repeat it
            done = browser.post(unsubscribe, data={"List-Unsubscribe": "One-Click"})
            assert (done.status_code, "You are unsubscribed" in done.text) == (200, True)
            assert not done.cookies
        assert "politics" not in json.loads(project.digest("subscribers", "show", address, "--json"))["sections"]

        preferences = re.search(rf'href="({base_url}/p/[^"]+)"', part(letter, "html"))
        assert preferences is not None
        page = browser.get(preferences[1])
        assert 'value="science"' in page.text
        saved = browser.post(preferences[1], data={"sent": "1", "section": ["science", "sport", "nonsense"]})
        assert "you get Science, Sport" in saved.text
        sections = json.loads(project.digest("subscribers", "show", address, "--json"))["sections"]
        assert sections == ["science", "sport"]
        browser.post(preferences[1], json={"section": []})
        assert json.loads(project.digest("subscribers", "show", address, "--json"))["sections"] == sections

        forged = browser.post(f"{base_url}/u/AAAAAAAAAAAAAAAAAAAAAA.1-politics")
        assert (forged.status_code, "not valid" in forged.text) == (200, True)
        again = browser.get(unsubscribe)
        assert "You are unsubscribed" in again.text
        slashed = browser.get(f"{unsubscribe}/", headers={"Host": "evil.example"})
        assert slashed.status_code == 404
        assert browser.get(f"{base_url}/p/AAAAAAAAAAAAAAAAAAAAAA.1").status_code == 404
        too_large = browser.post(preferences[1], data={"section": "x" * 100_000})
        assert too_large.status_code == 413


def test_view_in_browser_is_the_letter_with_its_blanks_closed(project: Project) -> None:
    with serving(project) as base_url:
        project.digest("run", "politics")
        letter = read_letter(project.letters()[0])
        html = part(letter, "html")
        view = re.search(rf'href="({base_url}/politics/[\d-]+)"', html)
        assert view is not None
        page = httpx.get(view[1], trust_env=False)
        unsubscribe = str(letter["List-Unsubscribe"]).strip("<>")
        assert unsubscribe in html
        assert "/u/" not in page.text
        assert "Key takeaways" in page.text
        archive = httpx.get(base_url, trust_env=False).text
        assert view[1].removeprefix(base_url) in archive
        assert httpx.get(f"{base_url}/politics/1999-01-01", trust_env=False).status_code == 404


def test_the_clock_fills_a_slot_that_is_due_once_and_tells_the_late_one_missed(project: Project) -> None:
    now = datetime.now(ZoneInfo("Europe/London"))
    due, late = now - timedelta(minutes=5), now - timedelta(hours=5)
    project.change_config(
        lambda text: text.replace('at = "07:00"', f'at = "{due:%H:%M}"', 1).replace(
            'at = "07:30"', f'at = "{late:%H:%M}"', 1
        )
    )
    with closing(open_database("sqlite:///digest.db", root=project.folder)) as database:
        put_setting(database, "first-served", (now - timedelta(hours=6)).isoformat())
    with serving(project):
        wait_for(lambda: len(project.letters("politics/*/*.eml")) == READERS["politics"])
    rows = json.loads(project.digest("deliveries", f"politics/{due:%Y-%m-%d}", "--json"))
    assert [row["state"] for row in rows] == ["accepted"] * READERS["politics"]
    editions = {row["edition"]: row["status"] for row in json.loads(project.digest("status", "--json"))["editions"]}
    assert editions[f"science/{late:%Y-%m-%d}"] == "missed"
