"""A correction after delivery: above the letter in the archive, and once to those who got it."""

from __future__ import annotations

import json

import httpx

from tests.conftest import Project
from tests.e2e.test_path import part, read_letter
from tests.e2e.test_serve import serving

NOTE = "We said <seven> boats & meant six."


def test_a_correction_stands_in_the_archive_and_goes_once_to_those_who_got_the_letter(project: Project) -> None:
    project.digest("run", "politics")
    edition = json.loads(project.digest("preview", "politics", "--format", "json"))
    lead, edition_id = edition["lead"], edition["id"]
    readers = {str(read_letter(path)["To"]) for path in project.letters()}
    lists = project.folder / "subscribers" / "politics.csv"
    first = sorted(readers)[0].rpartition(" ")[2].strip("<>")
    project.digest("subscribers", "remove", first, "--section", "politics")
    lists.write_text(lists.read_text("utf-8") + "late@example.com,,,,2026-11-01,form\n", "utf-8")

    correct = ("correct", edition_id, lead["story"]["id"], "--note", NOTE)
    assert "Noted on" in project.digest(*correct)
    project.digest(*correct, "--mail")
    project.digest(*correct, "--mail")

    corrections = [letter for path in project.letters() if "Correction" in (letter := read_letter(path))["Subject"]]
    assert {str(letter["To"]) for letter in corrections} == readers - {sorted(readers)[0]}
    assert len(corrections) == len(readers) - 1
    assert "We said &lt;seven&gt; boats &amp; meant six." in part(corrections[0], "html")
    assert NOTE in part(corrections[0], "plain").replace("\r\n", " ").replace("\n", " ")
    project.digest("audit", f"{edition_id}-c1")

    with serving(project) as base_url:
        page = httpx.get(f"{base_url}/{edition_id}", trust_env=False).text
        assert page.count("We said &lt;seven&gt; boats &amp; meant six.") == 1
        body = page.index("<body")
        assert body < page.index('role="note"') < page.index(lead["headline"][:20], body)
        assert "We said" not in httpx.get(f"{base_url}/science/2026-01-01", trust_env=False).text


def test_what_has_not_gone_out_is_not_corrected_but_changed(project: Project) -> None:
    project.digest("preview", "politics")
    told = project.digest("correct", "politics/2026-11-24", "x", "--note", NOTE, exit_code=1)
    assert "Nothing of politics/2026-11-24 has gone out" in told
    project.digest("run", "politics")
    edition_id = json.loads(project.digest("preview", "politics", "--format", "json"))["id"]
    assert "is meant by 'no such story'" in project.digest(
        "correct", edition_id, "no such story", "--note", NOTE, exit_code=1
    )
    assert "Say in --note" in project.digest("correct", edition_id, "a", "--note", " ", exit_code=2)
