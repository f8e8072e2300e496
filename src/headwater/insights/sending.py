"""What emails and the orders owed to them came to, by day and by the flow or campaign behind them.

An email counts on the day on which it left, with what became of it until now; an order, an unsubscribe and a skip on
the day on which they happened. So a span's revenue is what was ordered in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Connection

from headwater.delivery import sendings
from headwater.delivery.results import StepResults
from headwater.events import attribution
from headwater.flows.figures import total
from headwater.insights.spans import Span

Source = tuple[str, int]
"""("flow" or "campaign", its id)"""


@dataclass(frozen=True, slots=True)
class Days:
    """Results by day and source."""

    found: Mapping[tuple[date, Source], StepResults]

    def each(self, span: Span, source: str | None = None) -> Iterator[StepResults]:
        """Those of a span, of one kind of source or of all."""
        return (of for (day, (kind, _)), of in self.found.items() if span.holds(day) and source in (None, kind))

    def all_of(self, span: Span, source: str | None = None) -> StepResults:
        return total(self.each(span, source))

    def by_day(self, span: Span, source: str) -> dict[date, StepResults]:
        """Every day of the span, those with nothing too."""
        kept: dict[date, list[StepResults]] = {day: [] for day in span.days}
        for (day, (kind, _)), results in self.found.items():
            if kind == source and day in kept:
                kept[day].append(results)
        return {day: total(several) for day, several in kept.items()}

    def by_source(self, span: Span, source: str) -> dict[int, StepResults]:
        kept: dict[int, list[StepResults]] = defaultdict(list)
        for (day, (kind, source_id)), results in self.found.items():
            if kind == source and span.holds(day):
                kept[source_id].append(results)
        return {source_id: total(several) for source_id, several in kept.items()}


def load(conn: Connection, workspace_id: int, span: Span, since: datetime | None = None) -> Days:
    """The results of a span, or of all from `since` until its end. A fixed number of statements."""
    begins, until, zone = since or span.since, span.until, span.zone
    found: dict[tuple[date, Source], StepResults] = defaultdict(StepResults)
    for row in sendings.by_day(conn, workspace_id, begins, until, zone):
        results = found[row.day, (row.source, row.source_id)]
        results.sent += row.sent
        results.delivered += row.sent - row.bounced
        results.bounced += row.bounced
        results.complained += row.complained
        results.opened += row.opened
        results.clicked += row.clicked
    for gone in sendings.skipped(conn, workspace_id, begins, until, zone):
        skipped = found[gone.day, (gone.source, gone.source_id)].skipped
        skipped[gone.reason] = skipped.get(gone.reason, 0) + gone.count
    _owe(conn, workspace_id, found, span, begins)
    return Days(found)


def _owe(
    conn: Connection,
    workspace_id: int,
    found: dict[tuple[date, Source], StepResults],
    span: Span,
    since: datetime,
) -> None:
    """Orders and unsubscribes, to the source of the email that they are owed to."""
    orders = attribution.orders_owed(conn, workspace_id, since, span.until)
    unsubscribes = attribution.unsubscribes(conn, workspace_id, since, span.until)
    named = {order.message_id for order in orders} | {message_id for message_id, _ in unsubscribes}
    sources = sendings.sources_of(conn, workspace_id, named)
    for order in orders:
        if order.message_id in sources:
            results = found[_day(order.placed_at, span), sources[order.message_id]]
            results.converted += 1
            results.revenue += order.value
    for message_id, at in unsubscribes:
        if message_id in sources:
            found[_day(at, span), sources[message_id]].unsubscribed += 1


def _day(at: datetime, span: Span) -> date:
    return at.astimezone(span.zone).date()
