"""`digest explain`: the parts of each score, and why a story is not in the edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.cli.app import print_json, print_table, say
from digest.errors import EditionError

if TYPE_CHECKING:
    from digest.composing import Draft
    from digest.model import Pick, Takeaway

__all__ = ["explain_edition", "explain_story"]


def explain_edition(made: Draft, *, as_json: bool) -> None:
    """Print every pick with its part of the letter and the parts of its score."""
    roles = _roles(made)
    if as_json:
        print_json([_as_json(pick, roles) for pick in made.picks])
        return
    rows = []
    for pick in made.picks:
        parts = " + ".join(f"{reason.value:.2f} {reason.name}" for reason in pick.reasons)
        rows.append((roles.get(pick.cluster.lead.id, "–"), f"{pick.score:.3f}", pick.cluster.lead.title, parts))
    print_table(("Part", "Score", "Story", "Because"), rows, right={"Score": True}, whole=("Part", "Score"))
    for left in made.choice.left_out:
        say(f"– {left.cluster.lead.title}: {left.reason}", indent="  ")
    for note in made.choice.notes:
        say(f"· {note}", indent="  ")


def explain_story(made: Draft, wanted: str, *, as_json: bool) -> None:
    """Print one story's place, its score part by part, and what kept it out.

    Raises:
        EditionError: no story of the section is meant by `wanted`.
    """
    pick = _find(made, wanted)
    roles = _roles(made)
    left_out = {left.cluster.lead.id: left.reason for left in made.choice.left_out}
    takeaways = _takeaways(made, pick.cluster.lead.id)
    if as_json:
        told = [{"text": takeaway.text, "written_by": _written_by(takeaway)} for takeaway in takeaways]
        print_json({**_as_json(pick, roles), "left_out": left_out.get(pick.cluster.lead.id), "takeaways": told})
        return
    lead = pick.cluster.lead
    print(f"{lead.title}\n{lead.url}")
    print(f"In the edition: {roles[lead.id]}" if lead.id in roles else f"Not in the edition. {left_out[lead.id]}")
    rows = [(reason.name, f"{reason.value:.3f}", reason.note) for reason in pick.reasons]
    print_table(("Part", "Value", ""), [*rows, ("score", f"{pick.score:.3f}", "")], right={"Value": True})
    for takeaway in takeaways:
        writer = _written_by(takeaway)
        say(f"– {takeaway.text}" + (f" ({writer})" if writer else ""), indent="  ")
    for other in pick.cluster.others:
        print(f"  also covered by: {other.title} ({other.url})")


def _takeaways(made: Draft, story_id: str) -> tuple[Takeaway, ...]:
    """Return what the edition says of a story, nothing when it is not in it."""
    briefs = made.edition.briefs if made.edition else ()
    return next((brief.takeaways for brief in briefs if brief.story.id == story_id), ())


def _written_by(takeaway: Takeaway) -> str | None:
    """Say which language model wrote a takeaway, None where none did."""
    origin = takeaway.origin
    if origin is None:
        return None
    approved = f", approved by {origin.approved_by}" if origin.approved_by else ""
    return f"{origin.model} of {origin.provider}, prompt {origin.prompt_hash}{approved}"


def _find(made: Draft, wanted: str) -> Pick:
    from digest.canonical import story_id

    ids = {wanted, story_id(wanted)}
    for pick in made.picks:
        if any(story.id in ids for story in pick.cluster.stories):
            return pick
    words = wanted.casefold()
    for pick in made.picks:
        if any(words in story.title.casefold() for story in pick.cluster.stories):
            return pick
    raise EditionError(f"No story here is meant by '{wanted}'. `digest stories` lists them with their ids.")


def _roles(made: Draft) -> dict[str, str]:
    choice = made.choice
    parts = (
        ("lead", (choice.lead,) if choice.lead else ()),
        ("top", choice.top),
        ("popular", choice.popular),
        ("more", choice.more),
    )
    roles: dict[str, list[str]] = {}
    for part, picks in parts:
        for number, pick in enumerate(picks, 1):
            roles.setdefault(pick.cluster.lead.id, []).append(f"{part} {number}" if part != "lead" else part)
    return {story_id: ", ".join(places) for story_id, places in roles.items()}


def _as_json(pick: Pick, roles: dict[str, str]) -> dict[str, object]:
    return {
        "story": pick.cluster.lead.id,
        "title": pick.cluster.lead.title,
        "url": pick.cluster.lead.url,
        "part": roles.get(pick.cluster.lead.id),
        "score": pick.score,
        "reasons": [{"name": reason.name, "value": reason.value, "note": reason.note} for reason in pick.reasons],
        "also": [story.url for story in pick.cluster.others],
    }
