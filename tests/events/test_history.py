"""History for replaying: what is read, in which order, and how conditions come back as answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from headwater.events import history
from headwater.events.history import Found, Wanted
from tests.conftest import NOW
from tests.events.stored_history import History

DAY = timedelta(days=1)
START, END = NOW - 60 * DAY, NOW
VIEWED = "Viewed Product"
DEAR = "(e.properties ->> 'price')::numeric >= %(least)s"


@pytest.fixture
def past(conn: Connection, workspace: int) -> History:
    return History(conn, workspace, START)


def read(past: History, people: Sequence[int], *wanted: Wanted, **parameters: Any) -> list[Found]:
    return list(history.read(past.conn, past.workspace, people, wanted, parameters))


def ticks(at: datetime) -> int:
    return (at - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_times_come_in_order_from_a_beginning_to_just_before_an_end(past: History) -> None:
    [person] = past.people(1)
    times = [START + 40 * DAY, START, START + DAY + timedelta(microseconds=1), START - timedelta(seconds=1), END]
    for at in times:
        past.did(person, VIEWED, at)

    [found] = read(past, [person], Wanted(past.metric(VIEWED), START, END))

    assert (found.profile_id, found.metric_id, found.read) == (person, past.metric(VIEWED), 3)
    assert list(found.times) == sorted(ticks(at) for at in times[:3])
    assert found.bits is found.values is found.properties is None


def test_metrics_have_spans_of_their_own_and_people_are_apart(past: History) -> None:
    one, other, unasked = past.people(3)
    for person in (one, other, unasked):
        past.did(person, VIEWED, START)
        past.did(person, "Placed Order", START + DAY)
    wanted = (Wanted(past.metric(VIEWED), START, END), Wanted(past.metric("Placed Order"), START, START + DAY))

    found = read(past, [one, other], *wanted)

    assert sorted((each.profile_id, each.metric_id) for each in found) == [
        (one, past.metric(VIEWED)),
        (other, past.metric(VIEWED)),
    ]


def test_only_what_passes_is_brought_and_all_is_counted(past: History) -> None:
    [person] = past.people(1)
    for day, price in enumerate((10, 90, 20, 80)):
        past.did(person, VIEWED, START + day * DAY, price=price)

    [found] = read(past, [person], Wanted(past.metric(VIEWED), START, END, only=DEAR), least=50)

    assert found.read == 4
    assert list(found.times) == [ticks(START + DAY), ticks(START + 3 * DAY)]


def test_answers_values_and_properties_stand_beside_their_events(past: History) -> None:
    [person] = past.people(1)
    days = [3, 0, 40, 1, 2]  # stored in another order than they happened, over three months
    for day in days:
        past.did(person, VIEWED, START + day * DAY, value=f"{day}.10", price=day * 10, cart=f"cart-{day}", other=1)
    past.did(person, VIEWED, START + 50 * DAY)
    cheap = "(e.properties ->> 'price')::numeric < 25"

    [found] = read(
        past,
        [person],
        Wanted(past.metric(VIEWED), START, END, bits=(DEAR, cheap), keys=("cart", "none"), values=True),
        least=20,
    )

    assert list(found.times) == [ticks(START + day * DAY) for day in (0, 1, 2, 3, 40, 50)]
    assert list(found.bits or ()) == [2, 2, 3, 1, 1, 0]
    assert found.values == [*(Decimal(f"{day}.10") for day in (0, 1, 2, 3, 40)), None]
    assert found.properties == [
        *({"cart": f"cart-{day}", "none": None} for day in (0, 1, 2, 3, 40)),
        {"cart": None, "none": None},
    ]


def test_other_workspaces_are_not_seen(past: History, conn: Connection) -> None:
    [person] = past.people(1)
    past.did(person, VIEWED, START)

    found = history.read(conn, past.workspace + 1, [person], [Wanted(past.metric(VIEWED), START, END)], {})

    assert list(found) == []


def test_who_may_have_events_in_a_span(past: History, conn: Connection) -> None:
    inside, around, before, after = past.people(4)
    browser = past.browser()
    for person, offsets in ((inside, [1]), (around, [-1, 99]), (before, [-1]), (after, [99]), (browser, [1])):
        for days in offsets:
            past.did(person, VIEWED, START + days * DAY)

    found = history.known_people(conn, past.workspace, past.metric(VIEWED), START, START + 10 * DAY)

    assert found == sorted([(inside, True, 1), (around, True, 2), (browser, False, 1)])


def test_what_events_were_worth(past: History, conn: Connection) -> None:
    [person] = past.people(1)
    for day, (value, price) in enumerate(((None, 40), ("12.5", 40), (None, "40"), (None, None))):
        past.did(person, VIEWED, START + day * DAY, value=value, price=price)
    events = [(person, ticks(START + day * DAY)) for day in range(5)]

    assert history.worth(conn, past.workspace, past.metric(VIEWED), events) == 52.5
    assert history.worth(conn, past.workspace, past.metric(VIEWED), events[:1]) == 40
    assert history.worth(conn, past.workspace, past.metric(VIEWED), []) == 0


def test_reading_through_brings_the_same(past: History) -> None:
    people = past.people(5)
    for number, person in enumerate(people):
        for day in range(number + 3):
            past.did(person, VIEWED, START + day * 7 * DAY, price=day * 20)
    wanted = [Wanted(past.metric(VIEWED), START, END, only=DEAR)]

    through = history.read_through(past.conn, past.workspace, people[:4], wanted, {"least": 50})

    assert sorted(through, key=lambda one: one.profile_id) == sorted(
        read(past, people[:4], *wanted, least=50), key=lambda one: one.profile_id
    )


def test_which_share_of_a_metric_is_of_some_people(past: History) -> None:
    one, other = past.people(2)
    for day in range(4):
        past.did(one if day else other, VIEWED, START + day * DAY)
    never = past.metric("Never")

    found = history.shares(past.conn, past.workspace, [past.metric(VIEWED), never], [one])

    assert found == {past.metric(VIEWED): 0.75, never: 0}
