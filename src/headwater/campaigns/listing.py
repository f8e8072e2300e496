"""Campaigns as a list: searched, filtered by status, in an order of choice, page by page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import Connection
from psycopg.rows import class_row

from headwater.campaigns.campaigns import COLUMNS, Campaign
from headwater.campaigns.errors import CampaignError
from headwater.campaigns.schedule import STATUSES


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by, with its direction; the id decides between equals."""

    expression: str
    kind: str
    descending: bool


_WHEN = "COALESCE(send_at, updated_at)"
ORDERS = {
    "newest": Order("id", "bigint", True),
    "oldest": Order("id", "bigint", False),
    "-when": Order(_WHEN, "timestamptz", True),
    "when": Order(_WHEN, "timestamptz", False),
    "name": Order("lower(name)", "text", False),
    "-name": Order("lower(name)", "text", True),
    "-recipients": Order("recipients", "bigint", True),
    "recipients": Order("recipients", "bigint", False),
}


@dataclass(frozen=True)
class Listed:
    """A page and the cursor of what follows; None: this was the last."""

    campaigns: list[Campaign]
    next: str | None


def page(
    conn: Connection,
    workspace_id: int,
    *,
    search: str = "",
    statuses: Sequence[str] = (),
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = 100,
) -> Listed:
    """Campaigns whose name has `search` in it. Raises CampaignError for an unknown status, order or cursor."""
    unknown = [status for status in statuses if status not in STATUSES]
    if unknown:
        raise CampaignError("query.status", f"“{unknown[0]}” is no status: it is one of {', '.join(STATUSES)}.")
    order = ORDERS.get(sort)
    if order is None:
        raise CampaignError("query.sort", f"Sort by one of {', '.join(ORDERS)}.")
    after = _read(cursor, sort) if cursor else None
    sign, direction = ("<", "DESC") if order.descending else (">", "ASC")
    key = order.expression
    with conn.cursor(row_factory=class_row(Campaign)) as rows:
        # A brand has some thousand campaigns. Index: the primary key's first column.
        found = rows.execute(
            f"""
            SELECT {COLUMNS}
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND (%(statuses)s::text[] IS NULL OR status = ANY(%(statuses)s::text[]))
              AND (%(search)s::text IS NULL OR strpos(lower(name), lower(%(search)s::text)) > 0)
              AND (%(id)s::bigint IS NULL OR ({key}, id) {sign} (%(key)s::{order.kind}, %(id)s::bigint))
            ORDER BY {key} {direction}, id {direction}
            LIMIT %(limit)s
            """,  # noqa: S608 - the order is one of a constant few
            {
                "workspace": workspace_id,
                "statuses": list(statuses) or None,
                "search": search.strip() or None,
                "key": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit + 1,
            },
        ).fetchall()
    more = len(found) > limit
    return Listed(found[:limit], _written(found[limit - 1], sort) if more else None)


def _value(campaign: Campaign, sort: str) -> Any:
    match sort.removeprefix("-"):
        case "when":
            at: datetime = campaign.send_at or campaign.updated_at
            return at.isoformat()
        case "name":
            return campaign.name.lower()
        case "recipients":
            return campaign.recipients
    return campaign.id


def _written(campaign: Campaign, sort: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([sort, _value(campaign, sort), campaign.id])).decode().rstrip("=")


def _read(cursor: str, sort: str) -> tuple[Any, int]:
    refused = CampaignError("query.cursor", "This cursor was not made by this list.")
    try:
        made, value, campaign_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise refused from None
    wanted = str if sort.removeprefix("-") in ("when", "name") else int
    if made != sort or type(value) is not wanted or type(campaign_id) is not int:
        raise refused
    if sort.endswith("when") and isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise refused from None
    return value, campaign_id
