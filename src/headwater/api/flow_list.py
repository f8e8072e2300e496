"""/flows/table: the flows as the app lists them: what starts them, who is inside, what the last days brought."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from headwater.accounts import brand
from headwater.api.calls import Money, call
from headwater.api.flow_numbers import Rates
from headwater.api.flows import FlowOut
from headwater.delivery.results import StepResults
from headwater.flows import figures, numbers, starts
from headwater.flows.editing import publishing
from headwater.insights import sending, spans

router = Router(tags=["Flows"])

Days = Annotated[int, Query(ge=1, le=365)]


class FlowRow(FlowOut):
    trigger: str
    """What starts it: "someone does: Placed Order"."""
    entered: int
    sent: int
    delivered: int
    opened: int
    """Without opens by machines."""
    clicked: int
    converted: int
    revenue: Money
    unsubscribed: int
    rates: Rates


class FlowTable(Schema):
    days: int
    """The numbers are of so many days of the brand's time zone, today included. Who waits is who waits now."""
    timezone: str
    currency: str
    flows: list[FlowRow]


@router.get("/flows/table", response=FlowTable, summary="All flows, with what the last days brought")
def table(request: HttpRequest, days: Days = 30, archived: bool = False) -> dict[str, Any]:
    with call(request) as c:
        of = brand.load(c.conn, c.workspace_id)
        span = spans.ending_today(c.now, of.zone, days)
        found = publishing.summaries(c.conn, c.workspace_id, archived=archived)
        sent = sending.load(c.conn, c.workspace_id, span).by_source(span, "flow")
        entered = numbers.entered(c.conn, c.workspace_id, span.since, span.until)
        triggers = starts.of_flows(c.conn, c.workspace_id)
    rows = [
        asdict(one)
        | {"trigger": triggers.get(one.id, ""), "entered": entered.get(one.id, 0)}
        | _emails(sent.get(one.id, StepResults()))
        for one in found
    ]
    return {"days": days, "timezone": of.timezone, "currency": of.currency, "flows": rows}


def _emails(results: StepResults) -> dict[str, Any]:
    return asdict(results) | {"rates": asdict(figures.rates(results))}
