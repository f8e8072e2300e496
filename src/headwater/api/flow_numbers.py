"""/flows/{slug}/numbers: who came to each step and what became of them, the emails' results, how tests stand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from headwater.api.calls import Moment, Money, call
from headwater.api.errors import ApiError
from headwater.delivery.results import StepResults
from headwater.flows import figures
from headwater.flows.figures import StepFigures

router = Router(tags=["Flows"])

USUAL = timedelta(days=30)


class Rates(Schema):
    """From 0 to 1, over what was delivered; bounces over what was sent. Null: there was nothing."""

    opened: float | None
    clicked: float | None
    converted: float | None
    unsubscribed: float | None
    complained: float | None
    bounced: float | None


class EmailNumbers(Schema):
    """Emails that were planned in the span, by what became of them until now."""

    planned: int
    """Still to go."""
    sent: int
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    converted: int
    """Orders by people who had opened or clicked this email last, within five days."""
    revenue: Money
    unsubscribed: int
    skipped: dict[str, int]
    """By reason."""
    rates: Rates


class VariationNumbers(Schema):
    step: str
    share: float
    sent: int
    hits: int
    """People who did what counts."""
    chance: float
    """How likely it is the best of them, from 0 to 1."""


class WinnerOut(Schema):
    variation: str
    decided_at: Moment
    chance: float
    by_time: bool
    """The time was over before the numbers were certain."""


class TestNumbers(Schema):
    by: str
    """What counts: clicks, opens or orders."""
    variations: list[VariationNumbers]
    winner: WinnerOut | None


class StepNumbersOut(Schema):
    step: str
    words: str
    came: int
    """How often somebody came to it in the span."""
    outcomes: dict[str, int]
    """yes, no, took, happened, timed_out, waited, done, skipped:reason, exited:reason …"""
    waiting: int
    """Before the step, or in it, now."""
    needs_review: int
    email: EmailNumbers | None
    test: TestNumbers | None


class FlowNumbersOut(Schema):
    slug: str
    name: str
    status: str
    version: int
    since: Moment
    until: Moment
    entered: int
    completed: int
    """Went through to the end."""
    waiting: int
    """Now."""
    needs_review: int
    exited: dict[str, int]
    """Before the end, by reason."""
    emails: EmailNumbers
    """Of all steps together."""
    steps: list[StepNumbersOut]
    """In the order of the definition; steps that it no longer has come last."""


@router.get("/flows/{slug}/numbers", response=FlowNumbersOut, summary="The numbers of a flow, step by step")
def flow_numbers(
    request: HttpRequest,
    slug: str,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
) -> dict[str, Any]:
    """Of the last 30 days, unless `since` and `until` say otherwise; who waits is always who waits now."""
    with call(request) as c:
        begins, ends = _span(since, until, c.now)
        found = figures.of_flow(c.conn, c.workspace_id, slug, begins, ends)
    return {
        "slug": found.flow.definition.slug,
        "name": found.flow.definition.name,
        "status": found.flow.status,
        "version": found.flow.version,
        "since": begins,
        "until": ends,
        "entered": found.numbers.entered,
        "completed": found.numbers.completed,
        "waiting": found.numbers.waiting,
        "needs_review": found.numbers.needs_review,
        "exited": found.numbers.exited,
        "emails": _email(found.emails),
        "steps": [_step(one) for one in found.steps],
    }


def _span(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    ends = until or now
    begins = since or ends - USUAL
    if begins >= ends:
        raise ApiError(400, "The span ends before it begins.", "query.until")
    return begins, ends


def _step(one: StepFigures) -> dict[str, Any]:
    return {
        "step": one.step,
        "words": one.words,
        "came": one.numbers.came,
        "outcomes": one.numbers.outcomes,
        "waiting": one.numbers.waiting,
        "needs_review": one.numbers.needs_review,
        "email": _email(one.numbers.results) if one.numbers.results is not None else None,
        "test": asdict(one.test) if one.test is not None else None,
    }


def _email(results: StepResults) -> dict[str, Any]:
    return asdict(results) | {"rates": asdict(figures.rates(results))}
