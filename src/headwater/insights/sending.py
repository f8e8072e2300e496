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
from headwater.delivery.sendings import Sent, SentTo
from headwater.events import attribution
from headwater.flows.figures import total
from headwater.insights import kept_days
from headwater.insights.kept_days import Source
from headwater.insights.spans import Span


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


def load(conn: Connection, workspace_id: int, span: Span) -> Days:
    """The results of a span: of most days those that are kept, of the others from the ledger and the events."""
    found: dict[tuple[date, Source], StepResults] = defaultdict(StepResults)
    for day, source, results in kept_days.results(conn, workspace_id, span):
        found[day, source] = results
    for run in span.without(kept_days.which(conn, workspace_id, span)):
        _read(conn, workspace_id, found, run)
    return Days(found)


def engaged(conn: Connection, workspace_id: int, span: Span) -> int:
    """How many people opened or clicked an email that left in a span."""
    people = kept_days.engaged(conn, workspace_id, span)
    for run in span.without(kept_days.which(conn, workspace_id, span)):
        people.update(*sendings.engaged(conn, workspace_id, run.since, run.until, run.zone).values())
    return len(people)


def read(conn: Connection, workspace_id: int, span: Span) -> list[kept_days.Day]:
    """Each day of a span from the ledger and the events, to be kept."""
    found: dict[tuple[date, Source], StepResults] = defaultdict(StepResults)
    _read(conn, workspace_id, found, span)
    people = sendings.engaged(conn, workspace_id, span.since, span.until, span.zone)
    by_day: dict[date, dict[Source, StepResults]] = {day: {} for day in span.days}
    for (day, source), results in found.items():
        by_day[day][source] = results
    to: dict[date, dict[str, StepResults]] = {day: {} for day in span.days}
    for one in sendings.by_domain(conn, workspace_id, span.since, span.until, span.zone):
        _add(to[one.day].setdefault(one.domain, StepResults()), one)
    return [kept_days.Day(day, by_day[day], people.get(day, ()), to[day]) for day in span.days]


def domains(conn: Connection, workspace_id: int, span: Span) -> dict[str, StepResults]:
    """The emails of a span by the domain that they went to."""
    found = kept_days.domains(conn, workspace_id, span)
    for run in span.without(kept_days.which(conn, workspace_id, span)):
        for row in sendings.by_domain(conn, workspace_id, run.since, run.until, run.zone):
            _add(found.setdefault(row.domain, StepResults()), row)
    return found


def _read(conn: Connection, workspace_id: int, found: dict[tuple[date, Source], StepResults], span: Span) -> None:
    """Add what a span came to. A fixed number of statements."""
    for row in sendings.by_day(conn, workspace_id, span.since, span.until, span.zone):
        _add(found[row.day, (row.source, row.source_id)], row)
    for gone in sendings.skipped(conn, workspace_id, span.since, span.until, span.zone):
        skipped = found[gone.day, (gone.source, gone.source_id)].skipped
        skipped[gone.reason] = skipped.get(gone.reason, 0) + gone.count
    _owe(conn, workspace_id, found, span)


def _add(results: StepResults, row: Sent | SentTo) -> None:
    results.sent += row.sent
    results.delivered += row.sent - row.bounced
    results.bounced += row.bounced
    results.complained += row.complained
    results.opened += row.opened
    results.clicked += row.clicked


def _owe(
    conn: Connection,
    workspace_id: int,
    found: dict[tuple[date, Source], StepResults],
    span: Span,
) -> None:
    """Orders and unsubscribes, to the source of the email that they are owed to."""
    orders = attribution.orders_owed(conn, workspace_id, span.since, span.until)
    unsubscribes = attribution.unsubscribes(conn, workspace_id, span.since, span.until)
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
