"""The home page in one answer: a span and the one before, what runs, what comes next, and what needs attention.

A fixed number of statements, each over the span by an index or from a roll-up; none of them reads everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.accounts.brand import Brand
from headwater.audience import growth
from headwater.audience.imports import troubles as imports
from headwater.campaigns import campaigns, coming
from headwater.campaigns.campaigns import Campaign
from headwater.delivery import sendings
from headwater.delivery.results import StepResults
from headwater.events import inbox
from headwater.flows import glance
from headwater.flows.calls import troubles
from headwater.flows.editing.draft_problem import first_problem
from headwater.flows.glance import Glance
from headwater.insights import attention, sending, setup, spans
from headwater.insights.attention import Item, Named, Source
from headwater.insights.sending import Days
from headwater.insights.setup import Setup
from headwater.insights.spans import Span

LATELY = 7
"""Days: what went wrong longer ago needs no attention any more."""
LATE = timedelta(minutes=15)
NEXT = 6
DRAFTS = 5


@dataclass(frozen=True, slots=True)
class Whole:
    """A span's numbers."""

    flows: StepResults
    campaigns: StepResults
    engaged: int
    """People who opened or clicked an email that left in the span."""
    subscribed: int
    unsubscribed: int


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    flows: StepResults
    campaigns: StepResults
    subscribed: int
    unsubscribed: int


@dataclass(frozen=True, slots=True)
class Running:
    flow: Glance
    emails: StepResults


@dataclass(frozen=True, slots=True)
class Overview:
    brand: Brand
    span: Span
    now: Whole
    before: Whole
    days: list[Day]
    subscribers: int
    running: list[Running]
    """Live and paused flows, those that earn most first."""
    scheduled: list[Campaign]
    attention: list[Item]
    setup: Setup


def load(conn: Connection, workspace_id: int, now: datetime, days: int) -> Overview:
    """The last so many days of the brand's zone, today included."""
    brand = brands.load(conn, workspace_id)
    span = spans.ending_today(now, brand.zone, days)
    results = sending.load(conn, workspace_id, Span(span.before.first, span.last, span.zone))
    grown = {one.day: one for one in growth.by_day(conn, workspace_id, span.before.since, span.until, span.zone)}
    flows = glance.all_flows(conn, workspace_id)
    return Overview(
        brand=brand,
        span=span,
        now=_whole(conn, workspace_id, results, grown, span),
        before=_whole(conn, workspace_id, results, grown, span.before),
        days=_days(results, grown, span),
        subscribers=growth.subscribers(conn, workspace_id),
        running=_running(flows, results.by_source(span, "flow")),
        scheduled=coming.on_their_way(conn, workspace_id, NEXT),
        attention=_attention(conn, brand, now, flows, results),
        setup=setup.of_brand(conn, brand, flows),
    )


def _whole(conn: Connection, workspace_id: int, results: Days, grown: dict[date, growth.Growth], span: Span) -> Whole:
    kept = [one for day, one in grown.items() if span.holds(day)]
    return Whole(
        flows=results.all_of(span, "flow"),
        campaigns=results.all_of(span, "campaign"),
        engaged=sending.engaged(conn, workspace_id, span),
        subscribed=sum(one.subscribed for one in kept),
        unsubscribed=sum(one.unsubscribed for one in kept),
    )


def _days(results: Days, grown: dict[date, growth.Growth], span: Span) -> list[Day]:
    flows, sent = results.by_day(span, "flow"), results.by_day(span, "campaign")
    nothing = growth.Growth(span.first, 0, 0)
    return [
        Day(
            day, flows[day], sent[day], grown.get(day, nothing).subscribed, grown.get(day, nothing).unsubscribed
        )
        for day in span.days
    ]  # fmt: skip


def _running(flows: list[Glance], emails: dict[int, StepResults]) -> list[Running]:
    found = [Running(flow, emails.get(flow.id, StepResults())) for flow in flows if flow.status in ("live", "paused")]
    return sorted(found, key=lambda one: (-one.emails.revenue, -one.emails.sent, one.flow.name.lower()))


def _attention(conn: Connection, brand: Brand, now: datetime, flows: list[Glance], results: Days) -> list[Item]:
    lately = spans.ending_today(now, brand.zone, LATELY)
    emails: dict[Source, StepResults] = {("flow", key): of for key, of in results.by_source(lately, "flow").items()}
    emails |= {("campaign", key): of for key, of in results.by_source(lately, "campaign").items()}
    known: dict[Source, Named] = {("flow", flow.id): Named(flow.name, flow.slug) for flow in flows}
    sent = campaigns.get(conn, brand.id, [number for kind, number in emails if kind == "campaign"])
    known |= {("campaign", one.id): Named(one.name, str(one.id)) for one in sent.values()}
    return attention.sorted_by_weight(
        [
            *attention.sender(brand.from_email, brand.postal_address),
            *attention.late(sendings.late(conn, brand.id, now, LATE), int(LATE.total_seconds() // 60)),
            *attention.health(results.all_of(lately), LATELY),
            *attention.broken(emails, known, LATELY),
            *attention.held([(known["flow", flow.id], flow.in_review) for flow in flows]),
            *attention.calls(troubles.failing(conn, brand.id, now)),
            *attention.imports(imports.ended_since(conn, brand.id, now - timedelta(days=LATELY)), LATELY),
            *attention.events(inbox.failures_since(conn, brand.id, now - timedelta(days=LATELY)), LATELY),
            *attention.unfinished(_drafts(flows)),
        ]
    )


def _drafts(flows: list[Glance]) -> Iterable[tuple[Named, str]]:
    written = [flow for flow in flows if flow.draft is not None and flow.status != "archived"]
    for flow in written[:DRAFTS]:
        problem = first_problem(flow.draft or {}, flow.slug)
        if problem is not None:
            yield Named(flow.name, flow.slug), problem
