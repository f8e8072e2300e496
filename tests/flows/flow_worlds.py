"""What may happen to one person while a flow goes on: what hypothesis draws for the engine's properties.

A world is a person with a past, a future that the flow does not know yet, and a runner that comes late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

METRICS = ("Viewed Product", "Placed Order", "Clicked Email", "Added to Cart")
CODE = "SAVE"
"""The coupon that countdowns count down to."""
ZONES = (
    "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago", "Asia/Kathmandu",
    "Africa/Casablanca", "America/St_Johns", "Pacific/Chatham", "Europe/Dublin",
)  # fmt: skip
STARTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-02T17:00",  # a Monday, noon in New York
        "2026-03-07T16:30",  # the day before clocks go forward in New York
        "2026-03-28T22:45",  # in Berlin
        "2026-04-04T02:10",  # back, in Lord Howe, Chatham and Santiago
        "2026-10-24T23:50",  # back, in Berlin
        "2026-10-31T20:00",  # in New York
    )
)


def one_of(*strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of these, as often as it is named."""
    choice = st.sampled_from(strategies)

    @st.composite
    def chosen(draw: st.DrawFn) -> Any:
        return draw(draw(choice))

    return chosen()


# ── worlds ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class News:
    """Something that happens to the person, and how much later it is heard of."""

    after: timedelta  # the start; before it, if negative
    metric: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)  # properties of the profile
    turns: str | None = None  # consent, list, segment: changes sides
    late: timedelta = timedelta(0)


@dataclass(frozen=True)
class World:
    """A person and what happens, as it is not known before."""

    start: datetime
    profile_id: int
    zone: str | None
    trigger: Mapping[str, Any]
    properties: Mapping[str, Any]
    member: bool  # of the list and the segment, at first
    news: tuple[News, ...]
    code: timedelta | None  # how long a code is valid that the person holds at the start
    emails_give: tuple[bool, ...]  # whether an email that is sent gives a code, one after the other
    settles: timedelta  # how long an email is on its way
    lags: tuple[timedelta, ...]  # how late each wake is handled, one after the other
    peeks: tuple[timedelta, ...]  # looks for no reason
    reviews: tuple[tuple[timedelta, str], ...]  # how long after it was held, and what is decided
    stocked: bool
    restock: timedelta | None
    won: bool  # whether the last variation of each test has won


MINUTE = timedelta(minutes=1)
# Whole hours from the start, most of them within the first days: where delays and waits end too, so that ties are many.
moments = one_of(st.integers(-60, 400), st.integers(0, 80), st.integers(0, 80)).map(lambda hours: hours * HOUR)
late = st.sampled_from([0 * HOUR, 0 * HOUR, 0 * HOUR, 7 * MINUTE, 5 * HOUR])
events = st.builds(
    lambda after, metric, price, order, late: News(
        after, metric, {"price": price, "order_id": order, "plan": "gold"}, late=late
    ),
    moments,
    st.sampled_from([*METRICS, "Added to Cart"]),
    st.sampled_from([20, 80]),
    st.integers(1, 2),
    late,
)
changes = st.builds(
    lambda after, changed: News(after, **changed),
    moments,
    st.sampled_from(
        [
            {"sets": {"plan": "gold"}},
            {"sets": {"plan": None}},
            {"sets": {"tags": ["vip"]}},
            {"sets": {"renewal": "2026-03-09"}},
            {"turns": "consent"},
            {"turns": "list"},
            {"turns": "segment"},
        ]
    ),
)
lags = st.sampled_from([0 * HOUR, 0 * HOUR, MINUTE, 3 * HOUR, 30 * HOUR, 400 * HOUR])
worlds: st.SearchStrategy[World] = st.builds(
    World,
    start=st.sampled_from(STARTS),
    profile_id=st.integers(1, 40),
    zone=st.sampled_from([*ZONES, None, "nowhere"]),
    trigger=st.sampled_from(
        [{"price": 80, "order_id": 1, "product_id": "p1", "plan": "gold"}, {"price": 20, "order_id": 2}, {}]
    ),
    properties=st.sampled_from(
        [{}, {"plan": "gold", "renewal": "2026-03-20"}, {"renewal": "2026-03-05T09:30:00Z", "tags": ["vip"]},
         {"renewal": "2026-11-01"}]
    ),
    member=st.sampled_from([True, True, False]),
    news=st.lists(one_of(events, events, events, changes), max_size=6).map(tuple),
    code=st.sampled_from([None, None, 5 * HOUR, 3 * DAY, 20 * DAY]),
    emails_give=st.sampled_from([(False,), (False, True), (True,)]),
    settles=st.sampled_from([MINUTE, 12 * MINUTE]),
    lags=st.lists(lags, min_size=1, max_size=3).map(tuple),
    peeks=st.lists(moments, max_size=3).map(tuple),
    reviews=st.lists(
        st.tuples(st.sampled_from([HOUR, 50 * HOUR]), st.sampled_from(["approved", "approved", "declined"])),
        min_size=1,
        max_size=2,
    ).map(tuple),
    stocked=st.booleans(),
    restock=st.sampled_from([None, 2 * HOUR, 5 * DAY]),
    won=st.sampled_from([False, False, True]),
)  # fmt: skip
