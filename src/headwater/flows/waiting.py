"""What somebody waits for: which of several things came first, when the time starts anew, when a date comes. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from headwater.flows.occasions import ONCE, DateRule, occasions
from headwater.flows.steps import Branch, DateCountdown, Occurrence, WaitFor
from headwater.segments.language import Facts, evaluate, matches
from headwater.segments.properties import leads_to
from headwater.segments.referring import bind

_EVER = datetime(1000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


_Came = tuple[datetime, int, Branch]


def first_to_happen(step: WaitFor, facts: Facts, since: datetime, due: datetime, now: datetime) -> _Came | None:
    """(instant, place, branch) of what happened first since then and by `due`; of two at once the first written.

    A condition that holds counts from now; while an event came before, the event decides.
    """
    found = [came for came in _came(step, facts, since)[:1] if came[0] <= due]
    for index, branch in enumerate(step.branches):
        if branch.condition is not None and now <= due and evaluate(branch.condition, facts, now):
            found.append((now, index, branch))
    return min(found, key=_order, default=None)


def restarted(step: WaitFor, facts: Facts, since: datetime, due: datetime) -> tuple[datetime, datetime]:
    """(since, due), moved by what starts the time anew as long as it came before the time was over.

    It starts nothing anew once the wait was over: however late somebody looks, what is waited for had come before.
    """
    if not step.reset_on:
        return since, due
    ended = next((came[0] for came in _came(step, facts, since)), _EVER[1])
    for ts in sorted(ts for event in step.reset_on for ts in _times(event, facts, since)):
        if since < ts <= due and ts < ended:
            since, due = ts, ts + step.within
    return since, due


def _came(step: WaitFor, facts: Facts, since: datetime) -> list[_Came]:
    """The events that are waited for, the earliest first."""
    assert facts.place is not None
    begins = facts.place.started_at if step.count_past else since
    return sorted(
        (
            (ts, index, branch)
            for index, branch in enumerate(step.branches)
            if branch.event is not None
            for ts in _times(branch.event, facts, begins)
        ),
        key=_order,
    )


def _order(came: _Came) -> tuple[datetime, int]:
    return came[:2]


def _times(event: Occurrence, facts: Facts, begins: datetime) -> list[datetime]:
    """When it happened from `begins` on; what started the flow is not its own consequence."""
    place = facts.place
    assert place is not None
    where = bind(event.where, place.event)
    own = place.started_at if place.metric == event.metric else None
    return [
        one.ts
        for one in facts.events.get(event.metric, ())
        if one.ts >= begins and (own is None or one.ts > own) and matches(where, one.properties, one.value)
    ]


def instant_before(step: DateCountdown, facts: Facts, brand_timezone: str) -> datetime | None:
    """So long before a date among the person's properties, at the step's time of day there; None: it holds no date."""
    held = {**facts.properties, **facts.attributes}
    value = next(iter(leads_to(held, step.path)), None)
    rule = DateRule(step.path, ONCE, -step.before.days, step.until, step.timezone)
    found = occasions(rule, value, held.get("timezone"), brand_timezone, *_EVER)
    return found[0].at - timedelta(seconds=step.before.seconds) if found else None
