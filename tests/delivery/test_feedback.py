"""What comes back as events: opens and clicks on the ledger, bounces and complaints in the audience."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from headwater.delivery import feedback, ledger, settling
from headwater.delivery.settling import Result
from headwater.delivery.transports.parcel import Verdict
from headwater.events import metrics
from headwater.events.store import Event
from tests.delivery.ledger_builders import NOW, claim, new_source, people, plan, template

ACCEPTED = Verdict("accepted", 250, "ok")
GONE = Verdict("refused", 550, "5.1.1 no such user", "5.1.1")
FULL = Verdict("refused", 552, "5.2.2 mailbox full", "5.2.2")
BLOCKED = Verdict("refused", 550, "5.7.1 blocked", "5.7.1")


@pytest.fixture
def send(conn, workspace):
    """Sends an email to a profile, with this verdict; answers the message's id."""
    name, source = new_source()
    version = template(conn, workspace)
    steps = iter(range(1000))

    def sent(profile: int, verdict: Verdict = ACCEPTED) -> int:
        conn.execute("DELETE FROM smart_sending WHERE workspace_id = %s", (workspace,))
        plan(conn, workspace, name, [profile], version, step=str(next(steps)))
        (ready,) = claim(conn, workspace).ready
        settling.settle(conn, workspace, [Result(ready.key, profile, ready.address, 0, None, verdict, NOW)])
        return ready.key.id

    return sent


def event(metric: str, profile: int, message: int | None, at=NOW, **properties) -> Event:
    named = {"message_id": message, **properties} if message is not None else properties
    return Event(uuid.uuid4(), at, metric, 1, profile, None, named, False)


def suppressions(conn, workspace: int, profile: int) -> list[str]:
    rows = conn.execute(
        "SELECT reason FROM suppression WHERE workspace_id = %s AND profile_id = %s", (workspace, profile)
    ).fetchall()
    return [row[0] for row in rows]


def test_the_first_open_and_click_stay(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    message = send(person)
    later = NOW + timedelta(hours=1)
    feedback.apply(
        conn,
        workspace,
        [
            event(metrics.OPENED_EMAIL, person, message, later),
            event(metrics.OPENED_EMAIL, person, message, NOW),
            event(metrics.CLICKED_EMAIL, person, message, later, machine=False),
        ],
        later,
    )
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert (entry.state, entry.opened_at, entry.clicked_at) == ("sent", NOW, later)


def test_a_click_is_an_open_too(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    feedback.apply(conn, workspace, [event(metrics.CLICKED_EMAIL, person, send(person))], NOW)
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert (entry.opened_at, entry.clicked_at) == (NOW, NOW)


def test_a_machines_open_is_no_open(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    feedback.apply(conn, workspace, [event(metrics.OPENED_EMAIL, person, send(person), machine=True)], NOW)
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert entry.opened_at is None


def test_a_machines_click_is_no_click(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    feedback.apply(conn, workspace, [event(metrics.CLICKED_EMAIL, person, send(person), machine=True)], NOW)
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert (entry.opened_at, entry.clicked_at) == (None, None)


def test_somebody_elses_open_does_not_count(conn, workspace, send):
    person, other = people(conn, workspace, 2)
    feedback.apply(conn, workspace, [event(metrics.OPENED_EMAIL, other, send(person))], NOW)
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert entry.opened_at is None


@pytest.mark.parametrize("message", [None, "12", -1, 2**70, True])
def test_events_that_name_no_message_are_passed_over(conn, workspace, message):
    (person,) = people(conn, workspace, 1)
    for metric in (metrics.OPENED_EMAIL, metrics.CLICKED_EMAIL, metrics.BOUNCED_EMAIL, metrics.MARKED_AS_SPAM):
        feedback.apply(conn, workspace, [event(metric, person, message, kind="hard")], NOW)
    assert suppressions(conn, workspace, person) == []


def test_one_hard_bounce_suppresses(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    message = send(person, GONE)
    feedback.apply(conn, workspace, [event(metrics.BOUNCED_EMAIL, person, message, kind="hard")], NOW)
    assert suppressions(conn, workspace, person) == ["hard_bounce"]


def test_a_bounce_that_the_ledger_does_not_know_suppresses_nobody(conn, workspace, send):
    """Anyone with a browser's key could send such an event."""
    person, other = people(conn, workspace, 2)
    delivered, bounced = send(person), send(other, GONE)
    events = [
        event(metrics.BOUNCED_EMAIL, person, delivered, kind="hard"),
        event(metrics.BOUNCED_EMAIL, person, bounced, kind="hard"),
        event(metrics.MARKED_AS_SPAM, person, bounced),
    ]
    feedback.apply(conn, workspace, events, NOW)
    assert suppressions(conn, workspace, person) == []


def test_more_than_seven_soft_bounces_in_a_row_suppress(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    for count in range(1, 9):
        message = send(person, FULL)
        feedback.apply(conn, workspace, [event(metrics.BOUNCED_EMAIL, person, message, kind="soft")], NOW)
        assert suppressions(conn, workspace, person) == ([] if count <= 7 else ["hard_bounce"])


def test_a_delivery_ends_the_run_of_soft_bounces(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    for verdict in [FULL] * 7 + [ACCEPTED] + [FULL] * 7:
        message = send(person, verdict)
        if verdict is FULL:
            feedback.apply(conn, workspace, [event(metrics.BOUNCED_EMAIL, person, message, kind="soft")], NOW)
    assert suppressions(conn, workspace, person) == []


def test_a_block_is_no_bounce_of_the_mailbox(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    for _ in range(10):
        message = send(person, BLOCKED)
        feedback.apply(conn, workspace, [event(metrics.BOUNCED_EMAIL, person, message, kind="blocked")], NOW)
    assert suppressions(conn, workspace, person) == []


def test_one_complaint_ends_it(conn, workspace, send):
    (person,) = people(conn, workspace, 1)
    message = send(person)
    feedback.apply(conn, workspace, [event(metrics.MARKED_AS_SPAM, person, message)], NOW)
    assert suppressions(conn, workspace, person) == ["spam_complaint"]
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert entry.state == "complained"


def test_an_unsubscribe_that_another_system_reports_counts(conn, workspace):
    (person,) = people(conn, workspace, 1)
    feedback.apply(conn, workspace, [event(metrics.UNSUBSCRIBED, person, None)], NOW)
    assert conn.execute(
        "SELECT state FROM consent WHERE workspace_id = %s AND profile_id = %s", (workspace, person)
    ).fetchone() == ("unsubscribed",)


def test_the_event_of_our_own_page_does_not_undo_a_later_subscription(conn, workspace):
    from headwater.audience import consent

    (person,) = people(conn, workspace, 1)
    consent.subscribe(conn, workspace, [person], at=NOW, now=NOW, method="unsubscribe_page")
    feedback.apply(conn, workspace, [event(metrics.UNSUBSCRIBED, person, 5, method="one_click_unsubscribe")], NOW)
    assert conn.execute(
        "SELECT state FROM consent WHERE workspace_id = %s AND profile_id = %s", (workspace, person)
    ).fetchone() == ("subscribed",)
