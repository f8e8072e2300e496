"""Two profiles become one: nothing is lost and nothing goes twice. An erased one leaves no trace and gets no mail."""

from __future__ import annotations

from datetime import timedelta

from headwater.audience import profiles as audience
from headwater.delivery import profiles
from headwater.delivery.reasons import Reason
from tests.delivery.ledger_builders import NOW, claim, new_source, people, plan, template


def test_the_survivor_gets_what_was_planned_for_the_other(conn, workspace):
    name, _ = new_source()
    survivor, gone = people(conn, workspace, 2)
    plan(conn, workspace, name, [gone], template(conn, workspace))
    profiles.merge(conn, workspace, survivor, gone, NOW)
    assert [one.profile_id for one in claim(conn, workspace).ready] == [survivor]


def test_what_both_would_get_goes_once(conn, workspace):
    name, _ = new_source()
    survivor, gone = people(conn, workspace, 2)
    plan(conn, workspace, name, [survivor, gone], template(conn, workspace))
    profiles.merge(conn, workspace, survivor, gone, NOW)
    assert [one.profile_id for one in claim(conn, workspace).ready] == [survivor]
    assert conn.execute(
        "SELECT state, reason FROM message WHERE workspace_id = %s AND profile_id = %s", (workspace, gone)
    ).fetchall() == [("skipped", Reason.MERGED_AWAY)]


def test_the_longer_timer_stays(conn, workspace):
    name, _ = new_source()
    survivor, gone = people(conn, workspace, 2)
    version = template(conn, workspace)
    plan(conn, workspace, name, [gone], version, step="one")
    claim(conn, workspace)
    profiles.merge(conn, workspace, survivor, gone, NOW)
    plan(conn, workspace, name, [survivor], version, step="two", send_at=NOW + timedelta(hours=1))
    assert claim(conn, workspace, now=NOW + timedelta(hours=1)).ready == []


def test_an_erased_person_leaves_no_trace_and_gets_nothing(conn, workspace):
    name, _ = new_source()
    persons = people(conn, workspace, 2)
    version = template(conn, workspace)
    plan(conn, workspace, name, persons[:1], version)
    claim(conn, workspace)
    plan(conn, workspace, name, persons, version, step="two")
    conn.execute(
        "INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)"
        " SELECT workspace_id, 'email', email, id FROM profile WHERE workspace_id = %s",
        (workspace,),
    )
    audience.erase(conn, workspace, persons, NOW)
    assert conn.execute(
        "SELECT state, address, context FROM message WHERE workspace_id = %s ORDER BY state", (workspace,)
    ).fetchall() == [("cancelled", None, None), ("cancelled", None, None), ("claimed", None, None)]


def test_an_erased_address_that_is_imported_again_is_not_mailed(conn, workspace):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    conn.execute(
        "INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)"
        " SELECT workspace_id, 'email', email, id FROM profile WHERE workspace_id = %s",
        (workspace,),
    )
    (email,) = conn.execute("SELECT upper(email) FROM profile WHERE id = %s", (person,)).fetchone()
    audience.erase(conn, workspace, [person], NOW)
    (again,) = people(conn, workspace, 1)
    conn.execute("UPDATE profile SET email = %s WHERE workspace_id = %s AND id = %s", (email, workspace, again))
    plan(conn, workspace, name, [again], template(conn, workspace))
    claim(conn, workspace)
    assert conn.execute(
        "SELECT reason FROM message WHERE workspace_id = %s AND profile_id = %s", (workspace, again)
    ).fetchone() == (Reason.ERASED_ADDRESS,)
