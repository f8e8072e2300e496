"""Everything to know of a campaign before it is sent: who gets it, when, and every error, warning and note.

Reads, decides nothing new: what keeps a campaign from being scheduled is `preflight`'s, the words are `findings`'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.campaigns import audience as audiences
from headwater.campaigns import breakdown, campaigns, findings, preflight, review_email, series
from headwater.campaigns.breakdown import Breakdown
from headwater.campaigns.calendar import between
from headwater.campaigns.campaigns import PAST, Campaign
from headwater.campaigns.errors import CampaignError
from headwater.campaigns.findings import Finding, Neighbour

LAST = 10
"""So many of the last campaigns say what is usual."""


@dataclass(frozen=True)
class Review:
    audience: Breakdown | None
    """None: it cannot be read; an error among the findings says why."""
    findings: tuple[Finding, ...]
    send_at: datetime | None
    """None: at once."""
    timezone: str

    @property
    def can_be_scheduled(self) -> bool:
        return all(one.level != "error" for one in self.findings)


def review(conn: Connection, workspace_id: int, campaign_id: int, now: datetime) -> Review | None:
    """None if there is no such campaign."""
    present = campaigns.get(conn, workspace_id, [campaign_id]).get(campaign_id)
    if present is None:
        return None
    brand = brands.load(conn, workspace_id)
    apart, found = _audience(conn, workspace_id, present, now)
    going = apart.expectation.going if apart is not None else 0
    found += review_email.of_email(conn, workspace_id, present.template_id, going, now)
    found += _sender(conn, workspace_id)
    found += findings.of_time(present.send_at, now, brand.zone, PAST)
    if apart is not None:
        found += findings.of_limits(brand, apart.expectation, apart.waiting, smart_sending=present.smart_sending)
    neighbours = _neighbours(conn, workspace_id, present, now)
    found += findings.of_neighbours(neighbours, brand.zone, smart_sending=present.smart_sending)
    return Review(apart, tuple(findings.in_order(found)), present.send_at, brand.timezone)


def _audience(
    conn: Connection, workspace_id: int, present: Campaign, now: datetime
) -> tuple[Breakdown | None, list[Finding]]:
    if not present.included:
        words = "Choose at least one list or segment to send to."
        return None, [Finding("error", "no_audience", words, "audience", "included")]
    try:
        audiences.check(conn, workspace_id, present.audience)
    except CampaignError as error:
        words = f"{error} It was archived: take it out of the audience, or choose another one."
        return None, [Finding("error", "audience_gone", words, "audience", error.field)]
    buyers = series.buyers(conn, workspace_id, [present.series_id]) if present.series_id else {}
    leaving = buyers.get(present.series_id or 0)
    apart = breakdown.of_audience(
        conn,
        workspace_id,
        present.audience,
        now,
        at=present.send_at,
        smart_sending=present.smart_sending,
        buyers=leaving,
    )
    final = present.send_at is None or present.audience_at == "schedule"
    found = findings.of_size(apart.expectation.going, _usual(conn, workspace_id), now=final)
    for part in (*apart.included, *apart.excluded):
        if part.building:
            words = f"The segment “{part.name}” is still being built; it is asked by its definition until then."
            found.append(Finding("note", "building", words, "audience", "included"))
    if leaving is not None:
        words = f"Whoever does “{leaving.metric}” after the series begins is left out, up to the moment it leaves."
        found.append(Finding("note", "buyers", words, "audience"))
    return apart, found


def _usual(conn: Connection, workspace_id: int) -> list[int]:
    """To how many people the last campaigns went."""
    # For the review. Index: the primary key's first column, backwards.
    rows = conn.execute(
        """
        SELECT recipients
        FROM campaign
        WHERE workspace_id = %(workspace)s
          AND status IN ('sent', 'sending')
        ORDER BY id DESC
        LIMIT %(last)s
        """,
        {"workspace": workspace_id, "last": LAST},
    ).fetchall()
    return [row[0] for row in rows]


def _sender(conn: Connection, workspace_id: int) -> list[Finding]:
    lacks = preflight.sender_lacks(conn, workspace_id)
    return [Finding("error", "sender", str(lack), "brand", lack.field) for lack in lacks]


def _neighbours(conn: Connection, workspace_id: int, present: Campaign, now: datetime) -> list[Neighbour]:
    """Other campaigns that went or go out on its day, by the brand's clock."""
    zone = brands.load(conn, workspace_id).zone
    day = (present.send_at or now).astimezone(zone).date()
    return [
        Neighbour(entry.campaign.id, entry.campaign.name, entry.at)
        for entry in between(conn, workspace_id, day, day, zone)
        if entry.campaign.id != present.id
        and entry.campaign.status not in ("draft", "cancelled", "no_recipients")
        and (present.series_id is None or entry.campaign.series_id != present.series_id)
    ]
