"""Why somebody did not enter a flow, told: what last could have started it for them, and which rule said no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience import profiles
from headwater.flows import refusing, why_not
from headwater.flows.delays import zone
from headwater.flows.refusing import Entry, Verdict
from headwater.flows.triggers import CallTrigger, DateTrigger, ListTrigger, SegmentTrigger
from headwater.flows.why_not import Asked, WhyNot
from headwater.flows.wording import trigger_words
from headwater.segments.conditions import Test, written
from headwater.segments.explain import Answer
from headwater.segments.language import describe
from headwater.segments.properties import leads_to
from headwater.segments.wording import describe_span
from headwater.why.wording import about, moment

ASSUMES = (
    "Filters are asked as of the time when the flow was asked, from what had happened by then; properties, lists, "
    "segments and consent are today's."
)


def entering(conn: Connection, workspace_id: int, profile_id: int, slug: str, now: datetime) -> dict[str, Any]:
    """The last triggers of the flow for a person, each with what became of it; ready for JSON.

    Raises UnknownFlow, and LookupError if there is no such profile.
    """
    found = why_not.of_profile(conn, workspace_id, profile_id, slug, now)
    person = profiles.get(conn, workspace_id, [profile_id])[profile_id]
    local = zone(person.timezone) or zone(brands.load(conn, workspace_id).timezone) or UTC
    triggers = [_trigger(asked, local) for asked in found.asked]
    newest = triggers[0] if triggers else {"verdict": found.nothing, "words": _nothing(found, local), "details": []}
    return {
        "profile_id": profile_id,
        "email": person.email,
        "flow": found.flow.slug,
        "name": found.flow.name,
        "status": found.flow.status,
        "starts_when": trigger_words(found.definition.trigger) if found.definition is not None else None,
        "timezone": str(local),
        "now": _instant(now),
        "verdict": newest["verdict"],
        "words": newest["words"],
        "details": newest["details"],
        "triggers": triggers,
        "entries": [_entry(one) for one in reversed(found.entries)],
        "next_at": _instant(found.next_at) if found.next_at is not None else None,
        "assumes": ASSUMES,
    }


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "enrolment": one.id,
        "started_at": _instant(one.started_at),
        "entered_at": _instant(one.entered_at),
        "state": one.state,
        "reason": one.reason,
    }


def _trigger(asked: Asked, local: tzinfo) -> dict[str, Any]:
    verdict = asked.verdict
    return {
        "at": _instant(asked.occurred.at),
        "what": _what(asked),
        "verdict": verdict.code,
        "words": _words(asked, local),
        "details": list(_details(asked)),
        "enrolment": verdict.entry.id if verdict.entry is not None else None,
        "again_at": _instant(verdict.again_at) if verdict.again_at is not None else None,
    }


def _what(asked: Asked) -> str:
    """The trigger itself, in a few words."""
    trigger = asked.occurred.trigger
    if "list" in trigger:
        return f"joined the list {trigger['name']}"
    if "day" in trigger:
        return f"the date {trigger['day']}"
    told = about(trigger.get("properties") or {}, {})
    return f"{trigger['metric']}{f': {told}' if told else ''}"


# ── verdicts ────────────────────────────────────────────────────────────────────────────────────────────────────────
_PLAIN = {
    refusing.HELD_OUT: "Left out on purpose: always the same people, to measure the flow against.",
    refusing.HISTORY: "It was imported as history, which fills the past and starts nothing.",
    refusing.OTHER_TRIGGER: "The version of the flow that ran then was started by something else.",
    refusing.NO_ADDRESS: "There is no email address, and who has none is not taken in.",
    refusing.UNCLEAR: "Nothing that is known today stood against it. The flow may have been paused then, the address, "
    "a property, list or consent may have been another, or it has not been processed yet.",
}


def _words(asked: Asked, local: tzinfo) -> str:
    verdict, one = asked.verdict, asked.occurred
    match verdict.code:
        case refusing.ENTERED:
            assert verdict.entry is not None
            return f"Entered on {moment(verdict.entry.entered_at, local)}: {_now(verdict.entry, local)}."
        case refusing.MERGED:
            assert verdict.entry is not None
            began = moment(verdict.entry.started_at, local)
            return f"Its data went into the run for {verdict.entry.key} that had begun on {began}."
        case refusing.NOT_LIVE:
            return _not_live(verdict, one.asked_at, local)
        case refusing.LATE:
            late = describe_span(one.asked_at - one.at)
            return f"It came {late} after it had happened; what is more than 24 hours old is history."
        case refusing.TRIGGER_FILTER:
            return (
                "It did not pass the trigger's filter: " + " and ".join(describe(test) for test in verdict.tests) + "."
            )
        case refusing.INSIDE:
            assert verdict.entry is not None
            return f"{one.key} was inside already, since {moment(verdict.entry.started_at, local)}."
        case refusing.AGAIN:
            return _again(verdict, local)
        case refusing.EXIT:
            return "What ends the flow held already: " + " and ".join(map(describe, verdict.failed)) + "."
        case refusing.PROFILE_FILTERS:
            return "The flow's filters said no: " + " and ".join(map(describe, verdict.failed)) + "."
    return _PLAIN[verdict.code]


def _now(entry: Entry, local: tzinfo) -> str:
    """How the run stands."""
    if entry.finished_at is None:
        return "still on the way"
    ended = "went through to the end" if entry.state == "completed" else f"left ({entry.reason})"
    return f"{ended} on {moment(entry.finished_at, local)}"


def _not_live(verdict: Verdict, at: datetime, local: tzinfo) -> str:
    if verdict.since is None or verdict.since > at:
        published = f": it was published on {moment(verdict.since, local)}" if verdict.since is not None else ""
        return f"The flow was not live yet{published}."
    return f"The flow was not live any more; it was stopped on {moment(verdict.since, local)} or before."


def _again(verdict: Verdict, local: tzinfo) -> str:
    assert verdict.entry is not None
    before = f"Had entered on {moment(verdict.entry.started_at, local)}"
    if verdict.again_at is None:
        return f"{before}, and nobody enters this flow again."
    return f"{before}, and may enter again from {moment(verdict.again_at, local)} on."


def _details(asked: Asked) -> Iterator[str]:
    """What is known that decided it."""
    for answer in asked.answers:
        yield from _known(answer)
    properties = asked.occurred.trigger.get("properties") or {}
    for test in asked.verdict.tests:
        if isinstance(test, Test):
            values = list(leads_to(properties, test.path))
            value = ", ".join(str(one)[:80] for one in values) if values else "not set"
            yield f"{written(test.path)}: {asked.occurred.value if written(test.path) == '$value' else value}"


def _known(answer: Answer) -> Iterator[str]:
    yield from answer.facts
    for part in answer.of:
        yield from _known(part)


# ── nothing to ask about ────────────────────────────────────────────────────────────────────────────────────────────
def _nothing(found: WhyNot, local: tzinfo) -> str:
    """Why no trigger is known."""
    if found.definition is None:
        return "The flow has never been published."
    trigger = found.definition.trigger
    match trigger:
        case ListTrigger(named) if found.nothing == why_not.NOT_CONFIRMED:
            return f"They asked for the list {named} and have not confirmed it yet."
        case ListTrigger(named):
            return f"They are not on the list {named}."
        case DateTrigger(rule) if found.nothing == why_not.NO_DATE:
            return f"They have no date {written(rule.path)}, or it comes no more."
        case DateTrigger() if found.next_at is not None:
            return f"Their date comes on {moment(found.next_at, local)}."
        case SegmentTrigger(segment, True) if found.member_since is not None:
            since = moment(found.member_since, local)
            return f"They are in the segment {segment} since {since}, by an edit or an import, which starts nothing."
        case SegmentTrigger(segment, entered):
            return f"They have not {'entered' if entered else 'left'} the segment {segment}."
        case CallTrigger("manual"):
            return "Nobody has added them by hand."
        case CallTrigger():
            return "No call has named them for this flow."
    return f"No {found.definition.trigger_metric} of theirs is known."


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
