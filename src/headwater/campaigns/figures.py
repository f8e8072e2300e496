"""The numbers of campaigns as lists show them, counted again only when they are old for what the campaign is doing.

While it goes out, ten seconds; the longer it is over the rarer, for opens and orders trickle in for days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import orjson
from psycopg import Connection

from headwater.campaigns.campaigns import SOURCE, Campaign
from headwater.delivery import source_totals
from headwater.delivery.source_totals import SourceTotals, Span

_SHORTEST = timedelta(seconds=10)
_LONGEST = timedelta(hours=6)
_BEGUN = ("adding_recipients", "sending", "paused", "sent", "cancelled")


@dataclass(frozen=True)
class Figures:
    """Of one campaign; opens and clicks are of different people, rates are over what was delivered."""

    recipients: int = 0
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    orders: int = 0
    revenue: Decimal = Decimal(0)

    @classmethod
    def of(cls, totals: SourceTotals) -> Figures:
        return cls(**{name: getattr(totals, name) for name in cls.__dataclass_fields__})


def of_campaigns(
    conn: Connection, workspace_id: int, campaigns: Sequence[Campaign], now: datetime
) -> dict[int, Figures]:
    """By campaign; those that have sent nothing yet are left out. What had to be counted is remembered."""
    begun = {one.id: one for one in campaigns if one.status in _BEGUN and one.origin_at is not None}
    if not begun:
        return {}
    kept = _kept(conn, workspace_id, list(begun))
    stale = [one for one in begun.values() if one.id not in kept or now >= kept[one.id][0] + patience(one, now)]
    counted = count(conn, workspace_id, stale, now)
    _keep(conn, workspace_id, counted, now)
    return {campaign_id: figures for campaign_id, (_, figures) in kept.items()} | counted


def count(conn: Connection, workspace_id: int, campaigns: Sequence[Campaign], now: datetime) -> dict[int, Figures]:
    """Counted now. Those that were never scheduled are left out."""
    origins = {one.id: one.origin_at for one in campaigns if one.origin_at is not None}
    if not origins:
        return {}
    span = Span(min(origins.values()), max(origins.values()), now)
    found = source_totals.totals(conn, workspace_id, SOURCE, list(origins), span)
    return {campaign_id: Figures.of(totals) for campaign_id, totals in found.items()}


def patience(campaign: Campaign, now: datetime) -> timedelta:
    """How old its numbers may be."""
    if campaign.finished_at is None:
        return _SHORTEST
    return min(max((now - campaign.finished_at) / 50, _SHORTEST), _LONGEST)


def _kept(conn: Connection, workspace_id: int, campaign_ids: list[int]) -> dict[int, tuple[datetime, Figures]]:
    # For lists of campaigns. Index: primary key.
    rows = conn.execute(
        """
        SELECT campaign_id, counted_at, figures
        FROM campaign_figures
        WHERE workspace_id = %(workspace)s
          AND campaign_id = ANY(%(ids)s::bigint[])
        """,
        {"workspace": workspace_id, "ids": campaign_ids},
    ).fetchall()
    return {row[0]: (row[1], Figures(**(row[2] | {"revenue": Decimal(row[2]["revenue"])}))) for row in rows}


def _keep(conn: Connection, workspace_id: int, counted: dict[int, Figures], now: datetime) -> None:
    if not counted:
        return
    ordered = sorted(counted)
    # In the order of ids, so that two lists at once do not wait for one another crosswise. Index: primary key.
    conn.execute(
        """
        INSERT INTO campaign_figures (workspace_id, campaign_id, counted_at, figures)
        SELECT %(workspace)s, counted.id, %(now)s, counted.figures::jsonb
        FROM unnest(%(ids)s::bigint[], %(figures)s::text[]) AS counted (id, figures)
        ON CONFLICT (workspace_id, campaign_id) DO UPDATE
        SET counted_at = excluded.counted_at,
            figures = excluded.figures
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "ids": ordered,
            "figures": [orjson.dumps(counted[one].__dict__, default=str).decode() for one in ordered],
        },
    )
