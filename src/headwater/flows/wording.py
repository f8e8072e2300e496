"""A flow as an outline in words: what starts it, whom it keeps, what ends it, and its steps. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.flows.definition import ExitOn, FlowDefinition
from headwater.flows.steps import (
    LIVE,
    AbTest,
    BackInStock,
    Branch,
    ChangeList,
    Countdown,
    DateCountdown,
    Delay,
    Email,
    Exit,
    Goal,
    IssueCoupon,
    MultiSplit,
    Notify,
    Occurrence,
    RandomSplit,
    Split,
    Step,
    TriggerSplit,
    UpdateProfile,
    WaitFor,
    Webhook,
    leads_to,
)
from headwater.flows.triggers import (
    CallTrigger,
    DateTrigger,
    ListTrigger,
    LowStockTrigger,
    MetricTrigger,
    PriceDropTrigger,
    SegmentTrigger,
    Trigger,
)
from headwater.segments.conditions import written
from headwater.segments.language import describe
from headwater.segments.wording import describe_span

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DID = {"viewed": "looked at it", "cart": "had it in the cart", "checkout": "began to check out"}
_OTHERWISE, _TIME_OVER = "else", "when the time is over"
_UNMET = {"go_on": "", "wait": "; others wait here", "leave": "; others leave"}


@dataclass(frozen=True)
class Line:
    """One line of the outline, and what stands under it."""

    text: str
    below: tuple[Line, ...] = ()


def outline(flow: FlowDefinition) -> list[Line]:
    """The flow from top to bottom; the branches of a split stand under it."""
    lines = [Line(f"starts when {trigger_words(flow.trigger)}"), Line(f"again: {again_words(flow)}")]
    if flow.holdout:
        lines.append(Line(f"holds out {flow.holdout:f} % of the people, to compare with"))
    if flow.profile_filters is not None:
        lines.append(Line(f"only while: {describe(flow.profile_filters)}"))
    if flow.exit_on:
        lines.append(Line(f"leaves at once on: {', '.join(exit_words(exit_on) for exit_on in flow.exit_on)}"))
    return [*lines, *steps_outline(flow)]


def steps_outline(flow: FlowDefinition) -> list[Line]:
    """Its steps alone."""
    return list(_steps(flow, flow.first, None))


def trigger_words(trigger: Trigger) -> str:
    """What starts a flow: someone does: Placed Order."""
    match trigger:
        case MetricTrigger(metric, where):
            return f"someone does: {occurrence_words(Occurrence(metric, where))}"
        case ListTrigger(named):
            return f"someone joins the list {named}"
        case SegmentTrigger():
            return f"someone {'enters' if trigger.entered else 'leaves'} the segment {trigger.segment}"
        case DateTrigger(rule):
            days = abs(rule.offset_days)
            side = "before" if rule.offset_days < 0 else "after"
            when = f"{days} day{'' if days == 1 else 's'} {side} their" if days else "on the day of their"
            again = "" if rule.repeat == "once" else f", {rule.repeat}"
            return f"it is {when} {written(rule.path)}{again}, at {rule.at:%H:%M} {_zone(rule.timezone)}"
        case PriceDropTrigger():
            by = f"{trigger.percent:f} %" if trigger.percent is not None else f"{trigger.amount:f}"
            return f"a product falls by {by} or more in price for those who {_shoppers(trigger)}"
        case LowStockTrigger():
            return f"the stock of a product falls to {trigger.at_most} for those who {_shoppers(trigger)}"
        case CallTrigger(kind):
            return "another system calls for it" if kind == "api" else "someone adds people by hand"


def _shoppers(trigger: PriceDropTrigger | LowStockTrigger) -> str:
    did = " or ".join(_DID[one] for one in trigger.audience)
    return f"{did} in the last {describe_span(trigger.within)}"


def occurrence_words(event: Occurrence) -> str:
    """Placed Order where items[].category is “Shoes”."""
    return f"{event.metric} where {describe(event.where)}" if event.where is not None else event.metric


def exit_words(exit_on: ExitOn) -> str:
    """What ends it: Placed Order; or a condition."""
    return occurrence_words(exit_on.event) if exit_on.event is not None else describe(exit_on.condition)


def again_words(flow: FlowDefinition) -> str:
    """How soon the same person may come in again: never, any time, after 14 days."""
    each = f" for each {'.'.join(flow.key)}" if flow.key else ""
    if flow.again_after is None:
        return f"never{each}" if not each else f"once{each}"
    return f"after {describe_span(flow.again_after)}{each}" if flow.again_after else f"any time{each}"


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _steps(flow: FlowDefinition, step_id: str | None, until: str | None) -> Iterator[Line]:
    """The steps of one branch, up to where it rejoins."""
    while step_id is not None and step_id != until:
        step = flow.steps[step_id]
        branches = _branches(flow, step)
        if branches:
            joins = _joins(flow, [to for _, to in branches])
            below = (Line(name, tuple(_steps(flow, to, joins))) for name, to in branches)
            told = tuple(branch for branch in below if branch.below or _tells(step, branch))
            yield Line(step_words(flow, step), told)
            step_id = joins
            continue
        yield Line(step_words(flow, step))
        step_id = next(iter(leads_to(step)), None)


def _tells(step: Step, branch: Line) -> bool:
    """Whether a branch without steps of its own says something: what is waited for does, and else does not."""
    return not isinstance(step, Split | TriggerSplit) and branch.text not in (_OTHERWISE, _TIME_OVER)


def _branches(flow: FlowDefinition, step: Step) -> list[tuple[str, str | None]]:
    """The ways that a step offers, each with what it is called."""
    match step:
        case Split() | TriggerSplit():
            return [("then", step.then), (_OTHERWISE, step.otherwise)]
        case MultiSplit():
            return [*((_branch(one), one.then) for one in step.branches), (_OTHERWISE, step.otherwise)]
        case WaitFor():
            return [*((_branch(one), one.then) for one in step.branches), (_TIME_OVER, step.otherwise)]
        case RandomSplit():
            return [(f"{share:f} %{f' ({one.name})' if one.name else ''}", one.then) for share, one in step.shares]
        case AbTest():
            return [(f"{share:f} %", email) for email, share in step.variations]
    return []


def _branch(branch: Branch) -> str:
    if branch.event is not None:
        asked = occurrence_words(branch.event)
    else:
        asked = describe(branch.condition if branch.condition is not None else branch.where)
    return f"{branch.name}: {asked}" if branch.name else asked


def _joins(flow: FlowDefinition, ways: Sequence[str | None]) -> str | None:
    """The first step that all ways lead to."""
    ahead = [list(_ahead(flow, way)) for way in ways]
    others = [set(found) for found in ahead[1:]]
    return next((step for step in ahead[0] if all(step in found for found in others)), None)


def _ahead(flow: FlowDefinition, step_id: str | None) -> Iterator[str]:
    """The steps that everybody comes to from here, and those of the first branch at least."""
    while step_id is not None:
        yield step_id
        step = flow.steps[step_id]
        branches = _branches(flow, step)
        if branches:
            step_id = _joins(flow, [to for _, to in branches])
        else:
            step_id = next(iter(leads_to(step)), None)


def step_words(flow: FlowDefinition, step: Step) -> str:
    """One step: email “Browse 1” (welcome.mjml)."""
    said = _said(flow, step)
    status = getattr(step, "status", LIVE)
    return said if status == LIVE else f"{said} [{status}]"


def _said(flow: FlowDefinition, step: Step) -> str:
    match step:
        case Email():
            return f"email “{step.name}” ({step.template})"
        case AbTest():
            by = f", until one wins by {step.winner.by}" if step.winner is not None else ""
            return f"tests {len(step.variations)} emails{by}"
        case Delay():
            return f"waits {_span(step)}"
        case Countdown():
            return f"waits until {describe_span(step.before)} before the code of {step.coupon} expires"
        case DateCountdown():
            before = f"{describe_span(step.before)} before " if step.before else ""
            return f"waits until {before}{written(step.path)}, at {step.until:%H:%M} {_zone(step.timezone)}"
        case WaitFor():
            return f"waits up to {describe_span(step.within)} for"
        case BackInStock():
            patience = describe_span(step.give_up_after)
            return f"waits until at least {step.minimum_stock} are in stock, for up to {patience}"
        case Split():
            return f"if {describe(step.condition)}"
        case TriggerSplit():
            return f"if the event's {describe(step.where)}"
        case MultiSplit():
            return "the first that holds of"
        case RandomSplit():
            return "by chance"
        case Goal():
            return f"goal: {describe(step.condition)}{_UNMET[step.unmet]}"
        case Exit():
            return "leaves"
    return _acting(step)


def _acting(step: Step) -> str:
    match step:
        case UpdateProfile():
            changes = [f"sets {', '.join(step.set)}"] if step.set else []
            changes += [f"clears {', '.join(step.unset)}"] if step.unset else []
            changes += [f"adds to {', '.join(step.add_to)}"] if step.add_to else []
            changes += [f"takes from {', '.join(step.remove_from)}"] if step.remove_from else []
            return "profile: " + ", ".join(changes)
        case ChangeList():
            return f"{'joins' if step.add else 'leaves'} the list {step.list}"
        case IssueCoupon():
            return f"gets a code of {step.coupon}"
        case Webhook():
            return f"calls {step.spec['url']}"
        case Notify():
            return f"tells {', '.join(step.spec['to'])}: {step.spec['subject']}"
    raise TypeError(type(step))


def _span(step: Delay) -> str:
    span = step.span
    parts = [f"{span.days} day{'' if span.days == 1 else 's'}"] if span.days else []
    if span.rest:
        parts.append(describe_span(span.rest))
    if span.until is not None:
        parts.append(f"until {span.until:%H:%M} {_zone(span.timezone)}")
    if span.weekdays:
        parts.append("on " + ", ".join(_DAYS[day] for day in sorted(span.weekdays)))
    return ", ".join(parts)


def _zone(timezone: str) -> str:
    return "their time" if timezone == "profile" else timezone
