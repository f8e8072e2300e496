"""Why somebody did not enter a flow: each rule that says no is named, asked as of the time of the trigger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.audience import joining, lists
from headwater.events import metrics
from headwater.flows import entry, refusing, why_not
from headwater.flows.editing import pausing
from headwater.flows.errors import UnknownFlow
from headwater.flows.why_not import Asked, WhyNot
from headwater.segments.language import describe
from tests.flows.flow_tables import add_version, enrolments, event, people, publish, stored
from tests.segments import segment_people

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIVE = NOW - 30 * DAY
STEPS = ({"id": "wait", "delay": {"hours": 4}}, {"email": "a.mjml"})


class Shop:
    """A flow that went live a month ago, and one person."""

    def __init__(self, conn: Connection, workspace: int, *, email: bool = True, **more: Any) -> None:
        self.conn, self.workspace = conn, workspace
        self.flow = publish(conn, workspace, LIVE, *STEPS, **more)
        [self.person] = people(conn, workspace, LIVE, 1, email=email)

    def happens(
        self,
        metric: str = "Viewed Product",
        at: datetime = NOW,
        properties: Mapping[str, Any] | None = None,
        *,
        received: datetime | None = None,
        **more: Any,
    ) -> None:
        """Stored and given to the flows, as the processor does it."""
        one = event(self.conn, self.workspace, self.person, metric, at, properties, **more)
        come = received or at
        entry.on_events(self.conn, self.workspace, stored(self.conn, self.workspace, [one], come), come)

    def did(self, metric: str, at: datetime) -> None:
        """Stored only: the flow was not there yet."""
        one = event(self.conn, self.workspace, self.person, metric, at)
        stored(self.conn, self.workspace, [one], at)

    def asked(self, now: datetime = NOW + 10 * DAY) -> WhyNot:
        return why_not.of_profile(self.conn, self.workspace, self.person, "a-flow", now)

    def newest(self) -> Asked:
        return self.asked().asked[0]

    def code(self) -> str:
        return self.newest().verdict.code


def said(asked: Asked) -> list[str]:
    return [describe(condition) for condition in asked.verdict.failed]


# ── each rule ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_entered_is_told_with_the_enrolment(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    shop.happens()

    verdict = shop.newest().verdict

    assert (verdict.code, verdict.entry and verdict.entry.id) == ("entered", enrolments(conn, workspace)[0]["id"])


def test_before_the_flow_was_published_it_took_nobody_in(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    shop.did("Viewed Product", LIVE - HOUR)

    verdict = shop.newest().verdict

    assert (verdict.code, verdict.since) == ("not_live", LIVE)


@pytest.mark.parametrize("stop", [pausing.pause, pausing.archive])
def test_a_flow_that_was_stopped_took_nobody_in(conn: Connection, workspace: int, stop: Any) -> None:
    shop = Shop(conn, workspace)
    shop.happens(at=NOW - DAY)
    stop(conn, workspace, "a-flow", NOW - HOUR)
    shop.happens()

    newest, before = shop.asked().asked

    assert (newest.verdict.code, newest.verdict.since) == ("not_live", NOW - HOUR)
    assert before.verdict.code == "entered"


def test_imported_history_starts_nothing(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    shop.happens(history=True)

    assert shop.code() == "history"


def test_what_comes_more_than_a_day_late_is_history(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    shop.happens(received=NOW + DAY + HOUR)
    assert shop.code() == "late"

    shop.happens(at=NOW + HOUR, received=NOW + DAY)
    assert shop.code() == "entered"


def test_the_limit_is_that_of_entry() -> None:
    assert refusing.LATEST == entry.LATEST


def test_the_triggers_filter_names_the_test_that_failed(conn: Connection, workspace: int) -> None:
    where = [{"property": "price", "greater_than": 0}, {"property": "category", "equals": "Shoes"}]
    shop = Shop(conn, workspace, trigger={"metric": "Viewed Product", "where": where})
    shop.happens(properties={"price": 5, "category": "Bags"})

    verdict = shop.newest().verdict

    assert verdict.code == "trigger_filter"
    assert [describe(test) for test in verdict.tests] == ["category is “Shoes”"]


def test_without_an_address_nobody_is_taken_in(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, email=False)
    shop.happens()

    assert shop.code() == "no_address"


def test_too_soon_again_says_since_when_and_until_when(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, entry={"again": {"after": {"days": 14}}})
    shop.happens()
    shop.happens(at=NOW + DAY)

    newest, first = shop.asked().asked

    assert first.verdict.code == "entered"
    assert newest.verdict.code == "again"
    assert newest.verdict.again_at == NOW + 14 * DAY
    assert newest.verdict.entry is not None
    assert newest.verdict.entry.started_at == NOW


def test_never_again_has_no_day(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, entry={"again": "never"})
    shop.happens()
    shop.happens(at=NOW + 300 * DAY)

    verdict = shop.asked(NOW + 301 * DAY).asked[0].verdict

    assert (verdict.code, verdict.again_at) == ("again", None)


def test_a_cart_that_is_inside_is_not_taken_in_twice(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, entry={"key": "cart_id"})
    shop.happens(properties={"cart_id": "one"})
    shop.happens(at=NOW + HOUR, properties={"cart_id": "two"})
    shop.happens(at=NOW + 2 * HOUR, properties={"cart_id": "one"})

    newest, other, first = shop.asked().asked

    assert [one.verdict.code for one in (first, other)] == ["entered", "entered"]
    assert (newest.verdict.code, newest.occurred.key) == ("inside", "one")


def test_a_cart_whose_data_was_replaced_is_told_so(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, entry={"key": "cart_id", "merge": "replace"})
    shop.happens(properties={"cart_id": "one"})
    shop.happens(at=NOW + HOUR, properties={"cart_id": "one"})

    verdict = shop.newest().verdict

    assert verdict.code == "merged"
    assert verdict.entry is not None
    assert verdict.entry.started_at == NOW


def test_who_is_held_out_is_told_so(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, entry={"holdout": 90})
    for one in people(conn, workspace, NOW, 30):
        shop.person = one
        shop.happens()

    reasons = {row["profile_id"]: row["reason"] for row in enrolments(conn, workspace)}
    held = next(person for person, reason in reasons.items() if reason == "holdout_group")
    shop.person = held

    assert shop.code() == "holdout"


def test_an_exit_that_held_already_is_named(conn: Connection, workspace: int) -> None:
    exits = [{"metric": "Placed Order"}, {"if": {"property": "plan", "equals": "gold"}}]
    shop = Shop(conn, workspace, exit_on=exits)
    conn.execute("UPDATE profile SET properties = %s WHERE workspace_id = %s", (Jsonb({"plan": "gold"}), workspace))
    shop.happens()

    assert (shop.code(), said(shop.newest())) == ("exit", ["plan is “gold”"])


def test_an_order_that_came_before_a_late_view_ends_it(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, exit_on=[{"metric": "Placed Order"}])
    shop.happens("Placed Order", NOW + HOUR)
    shop.happens(received=NOW + 2 * HOUR)

    assert (shop.code(), said(shop.newest())) == ("exit", ["Placed Order at least once since starting this flow"])


FILTERS = [
    {"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 30}},
    {"property": "country", "equals": "US"},
    {"all": [{"metric": "Opened Email"}]},
]


def test_of_the_filters_those_that_said_no_are_named(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, profile_filters=FILTERS)
    conn.execute("UPDATE profile SET country = 'US' WHERE workspace_id = %s", (workspace,))
    shop.happens("Placed Order", NOW - DAY)
    shop.happens()

    newest = shop.newest()

    assert newest.verdict.code == "profile_filters"
    assert said(newest) == ["Placed Order zero times in the last 30 days", "Opened Email at least once"]
    assert [answer.holds for answer in newest.answers] == [False, False]
    told = newest.answers[0].facts
    assert told[-1] == "Placed Order: 1 in all, first 2026-03-01 12:00 UTC, last 2026-03-01 12:00 UTC"


# ── as of then ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "asked",
    [
        {"metric": "Placed Order", "count": {"equals": 0}},
        {"metric": "Placed Order", "sum": {"less_than": 10}},
        {"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 300}},
        {"metric": "Placed Order", "where": [{"property": "a", "equals": 1}], "count": {"equals": 0}},
        {"not": {"sequence": [{"metric": "Placed Order"}, {"metric": "Placed Order"}]}},
        {"not": {"list": "News"}},
        {"not": {"coupon": "TEN"}},
        {"not_in_flow": "another"},
    ],
)
def test_what_came_later_did_not_count_then(conn: Connection, workspace: int, asked: dict[str, Any]) -> None:
    shop = Shop(conn, workspace, profile_filters=asked)
    shop.did("Viewed Product", NOW - 400 * DAY)
    shop.happens()
    later = NOW + DAY
    for hours in (1, 2):
        shop.happens("Placed Order", later + hours * HOUR, {"a": 1}, value=50)
    lists.add(conn, workspace, lists.create(conn, workspace, "News", LIVE), [shop.person], later, "api")
    conn.execute(
        """
        INSERT INTO coupon (workspace_id, name, kind, code, created_at) VALUES (%(w)s, 'TEN', 'static', 'TEN', %(at)s)
        """,
        {"w": workspace, "at": LIVE},
    )
    conn.execute(
        """
        INSERT INTO coupon_code (workspace_id, coupon_id, code, profile_id, assigned_at)
        SELECT workspace_id, id, 'TEN', %(person)s, %(at)s
        FROM coupon
        WHERE workspace_id = %(w)s
        """,
        {"w": workspace, "person": shop.person, "at": later},
    )
    publish(conn, workspace, later, *STEPS, flow="another", trigger={"metric": "Entered Another"})
    shop.happens("Entered Another", later)
    conn.execute("DELETE FROM enrolment WHERE workspace_id = %s AND flow_id = %s", (workspace, shop.flow))
    shop.happens(at=NOW + 3 * DAY)

    newest, then, _ = shop.asked().asked

    assert newest.verdict.code == "profile_filters"
    assert then.verdict.code == "unclear"  # the filter let them in: only the enrolment is gone


def test_the_version_that_ran_then_is_asked(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, profile_filters=[{"property": "country", "equals": "US"}])
    shop.happens()
    tree = {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(STEPS)}
    add_version(conn, workspace, shop.flow, 2, tree, NOW + HOUR)
    shop.happens(at=NOW + DAY)

    newest, first = shop.asked().asked

    assert (newest.verdict.code, first.verdict.code) == ("entered", "profile_filters")


def test_another_version_may_have_been_started_by_something_else(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger={"metric": "Placed Order"})
    shop.happens()
    tree = {"flow": "a-flow", "trigger": {"metric": "Viewed Product"}, "steps": list(STEPS)}
    add_version(conn, workspace, shop.flow, 2, tree, NOW + HOUR)

    assert shop.code() == "other_trigger"


def test_the_last_ten_are_told_the_newest_first(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    for hour in range(12):
        shop.happens(at=NOW + hour * HOUR)

    times = [one.occurred.at for one in shop.asked().asked]

    assert times == [NOW + hour * HOUR for hour in range(11, 1, -1)]


# ── nothing to ask about, and other beginnings ──────────────────────────────────────────────────────────────────────
def test_without_a_trigger_there_is_nothing_to_ask(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    shop.happens("Placed Order")

    found = shop.asked()

    assert (found.asked, found.nothing) == ((), "no_trigger")


def test_a_draft_was_never_published(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    conn.execute("UPDATE flow SET live_version = NULL, status = 'draft' WHERE workspace_id = %s", (workspace,))

    assert shop.asked().nothing == "not_published"


def test_joining_a_list_is_asked_about_by_its_time(conn: Connection, workspace: int) -> None:
    news = lists.create(conn, workspace, "News", LIVE)
    shop = Shop(conn, workspace, trigger={"list": "news"}, profile_filters=[{"property": "country", "equals": "US"}])
    assert shop.asked().nothing == "no_trigger"

    lists.add(conn, workspace, news, [shop.person], NOW, "api")

    [one] = shop.asked().asked
    assert (one.occurred.at, one.verdict.code) == (NOW, "profile_filters")
    conn.execute("UPDATE profile SET country = 'US' WHERE workspace_id = %s", (workspace,))
    lists.remove(conn, workspace, news, [shop.person])
    lists.add(conn, workspace, news, [shop.person], NOW + HOUR, "api")
    assert shop.code() == "entered"


def test_who_has_not_confirmed_is_told_so(conn: Connection, workspace: int) -> None:
    news = lists.create(conn, workspace, "News", LIVE, "double")
    shop = Shop(conn, workspace, trigger={"list": news})
    joining.join(conn, workspace, news, [shop.person], NOW, joining.Wish("api"))

    assert shop.asked(NOW + HOUR).nothing == "not_confirmed"


def test_a_segments_flow_looks_at_its_own_segment(conn: Connection, workspace: int) -> None:
    vip = segment_people.a_segment(conn, workspace, "VIP", LIVE)
    shop = Shop(conn, workspace, trigger={"segment": "VIP"})
    shop.happens(metrics.ENTERED_SEGMENT, properties={"segment": "Others"})
    assert shop.asked().nothing == "no_trigger"

    segment_people.in_segment(conn, workspace, vip, shop.person, NOW)
    assert shop.asked().member_since == NOW

    shop.happens(metrics.ENTERED_SEGMENT, NOW + HOUR, {"segment": "VIP", "segment_id": vip})
    assert shop.code() == "entered"


def test_a_call_for_another_flow_is_none_for_this_one(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger={"api": {}})
    shop.happens(metrics.STARTED_FLOW, properties={"flow": "another"})
    assert shop.asked().nothing == "no_trigger"

    shop.happens(metrics.STARTED_FLOW, NOW + HOUR, {"flow": "a-flow"})
    assert shop.code() == "entered"


def born(shop: Shop, day: str) -> None:
    shop.conn.execute(
        "UPDATE profile SET properties = %s WHERE workspace_id = %s", (Jsonb({"birthday": day}), shop.workspace)
    )


YEARLY = {"date": "birthday", "repeat": "yearly", "timezone": "UTC"}


def test_a_date_has_a_last_and_a_next_time(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger=YEARLY, profile_filters=[{"property": "country", "equals": "US"}])
    assert shop.asked().nothing == "no_date"
    born(shop, "1990-03-05")

    found = shop.asked(NOW + 10 * DAY)

    [one] = found.asked
    assert (one.occurred.at, one.verdict.code) == (datetime(2026, 3, 5, tzinfo=UTC), "profile_filters")
    assert found.next_at == datetime(2027, 3, 5, tzinfo=UTC)


def test_a_date_before_the_flow_was_live_took_nobody_in(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger=YEARLY)
    born(shop, "1990-01-20")

    assert shop.code() == "not_live"


def test_a_date_that_took_somebody_in_is_known_by_its_day(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger=YEARLY)
    born(shop, "1990-03-05")
    conn.execute(
        """
        INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at, trigger)
        VALUES (%s, %s, %s, 'date:2026-03-05', 1, %s, %s, %s)
        """,
        (workspace, shop.flow, shop.person, NOW + 3 * DAY, NOW + 2 * DAY, Jsonb({"day": "2026-03-05"})),
    )

    assert shop.code() == "entered"


def test_a_date_that_is_still_ahead_is_only_told(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger={"date": "birthday", "timezone": "UTC"})
    born(shop, "2026-03-30")

    found = shop.asked(NOW)

    assert (found.asked, found.nothing, found.next_at) == ((), "no_trigger", datetime(2026, 3, 30, tzinfo=UTC))


def test_an_unknown_flow_or_person_is_said(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)

    with pytest.raises(UnknownFlow):
        why_not.of_profile(conn, workspace, shop.person, "nothing", NOW)
    with pytest.raises(LookupError):
        why_not.of_profile(conn, workspace, 10**12, "a-flow", NOW)
