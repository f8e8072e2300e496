"""When a variation of an A/B test has won: how likely each is the best, by what it has shown so far. Pure.

Each variation's rate is believed to be Beta(1 + hits, 1 + misses): what is known of a rate of which nothing was known
before. The chance to be the best is counted over draws from these, which are seeded by the counts: the same counts give
the same answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from headwater.flows.steps import Winner

DRAWS = 20_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What a variation has shown: how many got it, and how many of them did what counts."""

    sent: int
    hits: int

    @property
    def rate(self) -> float:
        return self.hits / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision: which has won, how likely it is the best (0 to 1), and whether the time decided."""

    variation: str
    probability: float
    by_time: bool


def chances(tallies: Mapping[str, Tally]) -> dict[str, float]:
    """How likely each variation is the best, from 0 to 1, all together 1."""
    names = sorted(tallies)
    draw = random.Random(repr([(name, tallies[name].sent, tallies[name].hits) for name in names]))  # noqa: S311
    wins = dict.fromkeys(names, 0)
    believed = [(1 + min(t.hits, t.sent), 1 + max(0, t.sent - t.hits)) for t in (tallies[name] for name in names)]
    for _ in range(DRAWS):
        rates = [draw.betavariate(hits, misses) for hits, misses in believed]
        wins[names[rates.index(max(rates))]] += 1
    return {name: won / DRAWS for name, won in wins.items()}


def decide(rule: Winner, tallies: Mapping[str, Tally], began: datetime | None, now: datetime) -> Verdict | None:
    """The winner, if there is one: sure enough with enough people each, or the best when the time is over."""
    if began is None or not tallies:
        return None
    enough = all(tally.sent >= rule.at_least for tally in tallies.values())
    over = rule.after is not None and now >= began + rule.after
    if not enough and not over:
        return None
    odds = chances(tallies)
    best = max(sorted(odds), key=lambda name: odds[name])
    if enough and odds[best] * 100 >= float(rule.certainty):
        return Verdict(best, odds[best], by_time=False)
    return Verdict(best, odds[best], by_time=True) if over else None
