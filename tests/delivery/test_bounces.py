"""Only a dead address is a hard bounce: what the big providers say, and what it means."""

from __future__ import annotations

import pytest

from headwater.delivery import bounces
from headwater.delivery.transports.replies import enhanced_status


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (550, "5.1.1 The email account that you tried to reach does not exist.", "hard"),
        (550, "5.1.1 user blocked by spam filter", "hard"),
        (550, "5.1.2 Bad destination system address", "hard"),
        (553, "5.1.3 Bad destination mailbox address syntax", "hard"),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "hard"),
        (550, "5.2.1 The email account that you tried to reach is disabled.", "hard"),
        (550, "No such user here", "hard"),
        (550, "Requested action not taken: mailbox unavailable; user unknown", "hard"),
        (550, "<a@b.example>: Recipient address rejected: User unknown in virtual mailbox table", "hard"),
        (550, "5.5.0 no such user", "hard"),
        (550, "5.7.1 Message rejected due to content restrictions", "blocked"),
        (550, "5.7.1 No such user", "blocked"),
        (550, "5.7.26 This mail has been blocked because the sender is unauthenticated (DMARC)", "blocked"),
        (554, "Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "blocked"),
        (550, "5.1.8 Bad sender's system address", "blocked"),
        (421, "4.7.0 Our system has detected an unusual rate of unsolicited mail", "blocked"),
        (552, "5.2.2 Mailbox full", "soft"),
        (552, "5.3.4 Message too big", "soft"),
        (452, "4.2.2 The email account that you tried to reach is over quota", "soft"),
        (450, "4.1.1 user unknown, try later", "soft"),
        (451, "no such user yet", "soft"),
        (535, "5.0.0 authentication failed, no such user", "soft"),
        (554, "Transaction failed", "blocked"),
    ],
)
def test_only_a_dead_address_is_a_hard_bounce(code: int, text: str, kind: str) -> None:
    assert bounces.classify(code, enhanced_status(text), text) == kind
