"""/reports: flows, campaigns and mailbox providers over a span, as JSON or as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from headwater.accounts import brand
from headwater.api.calls import Call, Moment, Money, call
from headwater.api.errors import ApiError
from headwater.api.flow_numbers import Rates
from headwater.delivery.results import StepResults
from headwater.flows import figures
from headwater.insights import deliverability, reports, spans
from headwater.insights.deliverability import Part
from headwater.insights.reports import Line, Report
from headwater.insights.spans import Span

router = Router(tags=["Insights"])

USUAL, MOST = 30, 731
MOST_DOMAINS = 200
"""In an answer; a file has all of them."""

Format = Annotated[Literal["json", "csv"], Query()]
"""csv: the lines as a file, a rate a column, named after what it is of."""
Since = Annotated[date | None, Query()]
Until = Annotated[date | None, Query()]
Days = Annotated[Literal["7", "30", "90", "365"] | None, Query()]
"""The last so many, today included; instead of `since` and `until`."""


class Emails(Schema):
    """Emails that left in the span, with what became of them until now."""

    sent: int
    """Recipients: emails that the receiving server took, or that bounced."""
    delivered: int
    bounced: int
    complained: int
    opened: int
    """Without opens by machines."""
    clicked: int
    rates: Rates
    delivery_rate: float | None
    """Delivered, of those sent."""
    click_to_open_rate: float | None
    """Clicked, of those opened."""


class Earnings(Emails):
    unsubscribed: int
    """In the span, by one of its emails."""
    conversions: int
    """Orders of the span by people who had opened or clicked this last, within five days."""
    revenue: Money
    average_order_value: Money | None
    revenue_per_recipient: Money | None
    """Of those sent."""
    skipped: int


class LineOut(Earnings):
    ref: str
    """A flow's slug, a campaign's id."""
    name: str
    status: str
    send_at: Moment | None


class ReportOut(Schema):
    first_day: date
    last_day: date
    timezone: str
    currency: str
    whole: Earnings
    lines: list[LineOut]


class PartOut(Emails):
    name: str
    provider: str


class DeliverabilityOut(Schema):
    first_day: date
    last_day: date
    timezone: str
    whole: Emails
    providers: list[PartOut]
    domains: list[PartOut]
    domains_in_all: int


@router.get("/reports/flows", response=ReportOut, summary="Flows side by side")
def report_flows(
    request: HttpRequest, days: Days = None, since: Since = None, until: Until = None, format: Format = "json"
) -> Any:
    """From `since` to `until`, both days included; the last 30 days of the brand's time zone unless told otherwise."""
    with call(request) as c:
        span, currency = _span(c, days, since, until)
        found = reports.flows(c.conn, c.workspace_id, span)
    return _report(found, span, currency, "flows", format)


@router.get("/reports/campaigns", response=ReportOut, summary="Campaigns side by side")
def report_campaigns(
    request: HttpRequest, days: Days = None, since: Since = None, until: Until = None, format: Format = "json"
) -> Any:
    """Those that sent or earned something from `since` to `until`, both days included."""
    with call(request) as c:
        span, currency = _span(c, days, since, until)
        found = reports.of_campaigns(c.conn, c.workspace_id, span)
    return _report(found, span, currency, "campaigns", format)


@router.get(
    "/reports/deliverability",
    response=DeliverabilityOut,
    summary="How mail arrives, by mailbox provider and domain",
)
def report_deliverability(
    request: HttpRequest, days: Days = None, since: Since = None, until: Until = None, format: Format = "json"
) -> Any:
    with call(request) as c:
        span, _ = _span(c, days, since, until)
        most = MOST_DOMAINS if format == "json" else 1_000_000
        found = deliverability.load(c.conn, c.workspace_id, span, most)
    if format == "csv":
        rows = [{"domain": part.name, "provider": part.provider} | _emails(part.emails) for part in found.domains]
        return _file("deliverability", span, rows)
    return {
        **_told(span),
        "whole": _emails(found.whole),
        "providers": [_part(part) for part in found.providers],
        "domains": [_part(part) for part in found.domains],
        "domains_in_all": found.domains_in_all,
    }


def _span(c: Call, days: str | None, since: date | None, until: date | None) -> tuple[Span, str]:
    found = brand.load(c.conn, c.workspace_id)
    usual = spans.ending_today(c.now, found.zone, int(days or USUAL))
    if days is not None and (since or until) is not None:
        raise ApiError(400, "A report is of the last days, or from a day to a day, not both.", "query.days")
    if since is None and until is None:
        return usual, found.currency
    last = until or usual.last
    first = since or last - (usual.last - usual.first)
    if first > last:
        raise ApiError(400, "The span ends before it begins.", "query.until")
    if (last - first).days >= MOST or first.year < 1970 or last.year > 9000:
        raise ApiError(400, f"A report spans at most {MOST} days.", "query.since")
    return Span(first, last, found.zone), found.currency


def _told(span: Span) -> dict[str, Any]:
    return {"first_day": span.first, "last_day": span.last, "timezone": span.zone.key}


def _report(found: Report, span: Span, currency: str, name: str, format: str) -> Any:
    lines = [_line(line) for line in found.lines]
    if format == "csv":
        return _file(name, span, [{"currency": currency, **line} for line in lines])
    return {**_told(span), "currency": currency, "whole": _earnings(found.whole), "lines": lines}


def _line(line: Line) -> dict[str, Any]:
    named = {"ref": line.ref, "name": line.name, "status": line.status, "send_at": line.send_at}
    return named | _earnings(line.emails)


def _part(part: Part) -> dict[str, Any]:
    return {"name": part.name, "provider": part.provider} | _emails(part.emails)


def _emails(emails: StepResults) -> dict[str, Any]:
    return {
        "sent": emails.sent,
        "delivered": emails.delivered,
        "bounced": emails.bounced,
        "complained": emails.complained,
        "opened": emails.opened,
        "clicked": emails.clicked,
        "delivery_rate": _part_of(emails.delivered, emails.sent),
        "click_to_open_rate": _part_of(emails.clicked, emails.opened),
        "rates": asdict(figures.rates(emails)),
    }


def _earnings(emails: StepResults) -> dict[str, Any]:
    return _emails(emails) | {
        "unsubscribed": emails.unsubscribed,
        "conversions": emails.converted,
        "revenue": emails.revenue,
        "average_order_value": _each(emails.revenue, emails.converted),
        "revenue_per_recipient": _each(emails.revenue, emails.sent),
        "skipped": sum(emails.skipped.values()),
    }


def _each(money: Decimal, of: int) -> Decimal | None:
    return round(money / of, 4) if of else None


def _part_of(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None


def _file(name: str, span: Span, rows: Sequence[Mapping[str, Any]]) -> HttpResponse:
    """A CSV file of these rows, their rates spread out as columns named after what they are of."""
    written = io.StringIO()
    flat = [_flat(row) for row in rows]
    columns = list(_flat(_emails(StepResults()) if not rows else rows[0]))
    writer = csv.DictWriter(written, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(flat)
    answer = HttpResponse(written.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{span.first}-{span.last}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


_RATE_OF = {"bounced": "of_sent"}


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: _cell(value) for key, value in row.items() if key != "rates"}
    for rate, value in row["rates"].items():
        found[f"{rate}_rate_{_RATE_OF.get(rate, 'of_delivered')}"] = _cell(value)
    return found


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is kept a text."""
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
