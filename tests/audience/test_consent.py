"""Consent with proof, and suppression, which is another matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.audience import consent
from tests.audience.people import NOW, person

HOUR = timedelta(hours=1)


def _now(conn: Connection, workspace: int, profile_id: int) -> tuple[str, set[str]]:
    known = consent.of_profiles(conn, workspace, [profile_id])[profile_id]
    return known["state"], {one["reason"] for one in known["suppressions"]}


def test_who_never_decided_is_never_subscribed(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    assert _now(conn, workspace, ann) == ("never_subscribed", set())


def test_each_decision_is_kept_as_proof(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    consent.subscribe(
        conn, workspace, [ann], at=NOW, now=NOW, method="form", detail={"ip": "203.0.113.9", "text": "Yes, write me"}
    )
    consent.unsubscribe(conn, workspace, [ann], at=NOW + HOUR, now=NOW + HOUR, method="one_click_unsubscribe")

    assert _now(conn, workspace, ann)[0] == "unsubscribed"
    assert [(at, state, method) for at, state, method, _ in consent.records(conn, workspace, ann)] == [
        (NOW, "subscribed", "form"),
        (NOW + HOUR, "unsubscribed", "one_click_unsubscribe"),
    ]
    assert consent.records(conn, workspace, ann)[0][3] == {"ip": "203.0.113.9", "text": "Yes, write me"}


def test_an_older_decision_that_arrives_late_does_not_win(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    consent.unsubscribe(conn, workspace, [ann], at=NOW, now=NOW, method="unsubscribe_page")

    consent.subscribe(conn, workspace, [ann], at=NOW - HOUR, now=NOW + HOUR, method="list_import")

    assert _now(conn, workspace, ann)[0] == "unsubscribed"
    assert len(consent.records(conn, workspace, ann)) == 2


def test_subscribing_lifts_what_a_person_may_lift(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    for reason in ("unsubscribe", "spam_complaint", "user_suppressed", "hard_bounce", "invalid_email"):
        consent.suppress(conn, workspace, [ann], reason, at=NOW)  # type: ignore[arg-type]

    consent.subscribe(conn, workspace, [ann], at=NOW + HOUR, now=NOW + HOUR, method="api")

    assert _now(conn, workspace, ann) == ("subscribed", {"hard_bounce", "invalid_email"})


def test_subscribing_in_the_past_lifts_nothing_newer(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    consent.suppress(conn, workspace, [ann], "spam_complaint", at=NOW)

    consent.subscribe(conn, workspace, [ann], at=NOW - HOUR, now=NOW, method="list_import")

    assert _now(conn, workspace, ann) == ("subscribed", {"spam_complaint"})


def test_consent_is_no_older_than_1990(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    with pytest.raises(ValueError, match="1990"):
        consent.subscribe(conn, workspace, [ann], at=datetime(1989, 12, 31, tzinfo=UTC), now=NOW, method="api")


def test_suppressing_twice_keeps_the_first_time(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    consent.suppress(conn, workspace, [ann], "hard_bounce", at=NOW)
    consent.suppress(conn, workspace, [ann], "hard_bounce", at=NOW + HOUR)

    known = consent.of_profiles(conn, workspace, [ann])[ann]
    assert [one["at"] for one in known["suppressions"]] == [NOW]


def test_unsuppressing_one_reason_leaves_the_others(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    consent.suppress(conn, workspace, [ann], "hard_bounce", at=NOW)
    consent.suppress(conn, workspace, [ann], "user_suppressed", at=NOW)

    assert consent.unsuppress(conn, workspace, [ann], "user_suppressed") == 1
    assert _now(conn, workspace, ann)[1] == {"hard_bounce"}
    assert consent.unsuppress(conn, workspace, [ann]) == 1


def test_profiles_that_are_gone_are_passed_over(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    consent.subscribe(conn, workspace, [ann, ann + 10**6], at=NOW, now=NOW, method="api")
    consent.suppress(conn, workspace, [ann, ann + 10**6], "hard_bounce", at=NOW)
    assert _now(conn, workspace, ann) == ("subscribed", {"hard_bounce"})
