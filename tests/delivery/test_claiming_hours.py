"""A claim in quiet hours or outside a window: the message waits for their end, or is skipped where that is too late."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from psycopg import Connection

from headwater.accounts.limits import QuietHours
from headwater.delivery import gates, ledger
from headwater.delivery.hours import SendWindow, jitter
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief
from tests.delivery.ledger_builders import (
    DEFERRED,
    claim,
    new_source,
    people,
    plan,
    set_brand,
    set_timezone,
    settle,
    states,
    template,
)  # fmt: skip

NIGHT = QuietHours(time(21), time(8))
OFFICE = SendWindow(frozenset(range(5)), time(9), time(18))
EVENING = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
"""Monday 2 March, 22:00 in New York, the brand's zone."""
MORNING = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
"""Eight o'clock there."""
FRIDAY = datetime(2026, 3, 7, 0, 0, tzinfo=UTC)
"""Friday 6 March, 19:00 there."""
MONDAY = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
"""Monday at nine, after the change of clocks."""
SECOND = timedelta(seconds=1)


@pytest.fixture
def version(conn: Connection, workspace: int) -> int:
    return template(conn, workspace)


def entry_of(conn: Connection, workspace: int, person: int) -> ledger.LedgerEntry:
    (entry,) = ledger.of_profile(conn, workspace, person)
    return entry


def test_in_quiet_hours_it_waits_for_their_end_without_an_attempt(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)

    assert claim(conn, workspace, now=EVENING).ready == []

    due = MORNING + jitter(person)
    assert (entry_of(conn, workspace, person).state, entry_of(conn, workspace, person).send_at) == ("planned", due)
    assert claim(conn, workspace, now=due - SECOND).found == 0
    (ready,) = claim(conn, workspace, now=due).ready
    assert ready.attempts == 0


def test_each_person_has_hours_of_their_own(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    set_brand(conn, workspace, quiet_hours=NIGHT)
    here, tokyo = people(conn, workspace, 2)
    set_timezone(conn, workspace, tokyo, "Asia/Tokyo")
    plan(conn, workspace, name, [here, tokyo], version, send_at=EVENING)
    assert [one.profile_id for one in claim(conn, workspace, now=EVENING).ready] == [tokyo]  # noon there


def test_a_timer_does_not_start_with_a_message_that_waits(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)
    claim(conn, workspace, now=EVENING)
    assert conn.execute("SELECT count(*) FROM smart_sending WHERE workspace_id = %s", (workspace,)).fetchone() == (0,)


def test_a_retry_waits_too_and_goes_in_the_morning(conn: Connection, workspace: int, version: int):
    """Tried a minute before the quiet began. Its timer runs by then, but it started it itself."""
    name, _ = new_source()
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    evening = EVENING - timedelta(hours=1, minutes=1)
    plan(conn, workspace, name, [person], version, send_at=evening)
    settle(conn, workspace, claim(conn, workspace, now=evening).ready, evening, DEFERRED)

    assert claim(conn, workspace, now=evening + timedelta(minutes=1)).ready == []
    (ready,) = claim(conn, workspace, now=MORNING + jitter(person)).ready

    assert ready.attempts == 1


def test_a_retry_whose_day_of_attempts_is_over_before_its_window_opens_is_skipped(
    conn: Connection, workspace: int, version: int
):
    name, source = new_source()
    source.default = Brief(window=OFFICE)
    (person,) = people(conn, workspace, 1)
    friday = FRIDAY - timedelta(hours=1, minutes=1)
    plan(conn, workspace, name, [person], version, send_at=friday)
    settle(conn, workspace, claim(conn, workspace, now=friday).ready, friday, DEFERRED)
    claim(conn, workspace, now=friday + timedelta(minutes=1))
    assert states(conn, workspace)[person] == ("skipped", Reason.QUIET_HOURS_EXPIRED)


def test_transactional_mail_minds_neither_quiet_hours_nor_a_window(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    source.default = Brief(transactional=True, window=OFFICE)
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)
    assert len(claim(conn, workspace, now=EVENING).ready) == 1


def test_a_message_whose_time_is_over_before_quiet_hours_are_is_skipped(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    source.default = Brief(latest=MORNING - SECOND)
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)

    claim(conn, workspace, now=EVENING)

    assert states(conn, workspace)[person] == ("skipped", Reason.QUIET_HOURS_EXPIRED)
    assert entry_of(conn, workspace, person).detail == "not before 03 Mar 2026, 08:00 by the person's clock"


def test_jitter_does_not_make_a_message_too_late(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    source.default = Brief(latest=MORNING)
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)
    claim(conn, workspace, now=EVENING)
    assert len(claim(conn, workspace, now=MORNING).ready) == 1


def test_lateness_counts_from_when_it_was_wanted_and_not_from_when_it_was_put_off_to(
    conn: Connection, workspace: int, version: int
):
    name, source = new_source()
    source.default = Brief(lasts=timedelta(hours=12))
    set_brand(conn, workspace, quiet_hours=NIGHT)
    on_time, late = people(conn, workspace, 2)
    plan(conn, workspace, name, [on_time], version, send_at=EVENING)
    plan(conn, workspace, name, [late], version, send_at=EVENING - timedelta(hours=2) + SECOND)  # before the quiet
    claim(conn, workspace, now=EVENING)  # both wait for the morning

    # The instance stood still until half past nine: eleven and a half hours for one, thirteen and a half for the other.
    claim(conn, workspace, now=EVENING + timedelta(hours=11, minutes=30))

    assert states(conn, workspace) == {on_time: ("claimed", None), late: ("skipped", Reason.STALE_EVENT)}


def test_what_its_source_holds_again_and_again_grows_old_all_the_same(conn: Connection, workspace: int, version: int):
    """A flow that stays paused: each look moves the message on, and none of them makes it younger."""
    name, source = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)
    for hours in range(0, 50, 10):
        now = EVENING + timedelta(hours=hours)
        source.default = Brief(hold_until=now + timedelta(minutes=1))
        assert claim(conn, workspace, now=now).found == 1
    source.default = Brief()
    claim(conn, workspace, now=EVENING + gates.MAX_LATENESS + SECOND)
    assert states(conn, workspace)[person] == ("skipped", Reason.STALE_EVENT)


# ---- Windows --------------------------------------------------------------------------------------------------------


def test_outside_its_window_a_message_waits_until_it_opens(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    source.default = Brief(window=OFFICE, lasts=timedelta(hours=24))
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=FRIDAY)
    assert claim(conn, workspace, now=FRIDAY).ready == []
    assert entry_of(conn, workspace, person).send_at == MONDAY + jitter(person)

    (ready,) = claim(conn, workspace, now=MONDAY + jitter(person)).ready  # a weekend, and not late

    settle(conn, workspace, [ready], MONDAY)
    assert states(conn, workspace)[person] == ("sent", None)


def test_lateness_counts_from_the_opening_of_its_window(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    source.default = Brief(window=OFFICE, lasts=timedelta(hours=24))
    in_time, late = people(conn, workspace, 2)
    plan(conn, workspace, name, [in_time], version, send_at=FRIDAY)
    plan(conn, workspace, name, [late], version, send_at=FRIDAY - timedelta(hours=2))  # while it was open
    claim(conn, workspace, now=MONDAY + timedelta(hours=8))
    assert states(conn, workspace) == {in_time: ("claimed", None), late: ("skipped", Reason.STALE_EVENT)}


def test_a_window_that_quiet_hours_cover_skips_at_once(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    source.default = Brief(window=SendWindow(frozenset(), time(22), time(6)))
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)
    claim(conn, workspace, now=EVENING)
    assert states(conn, workspace)[person] == ("skipped", Reason.QUIET_HOURS_EXPIRED)
    assert entry_of(conn, workspace, person).detail == "quiet hours leave nothing of its send window"


def test_what_waited_together_is_due_together_and_the_more_important_goes(
    conn: Connection, workspace: int, version: int
):
    name, source = new_source()
    other, more_important = new_source()
    more_important.default = Brief(rank=5)
    set_brand(conn, workspace, quiet_hours=NIGHT)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, send_at=EVENING)
    plan(conn, workspace, other, [person], version, send_at=EVENING + timedelta(hours=3))
    for now in (EVENING, EVENING + timedelta(hours=3)):
        assert claim(conn, workspace, now=now).ready == []
    (ready,) = claim(conn, workspace, now=MORNING + jitter(person)).ready
    assert ready.brief.rank == 5
