"""A series: campaigns planned together (a three-day sale), each leaving out whoever bought since the first went out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.campaigns import campaigns
from headwater.campaigns.audience import Buyers
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.errors import CampaignError
from headwater.campaigns.schedule import STOPPABLE
from headwater.events import metrics

MOST = 20


@dataclass(frozen=True)
class Series:
    id: int
    name: str
    exclude_metric: str
    created_at: datetime
    campaigns: tuple[Campaign, ...]
    """In their order."""

    @property
    def starts_at(self) -> datetime | None:
        """When the first goes out: from then on buyers are left out."""
        return min((one.send_at for one in self.campaigns if one.send_at is not None), default=None)


@dataclass(frozen=True)
class Part:
    """One campaign of the plan."""

    name: str
    send_at: datetime
    template_id: int | None = None
    smart_sending: bool = True


def plan(
    conn: Connection,
    workspace_id: int,
    name: str,
    parts: Sequence[Part],
    now: datetime,
    *,
    included: Sequence[Mapping[str, int]] = (),
    excluded: Sequence[Mapping[str, int]] = (),
    exclude_metric: str = metrics.PLACED_ORDER,
) -> Series:
    """Drafts for every part, with one audience. Raises CampaignError."""
    tidy, metric = checked(name, exclude_metric)
    if not 1 <= len(parts) <= MOST:
        raise CampaignError("campaigns", f"A series has from 1 to {MOST} campaigns.")
    row = conn.execute(
        """
        INSERT INTO series (workspace_id, name, exclude_metric, created_at)
        VALUES (%(workspace)s, %(name)s, %(metric)s, %(now)s)
        RETURNING id
        """,
        {"workspace": workspace_id, "name": tidy, "metric": metric, "now": now},
    ).fetchone()
    assert row is not None
    ordered = sorted(parts, key=lambda part: part.send_at)
    made = tuple(
        campaigns.create(
            conn,
            workspace_id,
            Draft(part.name, part.template_id, included, excluded, "send", part.smart_sending, part.send_at),
            now,
            series_id=row[0],
            position=position,
        )
        for position, part in enumerate(ordered, start=1)
    )
    return Series(row[0], tidy, metric, now, made)


def checked(name: str, exclude_metric: str) -> tuple[str, str]:
    """Both as they are stored. Raises CampaignError."""
    tidy, metric = name.strip(), exclude_metric.strip()
    if not tidy or len(tidy) > 200 or "\x00" in tidy:
        raise CampaignError("name", "A series needs a name of at most 200 characters.")
    if not metric:
        raise CampaignError("exclude_metric", "Name the event that takes a person out of the series.")
    return tidy, metric


def schedule(conn: Connection, workspace_id: int, series_id: int, now: datetime) -> Series | None:
    """Schedule every draft at its own time, all or none. None if there is no such series. Raises CampaignError."""
    present = _one(conn, workspace_id, series_id)
    if present is None:
        return None
    for one in present.campaigns:
        if one.status == "draft":
            try:
                campaigns.schedule(conn, workspace_id, one.id, now)
            except CampaignError as error:
                raise CampaignError(f"campaigns.{(one.position or 1) - 1}.{error.field}", str(error)) from None
    return _one(conn, workspace_id, series_id)


def cancel(conn: Connection, workspace_id: int, series_id: int, now: datetime) -> Series | None:
    """Cancel what is not finished. None if there is no such series."""
    present = _one(conn, workspace_id, series_id)
    if present is None:
        return None
    for one in present.campaigns:
        if one.status in STOPPABLE:
            campaigns.cancel(conn, workspace_id, one.id, now)
    return _one(conn, workspace_id, series_id)


def _one(conn: Connection, workspace_id: int, series_id: int) -> Series | None:
    return get(conn, workspace_id, [series_id]).get(series_id)


def get(conn: Connection, workspace_id: int, series_ids: Collection[int]) -> dict[int, Series]:
    """Series by id, with their campaigns."""
    # Index: primary key.
    rows = conn.execute(
        """
        SELECT id, name, exclude_metric, created_at
        FROM series
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s::bigint[])
        """,
        {"workspace": workspace_id, "ids": list(series_ids)},
    ).fetchall()
    # Index: campaign_series.
    members = conn.execute(
        """
        SELECT series_id, id
        FROM campaign
        WHERE workspace_id = %(workspace)s
          AND series_id = ANY(%(ids)s::bigint[])
        ORDER BY series_id, position
        """,
        {"workspace": workspace_id, "ids": [row[0] for row in rows]},
    ).fetchall()
    known = campaigns.get(conn, workspace_id, [member for _, member in members])
    return {
        series_id: Series(
            series_id, name, metric, at, tuple(known[member] for owner, member in members if owner == series_id)
        )
        for series_id, name, metric, at in rows
    }


def lock(conn: Connection, workspace_id: int, series_id: int) -> Series | None:
    """The series, held against other writers of it until the transaction ends."""
    # Index: primary key.
    conn.execute(
        "SELECT id FROM series WHERE workspace_id = %(workspace)s AND id = %(id)s FOR UPDATE",
        {"workspace": workspace_id, "id": series_id},
    )
    return _one(conn, workspace_id, series_id)


def names(conn: Connection, workspace_id: int, series_ids: Collection[int]) -> dict[int, str]:
    """What they are called, by id."""
    if not series_ids:
        return {}
    # Index: primary key.
    rows = conn.execute(
        "SELECT id, name FROM series WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::bigint[])",
        {"workspace": workspace_id, "ids": list(series_ids)},
    ).fetchall()
    return dict(rows)


def page(conn: Connection, workspace_id: int, *, before: int | None = None, limit: int = 100) -> list[Series]:
    """Series, the latest first, from before the given id."""
    # Index: primary key, backwards.
    rows = conn.execute(
        """
        SELECT id
        FROM series
        WHERE workspace_id = %(workspace)s
          AND (%(before)s::bigint IS NULL OR id < %(before)s)
        ORDER BY id DESC
        LIMIT %(limit)s
        """,
        {"workspace": workspace_id, "before": before, "limit": limit},
    ).fetchall()
    found = get(conn, workspace_id, [row[0] for row in rows])
    return [found[row[0]] for row in rows]


def buyers(conn: Connection, workspace_id: int, series_ids: Collection[int]) -> dict[int, Buyers]:
    """By series, whom its campaigns leave out: whoever did the metric since the first campaign's time."""
    if not series_ids:
        return {}
    # For the runner and the claim. Indexes: primary key, campaign_series.
    rows = conn.execute(
        """
        SELECT series.id, series.exclude_metric, min(campaign.send_at)
        FROM series
        JOIN campaign
          ON campaign.workspace_id = series.workspace_id
         AND campaign.series_id = series.id
        WHERE series.workspace_id = %(workspace)s
          AND series.id = ANY(%(ids)s::bigint[])
          AND campaign.send_at IS NOT NULL
        GROUP BY series.id, series.exclude_metric
        """,
        {"workspace": workspace_id, "ids": list(series_ids)},
    ).fetchall()
    return {row[0]: Buyers(row[1], row[2]) for row in rows}
