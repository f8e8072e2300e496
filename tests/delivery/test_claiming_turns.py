"""A claim in which several messages want one person: rank decides, and one statement and the pure rule agree."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.delivery import ledger, smart_sending, turns
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief
from headwater.delivery.turns import Candidate
from tests.delivery.ledger_builders import (
    DEFERRED,
    NOW,
    claim,
    new_source,
    people,
    plan,
    set_brand,
    settle,
    states,
    template,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def version(conn: Connection, workspace: int) -> int:
    return template(conn, workspace)


def reasons(conn: Connection, workspace: int, person: int) -> dict[str, tuple[str, str | None, str | None]]:
    """State, reason and detail of each message by its step."""
    return {
        entry.step: (entry.state, entry.reason, entry.detail) for entry in ledger.of_profile(conn, workspace, person)
    }


def test_the_more_important_goes_whatever_was_due_first(conn: Connection, workspace: int, version: int):
    site, _ = new_source()
    checkout, more_important = new_source()
    more_important.default = Brief(rank=40)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, site, [person], version, step="site", send_at=NOW - HOUR)
    plan(conn, workspace, checkout, [person], version, step="checkout")

    claim(conn, workspace)

    assert reasons(conn, workspace, person) == {
        "site": ("skipped", Reason.SMART_SENDING, "a more important message went first"),
        "checkout": ("claimed", None, None),
    }


def test_what_minds_no_timer_goes_beside_a_more_important_message(conn: Connection, workspace: int, version: int):
    first, more_important = new_source()
    second, minds_nothing = new_source()
    more_important.default, minds_nothing.default = Brief(rank=1), Brief(smart_sending=False)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, first, [person], version)
    plan(conn, workspace, second, [person], version)
    assert len(claim(conn, workspace).ready) == 2


def test_a_retry_passes_its_own_timer_when_a_newer_message_is_due_too(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, step="tried")
    (ready,) = claim(conn, workspace).ready
    settle(conn, workspace, [ready], verdict=DEFERRED)
    plan(conn, workspace, name, [person], version, step="newer")

    (again,) = claim(conn, workspace, now=NOW + HOUR).ready

    assert again.key.id == ready.key.id
    assert reasons(conn, workspace, person)["newer"] == ("skipped", Reason.SMART_SENDING, None)


def test_the_timer_that_was_started_among_several_holds_afterwards(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, step="one")
    plan(conn, workspace, name, [person], version, step="two")
    settle(conn, workspace, claim(conn, workspace).ready)
    plan(conn, workspace, name, [person], version, step="three")
    claim(conn, workspace, now=NOW + 15 * HOUR)
    assert states(conn, workspace)[person] == ("skipped", Reason.SMART_SENDING)
    plan(conn, workspace, name, [person], version, step="four")
    assert len(claim(conn, workspace, now=NOW + 16 * HOUR).ready) == 1


def test_without_smart_sending_everybody_gets_everything(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    set_brand(conn, workspace, smart_sending_hours=0)
    persons = people(conn, workspace, 2)
    for step in ("one", "two"):
        plan(conn, workspace, name, persons, version, step=step)
    assert len(claim(conn, workspace).ready) == 4


@pytest.mark.parametrize("heeds", [True, False])
@pytest.mark.parametrize("standing", [None, "running", "own", "over", "own and over"])
def test_one_statement_and_the_rule_give_one_answer(
    conn: Connection, workspace: int, heeds: bool, standing: str | None
):
    window, (person,) = 16 * HOUR, people(conn, workspace, 1)
    candidate = Candidate(7, person, NOW, heeds=heeds)
    if standing is not None:
        smart_sending.lock(conn, workspace, [person], NOW)
        until = NOW - HOUR if "over" in standing else NOW + HOUR
        smart_sending.stamp(conn, workspace, {person: 7 if "own" in standing else 8}, until)
    timers = smart_sending.lock(conn, workspace, [person], NOW)
    decided = turns.take([candidate], timers, (), {}, window, NOW)

    granted = smart_sending.grant(conn, workspace, [candidate], window, NOW)

    assert granted == decided.go
    after = smart_sending.lock(conn, workspace, [person], NOW)[person]
    expected = turns.Timer(NOW + window, 7) if decided.stamps else timers[person]
    assert after == expected
