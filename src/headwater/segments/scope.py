"""What compiling a condition must know of the workspace: ids, zone, the brand's rules, and how much happened when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg import Connection

from headwater.segments.conditions import Condition, Did, InLast, leaves
from headwater.segments.language import needs


@dataclass(frozen=True, slots=True)
class Scope:
    """What statements of a workspace must know of it."""

    workspace_id: int
    zone: ZoneInfo
    consent_required: bool
    metrics: dict[str, int]
    """Ids by name, of the metrics that exist."""
    recent: dict[tuple[str, datetime], tuple[int, int, float]] = field(default_factory=dict)
    """Of a metric, since an instant: how many events, how many in all time, and how many profiles there may be."""

    def short(self, metric: str, since: datetime) -> bool:
        """Whether its events since then are fewer than the people who ever did it, as far as can be told cheaply.

        Measured: to read who did it costs 0.45 µs an event from the index of events, 0.3 µs a person from the roll-up.
        """
        inside, ever, profiles = self.recent.get((metric, since), (0, 0, 0.0))
        return inside <= 0.7 * min(ever / 3, profiles) or inside <= 10_000


def scope(conn: Connection, condition: Condition, workspace_id: int, now: datetime) -> Scope:
    """Read what compiling this condition needs. Raises LookupError for an unknown workspace."""
    wanted = needs(condition)
    names = sorted(wanted.totals | {metric for metric, _ in wanted.events})
    row = conn.execute(
        """
        SELECT timezone, require_consent, ARRAY(
                   SELECT ARRAY[name, id::text]
                   FROM metric
                   WHERE workspace_id = workspace.id
                     AND name = ANY (%(names)s)
               )
        FROM workspace
        WHERE id = %(workspace)s
        """,
        {"workspace": workspace_id, "names": names},
    ).fetchone()
    if row is None:
        raise LookupError(f"No workspace {workspace_id}.")
    metrics = {name: int(metric) for name, metric in row[2]}
    return Scope(workspace_id, ZoneInfo(row[0]), row[1], metrics, _recent(conn, workspace_id, condition, metrics, now))


def _recent(
    conn: Connection, workspace_id: int, condition: Condition, metrics: dict[str, int], now: datetime
) -> dict[tuple[str, datetime], tuple[int, int, float]]:
    asked = {
        (leaf.metric, now - leaf.window.span)
        for leaf in leaves(condition)
        if isinstance(leaf, Did) and leaf.presence is not None and isinstance(leaf.window, InLast)
        if leaf.metric in metrics and leaf.where is None
    }
    if not asked:
        return {}
    pairs = sorted(asked)
    # How much happened: from the daily roll-up of the workspace, a row a day. Primary key.
    rows = conn.execute(
        """
        SELECT a.number, COALESCE(sum(d.count) FILTER (WHERE d.day >= a.since), 0)::bigint,
               COALESCE(sum(d.count), 0)::bigint,
               (SELECT GREATEST(reltuples, 0) FROM pg_class WHERE oid = 'profile'::regclass)::float8
        FROM unnest(%(numbers)s::int[], %(metrics)s::bigint[], %(since)s::date[]) AS a (number, metric_id, since)
        LEFT JOIN metric_day d
          ON d.workspace_id = %(workspace)s
         AND d.metric_id = a.metric_id
        GROUP BY a.number
        """,
        {
            "workspace": workspace_id,
            "numbers": list(range(len(pairs))),
            "metrics": [metrics[metric] for metric, _ in pairs],
            "since": [since.date() for _, since in pairs],
        },
    )
    return {pairs[number]: (inside, ever, profiles) for number, inside, ever, profiles in rows}
