"""What happened in a span of time, a metric at a time and in the order of time, in pieces of bounded size."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.events.audiences import slice_end
from headwater.events.metrics import known_ids
from headwater.events.store import Event


def happened(
    conn: Connection, workspace_id: int, metric: str, after: datetime, until: datetime, most: int
) -> tuple[list[Event], datetime]:
    """The events of a metric after an instant and up to another, about the first `most` of them, imported ones too.

    With them the instant up to which all have been read; when that is `until`, there are no more.
    """
    metric_id = known_ids(conn, workspace_id, [metric]).get(metric)
    if metric_id is None:
        return [], until
    end = slice_end(conn, workspace_id, metric_id, after, until, most) or until
    # Index event_metric, a range.
    rows = conn.execute(
        """
        SELECT id, ts, profile_id, value, properties, history
        FROM event
        WHERE workspace_id = %(workspace)s
          AND metric_id = %(metric)s
          AND ts > %(after)s
          AND ts <= %(until)s
        ORDER BY ts, id
        """,
        {"workspace": workspace_id, "metric": metric_id, "after": after, "until": end},
    )
    return [
        Event(
            id=event_id,
            ts=ts,
            metric=metric,
            metric_id=metric_id,
            profile_id=profile_id,
            value=value,
            properties=properties,
            history=history,
        )
        for event_id, ts, profile_id, value, properties, history in rows
    ], end
