from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.canonical import opening_of
from digest.model import Choice, Cluster, Edits, LeftOut, Pick, Reason, Story, Used
from digest.select import choose
from digest.settings import Quota

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def story(name: str, hours_ago: float | None = 1, updated_hours_ago: float | None = None) -> Story:
    def ago(hours: float | None) -> datetime | None:
        return None if hours is None else NOW - timedelta(hours=hours)

    return Story(
        url=f"https://herald.example/{name}", title=name, published_at=ago(hours_ago), updated_at=ago(updated_hours_ago)
    )


def pick(name: str, score: float, popularity: float = 0.0, hours_ago: float | None = 1, *others: Story) -> Pick:
    return Pick(Cluster(story(name, hours_ago), others), score, (Reason("recency", score),), popularity)


def used(name: str, hours_ago: float) -> Used:
    return Used(story(name).id, NOW - timedelta(hours=hours_ago))


def names(picks: Sequence[Pick]) -> str:
    return "".join(pick.cluster.lead.title for pick in picks)


def reasons(choice: Choice) -> dict[str, str]:
    return {out.cluster.lead.title: out.reason for out in choice.left_out}


def test_each_part_is_filled_by_its_own_rule() -> None:
    a, b, c = pick("a", 0.9, 5), pick("b", 0.8, 90), pick("c", 0.7)
    d, e, f, g = pick("d", 0.6), pick("e", 0.5, 10), pick("f", 0.4, 70), pick("g", 0.3, 20)
    assert choose([a, b, c, d, e, f, g], Quota(top=2, popular=2, more=2, minimum=3), NOW) == Choice(
        lead=a,
        top=(b,),
        popular=(f, g),
        more=(c, d),
        left_out=(LeftOut(e.cluster, "Others scored more than its 0.500."),),
    )


def test_most_popular_repeats_the_top_only_where_that_is_wanted() -> None:
    picks = [pick("a", 0.9, 50), pick("b", 0.8, 90), pick("c", 0.7), pick("d", 0.6, 70)]
    quota = Quota(top=2, popular=2, more=2)
    assert names(choose(picks, quota, NOW).popular) == "d"
    repeated = choose(picks, replace(quota, popular_repeats_top=True), NOW)
    assert (names(repeated.top), names(repeated.popular), names(repeated.more)) == ("b", "bd", "c")


def test_without_views_there_is_no_most_popular_and_nothing_is_relaxed_for_it() -> None:
    choice = choose([pick("a", 0.9), pick("b", 0.8), pick("c", 0.7)], Quota(top=2, popular=5, more=1), NOW)
    assert (names(choice.picks), choice.popular, choice.notes) == ("abc", (), ())


def test_the_order_of_the_picks_changes_nothing() -> None:
    picks = [pick("a", 0.5), pick("b", 0.5, 3), pick("c", 0.9, 3, 2), pick("d", 0.9, 3, 5)]
    assert choose(picks, Quota(top=2, popular=2), NOW) == choose(picks[::-1], Quota(top=2, popular=2), NOW)


def test_empty_places_are_filled_with_older_stories_behind_the_fresh() -> None:
    picks = [pick("a", 0.9, 0, 30), pick("b", 0.5, 0, 23), pick("c", 0.4, 0, 24), pick("d", 0.8, 0, 49)]
    choice = choose(picks, Quota(top=3, popular=0, more=0, minimum=3), NOW)
    assert names(choice.picks) == "bca"
    assert choice.notes == ("2 stories of the last 24 h for 3 places: took those of the last 48 h too.",)
    assert reasons(choice) == {"d": "It is older than 48 h."}


def test_the_window_stays_narrow_while_the_fresh_fill_every_place() -> None:
    picks = [pick("a", 0.9, 0, 30), pick("b", 0.5), pick("c", 0.4)]
    choice = choose(picks, Quota(top=2, popular=0, more=0, minimum=1), NOW)
    assert names(choice.picks) == "bc"
    assert reasons(choice) == {"a": "It is older than 24 h."}


def test_the_popular_stand_in_the_order_of_their_views_whatever_their_age() -> None:
    picks = [pick("a", 0.9), pick("b", 0.5, 10), pick("c", 0.4, 99, 40)]
    choice = choose(picks, Quota(top=1, popular=2, more=0, minimum=1), NOW)
    assert names(choice.popular) == "cb"


def test_a_short_day_makes_a_shorter_edition_and_says_so() -> None:
    choice = choose([pick("a", 0.9), pick("b", 0.5), pick("c", 0.4)], Quota(top=6, popular=5, more=5), NOW)
    assert names(choice.picks) == "abc"
    assert choice.notes == ("3 stories for 11 places: the edition is shorter.",)


def test_below_the_minimum_nothing_is_chosen_and_each_pick_is_accounted_for() -> None:
    picks = [pick("a", 0.9), pick("b", 0.5, 4, 60), pick("", 0.4)]
    assert choose(picks, Quota(minimum=3), NOW) == Choice(
        None,
        (),
        (),
        (),
        (
            LeftOut(picks[1].cluster, "It is older than 48 h."),
            LeftOut(picks[2].cluster, "It has no headline."),
            LeftOut(picks[0].cluster, "The edition is skipped."),
        ),
        ("1 story to choose from, and the section's minimum is 3.",),
    )


def test_nothing_to_choose_from_is_a_skipped_edition_too() -> None:
    assert choose([], Quota(minimum=0), NOW).notes == ("0 stories to choose from, and the section's minimum is 1.",)


def test_what_went_out_within_a_week_stays_out() -> None:
    picks = [pick("a", 0.9), pick("b", 0.8), pick("c", 0.7)]
    choice = choose(picks, Quota(minimum=1), NOW, used=[used("a", 24), used("a", 90), used("b", 24 * 8)])
    assert names(choice.picks) == "bc"
    assert reasons(choice) == {"a": "It went out on 2026-11-23 12:00 UTC."}


@pytest.mark.parametrize(
    ("updated_hours_ago", "is_in"), [(21.0, True), (22.5, False), (30.0, False), (None, False), (-24 * 365 * 70, False)]
)
def test_an_update_more_than_two_hours_later_brings_a_story_back(updated_hours_ago: float | None, is_in: bool) -> None:
    again = replace(pick("a", 0.9), cluster=Cluster(story("a", 40, updated_hours_ago)))
    choice = choose([again, pick("b", 0.2)], Quota(minimum=1), NOW, used=[used("a", 24)])
    assert ("a" in names(choice.picks)) is is_in


def test_a_later_story_on_an_event_of_yesterday_counts_half() -> None:
    later = pick("a", 0.8, 0, 2, story("old", 30))
    choice = choose([later, pick("b", 0.5)], Quota(minimum=1), NOW, used=[used("old", 24)])
    assert names(choice.picks) == "ba"
    assert choice.top == (
        Pick(
            later.cluster,
            0.4,
            (Reason("recency", 0.8), Reason("same event", -0.4, "its event went out 24 h ago")),
        ),
    )
    after_two_days = choose([later, pick("b", 0.5)], Quota(minimum=1), NOW, used=[used("old", 49)])
    assert names(after_two_days.picks) == "ab"


@pytest.mark.parametrize("hours_ago", [30.0, None])
def test_an_event_that_went_out_stays_out_without_a_later_story(hours_ago: float | None) -> None:
    same = pick("copy", 0.8, 0, hours_ago, story("old", 32))
    assert reasons(choose([same, pick("b", 0.5)], Quota(minimum=1), NOW, used=[used("old", 24)])) == {
        "copy": "It went out on 2026-11-23 12:00 UTC."
    }


def test_no_story_stands_twice() -> None:
    picks = [pick("a", 0.9, 5), pick("a", 0.8, 5), pick("b", 0.7, 5, 1, story("a")), pick("c", 0.6, 5)]
    choice = choose(picks, Quota(minimum=1), NOW)
    assert names(choice.picks) == "ac"
    assert [out.reason for out in choice.left_out] == ["Its story is in the edition already."] * 2


def test_what_has_no_date_or_an_impossible_one_is_taken_as_of_today() -> None:
    far = replace(pick("a", 0.9), cluster=Cluster(replace(story("a"), published_at=datetime(2099, 1, 1, tzinfo=UTC))))
    assert names(choose([far, pick("b", 0.5, 0, None)], Quota(minimum=2), NOW).picks) == "ab"


_PICKS = st.lists(
    st.builds(
        pick,
        st.sampled_from([*"abcdefghij", "", " "]),
        st.floats(0, 1),
        st.sampled_from([0.0, 1.0, 2.5, 1e9]),
        st.one_of(st.none(), st.floats(-100, 100)),
        st.builds(story, st.sampled_from("abcxyz"), st.floats(0, 100)),
    ),
    max_size=12,
)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    _PICKS,
    st.builds(Quota, *(st.integers(0, 4),) * 4),
    st.lists(st.builds(used, st.sampled_from("abcxyz"), st.floats(0, 300))),
)
def test_every_pick_is_chosen_once_or_left_out_with_a_reason(
    picks: list[Pick], quota: Quota, before: list[Used]
) -> None:
    choice = choose(picks, quota, NOW, used=before)
    clusters = [chosen.cluster for chosen in choice.picks] + [out.cluster for out in choice.left_out]
    assert sorted(map(repr, clusters)) == sorted(repr(each.cluster) for each in picks)
    stories = [{each.id for each in chosen.cluster.stories} for chosen in choice.picks]
    assert sum(map(len, stories)) == len(set().union(*stories))
    assert all(out.reason for out in choice.left_out)
    assert (choice.lead is None) == (not choice.picks)
    assert (
        len(choice.top) < max(1, quota.top) and len(choice.popular) <= quota.popular and len(choice.more) <= quota.more
    )
    assert [each.popularity for each in choice.popular] == sorted((p.popularity for p in choice.popular), reverse=True)


def of_section(name: str, score: float, section: str) -> Pick:
    return Pick(Cluster(replace(story(name), section=section)), score, (Reason("recency", score),))


def id_of(name: str) -> str:
    return story(name).id


def test_pins_come_first_in_their_order_or_at_their_places() -> None:
    picks = [pick(name, score) for name, score in zip("abcde", (0.9, 0.8, 0.7, 0.6, 0.5), strict=True)]
    quota = Quota(top=4, popular=0, more=1)
    floating = Edits(pins=((id_of("d"), None), (id_of("e"), None)))
    assert names(choose(picks, quota, NOW, edits=floating).picks) == "deabc"
    placed = Edits(pins=((id_of("d"), 3), (id_of("e"), None)))
    assert names(choose(picks, quota, NOW, edits=placed).picks) == "eadbc"
    twice_and_beyond = Edits(pins=((id_of("d"), 2), (id_of("e"), 2), (id_of("c"), 9)))
    assert names(choose(picks, quota, NOW, edits=twice_and_beyond).picks) == "edcab"


def test_a_pin_brings_back_what_is_old_or_was_out_and_a_drop_wins_over_it() -> None:
    picks = [pick("a", 0.9), pick("b", 0.8), pick("c", 0.1, 0, 300), pick("d", 0.7)]
    edits = Edits(pins=((id_of("c"), None), (id_of("d"), None), (id_of("z"), None)), dropped=frozenset([id_of("a")]))
    choice = choose(picks, Quota(top=3, popular=0, more=0), NOW, used=[used("d", 30)], edits=edits)
    assert names(choice.picks) == "cdb"
    assert reasons(choice) == {"a": "An editor dropped it."}
    assert choice.notes == (f"A pinned story is not among what was collected: {id_of('z')}.",)
    both = replace(edits, dropped=frozenset([id_of("a"), id_of("c")]))
    assert "c" not in names(choose(picks, Quota(top=3, popular=0, more=0, minimum=1), NOW, edits=both).picks)


def test_more_pins_than_places_stand_under_more_and_it_is_said() -> None:
    picks = [pick("a", 0.9), pick("b", 0.8), pick("c", 0.7)]
    edits = Edits(pins=((id_of("c"), None), (id_of("b"), None)))
    choice = choose(picks, Quota(top=1, popular=0, more=2), NOW, edits=edits)
    assert names(choice.picks) == "cba"
    assert choice.notes == ("2 stories pinned for 1 places: the last stand under More or Popular.",)


def test_an_editor_can_drop_a_story_from_behind_another() -> None:
    kept = choose(
        [pick("a", 0.9, 0, 1, story("b"))], Quota(minimum=1), NOW, edits=Edits(dropped=frozenset([id_of("b")]))
    )
    assert kept.lead is not None
    assert kept.lead.cluster.others == ()


def test_no_section_has_more_than_half_of_the_top_while_others_have_stories() -> None:
    picks = [of_section(name, 1 - number / 10, "sport") for number, name in enumerate("abcd")]
    picks += [of_section("e", 0.2, "science"), of_section("f", 0.1, "")]
    choice = choose(picks, Quota(top=4, popular=0, more=2), NOW)
    assert (names([*choice.picks][:4]), names(choice.more), choice.notes) == ("abef", "cd", ())
    crowded = choose(picks[:5], Quota(top=4, popular=0, more=1), NOW)
    assert (names([*crowded.picks][:4]), names(crowded.more)) == ("abec", "d")
    assert crowded.notes == ("Other sections had too little: more than 2 stories of the top are of sport.",)
    alone = choose(picks[:4], Quota(top=4, popular=0, more=0), NOW)
    assert (names(alone.picks), alone.notes) == ("abcd", ())


def test_an_update_that_says_nothing_new_stays_out_and_the_edition_that_had_it_is_named() -> None:
    def told(text: str) -> Pick:
        lead = replace(story("a", 30, 1), title="a", paragraphs=(text, "Second."))
        return Pick(Cluster(lead), 0.9, (Reason("recency", 0.9),))

    before = Used(id_of("a"), NOW - timedelta(hours=24), "politics/2026-11-23", opening_of("a", ("One.", "Second.")))
    quota = Quota(minimum=1)
    same = choose([told("ONE")], quota, NOW, used=[before])
    assert reasons(same) == {"a": f"It went out with politics/2026-11-23 on {before.at:%Y-%m-%d %H:%M} UTC."}
    assert names(choose([told("Two.")], quota, NOW, used=[before]).picks) == "a"
    assert names(choose([told("One.")], quota, NOW, used=[replace(before, opening="")]).picks) == "a"
