"""A reader leaves one section of a combined letter while its edition stands still, through the installed command."""

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
    assert "5 candidates = 5 deliveries" in project.digest("audit", row["edition"])
