import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.canonical import story_id
from digest.model import Cluster, FrontPage, Link, Pick, Popularity, Reason, Story, Window
from digest.select import decayed_views, rank, reweigh
from digest.settings import Weights

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def url(name: str) -> str:
    return f"https://herald.example/{name}"


def one(name: str, hours_ago: float | None = 1, position: int | None = None, *others: Story) -> Cluster:
    at = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    return Cluster(Story(url=url(name), title=name, published_at=at, position=position), others)


def views(name: str, count: float, hours_ago: float = 1, rank: int | None = None) -> Popularity:
    """A bucket whose middle lies so many hours back."""
    middle = NOW - timedelta(hours=hours_ago)
    return Popularity(url(name), count, Window(middle - HOUR / 2, middle + HOUR / 2), rank)


def names(picks: Sequence[Pick]) -> list[str]:
    return [pick.cluster.lead.title for pick in picks]


# --- decayed views ----------------------------------------------------------------------------


def test_views_count_half_at_one_half_life_and_not_after_the_window() -> None:
    buckets = [views("now", 800, 0), views("half", 800, 12), views("quarter", 800, 24), views("gone", 800, 24.1)]
    assert decayed_views(buckets, NOW, 12, 24) == {
        story_id(url("now")): 800.0,
        story_id(url("half")): 400.0,
        story_id(url("quarter")): 200.0,
    }


def test_a_total_without_hours_counts_in_the_middle_of_its_window() -> None:
    total = Popularity(url("a"), 1000, Window(NOW - 24 * HOUR, NOW))
    assert decayed_views([total], NOW, 12, 24) == {story_id(url("a")): 500.0}


def test_addresses_of_one_page_are_summed() -> None:
    buckets = [views("a", 10, 0), views("a?utm_source=mail", 20, 0), views("a/amp", 30, 0)]
    assert decayed_views(buckets, NOW, 12, 24) == {story_id(url("a")): 60.0}


def test_ranks_count_only_where_nothing_counts_views() -> None:
    ranked = [views("a", 0, 0, rank=1), views("b", 0, 0, rank=6), views("c", 0, 0, rank=0), views("d", 0, 0, rank=-3)]
    assert decayed_views(ranked, NOW, 12, 24) == {story_id(url("a")): 1 / 11, story_id(url("b")): 1 / 16}
    assert decayed_views([*ranked, views("e", 3, 0)], NOW, 12, 24) == {story_id(url("e")): 3.0}


@pytest.mark.parametrize("count", [math.nan, -5.0, -math.inf, 0.0])
def test_what_is_no_count_is_none(count: float) -> None:
    assert decayed_views([views("a", count, 0)], NOW, 12, 24) == {}


def test_impossible_counts_stay_finite() -> None:
    found = decayed_views([views("a", math.inf, 0), views("a", 1e308, 0), views("b", 10**400, 0)], NOW, 12, 24)
    assert all(math.isfinite(value) for value in found.values())
    assert found[story_id(url("a"))] == 2 * found[story_id(url("b"))]


def test_the_current_hour_counts_in_full_and_the_future_not_at_all() -> None:
    current = Popularity(url("a"), 7, Window(NOW - HOUR / 4, NOW + 3 * HOUR / 4))
    assert decayed_views([current, views("b", 9, -48)], NOW, 12, 24) == {story_id(url("a")): 7.0}


@pytest.mark.parametrize("half_life", [0.0, -1.0, math.nan])
def test_a_half_life_that_is_none_is_refused(half_life: float) -> None:
    with pytest.raises(ValueError, match="half_life_hours must be above 0"):
        decayed_views([], NOW, half_life, 24)


# --- rank -------------------------------------------------------------------------------------


def test_each_part_is_explained_in_words() -> None:
    other = Story(url=url("other"), title="other", published_at=NOW - 3 * HOUR)
    page = FrontPage(url(""), stories=(Link("x", url("x"), 1), Link("y", url("y"), 2), Link("a", url("a"), 3)))
    first, second = rank(
        [one("a", 2, 3, other), one("b", None)],
        [views("a", 2480, 12), views("other", 0.5, 0)],
        NOW,
        front_pages=[page],
    )
    assert first.cluster.lead.title == "a"
    assert first.popularity == 1240.5
    assert first.reasons == (
        Reason("front page", 0.4 * 0.5, "3rd on the front page"),
        Reason("feed order", 0.15 * 0.5, "3rd in its source"),
        Reason("cluster size", 0.15 / 3, "2 stories on this event"),
        Reason("recency", 0.15 * 2 ** (-2 / 12), "published 2 h ago"),
        Reason("views", 0.15, "1,240 views, decayed"),
    )
    assert second.reasons == (
        Reason("front page", 0.0, "not on the front page"),
        Reason("cluster size", 0.0, "the only story on this event"),
        Reason("views", 0.0, "no views counted"),
    )


def test_what_nothing_is_known_about_drops_out_and_the_rest_is_weighed_anew() -> None:
    assert rank([one("a", 12)], [], NOW) == (
        Pick(
            one("a", 12),
            0.25,
            (
                Reason("cluster size", 0.0, "the only story on this event"),
                Reason("recency", 0.25, "published 12 h ago"),
            ),
            parts=(("cluster_size", 0.0), ("recency", 0.5)),
        ),
    )


def test_nothing_known_and_nothing_weighed_is_no_score() -> None:
    (pick,) = rank([one("a", 12)], [], NOW, Weights(1, 0, 0, 0, 0))
    assert (pick.score, pick.reasons, pick.parts) == (0.0, (), (("cluster_size", 0.0), ("recency", 0.5)))


def test_picks_are_weighed_anew_as_they_would_have_been_ranked() -> None:
    clusters = [one("a", 2, 3), one("b", 9), one("c", None, 1)]
    counted = [views("a", 10, 1), views("b", 99, 2)]
    other = Weights(0.1, 0.1, 0.1, 0.2, 0.5)
    boosts = {one("a").lead.id: 1.5}
    first = rank(clusters, counted, NOW)
    anew = reweigh(first, other, NOW, section_weights={"": 2.0}, boosts=boosts)
    directly = rank(clusters, counted, NOW, other, section_weights={"": 2.0}, boosts=boosts)
    assert [(pick.cluster, pick.score, pick.parts) for pick in anew] == [
        (pick.cluster, pick.score, pick.parts) for pick in directly
    ]
    assert [pick.cluster for pick in anew] != [pick.cluster for pick in first]


def test_a_most_read_list_is_not_told_as_views() -> None:
    notes = [
        pick.reasons[-1].note
        for pick in rank([one("a"), one("b")], [Popularity(url("a"), 0, Window(NOW, NOW), 4)], NOW)
    ]
    assert notes == ["on the most-read list", "not on the most-read list"]


def test_the_best_place_on_any_front_page_counts() -> None:
    pages = [FrontPage(url("1"), (Link("a", url("a"), 12),)), FrontPage(url("2"), (Link("a", url("a") + "#top", 2),))]
    assert rank([one("a")], [], NOW, front_pages=pages)[0].reasons[0].note == "2nd on the front page"


@pytest.mark.parametrize(
    ("position", "note"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (-3, "1st")],
)
def test_places_are_told_as_ordinals(position: int, note: str) -> None:
    assert rank([one("a", 1, position)], [], NOW)[0].reasons[0].note == f"{note} in its source"


@pytest.mark.parametrize(("hours_ago", "note"), [(0.5, "30 min"), (5, "5 h"), (72, "3 days"), (-3, "0 min")])
def test_age_is_told_in_fitting_units(hours_ago: float, note: str) -> None:
    assert rank([one("a", hours_ago)], [], NOW)[0].reasons[-1].note == f"published {note} ago"


def test_a_date_in_2099_is_no_date() -> None:
    far = Cluster(Story(url=url("a"), title="a", published_at=datetime(2099, 1, 1, tzinfo=UTC)))
    assert [reason.name for reason in rank([far], [], NOW)[0].reasons] == ["cluster size"]


def test_one_story_many_times_is_no_large_event() -> None:
    lead = one("a").lead
    assert rank([Cluster(lead, (lead,) * 20)], [views("a", 5, 0)], NOW)[0].popularity == 5.0
    assert rank([Cluster(lead, (lead,) * 20)], [], NOW)[0].reasons[0].value == 0.0


def test_ties_go_to_the_newer_then_by_address() -> None:
    same = Weights(0, 0, 1, 0, 0)
    assert names(rank([one("c", None), one("b", 2), one("a", 2), one("d", 1)], [], NOW, same)) == ["d", "a", "b", "c"]


def test_a_sections_weight_is_in_the_score_and_its_parts() -> None:
    plain, weighed = (rank([one("a", 3, 2)], [], NOW, section_weights={"": factor})[0] for factor in (1.0, 2.0))
    assert weighed.score == pytest.approx(2 * plain.score)
    assert math.fsum(reason.value for reason in weighed.reasons) == weighed.score


# --- properties -------------------------------------------------------------------------------

_NAMES = "abcdefgh"
_HOURS = st.one_of(st.none(), st.floats(-30, 400), st.just(1.0))
_CLUSTERS = st.lists(
    st.builds(one, st.sampled_from(_NAMES), _HOURS, st.one_of(st.none(), st.integers(-2, 60))),
    max_size=8,
    unique_by=lambda cluster: cluster.lead.url,
)
_COUNTS = st.one_of(st.floats(0, 1e7), st.integers(0, 50), st.sampled_from([math.nan, math.inf, -1.0, 1e300]))
_VIEWS = st.lists(
    st.builds(views, st.sampled_from(_NAMES), _COUNTS, st.floats(-2, 40), st.one_of(st.none(), st.integers(1, 9))),
    max_size=12,
)
_PAGES = st.lists(
    st.builds(
        lambda links: FrontPage(url(""), tuple(Link(name, url(name), place) for place, name in enumerate(links, 1))),
        st.lists(st.sampled_from(_NAMES + "xyz"), max_size=6),
    ),
    max_size=2,
)
_checked = settings(max_examples=100, derandomize=True, deadline=None)


@_checked
@given(_CLUSTERS, _VIEWS, _PAGES, st.floats(0, 5))
def test_the_parts_of_an_explanation_add_up(
    clusters: list[Cluster], popularity: list[Popularity], pages: list[FrontPage], factor: float
) -> None:
    picks = rank(clusters, popularity, NOW, front_pages=pages, section_weights={"": factor})
    for pick in picks:
        assert abs(pick.score - sum(reason.value for reason in pick.reasons)) < 1e-9
        assert -1e-9 <= pick.score <= factor + 1e-9
    assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)


@_checked
@given(_CLUSTERS, _VIEWS, _PAGES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    clusters: list[Cluster], popularity: list[Popularity], pages: list[FrontPage], order: Random
) -> None:
    picks = rank(clusters, popularity, NOW, front_pages=pages)
    order.shuffle(clusters)
    order.shuffle(popularity)
    order.shuffle(pages)
    assert rank(clusters, popularity, NOW, front_pages=pages) == picks


@_checked
@given(_CLUSTERS.filter(bool), _VIEWS, st.floats(0, 24), st.floats(1, 1e6), st.data())
def test_more_views_never_lower_a_place(
    clusters: list[Cluster], popularity: list[Popularity], hours_ago: float, more: float, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([cluster.lead.title for cluster in clusters]))
    counted = [bucket for bucket in popularity if bucket.rank is None]
    before = names(rank(clusters, counted, NOW)).index(name)
    after = names(rank(clusters, [*counted, views(name, more, hours_ago)], NOW)).index(name)
    assert after <= before


@_checked
@given(_VIEWS)
def test_doubling_all_views_keeps_the_order_of_the_most_popular(popularity: list[Popularity]) -> None:
    counted = [bucket for bucket in popularity if 0 < bucket.views < 1e8]
    doubled = [Popularity(bucket.url, 2 * bucket.views, bucket.window) for bucket in counted]
    once, twice = (decayed_views(buckets, NOW, 12, 24) for buckets in (counted, doubled))
    assert {identity: 2 * value for identity, value in once.items()} == twice


@_checked
@given(st.floats(0, 1e6), st.floats(0, 100), st.sampled_from([1.0, 6.0, 12.0, 72.0]))
def test_views_count_half_as_much_one_half_life_later(count: float, hours_ago: float, half_life: float) -> None:
    bucket = views("a", count, hours_ago)
    then, later = (decayed_views([bucket], at, half_life, 1000) for at in (NOW, NOW + timedelta(hours=half_life)))
    assert {identity: pytest.approx(value / 2, rel=1e-9) for identity, value in then.items()} == later
