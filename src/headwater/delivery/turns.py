"""Whose turn it is among the messages that want one person at once, and which of them are too much. Pure.

One after the other, the most important first: who must wait for the smart sending timer, who is over a frequency cap,
who goes. What does not go uses up nothing. Knows no database: `smart_sending` and `frequency` bring what stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from headwater.accounts.limits import FrequencyCap
from headwater.delivery.reasons import Reason

OUTRANKED = "a more important message went first"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that has passed every other gate."""

    message_id: int
    profile_id: int
    send_at: datetime
    kind: str = "flow"
    """Its source, as frequency caps tell them apart."""
    rank: int = 0
    heeds: bool = True
    """False: goes whatever the smart sending timer says, and starts it all the same."""
    capped: bool = True
    """False: frequency caps neither stop nor count it."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A person's smart sending timer: until when, and the message that started it, whose retry passes."""

    until: datetime
    message_id: int


@dataclass(slots=True)
class Turns:
    """What became of the candidates."""

    go: set[int] = field(default_factory=set)
    refused: dict[int, tuple[Reason, str | None]] = field(default_factory=dict)
    stamps: dict[int, int] = field(default_factory=dict)
    """By profile, the message that starts the timer."""


Used = Mapping[tuple[int, int], int]
"""By profile and place in the brand's list of caps: how many of its messages count already."""


def precedence(candidate: Candidate) -> tuple[int, bool, datetime, int]:
    """The order among one person's messages: by rank, then what does not heed the timer, then the longest waiting."""
    return (-candidate.rank, candidate.heeds, candidate.send_at, candidate.message_id)


def take(
    candidates: Iterable[Candidate],
    timers: Mapping[int, Timer],
    caps: Sequence[FrequencyCap],
    used: Used,
    window: timedelta,
    now: datetime,
) -> Turns:
    """Decide on the candidates of any number of people. A `window` of zero: there is no smart sending."""
    turns, smart = Turns(), window > timedelta(0)
    people: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        people.setdefault(candidate.profile_id, []).append(candidate)
    for profile_id, group in people.items():
        counts = [used.get((profile_id, place), 0) for place in range(len(caps))]
        timer = timers.get(profile_id)
        running = timer if timer is not None and timer.until > now else None
        went = _one_person(sorted(group, key=precedence), running if smart else None, caps, counts, smart, turns)
        if went and smart:
            turns.stamps[profile_id] = next((one for one in went if one.heeds), went[0]).message_id
    return turns


def _one_person(
    group: Sequence[Candidate],
    running: Timer | None,
    caps: Sequence[FrequencyCap],
    counts: list[int],
    smart: bool,
    turns: Turns,
) -> list[Candidate]:
    went: list[Candidate] = []
    for one in group:
        own = running is not None and running.message_id == one.message_id
        if smart and one.heeds and not own and (running is not None or went):
            outranked = running is None and went[0].rank > one.rank
            turns.refused[one.message_id] = (Reason.SMART_SENDING, OUTRANKED if outranked else None)
            continue
        places = [place for place, cap in enumerate(caps) if one.capped and cap.limits(one.kind)]
        full = next((caps[place] for place in places if counts[place] >= caps[place].at_most), None)
        if full is not None:
            turns.refused[one.message_id] = (Reason.FREQUENCY_CAPPED, full.words)
            continue
        for place in places:
            counts[place] += 1
        turns.go.add(one.message_id)
        went.append(one)
    return went
