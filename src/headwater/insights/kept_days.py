"""The days whose results are kept: a row a day and flow or campaign, instead of a row an email.

A day is kept once it is over (`keeping` makes it, and makes it anew when an email that left on it is opened late). What
is read here may be a quarter of an hour behind; days that are not kept are read from the ledger and the events.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.delivery.results import StepResults
from headwater.insights.spans import Span

Source = tuple[str, int]
"""("flow" or "campaign", its id)"""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that a day came to."""

    day: date
    results: Mapping[Source, StepResults]
    engaged: Sequence[int]
    """Profiles that opened or clicked an email that left on it."""
    domains: Mapping[str, StepResults]
    """Its emails by the domain that they went to."""


def which(conn: Connection, workspace_id: int, span: Span) -> dict[date, bool]:
    """The days of a span that are kept, in the span's zone, and whether something has changed since."""
    # For the overview, the reports and the keeping. Primary key.
    rows = conn.execute(
        """
        SELECT day, stale
        FROM result_day_kept
        WHERE workspace_id = %(workspace)s
          AND day BETWEEN %(first)s AND %(last)s
          AND zone = %(zone)s
        """,
        _of(workspace_id, span),
    ).fetchall()
    return dict(rows)


def results(conn: Connection, workspace_id: int, span: Span) -> list[tuple[date, Source, StepResults]]:
    """What the kept days of a span came to, by day and source."""
    # For the overview and the reports. Primary keys.
    rows = conn.execute(
        """
        SELECT day, source, source_id, sent, bounced, complained, opened, clicked, unsubscribed, orders, revenue,
               skipped
        FROM result_day
        JOIN result_day_kept kept USING (workspace_id, day)
        WHERE workspace_id = %(workspace)s
          AND day BETWEEN %(first)s AND %(last)s
          AND kept.zone = %(zone)s
        """,
        _of(workspace_id, span),
    ).fetchall()
    return [
        (
            day,
            (source, source_id),
            StepResults(
                sent=sent, delivered=sent - bounced, bounced=bounced, complained=complained, opened=opened,
                clicked=clicked, unsubscribed=unsubscribed, converted=orders, revenue=revenue, skipped=skipped,
            ),
        )
        for (
            day, source, source_id, sent, bounced, complained, opened, clicked, unsubscribed, orders, revenue, skipped
        ) in rows
    ]  # fmt: skip


def domains(conn: Connection, workspace_id: int, span: Span) -> dict[str, StepResults]:
    """The emails of the kept days of a span, by the domain that they went to."""
    # For the deliverability report. Primary keys.
    rows = conn.execute(
        """
        SELECT domain, sum(sent)::bigint, sum(bounced)::bigint, sum(complained)::bigint, sum(opened)::bigint,
               sum(clicked)::bigint
        FROM result_domain_day
        JOIN result_day_kept kept USING (workspace_id, day)
        WHERE workspace_id = %(workspace)s
          AND day BETWEEN %(first)s AND %(last)s
          AND kept.zone = %(zone)s
        GROUP BY domain
        """,
        _of(workspace_id, span),
    ).fetchall()
    return {
        domain: StepResults(
            sent=sent, delivered=sent - bounced, bounced=bounced, complained=complained, opened=opened, clicked=clicked
        )
        for domain, sent, bounced, complained, opened, clicked in rows
    }


def engaged(conn: Connection, workspace_id: int, span: Span) -> set[int]:
    """Who opened or clicked an email that left on a kept day of a span: profiles."""
    # For the overview. Primary key. A year of a large shop is a million ids: put together here, where it takes a
    # quarter of what the database takes.
    rows = conn.execute(
        """
        SELECT engaged
        FROM result_day_kept
        WHERE workspace_id = %(workspace)s
          AND day BETWEEN %(first)s AND %(last)s
          AND zone = %(zone)s
        """,
        _of(workspace_id, span),
        binary=True,
    )
    people: set[int] = set()
    for (packed,) in rows:
        people.update(array("q", packed))
    return people


def keep(conn: Connection, workspace_id: int, zone: ZoneInfo, days: Sequence[Day]) -> None:
    """Write these days in place of what was kept of them."""
    scope = {"workspace": workspace_id, "zone": zone.key, "days": [one.day for one in days]}
    # Primary key.
    conn.execute("DELETE FROM result_day WHERE workspace_id = %(workspace)s AND day = ANY (%(days)s::date[])", scope)
    conn.execute(
        "DELETE FROM result_domain_day WHERE workspace_id = %(workspace)s AND day = ANY (%(days)s::date[])", scope
    )
    conn.cursor().executemany(
        """
        INSERT INTO result_day (workspace_id, day, source, source_id, sent, bounced, complained, opened, clicked,
                                unsubscribed, orders, revenue, skipped)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        [
            (
                workspace_id, one.day, source, source_id, of.sent, of.bounced, of.complained, of.opened, of.clicked,
                of.unsubscribed, of.converted, of.revenue, Jsonb(of.skipped),
            )
            for one in days
            for (source, source_id), of in one.results.items()
        ],
    )  # fmt: skip
    with conn.cursor().copy(
        "COPY result_domain_day (workspace_id, day, domain, sent, bounced, complained, opened, clicked) FROM STDIN"
    ) as rows:
        for one in days:
            for domain, of in one.domains.items():
                rows.write_row(
                    (workspace_id, one.day, domain, of.sent, of.bounced, of.complained, of.opened, of.clicked)
                )
    conn.cursor().executemany(
        """
        INSERT INTO result_day_kept (workspace_id, day, zone, engaged)
        VALUES (%s, %s, %s, %s)
        ON CONFLICT (workspace_id, day) DO UPDATE
        SET zone = excluded.zone,
            engaged = excluded.engaged,
            stale = false
        """,
        [(workspace_id, one.day, zone.key, array("q", one.engaged).tobytes()) for one in days],
    )


def mark_stale(conn: Connection, workspace_id: int, days: Collection[date]) -> None:
    """These days have changed: they are to be made anew, and are read as they are until then."""
    # Primary key.
    conn.execute(
        """
        UPDATE result_day_kept
        SET stale = true
        WHERE workspace_id = %(workspace)s
          AND day = ANY (%(days)s::date[])
          AND NOT stale
        """,
        {"workspace": workspace_id, "days": list(days)},
    )


def _of(workspace_id: int, span: Span) -> dict[str, object]:
    return {"workspace": workspace_id, "first": span.first, "last": span.last, "zone": span.zone.key}
