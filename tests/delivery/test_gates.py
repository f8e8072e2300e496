"""May a message go? Each gate in isolation, and which speaks first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headwater.delivery import gates
from headwater.delivery.gates import GateFacts, judge
from headwater.delivery.reasons import Reason

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FINE = GateFacts(email="ann@example.com", consent="subscribed", wanted_at=NOW)


def test_a_subscribed_person_gets_the_message():
    assert judge(FINE, NOW) is None


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(FINE, profile_exists=False), Reason.PERSON_DELETED),
        (replace(FINE, email=None), Reason.MISSING_EMAIL),
        (replace(FINE, email=""), Reason.MISSING_EMAIL),
        (replace(FINE, email="no-at-sign"), Reason.INVALID_ADDRESS),
        (replace(FINE, erased=True), Reason.ERASED_ADDRESS),
        (replace(FINE, suppressions=("hard_bounce",)), Reason.SUPPRESSED),
        (replace(FINE, suppressions=("invalid_email",)), Reason.SUPPRESSED),
        (replace(FINE, suppressions=("spam_complaint",)), Reason.SUPPRESSED),
        (replace(FINE, suppressions=("user_suppressed",)), Reason.SUPPRESSED),
        (replace(FINE, suppressions=("unsubscribe",)), Reason.UNSUBSCRIBED),
        (replace(FINE, consent="unsubscribed"), Reason.UNSUBSCRIBED),
        (replace(FINE, consent=None, require_consent=True), Reason.NOT_CONSENTED),
        (replace(FINE, refusal=Reason.FAILED_EXIT_CONDITION), Reason.FAILED_EXIT_CONDITION),
        (replace(FINE, has_content=False), Reason.MESSAGE_DRAFT),
        (replace(FINE, has_sender=False), Reason.INVALID_FROM_ADDRESS),
        (replace(FINE, wanted_at=NOW - gates.MAX_LATENESS - timedelta(seconds=1)), Reason.STALE_EVENT),
        (replace(FINE, latest=NOW - timedelta(seconds=1)), Reason.STALE_EVENT),
        (replace(FINE, attempts=1, deadline=NOW - timedelta(seconds=1)), Reason.GAVE_UP),
        (replace(FINE, attempts=gates.MOST_ATTEMPTS), Reason.GAVE_UP),
    ],
)
def test_each_gate_names_its_reason(facts: GateFacts, reason: Reason):
    assert judge(facts, NOW) is reason


def test_never_subscribed_gets_mail_unless_the_brand_asks_for_consent():
    assert judge(replace(FINE, consent=None), NOW) is None


@pytest.mark.parametrize("facts", [replace(FINE, consent="unsubscribed"), replace(FINE, suppressions=("unsubscribe",))])
def test_transactional_mail_minds_no_unsubscribe(facts: GateFacts):
    assert judge(replace(facts, transactional=True, require_consent=True), NOW) is None


def test_transactional_mail_still_minds_a_dead_mailbox():
    assert judge(replace(FINE, transactional=True, suppressions=("hard_bounce",)), NOW) is Reason.SUPPRESSED


def test_a_retry_is_not_late():
    """Lateness is about the first attempt; later ones have a deadline of their own."""
    late = replace(FINE, wanted_at=NOW - timedelta(days=9), attempts=1, deadline=NOW + timedelta(hours=1))
    assert judge(late, NOW) is None


def test_the_person_speaks_before_the_source():
    facts = replace(FINE, consent="unsubscribed", refusal=Reason.FAILED_FLOW_FILTERS)
    assert judge(facts, NOW) is Reason.UNSUBSCRIBED


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("Ann.Lee+shop@Example.com", "Ann.Lee+shop@Example.com"),
        (" ann@example.com ", "ann@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("änn@example.com", None),
        ("ann@localhost", None),
        ("ann@@example.com", None),
        (".ann@example.com", None),
        ("a..n@example.com", None),
        ("ann@example.com\r\nRCPT TO:<x@y.z>", None),
        ("ann@-example.com", None),
        ("ann lee@example.com", None),
        ("a" * 65 + "@example.com", None),
        ("<ann@example.com>", None),
    ],
)
def test_addresses_as_smtp_carries_them(typed: str, sent: str | None):
    assert gates.wire_address(typed) == sent
