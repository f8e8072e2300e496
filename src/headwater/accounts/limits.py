"""What a brand asks of its marketing email: hours in which none goes, and how much of it one person may get. Pure.

Plain data, as it is stored with the brand and as delivery heeds it; transactional email minds none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from headwater.core.wall_clock import instant

Kind = Literal["any", "flow", "campaign"]

MOST_EMAILS = 100
MOST_DAYS = 90

_NOUNS = {"any": "email", "flow": "flow email", "campaign": "campaign"}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until just before `end` by the person's clock, over midnight where `end` comes first."""

    start: time
    end: time

    def __post_init__(self) -> None:
        """Raises ValueError for hours that never end."""
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("Quiet hours are times of the person's own clock, without a zone.")
        if self.start == self.end:
            raise ValueError("Quiet hours that end when they begin would never end.")

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> QuietHours:
        return cls(time.fromisoformat(stored["from"]), time.fromisoformat(stored["to"]))

    def plain(self) -> dict[str, str]:
        """As JSON has it: {"from": "21:00", "to": "08:00"}."""
        return {"from": f"{self.start:%H:%M}", "to": f"{self.end:%H:%M}"}


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """No more than `at_most` marketing emails of a kind to one person in `days` calendar days of that person's zone.

    One day is today; seven are today and the six before.
    """

    kind: Kind
    at_most: int
    days: int

    def __post_init__(self) -> None:
        """Raises ValueError for a cap that stops everything or nothing."""
        if self.kind not in _NOUNS or not 1 <= self.at_most <= MOST_EMAILS or not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"There is no such frequency cap: {self}.")

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> FrequencyCap:
        return cls(stored["kind"], stored["at_most"], stored["days"])

    def plain(self) -> dict[str, str | int]:
        """As JSON has it: {"kind": "any", "at_most": 3, "days": 7}."""
        return {"kind": self.kind, "at_most": self.at_most, "days": self.days}

    def limits(self, kind: str) -> bool:
        """Whether messages of this kind ("flow", "campaign") count here and are stopped by it."""
        return self.kind in ("any", kind)

    def since(self, now: datetime, local: ZoneInfo) -> datetime:
        """The first instant that counts: midnight in the person's zone, `days` - 1 days ago."""
        return instant(now.astimezone(local).date() - timedelta(days=self.days - 1), time(0), local)

    @property
    def words(self) -> str:
        """For people: at most 3 emails in 7 days."""
        noun = _NOUNS[self.kind] + ("s" if self.at_most > 1 else "")
        return f"at most {self.at_most} {noun} {'a day' if self.days == 1 else f'in {self.days} days'}"
