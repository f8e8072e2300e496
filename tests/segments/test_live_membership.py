"""Membership follows every event and every passing hour: what is stored is what asking everybody would answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.audience import lists
from headwater.core import partitions
from headwater.segments import saved
from tests.segments.shop import NOW, Shop

DAY = timedelta(days=1)
SEGMENTS: dict[str, Any] = {
    "Bought lately": {"metric": "Placed Order", "in_last": {"days": 3}},
    "Bought never": {"metric": "Placed Order", "count": {"equals": 0}},
    "Bought twice lately": {"metric": "Placed Order", "count": {"at_least": 2}, "in_last": {"days": 5}},
    "Bought early": {"metric": "Placed Order", "at_least_ago": {"days": 4}},
    "Spent": {"metric": "Placed Order", "sum": {"greater_than": 100}},
    "Lapsed": [
        {"metric": "Placed Order"},
        {"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 4}},
    ],
    "Saw shoes": {
        "metric": "Viewed Product",
        "in_last": {"hours": 30},
        "where": [{"property": "category", "equals": "Shoes"}],
    },
    "Looked and left": {
        "sequence": [
            {"metric": "Viewed Product"},
            {"metric": "Placed Order", "did": False, "within": {"hours": 2}},
        ],
        "in_last": {"days": 2},
    },
    "On the list, new": {"list": "Newsletter", "in_last": {"days": 2}},
    "Reachable": {"can_receive": True},
    "Just agreed": {"consent": "subscribed", "in_last": {"days": 1}},
    "Just bounced": {"suppressed": "hard_bounce", "in_last": {"days": 1}},
    "Gold": {"property": "tier", "equals": "gold"},
    "Birthday soon": {"property": "birthday", "date": {"anniversary": {"in_next": {"days": 2}}}},
    "Trial ends": {"property": "trial.ends", "date": {"in_next": {"days": 3}}},
    "New here": {"property": "created_at", "date": {"in_last": {"days": 2}}},
    "Neither": {
        "not": {"any": [{"metric": "Viewed Product", "in_last": {"days": 2}}, {"property": "tier", "is_set": True}]}
    },
    "A third": [{"sample": 33}, {"metric": "Viewed Product", "count": {"at_most": 2}, "in_last": {"days": 2}}],
    "Recently lapsed": {"segment": "Lapsed", "in_last": {"days": 2}},
    "Shoes, not gold": [{"segment": "Saw shoes"}, {"not": {"segment": "Gold"}}],
    "Entered before": {
        "metric": "Entered Segment",
        "in_last": {"days": 3},
        "where": [{"property": "segment", "equals": "Gold"}],
    },
}
PEOPLE = ("ann", "bob", "cem", "dee")
people = st.sampled_from(PEOPLE)
ago = st.sampled_from([timedelta(0), timedelta(0), timedelta(hours=1), 3 * DAY, 5 * DAY, -timedelta(hours=1)])
steps = st.one_of(
    st.tuples(st.just("happens"), people, st.sampled_from(["Placed Order", "Viewed Product"]), ago,
              st.sampled_from([None, 40, 200]), st.sampled_from(["Shoes", "Bags"])),
    st.tuples(st.just("happens"), people, st.sampled_from(["Placed Order", "Viewed Product"]), ago,
              st.sampled_from([None, 40, 200]), st.sampled_from(["Shoes", "Bags"])),
    st.tuples(st.just("says"), people, st.sampled_from([
        {"tier": "gold"}, {"tier": None}, {"birthday": "1990-03-04"}, {"birthday": "1992-02-29"}, {"birthday": "no"},
        {"trial": {"ends": "2026-03-06"}}, {"trial": {"ends": "2026-03-04T15:00:00Z"}}])),
    st.tuples(st.just("joins"), people),
    st.tuples(st.just("leaves"), people),
    st.tuples(st.just("subscribes"), people),
    st.tuples(st.just("unsubscribes"), people),
    st.tuples(st.just("bounces"), people),
    st.tuples(st.just("merges"), people, people),
    st.tuples(st.just("browses"), st.sampled_from(["c1", "c2"]), st.sampled_from(["Placed Order", "Viewed Product"])),
    st.tuples(st.just("logs_in"), people, st.sampled_from(["c1", "c2"])),
    st.tuples(st.just("erases"), people),
    st.tuples(st.just("later"), st.sampled_from([1, 5, 24, 31, 70])),
    st.tuples(st.just("later"), st.sampled_from([1, 5, 24, 31, 70])),
    st.just(("keep_up",)),
)  # fmt: skip


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    partitions.ensure(conn, "event", [NOW, NOW - 20 * DAY, NOW + 31 * DAY, NOW + 60 * DAY])
    conn.commit()
    return Shop(conn, workspace)


def do(shop: Shop, newsletter: int, step: tuple[Any, ...]) -> None:
    kind, *arguments = step
    match kind:
        case "happens":
            who, metric, ago_, value, category = arguments
            shop.happens(who, metric, ago=ago_, value=value, category=category)
        case "says":
            shop.says(arguments[0], **arguments[1])
        case "joins" | "leaves":
            getattr(shop, kind)(arguments[0], newsletter)
        case "later":
            shop.later(hours=arguments[0])
        case _:
            getattr(shop, kind)(*arguments)


@pytest.mark.slow
def test_what_is_stored_is_what_asking_answers(shop: Shop) -> None:
    newsletter = lists.create(shop.conn, shop.workspace, "Newsletter", shop.now)
    segments = [shop.segment(name, definition, built=False) for name, definition in SEGMENTS.items()]
    shop.build()
    shop.keep_up()
    shop.conn.commit()

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=st.lists(steps, min_size=3, max_size=14))
    def agree(history: list[tuple[Any, ...]]) -> None:
        with shop.conn.transaction(force_rollback=True):
            shop.now = NOW
            for step in history:
                do(shop, newsletter, step)
            shop.keep_up()
            for segment in segments:
                stored = shop.members(segment)
                assert stored == shop.asked(segment), segment.name
                kept = saved.get(shop.conn, shop.workspace, [segment.id])[segment.id]
                assert kept.members == len(stored), segment.name

    agree()
