"""What an answer to a call means: for the call (done, again later, failed) and for the host that gave it.

Pure. Whoever fails for good is told once; what may pass is tried again for a day, with growing pauses. A host that
fails ten times in a row is left alone for a while, then asked by a single call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)

A_HOST = 4
"""Calls that one host gets at once, from all workers together."""
BREAKS_AT = 10
"""Failures in a row after which a host is left alone."""
FIRST_REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=1)

_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt.

    done: it was taken. again: not this time. never: it is wrong, or not wanted.
    """

    outcome: Literal["done", "again", "never"]
    error: str | None = None
    status: int | None = None
    """Of the HTTP response, where there was one."""
    wait: timedelta | None = None
    """How long the host asks to be spared."""
    reached: tuple[str, ...] = ()
    """Who got it in this attempt, of a notice's recipients."""
    says_of_host: Literal["up", "down", "nothing"] = "nothing"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A call's next state: done, failed, or planned again at `next_at`."""

    state: Literal["done", "failed", "planned"]
    error: str | None = None
    status: int | None = None
    next_at: datetime | None = None
    reached: tuple[str, ...] = ()


def of_status(status: int, wait: timedelta | None = None) -> Answer:
    """What an HTTP status means; `wait` is what its Retry-After says."""
    if 200 <= status < 300:
        return Answer("done", status=status, says_of_host="up")
    if status in _PASSING or status >= 500:
        return Answer("again", f"The server answered {status}.", status, wait, says_of_host="down")
    if 300 <= status < 400:
        words = f"The server answered {status}, which leads elsewhere; redirects are not followed."
        return Answer("never", words, status, says_of_host="up")
    return Answer("never", f"The server answered {status}.", status, says_of_host="up")


def retry_after(header: str | None, wall: datetime) -> timedelta | None:
    """The span in a Retry-After header, which is a number of seconds or a date; None for neither."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - wall)


def pause_after(attempts: int, jitter: float) -> timedelta:
    """How long to wait after the failed attempt number `attempts` + 1. `jitter`, from 0 to 1, spreads it by a fifth."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 20)) * (0.8 + 0.4 * jitter)


def settle(answer: Answer, attempts: int, deadline: datetime, now: datetime, jitter: float) -> Settlement:
    """What the answer to the attempt number `attempts` + 1 means for its call."""
    if answer.outcome != "again":
        state: Literal["done", "failed"] = "done" if answer.outcome == "done" else "failed"
        return Settlement(state, answer.error, answer.status, reached=answer.reached)
    pause = max(pause_after(attempts, jitter), answer.wait or timedelta(0))
    if now + pause > deadline:
        words = f"{answer.error or 'It failed.'} Given up: the day of trying is over."
        return Settlement("failed", words, answer.status, reached=answer.reached)
    return Settlement("planned", answer.error, answer.status, now + pause, answer.reached)


# ── hosts ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class HostHealth:
    """How a host that a workspace calls does."""

    failures: int = 0  # in a row
    openings: int = 0  # how often it was left alone since it last answered
    open_until: datetime | None = None  # until when it is left alone

    def rests(self, now: datetime) -> bool:
        return self.open_until is not None and self.open_until > now


def room_at(failures: int) -> int:
    """How many calls a host with so many failures in a row may have in hand: one, when it is being tried out."""
    return 1 if failures >= BREAKS_AT else A_HOST


def after(host: HostHealth, signs: Iterable[Literal["up", "down", "nothing"]], now: datetime) -> HostHealth:
    """How the host does after these answers, in the order in which they came.

    Any answer that is not a passing failure ends the row. What was on its way when the host was left alone does not
    make the rest longer.
    """
    for sign in signs:
        if sign == "up":
            host = HostHealth()
        elif sign == "down":
            host = HostHealth(host.failures + 1, host.openings, host.open_until)
            if host.failures >= BREAKS_AT and not host.rests(now):
                rest = min(LONGEST_REST, FIRST_REST * 2 ** min(host.openings, 10))
                host = HostHealth(host.failures, host.openings + 1, now + rest)
    return host
