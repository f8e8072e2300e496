"""Backtests: the same as what really happens, counted rightly, in one pass for several versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience import lists
from headwater.core import partitions
from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import publishing
from headwater.flows.reading import parse
from headwater.flows.trials import backtest, backtest_people, backtest_workers, email_coupons
from headwater.flows.trials.backtest import Progress
from headwater.flows.trials.backtest_replay import Replay
from headwater.flows.trials.backtest_report import Report
from headwater.segments.language import DefinitionError
from tests.conftest import NOW
from tests.events.stored_history import History
from tests.flows.flow_people import RECIPES, recipe
from tests.flows.live_people import DAY, Event, LiveShop

HOUR = timedelta(hours=1)
START = NOW - 90 * DAY
ONE, TWO = {"id": "one", "email": "one.mjml"}, {"id": "two", "email": "two.mjml"}
VIEWED, ORDERED = "Viewed Product", "Placed Order"


# ── the same as live ────────────────────────────────────────────────────────────────────────────────────────────────
KINDS: Mapping[str, Sequence[tuple[str, int]]] = {
    "browse-abandonment": [(VIEWED, 12), ("Added to Cart", 1), ("Started Checkout", 1), (ORDERED, 1)],
    "abandoned-cart": [("Added to Cart", 8), ("Started Checkout", 1), (ORDERED, 1)],
    "abandoned-checkout": [("Started Checkout", 6), (ORDERED, 1)],
    "post-purchase": [(ORDERED, 5), ("Cancelled Order", 1), ("Fulfilled Order", 4), ("Submitted Review", 1)],
    "review-request": [("Fulfilled Order", 4), ("Refunded Order", 1), ("Submitted Review", 3)],
    "cross-sell": [(ORDERED, 4)],
    "winback": [(ORDERED, 3)],
    "site-abandonment": [("Active on Site", 9), (VIEWED, 1), (ORDERED, 1)],
}
"""What people do in the test of a recipe, and how often each in proportion."""
CATEGORIES = [*["Shoes", "Hats"] * 15, "Care"]


def drawn(random: Random, kinds: Sequence[tuple[str, int]], start: datetime, people: int, days: int) -> list[Event]:
    """A history that nobody thought of."""
    names, weights = zip(*kinds, strict=True)
    events = []
    for _ in range(12 * people):
        metric = random.choices(names, weights)[0]
        value = round(random.uniform(5, 90), 2) if metric in ("Started Checkout", ORDERED) else None
        item = {"product_id": f"b{random.randint(1, 8)}", "category": random.choice(CATEGORIES)}
        properties: dict[str, Any] = {
            "order_id": f"{random.randint(1, 4)}",
            "rating": random.randint(1, 5),
            "price": random.choice([0, 20, 89.5]),
            "title": "Boots",
            "items": [item],
            **item,
        }
        at = start + timedelta(seconds=random.uniform(0, days * 86_400))
        events.append(Event(at, random.randrange(people), metric, properties, value))
    return events


@pytest.mark.slow
@pytest.mark.parametrize("slug", list(KINDS))
@pytest.mark.parametrize("seed", [1, 2])
def test_it_says_what_really_happens(conn: Connection, workspace: int, slug: str, seed: int) -> None:
    shop = LiveShop(conn, workspace, START)
    shop.welcomes(5)
    days = 150 if slug == "winback" else 45
    shop.lives(drawn(Random(f"{slug} before {seed}"), KINDS[slug][-2:], START - 20 * DAY, 5, 20), START)
    shop.installs(slug)
    end = START + days * DAY
    shop.lives(drawn(Random(f"{slug} {seed}"), KINDS[slug], START, 5, days - 5), end)
    conn.commit()

    replayed = replayed_told(conn, workspace, recipe(slug), slug, START, end)

    live = shop.told()
    assert sum(len(runs) for runs in live.values()) > 3
    assert replayed == live


def replayed_told(
    conn: Connection, workspace: int, definition: FlowDefinition, slug: str, start: datetime, end: datetime
) -> dict[int, Any]:
    version = (definition, email_coupons.of_folder(RECIPES / slug, definition))
    case = backtest.prepare(conn, workspace, [version], start, end, end)
    people = [one.id for one in backtest_people.people(conn, case)]
    return {
        lived.profile_id: [
            (
                run.entered_at,
                run.end,
                run.ended_at,
                run.sends,
                sorted((step, str(reason)) for step, _, reason in run.skips),
            )
            for run in lived.life.runs
        ]
        for lived in Replay(conn, case).lives(people)
        if lived.life.runs
    }


# ── a history of one's own ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def history(conn: Connection, workspace: int) -> History:
    return History(conn, workspace, START)


def definition(*steps: Any, **more: Any) -> FlowDefinition:
    return parse({"flow": "a-flow", "trigger": {"metric": VIEWED}, "steps": list(steps), **more})


def reports(
    conn: Connection,
    workspace: int,
    *definitions: FlowDefinition,
    start: datetime = START,
    end: datetime = NOW,
    processes: int = 1,
) -> list[Report]:
    conn.commit()
    case = backtest.prepare(conn, workspace, [(one, {}) for one in definitions], start, end, NOW)
    *progress, found = backtest.run(conn, case, processes)
    assert all(isinstance(one, Progress) for one in progress)
    assert isinstance(found, list)
    return found


def test_a_report_counts_everything_once(conn: Connection, workspace: int, history: History) -> None:
    buys, waits, again, early = history.people(4)
    for person in (buys, waits, again):
        history.did(person, VIEWED, START + DAY, price=40)
    history.did(again, VIEWED, START + 2 * DAY, price=60)
    history.did(early, VIEWED, START - DAY, price=60)
    history.did(buys, ORDERED, START + DAY + 5 * HOUR, value=33)
    history.did(buys, ORDERED, START + 8 * DAY, value=500)
    conn.execute("UPDATE consent SET state = 'unsubscribed' WHERE profile_id = %s", (again,))

    asks = {"entry": {"again": {"after": {"days": 14}}}, "exit_on": [{"metric": ORDERED}]}
    [report] = reports(conn, workspace, definition(ONE, {"delay": {"days": 1}}, TWO, **asks), end=START + 2 * DAY)

    assert (report.people, report.triggers, report.entries, report.people_entered) == (3, 3, 3, 3)
    assert report.entries_by_day == {"2025-12-03": 3}
    assert report.steps["one"].sent_by_day == {"2025-12-03": 2}
    assert report.steps["one"].skipped == report.skipped == {"unsubscribed": 1}
    assert report.steps["two"].left == report.left == {"exit_event": 1}
    assert report.steps["two"].waiting == report.waiting == 2
    assert (report.sent, report.completed) == (2, 0)
    assert (report.stake.runs_with_order, report.stake.orders, report.stake.order_value) == (1, 1, 33.0)
    assert (report.stake.runs_without_order, report.stake.value_without_order) == (2, 80.0)
    assert report.events == 4  # three views of the span, and the order that came soon after somebody entered


def test_who_leaves_by_the_passing_of_time_alone_does_so_then(
    conn: Connection, workspace: int, history: History
) -> None:
    leaves, stays = history.people(2)
    for person, ordered in ((leaves, 12 * HOUR), (stays, 3 * DAY)):
        history.did(person, ORDERED, START + ordered)
        history.did(person, VIEWED, START + DAY)
    lapsed = {"if": {"metric": ORDERED, "at_least_ago": {"days": 2}}}
    flow = definition(ONE, {"delay": {"days": 9}}, TWO, exit_on=[lapsed])

    [before] = reports(conn, workspace, flow, end=START + 60 * HOUR)
    [after] = reports(conn, workspace, flow, end=START + 61 * HOUR)

    assert (before.left, before.waiting) == ({}, 2)
    assert (after.left, after.waiting) == ({"exit_condition": 1}, 1)


def test_what_other_mail_and_other_flows_have_to_do_with_it(conn: Connection, workspace: int, history: History) -> None:
    [person] = history.people(1)
    history.did(person, VIEWED, START + DAY)
    flow_row = conn.execute(
        """
        INSERT INTO flow (workspace_id, slug, name, created_at, updated_at)
        VALUES (%(w)s, 'other', 'Other', %(at)s, %(at)s) RETURNING id
        """,
        {"w": workspace, "at": START},
    ).fetchone()
    assert flow_row is not None
    for at in (START + 30 * HOUR, START + 40 * DAY):
        conn.execute(
            """
            INSERT INTO enrolment
                (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at, trigger)
            VALUES (%(w)s, %(flow)s, %(person)s, %(at)s::text, 1, %(at)s, %(at)s, '{}')
            """,
            {"w": workspace, "flow": flow_row[0], "person": person, "at": at},
        )
    partitions.ensure(conn, "message", [START, START + 40 * DAY])
    for at in (START + 20 * HOUR, START + 2 * DAY):
        conn.execute(
            """
            INSERT INTO message
                (workspace_id, origin_at, source, source_id, profile_id, state, planned_at, send_at, sent_at)
            VALUES (%(w)s, %(at)s, 'campaign', 1, %(person)s, 'sent', %(at)s, %(at)s, %(at)s)
            """,
            {"w": workspace, "person": person, "at": at},
        )

    [report] = reports(conn, workspace, definition(ONE, {"delay": {"days": 3}}, TWO))

    assert report.other_flows == {"other": 1}
    assert report.campaign_mail == 1
    assert report.skipped == {"smart_sending": 1}  # the first campaign was five hours before
    assert report.capped == {"smart_sending": 1, "frequency_capped": 0}
    assert report.steps["two"].sent == 1


def test_two_versions_are_replayed_in_one_pass(conn: Connection, workspace: int, history: History) -> None:
    for number, person in enumerate(history.people(6)):
        for day in range(0, 30, number + 1):
            history.did(person, VIEWED, START + day * DAY + number * HOUR, price=10 * number)
    strict = definition(
        ONE,
        trigger={"metric": VIEWED, "where": [{"property": "price", "at_least": 30}]},
        entry={"again": {"after": {"days": 10}}},
    )
    loose = definition(ONE, {"delay": {"days": 1}}, TWO, entry={"again": "never"})

    both = reports(conn, workspace, strict, loose)
    [first], [second] = reports(conn, workspace, strict), reports(conn, workspace, loose)

    assert [_timeless(one) for one in both] == [_timeless(first), _timeless(second)]
    assert [one.entries for one in both] == [9, 6]


def _timeless(report: Report) -> dict[str, Any]:
    return {**report.plain(), "seconds": 0, "events": 0}


@pytest.mark.slow
def test_however_it_is_read_and_by_how_many_it_comes_to_the_same(
    conn: Connection, workspace: int, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "ALONE", 0)
    for number, person in enumerate(history.people(40)):
        for day in range(0, 30, number % 7 + 1):
            history.did(person, VIEWED, START + day * DAY, price=number)
        history.did(person, ORDERED, START + 10 * DAY + number * HOUR, value=5)
    asked = definition(
        ONE,
        {"delay": {"days": 1}},
        TWO,
        trigger={"metric": VIEWED, "where": [{"property": "price", "at_least": 5}]},
        entry={"again": {"after": {"days": 10}}},
        exit_on=[{"metric": ORDERED}],
    )

    [one_by_one], [shared] = reports(conn, workspace, asked), reports(conn, workspace, asked, processes=2)
    monkeypatch.setattr(backtest_workers, "AT_ONCE", 7)
    [through] = reports(conn, workspace, asked)

    assert one_by_one.entries > 40
    assert {**one_by_one.plain(), "seconds": 0} == {**shared.plain(), "seconds": 0}
    assert {**one_by_one.plain(), "seconds": 0} == {**through.plain(), "seconds": 0}


def test_a_process_that_breaks_off_is_told(
    conn: Connection, workspace: int, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in history.people(2):
        history.did(person, VIEWED, START)
    conn.commit()
    case = backtest.prepare(conn, workspace, [(definition(ONE), {})], START, NOW, NOW)

    with pytest.raises(RuntimeError, match="no_such_column"):
        list(backtest_workers.replayed(replace(case, flow_id="no_such_column"), [[1], [2]], 2))  # type: ignore[arg-type]


# ── what starts it ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_filters_are_answered_where_the_events_lie(conn: Connection, workspace: int, history: History) -> None:
    dear, cheap, odd = history.people(3)
    for person, price in ((dear, 80), (cheap, 20), (odd, "80")):
        history.did(person, VIEWED, START + DAY, price=price, cart="a")
        history.did(person, VIEWED, START + DAY + HOUR, price=price, cart="b")
    trigger = {"metric": VIEWED, "where": [{"property": "price", "at_least": 50}]}
    asks = {"if_event": {"property": "cart", "equals": "a"}, "then": [ONE], "else": [TWO]}

    [report] = reports(conn, workspace, definition(asks, trigger=trigger, entry={"again": "always", "key": "cart"}))

    assert (report.people, report.triggers, report.entries) == (1, 2, 2)
    assert (report.steps["one"].sent, report.steps["two"].skipped) == (1, {"smart_sending": 1})


def test_sums_and_references_are_told_apart(conn: Connection, workspace: int, history: History) -> None:
    small, big = history.people(2)
    for person, value in ((small, 10.10), (big, 60.60)):
        history.did(person, ORDERED, START - 300 * DAY, value=value, order_id="old")
        history.did(person, ORDERED, START + DAY, value=value, order_id="new")
        history.did(person, "Refunded Order", START + DAY + HOUR, order_id="old" if person == small else "new")
    spent = {"if": {"metric": ORDERED, "sum": {"at_least": 121.20}}, "then": [ONE], "else": [TWO]}
    refunded = [{"metric": "Refunded Order", "where": [{"property": "order_id", "equals": {"event": "order_id"}}]}]

    [report] = reports(
        conn,
        workspace,
        definition(spent, {"delay": {"days": 1}}, ONE | {"id": "last"}, trigger={"metric": ORDERED}, exit_on=refunded),
    )

    assert (report.steps["one"].sent, report.steps["two"].sent, report.steps["last"].sent) == (1, 1, 1)
    assert report.left == {"exit_event": 1}


def test_joining_a_list_starts_it(conn: Connection, workspace: int, history: History) -> None:
    now, before = history.people(2)
    newsletter = lists.create(conn, workspace, "Newsletter", START)
    lists.add(conn, workspace, newsletter, [now], START + DAY, "api")
    lists.add(conn, workspace, newsletter, [before], START - DAY, "api")

    [report] = reports(conn, workspace, parse({"flow": "hi", "trigger": {"list": "newsletter"}, "steps": [ONE]}))

    assert (report.people, report.entries, report.steps["one"].sent_by_day) == (1, 1, {"2025-12-03": 1})


def test_entering_a_segment_starts_it(conn: Connection, workspace: int, history: History) -> None:
    [person] = history.people(1)
    history.did(person, "Entered Segment", START + DAY, segment="VIP", segment_id=7)
    history.did(person, "Entered Segment", START + 2 * DAY, segment="Others", segment_id=8)
    steps = [{"id": "one", "webhook": {"url": "https://example.com"}}]

    for named in ("vip", 7):
        trigger = {"segment": named, "stay": False}
        [report] = reports(conn, workspace, parse({"flow": "vip", "trigger": trigger, "steps": steps}))

        assert (report.people, report.entries, report.steps["one"].done) == (1, 1, 1)


def test_the_coming_of_a_date_starts_it(conn: Connection, workspace: int, history: History) -> None:
    born, later, nobody = history.people(3)
    for person, day in ((born, "1990-01-15"), (later, "1990-06-15"), (nobody, "never")):
        conn.execute("UPDATE profile SET properties = %s WHERE id = %s", (f'{{"birthday": "{day}"}}', person))
    trigger = {"date": "birthday", "repeat": "yearly", "at": "09:00"}

    [report] = reports(conn, workspace, parse({"flow": "birthday", "trigger": trigger, "steps": [ONE]}))

    assert (report.people, report.entries, report.steps["one"].sent_by_day) == (1, 1, {"2026-01-15": 1})


def test_who_has_no_address_is_not_read(conn: Connection, workspace: int, history: History) -> None:
    known, browser = history.people(2)
    conn.execute("UPDATE profile SET email = NULL WHERE id = %s", (browser,))
    for person in (known, browser):
        history.did(person, VIEWED, START + DAY)

    [report] = reports(conn, workspace, definition(ONE))

    assert (report.people, report.without_address, report.events) == (1, 1, 1)


@pytest.mark.parametrize(
    "tree",
    [
        {"trigger": {"price_drop": {"percent": 10}}, "steps": [ONE]},
        {"trigger": {"low_stock": {"at_most": 3}}, "steps": [ONE]},
        {"trigger": {"api": {}}, "steps": [ONE]},
        {"trigger": {"metric": VIEWED}, "steps": [{"back_in_stock": {}}, ONE]},
    ],
)
def test_what_history_says_nothing_about_is_refused(conn: Connection, workspace: int, tree: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match="cannot be backtested"):
        reports(conn, workspace, parse({"flow": "a-flow", **tree}))


def test_a_span_has_a_length(conn: Connection, workspace: int) -> None:
    for start, end in ((NOW, NOW), (NOW, NOW - DAY), (NOW - 800 * DAY, NOW)):
        with pytest.raises(ValueError, match="span"):
            reports(conn, workspace, definition(ONE), start=start, end=end)


def test_a_metric_that_never_happened_starts_nothing(conn: Connection, workspace: int) -> None:
    [report] = reports(conn, workspace, definition(ONE, trigger={"metric": "Unheard of"}))

    assert (report.people, report.entries, report.events) == (0, 0, 0)


def test_a_live_flow_is_found_with_its_coupons(conn: Connection, workspace: int) -> None:
    publishing.apply(conn, workspace, RECIPES / "browse-abandonment", datetime(2026, 1, 1, tzinfo=UTC))

    found, issues = backtest.live_version(conn, workspace, "browse-abandonment")

    assert found.slug == "browse-abandonment"
    assert issues == {"offer": frozenset({"BROWSE10"}), "expiring": frozenset({"BROWSE10"})}
    assert brands.load(conn, workspace).smart_sending_hours == 16
