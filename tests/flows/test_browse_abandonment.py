"""The browse-abandonment recipe from view to last email, with time moved by hand; and what ends it sooner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headwater.flows import engine
from headwater.flows.walk import LOOK_AGAIN
from headwater.segments.language import CouponState
from tests.flows.flow_people import START, Person, recipe, walk

DEFINITION = recipe("browse-abandonment")


def gives_code(person: Person) -> object:
    def sent(step: str, at: datetime) -> None:
        if step == "offer":
            person.coupons.append(CouponState("BROWSE10", "BROWSE-1", at, at + timedelta(days=3)))

    return sent


def test_four_emails_in_order_and_in_time() -> None:
    person = Person(did=[("Viewed Product", START)])

    journey = walk(DEFINITION, person, sent=gives_code(person))

    assert journey.emails == [
        ("welcome", START + timedelta(hours=2)),
        ("popular", datetime(2026, 3, 3, 15, 0, tzinfo=UTC)),  # the next day, 10:00 in New York
        ("offer", datetime(2026, 3, 5, 15, 0, tzinfo=UTC)),
        ("expiring", datetime(2026, 3, 7, 15, 0, tzinfo=UTC)),  # a day before the code expires
    ]
    assert journey.end == engine.Complete()


def test_lateness_of_the_workers_does_not_add_up() -> None:
    person = Person(did=[("Viewed Product", START)])

    journey = walk(DEFINITION, person, sent=gives_code(person), lag=timedelta(minutes=20))

    offered = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
    assert journey.emails[2] == ("offer", offered)
    assert journey.emails[3] == ("expiring", offered + timedelta(days=2, minutes=20))  # the code began 20 minutes late


@pytest.mark.parametrize("metric", ["Placed Order", "Added to Cart", "Started Checkout"])
def test_what_ends_the_purpose_ends_the_flow(metric: str) -> None:
    person = Person(did=[("Viewed Product", START)])

    def buys(step: str, at: datetime) -> None:
        if step == "popular":
            person.did.append((metric, at + timedelta(hours=1)))

    journey = walk(DEFINITION, person, sent=buys)

    assert [step for step, _ in journey.emails] == ["welcome", "popular"]
    assert journey.end == engine.Leave(engine.EXIT_EVENT)
    assert journey.notes[-1].detail == {"reason": engine.EXIT_EVENT, "event": metric}


def test_whoever_ordered_in_the_last_ten_days_goes_no_further() -> None:
    person = Person(did=[("Placed Order", START - timedelta(days=3))])

    journey = walk(DEFINITION, person)

    assert journey.emails == []
    assert journey.end == engine.Leave(engine.FAILED_PROFILE_FILTER)


def test_a_customer_of_long_ago_gets_no_offer() -> None:
    person = Person(did=[("Placed Order", START - timedelta(days=300))])

    journey = walk(DEFINITION, person)

    assert [step for step, _ in journey.emails] == ["welcome", "popular"]
    assert journey.end == engine.Leave(engine.EXIT_STEP)


def test_whoever_had_a_code_in_the_last_sixty_days_gets_no_offer() -> None:
    person = Person(coupons=[CouponState("OTHER", "X", START - timedelta(days=40), START - timedelta(days=37))])

    journey = walk(DEFINITION, person)

    assert [step for step, _ in journey.emails] == ["welcome", "popular"]


def test_while_the_offer_is_on_its_way_the_countdown_looks_again() -> None:
    place = engine.Enrolment(7, 1, START, START + timedelta(days=3), "before-expiry")
    now = START + timedelta(days=3, minutes=1)

    pending = engine.advance(DEFINITION, place, engine.Known(Person().facts(), "UTC", {"offer": "claimed"}), now)

    assert pending.end == engine.Wait("before-expiry", now + LOOK_AGAIN)
    assert pending.intents == ()


@pytest.mark.parametrize("state", ["sent", "skipped", "cancelled", "failed", "bounced"])
def test_without_a_code_to_come_the_countdown_is_passed_and_the_gate_decides(state: str) -> None:
    place = engine.Enrolment(7, 1, START, START + timedelta(days=3), "before-expiry")

    outcome = engine.advance(
        DEFINITION, place, engine.Known(Person().facts(), "UTC", {"offer": state}), START + timedelta(days=3)
    )

    assert [intent.step.id for intent in outcome.intents] == ["expiring"]
    assert outcome.end == engine.Complete()
    assert outcome.notes[0].detail == {"coupon": "BROWSE10", "reason": "never given"}


def test_an_older_code_that_expired_does_not_stand_in_for_the_one_to_come() -> None:
    old = CouponState("BROWSE10", "OLD", START - timedelta(days=90), START - timedelta(days=87))
    place = engine.Enrolment(7, 1, START, START + timedelta(days=3), "before-expiry")
    now = START + timedelta(days=3)

    outcome = engine.advance(
        DEFINITION, place, engine.Known(Person(coupons=[old]).facts(), "UTC", {"offer": "planned"}), now
    )

    assert outcome.end == engine.Wait("before-expiry", now + LOOK_AGAIN)
