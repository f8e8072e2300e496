"""A person's ways through flows, told: how each began, what its steps decided, how it ended, what comes next. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from headwater.flows.admission import HOLDOUT
from headwater.flows.definition import FlowDefinition
from headwater.flows.engine import EXIT_CONDITION
from headwater.flows.steps import (
    DRAFT,
    AbTest,
    BackInStock,
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
    Split,
    Step,
    TriggerSplit,
    UpdateProfile,
    WaitFor,
    Webhook,
    leads_to,
)
from headwater.flows.timeline import Taken, Way
from headwater.flows.wording import step_words
from headwater.segments.conditions import written
from headwater.segments.language import describe
from headwater.segments.wording import describe_span
from headwater.why.wording import Entry, about, in_order, moment, reason

_LEFT = {
    "exit_event": "what ends the flow has happened",
    "exit_condition": "what ends the flow is met",
    "failed_profile_filter": "no longer meets the flow's conditions",
    "date_changed": "the date that started it was changed",
    "exit_step": "the flow ends here for them",
    "goal_unmet": "came to the goal without meeting it",
    "not_restocked": "the product did not come back in time",
    "restarted": "started anew with a later event of the same key",
    "overdue": "was overdue when the flow was resumed",
    "profile_deleted": "the profile is gone",
    "step_removed": "the step where they stood was removed",
    "flow_archived": "the flow was archived",
    "unsubscribed": "unsubscribed",
    "merged_away": "merged into another profile that is in the flow",
}
_PASSED = {
    "behind": "it lies before the place where they were put",
    "no date": "they have no such date",
    "no product": "the event names no product",
    "in stock": "the product is in stock",
}
_IF_STILL = "if the flow's conditions still hold then"


def way(one: Way, definition: FlowDefinition | None, local: tzinfo, messages: Collection[str] = ()) -> Iterator[Entry]:
    """One enrolment: how it began, what each step decided, how it ended. Times in words are those of `local`.

    `messages`: the steps whose emails the ledger tells of.
    """
    # A date takes people in ahead of its time.
    began = one.entered_at if "day" in one.trigger else max(one.entered_at, one.started_at)
    if one.reason == HOLDOUT:
        why = "always the same people, to measure the flow against"
        yield Entry(began, "flow", f"Left out of {one.name}", why, flow=one.name, reason=one.reason)
        return
    yield Entry(began, "flow", f"Entered {one.name}", _cause(one.trigger), flow=one.name)
    last = None
    for taken in one.steps:
        if taken.outcome in ("intended", "skipped") and taken.step in messages:
            continue
        entry = _taken(one, taken, definition, local)
        if entry is not None and (last is None or entry.title != last.title):  # looked again, and still waits
            last = replace(entry, at=max(entry.at, began))
            yield last
    if one.state == "completed" and one.finished_at is not None:
        yield Entry(one.finished_at, "flow", f"Went through {one.name} to the end", flow=one.name)
    elif one.state == "exited" and one.finished_at is not None:
        why = _left(one, definition)
        yield Entry(one.finished_at, "flow", f"Left {one.name}", why, flow=one.name, reason=one.reason)


def _cause(trigger: Mapping[str, Any]) -> str | None:
    if "list" in trigger:
        return f"joined the list {trigger.get('name') or trigger['list']}"
    if "day" in trigger:
        return f"because of the date {trigger.get('property')}: {trigger['day']}"
    metric = trigger.get("metric")
    if not metric:
        return "added by hand" if "added" in trigger else None
    told = about(trigger.get("properties") or {}, {})
    return f"because of {metric}{f': {told}' if told else ''}"


def _left(one: Way, definition: FlowDefinition | None) -> str:
    told = (str(taken.detail["event"]) for taken in reversed(one.steps) if taken.detail and taken.detail.get("event"))
    because = next(told, "")
    if one.reason == EXIT_CONDITION and definition is not None:
        because = " or ".join(describe(exit_on.condition) for exit_on in definition.exit_on if exit_on.condition)
    words = _LEFT.get(one.reason or "", one.reason or "")
    return f"{words}: {because}" if because else words


# ── what steps decided ──────────────────────────────────────────────────────────────────────────────────────────────
def _taken(one: Way, taken: Taken, definition: FlowDefinition | None, local: tzinfo) -> Entry | None:
    """A step's decision; the end is told by the enrolment."""
    step = definition.steps.get(taken.step) if definition is not None else None
    told = _decided(taken, step, definition, local)
    if told is None:
        return None
    title, detail = told
    return Entry(taken.at, "step", title, detail, flow=one.name)


_Told = tuple[str, str | None]
"""The title of an entry, and its detail."""


def _decided(taken: Taken, step: Step | None, definition: FlowDefinition | None, local: tzinfo) -> _Told | None:
    detail = taken.detail or {}
    called = _called(step, taken.step, definition)
    match taken.outcome:
        case "waited":
            return _waited(step, detail, local)
        case "passed":
            return _passed(step, called, detail)
        case "yes" | "no":
            return f"Asked: {_asked(step) or taken.step}? {taken.outcome.capitalize()}", None
        case "took":
            return _took(step, called, str(detail.get("branch", "")), definition)
        case "happened" | "timed_out" | "reached" | "unmet" | "released" | "jumped":
            return _came(taken, step, definition)
        case "intended":
            return f"Planned {called}", None
        case "skipped":
            return f"Skipped {called}", reason(detail.get("reason"))
        case "held":
            return f"Held {called} for review", "until somebody decides"
        case "done":
            return _done(step, called)
        case "moved":
            return f"Moved to {_called(None, str(detail.get('to', '')), definition)}", _by_publishing(detail)
        case "pinned":
            return "Finishes on the version they are on", _by_publishing(detail)
        case "put_back":
            return "Put back where they stood", "the publishing that had moved them was undone"
    return None


def _by_publishing(detail: Mapping[str, Any]) -> str | None:
    return f"when version {detail['version']} was published" if detail.get("version") else None


def _called(step: Step | None, step_id: str, definition: FlowDefinition | None) -> str:
    """A step as people know it."""
    if step is None and definition is not None:
        step = definition.steps.get(step_id)
    if isinstance(step, Email):
        return f"“{step.name}”"
    if step is None or definition is None:
        return step_id
    return f"“{step_words(definition, step).partition(' [')[0]}”"


def _waited(step: Step | None, detail: Mapping[str, Any], local: tzinfo) -> _Told:
    if "until" in detail:
        until = moment(datetime.fromisoformat(detail["until"]), local)
        if isinstance(step, WaitFor):
            return f"Waits for {_awaited(step)}", f"until {until} at the latest"
        return f"Waits until {until}", _wait(step)
    wanted = detail.get("for", "a coupon")
    match step:
        case BackInStock():
            return f"Waits until {wanted} is in stock again", None
        case Goal(condition=condition):
            return f"Waits at the goal: {describe(condition)}", None
    return f"Waits for the code of {wanted}", "the email that gives it is on its way"


def _wait(step: Step | None) -> str | None:
    match step:
        case Countdown(before=before, coupon=coupon):
            return f"{describe_span(before)} before the code of {coupon} expires"
        case DateCountdown(before=before, path=path):
            return f"{describe_span(before)} before {written(path)}" if before else f"on the day of {written(path)}"
        case Delay(span=span) if span.until is not None:
            return f"until {span.until:%H:%M} {'their time' if span.timezone == 'profile' else span.timezone}"
    return None


def _awaited(step: WaitFor) -> str:
    """What is waited for, each by its name or what it asks."""
    return " or ".join(
        branch.name or (branch.event.metric if branch.event is not None else describe(branch.condition))
        for branch in step.branches
    )


def _passed(step: Step | None, called: str, detail: Mapping[str, Any]) -> _Told:
    why = str(detail.get("reason", "not needed"))
    if isinstance(step, Countdown) or "coupon" in detail:
        return "Did not wait", f"the code of {detail.get('coupon', 'the coupon')} was {why}"
    if why == "behind":
        return f"Passed over {called}", _PASSED[why]
    return "Did not wait", _PASSED.get(why, why)


def _asked(step: Step | None) -> str | None:
    match step:
        case Split(condition=condition):
            return describe(condition)
        case TriggerSplit(where=where):
            return f"the event has {describe(where)}"
    return None


def _took(step: Step | None, called: str, branch: str, definition: FlowDefinition | None) -> _Told:
    match step:
        case AbTest():
            return f"Gets {_called(None, branch, definition)}", "of the emails that are tested"
        case MultiSplit():
            return f"Took the way “{branch}”", None
    return f"Took the way “{branch}” by chance" if step is not None else f"Took the way “{branch}”", None


def _came(taken: Taken, step: Step | None, definition: FlowDefinition | None) -> _Told:
    """What was waited for came or did not; goals that were met or not."""
    detail = taken.detail or {}
    match taken.outcome:
        case "happened":
            return f"It came: {detail.get('branch') or 'what was waited for'}", None
        case "timed_out":
            what = f"for {_awaited(step)}" if isinstance(step, WaitFor) else "there"
            return f"The time to wait {what} was over", None
        case "released":
            return "The product is in stock again", None
    goal = step
    if taken.outcome == "jumped" and definition is not None:
        goal = definition.steps.get(str(detail.get("goal")))
    asked = describe(goal.condition) if isinstance(goal, Goal) else str(detail.get("goal") or taken.step)
    titles = {"reached": "Reached the goal", "unmet": "Went on without the goal", "jumped": "Jumped to the goal"}
    return f"{titles[taken.outcome]}: {asked}", None


def _done(step: Step | None, called: str) -> _Told:
    match step:
        case UpdateProfile():
            return "Changed the profile", called.strip("“”").removeprefix("profile: ")
        case ChangeList(list=named, add=add):
            return f"{'Put on' if add else 'Taken off'} the list {named}", None
        case IssueCoupon(coupon=coupon):
            return f"Was given a code of {coupon}", None
        case Webhook(spec=spec):
            return f"Calls {spec.get('url')}", None
        case Notify(spec=spec):
            return f"Tells {', '.join(spec.get('to', ()))}", spec.get("subject")
    return f"Did {called}", None


# ── what comes next ─────────────────────────────────────────────────────────────────────────────────────────────────
def coming(ways: Sequence[Way], definitions: Mapping[int, FlowDefinition | None], local: tzinfo) -> list[Entry]:
    """Where the person waits in flows, and what is due there when. Times in words are those of `local`."""
    found = []
    for one in ways:
        if one.state != "waiting":
            continue
        definition = definitions.get(one.id)
        step_id = one.step or (definition.first if definition is not None else "")
        step = definition.steps.get(step_id) if definition is not None else None
        title, detail = _standing(one, step, definition, local)
        if not isinstance(step, Email) and definition is not None:
            following = _next_email(definition, step)
            detail += f"; the next email is “{following.name}”" if following is not None else ""
        if one.flow_status == "paused":
            detail = "but the flow is paused: everyone stays where they are until it goes on"
        found.append(Entry(one.due_at or one.entered_at, "flow", f"{title} in {one.name}", detail, flow=one.name))
    return in_order(found)


def _standing(one: Way, step: Step | None, definition: FlowDefinition | None, local: tzinfo) -> tuple[str, str]:
    """What is waited for where the enrolment stands, and how long at most."""
    if one.held == "review":
        return f"{_called(step, one.step or '', definition)} is held for review", "until somebody decides"
    if one.since is None or one.due_at is None:
        return _due(step, definition), _IF_STILL
    latest = f"until {moment(one.due_at, local)} at the latest"
    match step:
        case WaitFor():
            return f"Waits for {_awaited(step)}", latest
        case Goal(condition=condition):
            return f"Waits at the goal ({describe(condition)})", latest
        case BackInStock():
            return f"Waits until {one.item or 'the product'} is in stock again", latest
    return _due(step, definition), _IF_STILL


def _due(step: Step | None, definition: FlowDefinition | None) -> str:
    match step:
        case Email(name=name):
            return f"“{name}” is due"
        case AbTest(variations=variations):
            return f"One of {', '.join(_called(None, email, definition) for email, _ in variations)} is due"
        case Countdown(coupon=coupon):
            return f"The wait for the code of {coupon} to run down begins"
        case Split(condition=condition):
            return f"A decision is due ({describe(condition)})"
        case Goal(condition=condition):
            return f"The goal is due ({describe(condition)})"
        case WaitFor():
            return f"The wait for {_awaited(step)} begins"
        case UpdateProfile() | ChangeList() | IssueCoupon() | Webhook() | Notify():
            return f"{_called(step, step.id, definition)} is due"
        case Exit():
            return "The end is due"
    return "The next step is due"


def _next_email(definition: FlowDefinition, step: Step | None) -> Email | None:
    """The email that most come to from here, if any."""
    while step is not None:
        after = next((step_id for step_id in leads_to(step) if step_id is not None), None)
        step = definition.steps.get(after) if after is not None else None
        if isinstance(step, Email) and step.status != DRAFT:
            return step
    return None
