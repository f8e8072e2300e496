"""How far a campaign is: counts by state, how fast, when it will be done, and what stopping it would still stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.campaigns.campaigns import SOURCE, Campaign
from headwater.delivery import source_report, source_totals
from headwater.delivery.source_report import Source
from headwater.delivery.source_totals import SourceTotals, Span

LATELY = timedelta(minutes=1)
"""How fast it goes is told by the last minute."""


@dataclass(frozen=True)
class CampaignProgress:
    """Messages of one campaign; `due`, `on_the_wire` and `put_off` are those still to go."""

    totals: SourceTotals
    due: int
    on_the_wire: int
    """Claimed by a sender in this moment: pausing or cancelling no longer stops them."""
    put_off: int
    """For later: quiet hours, another attempt, or the pause."""
    per_minute: int
    ends_at: datetime | None
    """At this speed; None while nothing moves."""

    @property
    def done(self) -> int:
        return self.totals.recipients - self.totals.planned

    @property
    def taken_back(self) -> int:
        """What cancelling now would keep from going out."""
        return self.due + self.put_off


def of_campaign(conn: Connection, workspace_id: int, campaign: Campaign, now: datetime) -> CampaignProgress:
    """Counted now."""
    if campaign.origin_at is None:
        return CampaignProgress(SourceTotals(), 0, 0, 0, 0, None)
    source = Source(SOURCE, campaign.id, campaign.origin_at)
    span = Span(campaign.origin_at, campaign.origin_at, now)
    totals = source_totals.counts(conn, workspace_id, SOURCE, [campaign.id], span)[campaign.id]
    held = source_report.held(conn, workspace_id, source, now)
    lately = source_report.left_between(conn, workspace_id, source, now - LATELY, now + LATELY)
    speed = _per_minute(lately, campaign, now)
    left = held["due"] + held["on_the_wire"]
    ends_at = now + timedelta(minutes=left / speed) if speed and left and campaign.status == "sending" else None
    return CampaignProgress(totals, held["due"], held["on_the_wire"], held["put_off"], speed, ends_at)


def _per_minute(lately: int, campaign: Campaign, now: datetime) -> int:
    """Of a campaign that began less than a minute ago, as if it had gone on like that."""
    begun = campaign.audience_done_at or campaign.send_at or now
    running = min(max(now - begun, timedelta(seconds=1)), LATELY)
    return round(lately * (LATELY / running))
