"""When marketing email may go: outside the brand's quiet hours and within the message's own window, by the clock that
the person sees. Pure.

An instant is allowed when the clock in the person's zone shows an allowed time, so a clock that changes needs no rule
of its own: what is looked for is always the first instant at which it shows one.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from headwater.accounts.limits import QuietHours
from headwater.core.wall_clock import first_zone, instants

_DAY = timedelta(days=1)
_LOOK_AHEAD = 15
"""Days: a window on one weekday, whose time clocks skip this week, comes again within them."""

_SPREAD = timedelta(minutes=15) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """From `start` until just before `end`, over midnight where `end` comes first, on the days on which it begins.

    From midnight to midnight is the whole day.
    """

    weekdays: frozenset[int]
    """Monday is 0; none: every day."""
    start: time
    end: time

    def __post_init__(self) -> None:
        """Raises ValueError for a window that never opens."""
        if not all(0 <= day <= 6 for day in self.weekdays):
            raise ValueError("Weekdays of a send window are 0 (Monday) to 6 (Sunday).")
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("A send window is in times of the person's own clock, without a zone.")
        if self.start == self.end != time(0):
            raise ValueError("A send window that ends when it begins would never be open.")

    def shown_by(self, wall: datetime) -> bool:
        """Whether it is open when the person's clock shows this."""
        shown, day = wall.time(), wall.weekday()
        if self.start < self.end:
            is_open = self.start <= shown < self.end
        elif shown >= self.start:
            is_open = True
        else:
            is_open, day = shown < self.end, (day - 1) % 7
        return is_open and (not self.weekdays or day in self.weekdays)


def next_allowed(
    now: datetime,
    profile_timezone: str | None,
    brand_timezone: str,
    quiet: QuietHours | None,
    window: SendWindow | None,
) -> datetime | None:
    """`now` if it is allowed, else the first instant that is. None: quiet hours leave nothing of the window."""
    local = first_zone(profile_timezone, brand_timezone)
    if _allowed(now, local, quiet, window):
        return now
    opening = _openings(now.astimezone(local).date(), local, quiet, window)
    place = bisect_left(opening, now)
    return opening[place] if place < len(opening) else None


def jitter(profile_id: int) -> timedelta:
    """How long a person's messages wait after quiet hours: up to 15 minutes, so that not all leave at once.

    The same for all messages of a person: they are due together, and the most important goes first.
    """
    # Multiplied by 2³² over the golden ratio, ids in a row lie evenly.
    return timedelta(microseconds=((profile_id * 2_654_435_769) % 2**32 * _SPREAD) >> 32)


def held_until(
    opens: datetime,
    latest: datetime | None,
    profile_id: int,
    local: ZoneInfo,
    quiet: QuietHours | None,
    window: SendWindow | None,
) -> datetime:
    """The moment for a message that may go from `opens` on: with jitter, where that is still allowed and in time."""
    spread = opens + jitter(profile_id)
    in_time = latest is None or spread <= latest
    return spread if in_time and _allowed(spread, local, quiet, window) else opens


def _allowed(at: datetime, local: ZoneInfo, quiet: QuietHours | None, window: SendWindow | None) -> bool:
    if quiet is None and window is None:
        return True
    wall = at.astimezone(local)
    if quiet is not None and _is_quiet(quiet, wall.time()):
        return False
    return window is None or window.shown_by(wall)


def _is_quiet(quiet: QuietHours, shown: time) -> bool:
    if quiet.start < quiet.end:
        return quiet.start <= shown < quiet.end
    return shown >= quiet.start or shown < quiet.end


@lru_cache(maxsize=1024)
def _openings(
    today: date, local: ZoneInfo, quiet: QuietHours | None, window: SendWindow | None
) -> tuple[datetime, ...]:
    """The allowed ones among the instants at which the answer can change, from yesterday on, the earliest first."""
    edges = {edge for hours in (quiet, window) if hours is not None for edge in (hours.start, hours.end)}
    changes = {
        at for ahead in range(-1, _LOOK_AHEAD) for edge in edges for at in instants(today + ahead * _DAY, edge, local)
    }
    return tuple(sorted(at for at in changes if _allowed(at, local, quiet, window)))
