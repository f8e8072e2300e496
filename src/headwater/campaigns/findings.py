"""What an author should know before a campaign goes out, in words: of its size, its time, and the brand's limits. Pure.

An error keeps it from being scheduled; a warning is likely a mistake; a note says what will happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from headwater.accounts.brand import Brand
from headwater.delivery.expected import Expectation, Waiting
from headwater.delivery.reasons import Reason

Level = Literal["error", "warning", "note"]
Step = Literal["audience", "content", "schedule", "brand"]

NIGHT_BEGINS, NIGHT_ENDS = 22, 7
_ENOUGH_BEFORE = 3
_UNUSUAL = 2
"""A campaign is unusually large when it goes to this many times as many people as the largest of the last ones."""
_MANY = 0.2
"""Smart sending that leaves out more than this share of those who may get it is worth a second look."""
_LEVELS = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` names its kind for machines; `step` is where it is put right."""

    level: Level
    code: str
    words: str
    step: Step
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another campaign that goes out on the same day."""

    id: int
    name: str
    send_at: datetime


def in_order(found: Sequence[Finding]) -> list[Finding]:
    """The worst first; among equals, as they were found."""
    return sorted(found, key=lambda one: _LEVELS[one.level])


def of_size(going: int, before: Sequence[int], *, now: bool) -> list[Finding]:
    """Nobody, or far more people than the last campaigns (`before`: their recipients). `now`: the audience is final."""
    if going == 0:
        level: Level = "error" if now else "warning"
        later = "" if now else " If that is so when it goes out, nothing is sent."
        return [Finding(level, "nobody", f"Nobody of this audience can get it now.{later}", "audience", "included")]
    if len(before) >= _ENOUGH_BEFORE and going > _UNUSUAL * max(before):
        words = (
            f"{_people(going)} would get it. The largest of your last {len(before)} campaigns went to {max(before):,}."
        )
        return [Finding("warning", "unusually_large", words, "audience", "included")]
    return []


def of_time(send_at: datetime | None, now: datetime, zone: ZoneInfo, past: timedelta) -> list[Finding]:
    """Too late, or at night by the brand's clock. None: it goes at once."""
    at = send_at or now
    if at < now - past:
        words = f"{_clock(at, zone)} has passed. Choose another time, or send it now."
        return [Finding("error", "past", words, "schedule", "send_at")]
    shown = max(at, now).astimezone(zone)
    if shown.hour >= NIGHT_BEGINS or shown.hour < NIGHT_ENDS:
        words = f"It goes out at night: {shown:%H:%M} in {zone.key}."
        return [Finding("warning", "night", words, "schedule", "send_at")]
    return []


def of_limits(brand: Brand, expectation: Expectation, waiting: Waiting, *, smart_sending: bool) -> list[Finding]:
    """Quiet hours, frequency caps and smart sending, by how many people they concern."""
    found: list[Finding] = []
    if waiting.people and waiting.until is not None and brand.quiet_hours is not None:
        hours = brand.quiet_hours.plain()
        words = (
            f"{_people(waiting.people)} have quiet hours then ({hours['from']}–{hours['to']} by their own clock); the "
            f"last of them get it by {_clock(waiting.until, brand.zone)}."
        )
        found.append(Finding("note", "quiet_hours", words, "schedule", "send_at"))
    capped = expectation.stopped.get(Reason.FREQUENCY_CAPPED, 0)
    if capped:
        rules = "; ".join(cap.words for cap in brand.frequency_caps if cap.limits("campaign"))
        words = f"{_people(capped)} are left out by the brand's frequency caps ({rules})."
        found.append(Finding("warning", "frequency_caps", words, "schedule"))
    skipped = expectation.stopped.get(Reason.SMART_SENDING, 0)
    if skipped:
        window = brand.smart_sending_hours
        words = f"{_people(skipped)} are left out by smart sending: they got another email within {window} hours of it."
        many = skipped > _MANY * expectation.permitted
        found.append(Finding("warning" if many else "note", "smart_sending", words, "schedule", "smart_sending"))
    if not smart_sending:
        words = "Smart sending is off: people get this even if they got another email just before."
        found.append(Finding("note", "smart_sending_off", words, "schedule", "smart_sending"))
    return found


def of_neighbours(neighbours: Sequence[Neighbour], zone: ZoneInfo, *, smart_sending: bool) -> list[Finding]:
    """Other campaigns of the same day."""
    if not neighbours:
        return []
    named = ", ".join(f"“{one.name}” at {one.send_at.astimezone(zone):%H:%M}" for one in neighbours[:3])
    more = f" and {len(neighbours) - 3} more" if len(neighbours) > 3 else ""
    effect = (
        "Smart sending leaves out whoever has just got one of them."
        if smart_sending
        else "Smart sending is off, so people may get several on one day."
    )
    level: Level = "note" if smart_sending else "warning"
    return [Finding(level, "same_day", f"On the same day: {named}{more}. {effect}", "schedule", "send_at")]


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} ({zone.key})"
