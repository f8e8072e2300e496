"""What a server's verdict means: bounce, retry with growing pauses, or the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headwater.delivery import bounces, verdicts
from headwater.delivery.reasons import Reason
from headwater.delivery.transports.parcel import Verdict
from headwater.delivery.verdicts import Attempt

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIRST = Attempt(attempts=0, deadline=None)


def test_accepted_is_sent():
    assert verdicts.read(Verdict("accepted", 250, "ok"), FIRST, NOW).state == "sent"


def test_a_refusal_is_final_and_is_told_to_intake():
    meaning = verdicts.read(Verdict("refused", 550, "5.1.1 no such user", "5.1.1"), FIRST, NOW)
    assert (meaning.state, meaning.reason, meaning.bounce) == ("bounced", Reason.REFUSED_BY_SERVER, "hard")


@pytest.mark.parametrize("outcome", ["deferred", "unknown"])
def test_what_may_work_later_is_tried_again_within_a_day(outcome: str):
    now, attempt, pauses = NOW, FIRST, []
    while True:
        meaning = verdicts.read(Verdict(outcome, 451, "try later"), attempt, now)  # type: ignore[arg-type]
        if meaning.state != "planned":
            break
        assert meaning.send_at is not None
        pauses.append(meaning.send_at - now)
        now, attempt = meaning.send_at, Attempt(attempt.attempts + 1, meaning.deadline)
    assert pauses[:5] == [timedelta(minutes=m) for m in (1, 5, 15, 60, 240)]
    assert (meaning.state, meaning.reason) == ("failed", Reason.GAVE_UP)
    assert now - NOW <= verdicts.GIVE_UP_AFTER
    assert now - NOW > verdicts.GIVE_UP_AFTER - timedelta(hours=5)


def test_a_mailbox_full_for_a_day_is_a_soft_bounce():
    worn = Attempt(8, NOW)
    assert verdicts.read(Verdict("deferred", 452, "4.2.2 full", "4.2.2"), worn, NOW).bounce == "soft"
    assert verdicts.read(Verdict("deferred", 421, "4.3.2 busy", "4.3.2"), worn, NOW).bounce is None
    assert verdicts.read(Verdict("unknown"), worn, NOW).bounce is None


@pytest.mark.parametrize(
    ("code", "enhanced", "reply", "kind"),
    [
        (550, "5.1.1", "5.1.1 mailbox unavailable", "hard"),
        (550, "5.1.10", "5.1.10 null MX", "hard"),
        (550, "5.2.1", "5.2.1 disabled", "hard"),
        (550, None, "No such user here", "hard"),
        (550, None, "Requested action not taken: mailbox not found", "hard"),
        (550, "5.7.1", "5.7.1 no such user, blocked by policy", "blocked"),
        (550, "5.7.26", "5.7.26 unauthenticated", "blocked"),
        (554, None, "Message rejected as spam", "blocked"),
        (552, "5.2.2", "5.2.2 mailbox full", "soft"),
        (552, "5.3.4", "5.3.4 too big", "soft"),
        (452, "4.2.2", "4.2.2 full", "soft"),
    ],
)
def test_only_what_says_that_the_mailbox_is_gone_is_hard(code: int, enhanced: str | None, reply: str, kind: str):
    assert bounces.classify(code, enhanced, reply) == kind
