"""Frequency caps: what the ledger says a person got, by the person's calendar, and with two workers at once too."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.accounts.limits import FrequencyCap
from headwater.core import database
from headwater.delivery import ledger, sources
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief
from tests.delivery.ledger_builders import (
    NOW,
    SaidSource,
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

DAY = timedelta(days=1)
ONE_A_DAY = FrequencyCap("any", 1, 1)
CAPPED = ("skipped", Reason.FREQUENCY_CAPPED)


@pytest.fixture
def version(conn: Connection, workspace: int) -> int:
    return template(conn, workspace)


@pytest.fixture
def name(conn: Connection, workspace: int) -> str:
    """A source whose messages smart sending does not stop."""
    set_brand(conn, workspace, smart_sending_hours=0)
    return new_source()[0]


def send(conn: Connection, workspace: int, version: int, source: str, person: int, at: datetime) -> bool:
    """Plan a message for then, claim it, let the server take it; answers whether it went."""
    plan(conn, workspace, source, [person], version, step=f"{at:%d%H%M}", send_at=at)
    batch = claim(conn, workspace, now=at)
    settle(conn, workspace, batch.ready, at)
    return bool(batch.ready)


def test_a_person_over_the_cap_gets_nothing_and_is_told_which(
    conn: Connection, workspace: int, version: int, name: str
):
    set_brand(conn, workspace, frequency_caps=(FrequencyCap("any", 3, 7), FrequencyCap("any", 2, 1)))
    (person,) = people(conn, workspace, 1)
    hours = [timedelta(hours=hours) for hours in range(3)]
    assert [send(conn, workspace, version, name, person, NOW + hour) for hour in hours] == [True, True, False]
    (last, *_) = sorted(ledger.of_profile(conn, workspace, person), key=lambda entry: -entry.id)
    assert (last.reason, last.detail) == (Reason.FREQUENCY_CAPPED, "at most 2 emails a day")
    assert send(conn, workspace, version, name, person, NOW + DAY)
    assert not send(conn, workspace, version, name, person, NOW + 2 * DAY)  # three in seven days


def test_days_are_those_of_the_persons_calendar(conn: Connection, workspace: int, version: int, name: str):
    """20:00 and 02:00 UTC: one evening in New York, two days in Berlin."""
    set_brand(conn, workspace, frequency_caps=(ONE_A_DAY,))
    here, berlin = people(conn, workspace, 2)
    set_timezone(conn, workspace, berlin, "Europe/Berlin")
    evening, later = datetime(2026, 3, 2, 20, tzinfo=UTC), datetime(2026, 3, 3, 2, tzinfo=UTC)
    for person, allowed in ((here, False), (berlin, True)):
        assert send(conn, workspace, version, name, person, evening)
        assert send(conn, workspace, version, name, person, later) is allowed


def test_flows_and_campaigns_have_caps_of_their_own(
    conn: Connection, workspace: int, version: int, name: str, monkeypatch: pytest.MonkeyPatch
):
    for kind in ("flow", "campaign"):
        monkeypatch.setitem(sources._sources, kind, SaidSource())
    set_brand(conn, workspace, frequency_caps=(FrequencyCap("campaign", 1, 1), FrequencyCap("any", 3, 1)))
    (person,) = people(conn, workspace, 1)
    wanted = ["flow", "campaign", "campaign", "flow", "flow"]
    went = [
        send(conn, workspace, version, kind, person, NOW + timedelta(minutes=minute))
        for minute, kind in enumerate(wanted)
    ]
    assert went == [True, True, False, True, False]


def test_transactional_mail_is_not_stopped_and_not_counted(conn: Connection, workspace: int, version: int, name: str):
    receipts, source = new_source()
    source.default = Brief(transactional=True)
    set_brand(conn, workspace, frequency_caps=(ONE_A_DAY,))
    (person,) = people(conn, workspace, 1)
    minutes = [NOW + timedelta(minutes=minute) for minute in range(4)]
    went = [send(conn, workspace, version, receipts, person, at) for at in minutes[:2]]
    went += [send(conn, workspace, version, name, person, minutes[2])]
    assert went == [True, True, True]
    assert send(conn, workspace, version, receipts, person, minutes[3])


def test_what_was_refused_by_a_server_does_not_count_and_what_is_on_its_way_does(
    conn: Connection, workspace: int, version: int, name: str
):
    set_brand(conn, workspace, frequency_caps=(ONE_A_DAY,))
    bounced, on_its_way = people(conn, workspace, 2)
    plan(conn, workspace, name, [bounced, on_its_way], version, step="one")
    assert len(claim(conn, workspace).ready) == 2
    conn.execute(
        "UPDATE message SET state = 'bounced', finished_at = %s WHERE workspace_id = %s AND profile_id = %s",
        (NOW, workspace, bounced),
    )
    plan(conn, workspace, name, [bounced, on_its_way], version, step="two")
    assert [one.profile_id for one in claim(conn, workspace).ready] == [bounced]
    assert states(conn, workspace)[on_its_way] == CAPPED


def test_one_claim_counts_what_it_lets_through(conn: Connection, workspace: int, version: int, name: str):
    set_brand(conn, workspace, frequency_caps=(FrequencyCap("any", 2, 1),))
    persons = people(conn, workspace, 3)
    for step in ("one", "two", "three"):
        plan(conn, workspace, name, persons, version, step=step)
    batch = claim(conn, workspace)
    assert sorted(one.profile_id for one in batch.ready) == sorted([*persons, *persons])


def test_a_capped_message_starts_no_timer(conn: Connection, workspace: int, version: int):
    """At ten it is over the cap; after midnight the next one is not, and no timer stands in its way."""
    name, _ = new_source()
    set_brand(conn, workspace, frequency_caps=(ONE_A_DAY,), smart_sending_hours=6)
    (person,) = people(conn, workspace, 1)
    assert send(conn, workspace, version, name, person, datetime(2026, 3, 2, 14, tzinfo=UTC))
    assert not send(conn, workspace, version, name, person, datetime(2026, 3, 3, 3, tzinfo=UTC))
    assert send(conn, workspace, version, name, person, datetime(2026, 3, 3, 5, 1, tzinfo=UTC))


def test_a_capped_message_that_minds_no_timer_leaves_a_running_one(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    set_brand(conn, workspace, frequency_caps=(ONE_A_DAY,))
    (person,) = people(conn, workspace, 1)
    assert send(conn, workspace, version, name, person, NOW)
    source.default = Brief(smart_sending=False)
    assert not send(conn, workspace, version, name, person, NOW + timedelta(hours=1))
    (standing,) = conn.execute("SELECT until FROM smart_sending WHERE workspace_id = %s", (workspace,)).fetchall()
    assert standing == (NOW + timedelta(hours=16),)


def test_a_campaign_whose_audience_was_fixed_long_before_counts(
    conn: Connection, workspace: int, version: int, name: str
):
    set_brand(conn, workspace, frequency_caps=(ONE_A_DAY,))
    (person,) = people(conn, workspace, 1)
    month_ahead = NOW + 60 * DAY
    assert send(conn, workspace, version, name, person, month_ahead)  # planned at NOW
    assert not send(conn, workspace, version, name, person, month_ahead + timedelta(hours=1))


# ---- Two workers ----------------------------------------------------------------------------------------------------


def waits_for_a_lock(watching: Connection, backend: int) -> bool:
    row = watching.execute("SELECT wait_event_type FROM pg_stat_activity WHERE pid = %s", (backend,)).fetchone()
    return row == ("Lock",)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("hours", [0, 16])
def test_a_worker_that_comes_second_waits_and_counts_what_the_first_claimed(
    conn: Connection, workspace: int, version: int, known: bool, hours: int
):
    """`known`: the person has a stamp already, so that the second waits for a row and not for its key."""
    name, source = new_source()
    source.default = Brief(smart_sending=False)
    set_brand(conn, workspace, frequency_caps=(FrequencyCap("any", 1, 1),), smart_sending_hours=hours)
    (person,) = people(conn, workspace, 1)
    if known:
        send(conn, workspace, version, name, person, NOW - 2 * DAY)
    plan(conn, workspace, name, [person], version, step="one")
    plan(conn, workspace, name, [person], version, step="two")
    conn.commit()
    second: list[int] = []
    with database.connect() as first, database.connect() as late, database.connect(autocommit=True) as watching:
        assert len(claim(first, workspace, limit=1).ready) == 1

        def work() -> None:
            second.append(len(claim(late, workspace, limit=1).ready))
            late.commit()

        worker = threading.Thread(target=work)
        worker.start()
        while worker.is_alive() and not waits_for_a_lock(watching, late.info.backend_pid):
            pass
        assert second == []
        first.commit()
        worker.join(30)
    assert second == [0]
    assert states(conn, workspace)[person] == CAPPED


def test_many_messages_and_two_workers_never_exceed_the_cap(conn: Connection, workspace: int, version: int, name: str):
    set_brand(conn, workspace, frequency_caps=(FrequencyCap("any", 2, 1),))
    persons = people(conn, workspace, 20)
    for step, order in (("one", 1), ("two", -1), ("three", 1), ("four", -1)):
        plan(conn, workspace, name, persons[::order], version, step=step)
    conn.commit()
    went: list[int] = []
    barrier = threading.Barrier(2)

    def work() -> None:
        with database.connect() as mine:
            barrier.wait()
            while (batch := claim(mine, workspace, limit=7)).found:
                mine.commit()
                went.extend(one.profile_id for one in batch.ready)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(went) == sorted([*persons, *persons])
