"""May this message go? One pure decision over what the claim knows of the person, the message and its source.

Knows no database, no clock and no content. When (`hours`) and whose turn (`turns`) is asked of what passes here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.delivery.reasons import Reason

MAX_LATENESS = timedelta(hours=48)
"""How long after it was wanted a message may first be tried, unless its source says otherwise."""

MOST_ATTEMPTS = 20
"""However an attempt ended, even by the worker's death: never more, so that nothing can be sent without end."""

_UNSUBSCRIBED = {"unsubscribe"}
_HARD = {"hard_bounce", "invalid_email"}

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]\Z"
)


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What the claim knows when it asks."""

    profile_exists: bool = True
    email: str | None = None
    consent: str | None = None
    """'subscribed', 'unsubscribed' or None for never subscribed."""
    suppressions: tuple[str, ...] = ()
    erased: bool = False
    require_consent: bool = False
    refusal: Reason | None = None
    has_content: bool = True
    has_sender: bool = True
    """Whether the brand has an address that can stand in From."""
    transactional: bool = False
    wanted_at: datetime | None = None
    """When it was to go, or when its window opened after that; however often it was put off since."""
    latest: datetime | None = None
    lasts: timedelta = MAX_LATENESS
    attempts: int = 0
    deadline: datetime | None = None
    """Set by the first failed attempt: after it, no further one."""


def judge(facts: GateFacts, now: datetime) -> Reason | None:
    """The first reason why the message may not go, or None."""
    return _person(facts) or _permission(facts) or _message(facts, now)


def _person(facts: GateFacts) -> Reason | None:
    if not facts.profile_exists:
        return Reason.PERSON_DELETED
    if not facts.email:
        return Reason.MISSING_EMAIL
    if wire_address(facts.email) is None:
        return Reason.INVALID_ADDRESS
    if facts.erased:
        return Reason.ERASED_ADDRESS
    return None


def _permission(facts: GateFacts) -> Reason | None:
    """Consent and suppression are two axes. Transactional mail minds only what says that the mailbox is no good."""
    suppressions = set(facts.suppressions)
    if facts.transactional:
        return Reason.SUPPRESSED if suppressions & _HARD else None
    if suppressions - _UNSUBSCRIBED:
        return Reason.SUPPRESSED
    if suppressions or facts.consent == "unsubscribed":
        return Reason.UNSUBSCRIBED
    if facts.require_consent and facts.consent != "subscribed":
        return Reason.NOT_CONSENTED
    return None


def _message(facts: GateFacts, now: datetime) -> Reason | None:
    if facts.refusal is not None:
        return facts.refusal
    if not facts.has_content:
        return Reason.MESSAGE_DRAFT
    if not facts.has_sender:
        return Reason.INVALID_FROM_ADDRESS
    last = last_moment(facts)
    is_late = last is not None and now > last
    if facts.attempts >= MOST_ATTEMPTS or (facts.attempts and is_late):
        return Reason.GAVE_UP
    return Reason.STALE_EVENT if is_late else None


def last_moment(facts: GateFacts) -> datetime | None:
    """Until when it may be tried: the first time by what its source says, again by its deadline. None: without end."""
    if facts.attempts:
        return facts.deadline
    if facts.latest is not None or facts.wanted_at is None:
        return facts.latest
    return facts.wanted_at + facts.lasts


def wire_address(address: str) -> str | None:
    """The address as SMTP without SMTPUTF8 can carry it, or None when it cannot be one.

    A domain in other scripts becomes its A-labels; a local part in other scripts is undeliverable there.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or len(local) > 64 or _LOCAL.match(local) is None:
        return None
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if _DOMAIN.match(domain) is None:
        return None
    return f"{local}@{domain}"
