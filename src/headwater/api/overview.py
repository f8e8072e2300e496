"""/overview: the home page in one answer, and /stored: how much of the brand is kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from headwater.api.calls import Moment, Money, call
from headwater.api.flow_numbers import Rates
from headwater.delivery.reasons import Reason
from headwater.delivery.results import StepResults
from headwater.flows import figures
from headwater.insights import overview, stored
from headwater.insights.attention import Kind, Level
from headwater.insights.overview import Overview, Whole

router = Router(tags=["Insights"])

Span = Literal["7", "30", "90", "365"]


class Totals(Schema):
    """Of one span. Emails count on the day on which they left, with what became of them until now."""

    revenue: Money
    """Of the orders of the span that are owed to an email of a flow or campaign."""
    revenue_flows: Money
    revenue_campaigns: Money
    orders: int
    sent: int
    delivered: int
    bounced: int
    complained: int
    opened: int
    """Without opens by machines."""
    clicked: int
    unsubscribed: int
    """Who unsubscribed by an email of a flow or campaign."""
    engaged: int
    """People who opened or clicked an email that left in the span."""
    new_subscribers: int
    lost_subscribers: int
    skipped: int
    rates: Rates


class DayOut(Schema):
    day: date
    revenue_flows: Money
    revenue_campaigns: Money
    sent: int
    delivered: int
    opened: int
    clicked: int
    new_subscribers: int
    lost_subscribers: int


class SkippedOut(Schema):
    reason: str
    words: str
    count: int


class RunningFlow(Schema):
    slug: str
    name: str
    status: str
    sent: int
    opened: int
    clicked: int
    orders: int
    revenue: Money
    rates: Rates


class ComingCampaign(Schema):
    id: int
    name: str
    status: str
    send_at: Moment | None
    recipients: int
    """In the ledger so far; 0 until its audience is taken."""


class AttentionItem(Schema):
    kind: Kind
    target: str
    """A flow's slug (of webhooks, too), a campaign's or an import's id; else empty."""
    level: Level
    title: str
    detail: str


class SetupStep(Schema):
    key: Literal["sender", "postal_address", "people", "events", "flow", "campaign"]
    done: bool


class SetupOut(Schema):
    steps: list[SetupStep]
    sent_before: bool
    """Marketing email has gone out already."""


class OverviewOut(Schema):
    first_day: date
    last_day: date
    """Today in the brand's time zone."""
    timezone: str
    currency: str
    now: Totals
    before: Totals
    """Of as many days, just before."""
    days: list[DayOut]
    subscribers: int
    """Now."""
    skipped: list[SkippedOut]
    """The most frequent reasons first."""
    flows: list[RunningFlow]
    scheduled: list[ComingCampaign]
    attention: list[AttentionItem]
    """The gravest first."""
    setup: SetupOut


@router.get("/overview", response=OverviewOut, summary="How the brand is doing")
def get_overview(request: HttpRequest, days: Span = "30") -> dict[str, Any]:
    """The last 7, 30, 90 or 365 days of the brand's time zone, today included, and as many before."""
    with call(request) as c:
        return _shown(overview.load(c.conn, c.workspace_id, c.now, int(days)))


def _shown(found: Overview) -> dict[str, Any]:
    skipped = figures.total([found.now.flows, found.now.campaigns]).skipped
    return {
        "first_day": found.span.first,
        "last_day": found.span.last,
        "timezone": found.brand.timezone,
        "currency": found.brand.currency,
        "now": _totals(found.now),
        "before": _totals(found.before),
        "days": [_day(day) for day in found.days],
        "subscribers": found.subscribers,
        "skipped": [
            {"reason": reason, "words": _words(reason), "count": count}
            for reason, count in sorted(skipped.items(), key=lambda one: (-one[1], one[0]))
        ],
        "flows": [_running(one) for one in found.running],
        "scheduled": [
            {name: getattr(one, name) for name in ComingCampaign.model_fields} for one in found.scheduled
        ],
        "attention": [asdict(item) for item in found.attention],
        "setup": asdict(found.setup),
    }  # fmt: skip


def _totals(whole: Whole) -> dict[str, Any]:
    emails = figures.total([whole.flows, whole.campaigns])
    return {
        **_counts(emails),
        "revenue": emails.revenue,
        "revenue_flows": whole.flows.revenue,
        "revenue_campaigns": whole.campaigns.revenue,
        "bounced": emails.bounced,
        "complained": emails.complained,
        "unsubscribed": emails.unsubscribed,
        "engaged": whole.engaged,
        "new_subscribers": whole.subscribed,
        "lost_subscribers": whole.unsubscribed,
        "skipped": sum(emails.skipped.values()),
        "rates": asdict(figures.rates(emails)),
    }


def _day(day: overview.Day) -> dict[str, Any]:
    return {
        **_counts(figures.total([day.flows, day.campaigns])),
        "day": day.day,
        "revenue_flows": day.flows.revenue,
        "revenue_campaigns": day.campaigns.revenue,
        "new_subscribers": day.subscribed,
        "lost_subscribers": day.unsubscribed,
    }


def _running(one: overview.Running) -> dict[str, Any]:
    return {
        **_counts(one.emails),
        "slug": one.flow.slug,
        "name": one.flow.name,
        "status": one.flow.status,
        "revenue": one.emails.revenue,
        "rates": asdict(figures.rates(one.emails)),
    }


def _counts(emails: StepResults) -> dict[str, int | Decimal]:
    return {
        "orders": emails.converted,
        "sent": emails.sent,
        "delivered": emails.delivered,
        "opened": emails.opened,
        "clicked": emails.clicked,
    }


def _words(reason: str) -> str:
    return Reason(reason).words if reason in Reason._value2member_map_ else reason.replace("_", " ").capitalize()


class MonthOut(Schema):
    month: date
    """Its first day; months are those of UTC."""
    count: int


class StoredOut(Schema):
    profiles: int
    events: int
    messages: int
    """Sent and skipped ones alike."""
    events_by_month: list[MonthOut]
    messages_by_month: list[MonthOut]
    """By the month in which their flow was entered or their campaign scheduled, which is how they are kept."""


@router.get("/stored", response=StoredOut, summary="How much of the brand is kept")
def get_stored(request: HttpRequest) -> stored.Stored:
    with call(request) as c:
        return stored.load(c.conn, c.workspace_id)
