"""Combined letters through the installed command: looked at before their time, and left in part meanwhile."""

import json

from tests.conftest import Project
from tests.e2e.test_path import part, read_letter

BOTH = "politics+business"


def test_who_leaves_a_section_of_an_edition_that_waits_gets_the_others(project: Project) -> None:
    outbox = project.folder / "outbox"
    outbox.write_text("no folder", "utf-8")  # nothing can be submitted
    project.digest("run", "politics", "business", exit_code=1)
    known = json.loads(project.digest("status", "--json"))["editions"]
    [row] = [one for one in known if one["edition"].startswith(f"{BOTH}/")]
    assert row["counts"] == {"queued": 5}
    listed = json.loads(project.digest("deliveries", row["edition"], "--json"))
    first, *others = [one["email"] for one in listed]
    assert len(others) == 4

    project.digest("subscribers", "remove", first, "--section", "business")
    outbox.unlink()
    project.digest("run", "politics", "business")

    letters = {path.name.rpartition("-")[0]: read_letter(path) for path in outbox.glob(f"{BOTH}/*/*.eml")}
    assert letters.keys() == {first, *others}
    assert "Inside today: Politics; Business." in part(letters[others[0]], "plain").replace("\r\n", " ")
    for kind in ("html", "plain"):
        assert "Inside today: Politics; Business" not in part(letters[first], kind)
    assert letters[first]["List-Id"] == letters[first]["List-Id"].replace("-and-business", "")
    assert "-and-business" in letters[others[0]]["List-Id"]
    got = {one["email"]: one["segment"] for one in json.loads(project.digest("deliveries", row["edition"], "--json"))}
    assert got == {first: "only politics", **dict.fromkeys(others, "all")}
    assert "5 candidates = 5 deliveries" in project.digest("audit", row["edition"])


def test_a_combined_letter_is_looked_at_before_its_time(project: Project) -> None:
    assert "Inside today: Politics · Business" in project.digest("preview", "business+politics")
    assert "politics+business/" in project.digest("inspect", BOTH)
    project.digest("test", BOTH, "--to", "editor@example.com")
    [path] = project.letters("editor*.eml")
    assert "Inside today: Politics; Business." in part(read_letter(path), "plain")
    told = project.digest("preview", "politics+sport", exit_code=1)
    assert "politics goes out at 07:00 in Europe/London and sport goes out at 07:30 in Europe/London" in told
    assert "stands twice" in project.digest("preview", "sport+sport", exit_code=2)
