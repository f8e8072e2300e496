"""What a backtest counts, person by person, and the report that comes of it. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from headwater.delivery.reasons import Reason
from headwater.flows.trials.person_in_time import length, ticks
from headwater.flows.trials.simulation import COMPLETED, Life, Run

CONVERTED_WITHIN = timedelta(days=5)
"""An order so soon after somebody entered counts as one that followed."""
_SOON = length(CONVERTED_WITHIN)


@dataclass(frozen=True)
class StepReport:
    """What became of one step."""

    sent: int = 0
    sent_by_day: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    """By reason."""
    done: int = 0
    """Of a step that changes or calls something."""
    left: Mapping[str, int] = field(default_factory=dict)
    """Who left while they stood here, by reason."""
    waiting: int = 0
    """Who stands here at the end of the span."""


@dataclass(frozen=True)
class Stake:
    """What the triggers that let people in were worth (their value, else their price), and what was ordered then."""

    runs_without_order: int
    value_without_order: float
    """Of the triggers after which nothing was ordered within five days."""
    runs_with_order: int
    orders: int
    order_value: float


@dataclass(frozen=True)
class Report:
    """A flow replayed over a span of history. Days are those of the brand."""

    flow: str
    start: datetime
    end: datetime
    people: int
    """Who had a trigger in the span."""
    without_address: int
    """Who may have had one, but has no email address."""
    triggers: int
    entries: int
    people_entered: int
    entries_by_day: Mapping[str, int]
    refused: Mapping[str, int]
    """Triggers that let nobody in, by reason."""
    steps: Mapping[str, StepReport]
    sent: int
    skipped: Mapping[str, int]
    completed: int
    left: Mapping[str, int]
    waiting: int
    capped: Mapping[str, int]
    """Emails that smart sending and frequency caps kept back."""
    other_flows: Mapping[str, int]
    """Runs during which the person entered another flow, by its short name."""
    campaign_mail: int
    """Campaign emails that people got while they were in the flow."""
    stake: Stake
    events: int
    """Events replayed: those read of the metrics that the flow looks at."""
    seconds: float

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "start": self.start.isoformat(), "end": self.end.isoformat()}


@dataclass(frozen=True, slots=True)
class Company:
    """What else reached a person in the span."""

    flows: Sequence[tuple[int, str]] = ()
    """Entries into other flows: (ticks, short name)."""
    campaigns: Sequence[int] = ()
    """Campaign mail (ticks), in the order of time."""


class Tally:
    """Counts lives; the tallies of several processes add up to one."""

    def __init__(self, zone: ZoneInfo, end: datetime) -> None:
        self.zone = zone
        self.end = end
        self.counts: Counter[str] = Counter()
        self.by_day: Counter[tuple[str, date]] = Counter()  # '': entries
        self.skips: Counter[tuple[str, str]] = Counter()
        self.lefts: Counter[tuple[str, str]] = Counter()
        self.dones: Counter[str] = Counter()
        self.waits: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.flows: Counter[str] = Counter()
        self.value_without_order = self.order_value = 0.0

    def add(self, life: Life, triggers: int, company: Company | None = None) -> None:
        """One person who had triggers."""
        counts = self.counts
        counts["people"] += 1
        counts["triggers"] += triggers
        self.refused.update(life.refused)
        if not life.runs:
            return
        counts["people_entered"] += 1
        counts["entries"] += len(life.runs)
        for run in life.runs:
            self._run(run)
        if company is not None:
            for run in life.runs:
                self._company(run, company)

    def _run(self, run: Run) -> None:
        zone, by_day = self.zone, self.by_day
        by_day["", run.entered_at.astimezone(zone).date()] += 1
        for step, at in run.sends:
            by_day[step, at.astimezone(zone).date()] += 1
        for step, _, reason in run.skips:
            self.skips[step, reason] += 1
        for act, _ in run.acts:
            self.dones[act.id] += 1
        if run.end is None:
            self.waits[run.step or ""] += 1
        elif run.end == COMPLETED:
            self.counts["completed"] += 1
        else:
            self.lefts[run.step or "", run.end] += 1

    def _company(self, run: Run, company: Company) -> None:
        begin, end = run.entered, ticks(run.ended_at or self.end)
        self.flows.update({slug for at, slug in company.flows if begin <= at < end})
        self.counts["campaign_mail"] += sum(1 for at in company.campaigns if begin <= at < end)

    def stakes(self, with_order: int, without: int, worth: float, orders: int, order_value: float) -> None:
        """Runs, by whether an order followed; what the triggers of those without were worth; the orders."""
        self.counts["runs_with_order"] += with_order
        self.counts["runs_without_order"] += without
        self.counts["orders"] += orders
        self.value_without_order += worth
        self.order_value += order_value

    def merge(self, other: Tally) -> None:
        for name in ("counts", "by_day", "skips", "lefts", "dones", "waits", "refused", "flows"):
            getattr(self, name).update(getattr(other, name))
        self.value_without_order += other.value_without_order
        self.order_value += other.order_value

    def report(self, flow: str, steps: Iterable[str], start: datetime, without_address: int, seconds: float) -> Report:
        """`steps`: their ids, in the order written."""
        counts = self.counts
        sent = sum(count for (step, _), count in self.by_day.items() if step)
        skipped = _summed((reason, count) for (_, reason), count in self.skips.items())
        return Report(
            flow=flow,
            start=start,
            end=self.end,
            people=counts["people"],
            without_address=without_address,
            triggers=counts["triggers"],
            entries=counts["entries"],
            people_entered=counts["people_entered"],
            entries_by_day=self._days(""),
            refused=_summed(self.refused.items()),
            steps={step: self._step(step) for step in steps},
            sent=sent,
            skipped=skipped,
            completed=counts["completed"],
            left=_summed((reason, count) for (_, reason), count in self.lefts.items()),
            waiting=sum(self.waits.values()),
            capped={name: skipped.get(name, 0) for name in (Reason.SMART_SENDING.value, Reason.FREQUENCY_CAPPED.value)},
            other_flows=_summed(self.flows.items()),
            campaign_mail=counts["campaign_mail"],
            stake=Stake(
                counts["runs_without_order"],
                round(self.value_without_order, 2),
                counts["runs_with_order"],
                counts["orders"],
                round(self.order_value, 2),
            ),
            events=counts["events"],
            seconds=round(seconds, 3),
        )

    def _step(self, step: str) -> StepReport:
        by_day = self._days(step)
        return StepReport(
            sent=sum(by_day.values()),
            sent_by_day=by_day,
            skipped=_summed((reason, count) for (at, reason), count in self.skips.items() if at == step),
            done=self.dones[step],
            left=_summed((reason, count) for (at, reason), count in self.lefts.items() if at == step),
            waiting=self.waits[step],
        )

    def _days(self, step: str) -> dict[str, int]:
        return {day.isoformat(): count for (at, day), count in sorted(self.by_day.items()) if at == step}


def _summed(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By name, the most frequent first."""
    whole: Counter[str] = Counter()
    for name, count in counted:
        whole[str(name)] += count
    return dict(whole.most_common())


def followed_by(life: Life, orders: Sequence[int]) -> tuple[list[bool], list[int]]:
    """For each run whether an order followed soon, and all such orders, each once (ticks; `orders` in their order)."""
    if not orders:
        return [False] * len(life.runs), []
    followed: list[bool] = []
    found: set[int] = set()
    for run in life.runs:
        first, last = bisect_right(orders, run.entered), bisect_right(orders, run.entered + _SOON)
        followed.append(first < last)
        found.update(orders[first:last])
    return followed, sorted(found)
