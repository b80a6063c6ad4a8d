"""`digest explain`: the parts of each score, and why a story is not in the edition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from digest.canonical import story_id
from digest.cli.app import print_json, print_table, say
from digest.errors import EditionError

if TYPE_CHECKING:
    from digest.app import App
    from digest.composing import Collected, Draft
    from digest.model import Pick, Story, Takeaway
    from digest.store.placements import Placement

__all__ = ["explain_edition", "explain_story"]


def explain_edition(made: Draft, *, as_json: bool) -> None:
    """Print every pick with its part of the letter and the parts of its score."""
    roles = _roles(made)
    if as_json:
        print_json([_as_json(pick, made) for pick in made.picks])
        return
    names = list(dict.fromkeys(reason.name for pick in made.picks for reason in pick.reasons))
    rows = []
    for pick in made.picks:
        values = {reason.name: f"{reason.value:.2f}" for reason in pick.reasons}
        told = "\n".join((pick.cluster.lead.title, *(f"+ {other.title}" for other in pick.cluster.others)))
        parts = (values.get(name, "") for name in names)
        rows.append((roles.get(pick.cluster.lead.id, "–"), f"{pick.score:.3f}", *parts, told))
    columns = ("Part", "Score", *(name.replace(" ", "\n") for name in names), "Story, + others on its event")
    print_table(columns, rows, right=dict.fromkeys(columns[1:-1], True), whole=("Part",))
    for left in made.choice.left_out:
        say(f"– {left.cluster.lead.title}: {left.reason}", indent="  ")
    for note in made.choice.notes:
        say(f"· {note}", indent="  ")


def explain_story(app: App, collected: Collected, made: Draft, wanted: str, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print one story's place, its score part by part, what kept it out, and why others stand with it.

    Args:
        zone: In which times are told.

    Raises:
        EditionError: no story of the section is meant by `wanted`.
    """
    from digest.store.placements import placements_of

    pick = _find(made, wanted, collected)
    stories = pick.cluster.stories
    placed = {found.story_id: found for found in placements_of(app.database, [story.id for story in stories])}
    roles = _roles(made)
    left_out = _left_out(made)
    takeaways = _takeaways(made, pick.cluster.lead.id)
    if as_json:
        told = [{"text": takeaway.text, "written_by": _written_by(takeaway)} for takeaway in takeaways]
        print_json(
            {
                **_as_json(pick, made),
                "takeaways": told,
                "event": [_placement_as_json(story, placed) for story in stories],
            }
        )
        return
    lead = pick.cluster.lead
    print(f"{lead.title}\n{lead.url}")
    print(f"In the edition: {roles[lead.id]}" if lead.id in roles else f"Not in the edition. {left_out[lead.id]}")
    rows = [(reason.name, f"{reason.value:.3f}", reason.note) for reason in pick.reasons]
    print_table(("Part", "Value", "Because"), [*rows, ("score", f"{pick.score:.3f}", "")], right={"Value": True})
    for takeaway in takeaways:
        writer = _written_by(takeaway)
        say(f"– {takeaway.text}" + (f" ({writer})" if writer else ""), indent="  ")
    if len(stories) > 1 or any(found.event_before for found in placed.values()):
        _print_event(stories, placed, zone)


def _print_event(stories: Sequence[Story], placed: Mapping[str, Placement], zone: ZoneInfo) -> None:
    """Print the stories of one event, each with what brought it there and when."""
    print("The event, newest first:")
    for story in stories:
        say(story.title, indent="  ")
        say(story.url, indent="      ")
        if found := placed.get(story.id):
            came = "came over from another event" if found.event_before else "here"
            say(f"{came} since {found.placed_at.astimezone(zone):%-d %b, %H:%M}: {found.reason}", indent="      ")


def _placement_as_json(story: Story, placed: Mapping[str, Placement]) -> dict[str, object]:
    told: dict[str, object] = {"story": story.id, "title": story.title, "url": story.url}
    if found := placed.get(story.id):
        told |= {"placed_at": found.placed_at, "moved": found.event_before is not None, "reason": found.reason}
    return told


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


def _find(made: Draft, wanted: str, collected: Collected) -> Pick:
    for is_meant in _meanings(wanted):
        for pick in made.picks:
            if any(map(is_meant, pick.cluster.stories)):
                return pick
    for is_meant in _meanings(wanted):
        for story in filter(is_meant, collected.stories):
            if story.section:
                raise EditionError(
                    f"“{story.title}” is of another section: `digest explain {story.section} {story.id}`."
                )
            raise EditionError(f"“{story.title}” is of no section; `digest sections list` says why.")
    raise EditionError(f"No story is meant by '{wanted}'. `digest stories` lists them with their ids.")


def _meanings(wanted: str) -> tuple[Callable[[Story], bool], ...]:
    """Return what a name may be, the surest first: an id or address, then words of a title."""
    ids, words = {wanted, story_id(wanted)}, wanted.casefold()
    return (lambda story: story.id in ids), (lambda story: words in story.title.casefold())


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


def _left_out(made: Draft) -> dict[str, str]:
    """Return why stories are not in the edition, by their ids."""
    return {left.cluster.lead.id: left.reason for left in made.choice.left_out}


def _as_json(pick: Pick, made: Draft) -> dict[str, object]:
    return {
        "story": pick.cluster.lead.id,
        "title": pick.cluster.lead.title,
        "url": pick.cluster.lead.url,
        "part": _roles(made).get(pick.cluster.lead.id),
        "left_out": _left_out(made).get(pick.cluster.lead.id),
        "score": pick.score,
        "reasons": [{"name": reason.name, "value": reason.value, "note": reason.note} for reason in pick.reasons],
        "also": [story.url for story in pick.cluster.others],
    }
