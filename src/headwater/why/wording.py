"""What happened to a person, told in plain English: entries from plain data. Pure.

Each function tells one kind of fact; `in_order` puts them in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from headwater.delivery.ledger import LedgerEntry
from headwater.delivery.reasons import Reason
from headwater.events import metrics
from headwater.events.timeline import Seen
from headwater.flows.definition import Countdown, Delay, Email, Exit, FlowDefinition, Split, Step, TriggerSplit
from headwater.flows.timeline import Taken, Way
from headwater.segments.language import describe
from headwater.segments.wording import describe_span


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, or will."""

    at: datetime
    kind: str
    """event, consent, suppression, list, flow, step, message"""
    title: str
    detail: str | None = None
    flow: str | None = None
    """The name of the flow or campaign that it belongs to."""
    state: str | None = None
    """Of a message: planned, sent, skipped …"""
    reason: str | None = None
    """The code of the reason why a message did not go or an enrolment ended."""
    message_id: int | None = None


@dataclass(frozen=True)
class Source:
    """What a message comes from, and what it is called there."""

    name: str
    message: str


_RANK = {"event": 0, "list": 1, "consent": 2, "suppression": 3, "flow": 4, "step": 5, "message": 6}
_LEFT = {
    "exit_event": "what ends the flow has happened",
    "failed_profile_filter": "no longer meets the flow's conditions",
    "exit_step": "the flow ends here for them",
    "profile_deleted": "the profile is gone",
    "step_removed": "the step where they stood was removed",
    "flow_archived": "the flow was archived",
    "unsubscribed": "unsubscribed",
    "merged_away": "merged into another profile that is in the flow",
}
_METHODS = {
    "api": "through the API",
    "list_import": "imported with a list",
    "one_click_unsubscribe": "with the mail program's unsubscribe button",
    "unsubscribe_page": "on the unsubscribe page",
    "event": "reported by the shop",
    "merge": "carried over when profiles were merged",
}
_SUPPRESSED = {
    "hard_bounce": "the address does not exist",
    "invalid_email": "the address is invalid",
    "spam_complaint": "marked an email as spam",
    "unsubscribe": "unsubscribed",
    "user_suppressed": "suppressed by hand",
}
_SENT = frozenset({"sent", "delivered", "bounced", "complained"})


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Oldest first; at the same instant the cause before its effects."""
    return sorted(entries, key=lambda entry: (entry.at, _RANK[entry.kind], entry.message_id or 0))


def standing(consent: Mapping[str, Any], require_consent: bool, address: str | None) -> tuple[bool, str]:
    """Whether the person can get marketing email today, and why."""
    if not address:
        return False, "There is no email address."
    if consent["suppressions"]:
        first = consent["suppressions"][0]
        reason = _SUPPRESSED.get(first["reason"], first["reason"])
        return False, f"Suppressed since {_day(first['at'])}: {reason}."
    if consent["state"] == "unsubscribed":
        return False, f"Unsubscribed on {_day(consent['changed_at'])}."
    if consent["state"] == "subscribed":
        return True, f"Subscribed since {_day(consent['changed_at'])}."
    if require_consent:
        return False, "Never subscribed, and this brand asks for consent."
    return True, "Never subscribed nor unsubscribed; this brand may write until told to stop."


# ── what the person did ─────────────────────────────────────────────────────────────────────────────────────────────
def event(seen: Seen, messages: Mapping[int, str]) -> Entry:
    """An event. Those about an email name it."""
    detail = _about(seen.properties, messages)
    if seen.value is not None:
        detail = ", ".join(part for part in (f"{seen.value:,.2f}", detail) if part)
    if seen.history:
        detail = f"{detail} (history)" if detail else "history"
    return Entry(seen.ts, "event", seen.metric, detail or None, message_id=_message_id(seen.properties))


def _about(properties: Mapping[str, Any], messages: Mapping[int, str]) -> str:
    if properties.get("coupon") and properties.get("code"):
        return f"{properties['coupon']}: {properties['code']}"
    found = _message_id(properties)
    if found is not None and found in messages:
        where = f" → {properties['url']}" if properties.get("url") else ""
        label = " (by a machine)" if properties.get("machine") else ""
        return f"“{messages[found]}”{where}{label}"
    for name in ("title", "segment"):
        if properties.get(name):
            return str(properties[name])
    items = properties.get("items")
    if isinstance(items, list) and items:
        titles = [str(item["title"]) for item in items if isinstance(item, Mapping) and item.get("title")]
        more = f" and {len(items) - 2} more" if len(items) > 2 else ""
        return ", ".join(titles[:2]) + more
    return str(properties.get("code") or "")


def _message_id(properties: Mapping[str, Any]) -> int | None:
    found = properties.get("message_id")
    return found if isinstance(found, int) else None


def consented(record: tuple[datetime, str, str, Mapping[str, Any]]) -> Entry:
    at, state, method, _ = record
    return Entry(at, "consent", state.capitalize(), _METHODS.get(method, method))


def suppressed(one: Mapping[str, Any]) -> Entry:
    return Entry(
        one["at"], "suppression", "Suppressed", _SUPPRESSED.get(one["reason"], one["reason"]), reason=one["reason"]
    )


def joined(member: tuple[str, datetime, str]) -> Entry:
    name, at, method = member
    return Entry(at, "list", f"Joined the list {name}", _METHODS.get(method, method))


# ── what flows decided ──────────────────────────────────────────────────────────────────────────────────────────────
def way(one: Way, definition: FlowDefinition | None, local: tzinfo) -> Iterator[Entry]:
    """One enrolment: how it began, what each step decided, how it ended. Times in words are those of `local`."""
    began = max(one.entered_at, one.started_at)
    yield Entry(began, "flow", f"Entered {one.name}", _cause(one.trigger), flow=one.name)
    last = None
    for taken in one.steps:
        entry = _taken(one, taken, definition, local)
        if entry is not None and (last is None or entry.title != last.title):  # looked again, and still waits
            last = replace(entry, at=max(entry.at, began))
            yield last
    if one.state == "completed" and one.finished_at is not None:
        yield Entry(one.finished_at, "flow", f"Went through {one.name} to the end", flow=one.name)
    elif one.state == "exited" and one.finished_at is not None:
        yield Entry(one.finished_at, "flow", f"Left {one.name}", _left(one), flow=one.name, reason=one.reason)


def _cause(trigger: Mapping[str, Any]) -> str | None:
    if "list" in trigger:
        return f"joined the list {trigger.get('name') or trigger['list']}"
    metric = trigger.get("metric")
    if not metric:
        return None
    about = _about(trigger.get("properties") or {}, {})
    return f"because of {metric}{f': {about}' if about else ''}"


def _left(one: Way) -> str:
    told = (str(taken.detail["event"]) for taken in reversed(one.steps) if taken.detail and taken.detail.get("event"))
    because = next(told, "")
    words = _LEFT.get(one.reason or "", one.reason or "")
    return f"{words}: {because}" if because else words


def _taken(one: Way, taken: Taken, definition: FlowDefinition | None, local: tzinfo) -> Entry | None:
    """A step's decision; intended emails are told by their messages, the end by the enrolment."""
    step = definition.steps.get(taken.step) if definition is not None else None
    detail = taken.detail or {}
    if taken.outcome == "waited" and "until" in detail:
        until = datetime.fromisoformat(detail["until"])
        return Entry(taken.at, "step", f"Waits until {_moment(until, local)}", _wait(step), flow=one.name)
    if taken.outcome == "waited":
        title = f"Waits for the code of {detail.get('for', 'a coupon')}"
        return Entry(taken.at, "step", title, "the email that gives it is on its way", flow=one.name)
    if taken.outcome == "passed":
        because = f"the code of {detail.get('coupon', 'the coupon')} was {detail.get('reason', 'not needed')}"
        return Entry(taken.at, "step", "Did not wait", because, flow=one.name)
    if taken.outcome in ("yes", "no"):
        asked = _asked(step) or taken.step
        return Entry(taken.at, "step", f"Asked: {asked}? {taken.outcome.capitalize()}", flow=one.name)
    return None


def _asked(step: Step | None) -> str | None:
    match step:
        case Split(condition=condition):
            return describe(condition)
        case TriggerSplit(where=where):
            return f"the event has {describe(where)}"
    return None


def _wait(step: Step | None) -> str | None:
    match step:
        case Countdown(before=before, coupon=coupon):
            return f"{describe_span(before)} before the code of {coupon} expires"
        case Delay(span=span) if span.until is not None:
            return f"until {span.until:%H:%M} {'their time' if span.timezone == 'profile' else span.timezone}"
    return None


# ── what became of messages ─────────────────────────────────────────────────────────────────────────────────────────
def message(one: LedgerEntry, source: Source, local: tzinfo) -> Entry:
    """A message of the ledger: sent, or not and why, or still to come. Times in words are those of `local`."""
    name = f"“{source.message}”"
    known: dict[str, Any] = {"flow": source.name, "state": one.state, "reason": one.reason, "message_id": one.id}
    if one.state in _SENT:
        at = one.sent_at or one.finished_at or one.send_at
        ends = {"bounced": ", and bounced", "complained": ", and was marked as spam"}.get(one.state, "")
        return Entry(at, "message", f"Sent {name}{ends}", _with(one, local), **known)
    if one.state in ("planned", "claimed"):
        title = f"{name} is {'being sent' if one.state == 'claimed' else 'planned'}"
        return Entry(one.send_at, "message", title, _retries(one), **known)
    verb = {"skipped": "Did not send", "failed": "Could not send", "cancelled": "Took back"}.get(one.state, one.state)
    return Entry(one.finished_at or one.send_at, "message", f"{verb} {name}", _because(one), **known)


def _because(one: LedgerEntry) -> str | None:
    words = _reason(one.reason)
    return f"{words}: {one.detail}" if words and one.detail else words or one.detail


def _reason(code: str | None) -> str | None:
    if code is None:
        return None
    try:
        return Reason(code).words
    except ValueError:
        return code


def _with(one: LedgerEntry, local: tzinfo) -> str | None:
    """To which address, and the codes that were shown."""
    coupons: Mapping[str, Mapping[str, Any]] = (one.context or {}).get("coupons", {})
    parts = [f"to {one.address}"] if one.address else []
    for code in coupons.values():
        expires = code.get("expires_at")
        ends = f", good until {_moment(datetime.fromisoformat(expires), local)}" if expires else ""
        parts.append(f"with the code {code['code']}{ends}")
    return " ".join(parts) or None


def _retries(one: LedgerEntry) -> str | None:
    return f"after {one.attempts} attempts: {one.detail}" if one.attempts and one.detail else None


# ── what comes next ─────────────────────────────────────────────────────────────────────────────────────────────────
def coming(ways: Sequence[Way], definitions: Mapping[int, FlowDefinition | None]) -> list[Entry]:
    """Where the person waits in flows, and what is due there when."""
    found = []
    for one in ways:
        if one.state != "waiting" or one.wake_at is None:
            continue
        definition = definitions.get(one.id)
        step = definition.steps.get(one.step or definition.first) if definition is not None else None
        detail = "if the flow's conditions still hold then"
        if one.flow_status == "paused":
            detail = "but the flow is paused: everyone stays where they are until it goes on"
        found.append(Entry(one.wake_at, "flow", f"{_due(step)} in {one.name}", detail, flow=one.name))
    return in_order(found)


def _due(step: Step | None) -> str:
    match step:
        case Email(name=name):
            return f"“{name}” is due"
        case Countdown(coupon=coupon):
            return f"The wait for the code of {coupon} to run down begins"
        case Split(condition=condition):
            return f"A decision is due ({describe(condition)})"
        case TriggerSplit() | Delay():
            return "The next step is due"
        case Exit():
            return "The end is due"
    return "The next step is due"


def _moment(at: datetime, local: tzinfo) -> str:
    return f"{at.astimezone(local):%a %-d %b %Y %H:%M}"


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


SHOWN_BY_LEDGER = frozenset({metrics.BOUNCED_EMAIL})
"""Events that a message's own entry tells already."""
