"""What became of a campaign: totals, its curve by hour, its links, mailbox providers, and who was skipped and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from psycopg import Connection

from headwater.campaigns import series
from headwater.campaigns.campaigns import SOURCE, Campaign
from headwater.delivery import ledger, source_report, source_totals
from headwater.delivery.reasons import Reason
from headwater.delivery.source_report import Moment, Provider, Source
from headwater.delivery.source_totals import SourceTotals, Span
from headwater.events import clicks
from headwater.events.clicks import ClickedLink

MOST_LINKS = 100
MOST_PROVIDERS = 25


@dataclass(frozen=True, slots=True)
class Skipped:
    reason: str
    words: str
    people: int


@dataclass(frozen=True)
class CampaignReport:
    totals: SourceTotals
    states: dict[str, int]
    skipped: tuple[Skipped, ...]
    """The most frequent reason first."""
    curve: tuple[Moment, ...]
    links: tuple[ClickedLink, ...]
    """Without the utm_ values that sending added."""
    providers: tuple[Provider, ...]


def of_campaign(conn: Connection, workspace_id: int, campaign: Campaign, now: datetime) -> CampaignReport:
    """Counted now."""
    if campaign.origin_at is None:
        return CampaignReport(SourceTotals(), {}, (), (), (), ())
    source = Source(SOURCE, campaign.id, campaign.origin_at)
    span = Span(campaign.origin_at, campaign.origin_at, now)
    totals = source_totals.totals(conn, workspace_id, SOURCE, [campaign.id], span)[campaign.id]
    messages, people = source_report.clicked(conn, workspace_id, source)
    links = clicks.by_link(conn, workspace_id, messages, people, campaign.origin_at, MOST_LINKS)
    return CampaignReport(
        totals,
        ledger.progress(conn, workspace_id, SOURCE, campaign.id).states,
        _skipped(totals, _left_out(conn, workspace_id, campaign)),
        tuple(source_report.by_hour(conn, workspace_id, source)),
        tuple(ClickedLink(_bare(link.url), link.clicks, link.people) for link in links),
        tuple(source_report.by_provider(conn, workspace_id, source, MOST_PROVIDERS)),
    )


def _left_out(conn: Connection, workspace_id: int, campaign: Campaign) -> str | None:
    """Whom its series leaves out, in words; None: it is in none."""
    if campaign.series_id is None:
        return None
    buyers = series.buyers(conn, workspace_id, {campaign.series_id}).get(campaign.series_id)
    return f"{buyers.metric} since the series began" if buyers else None


def _skipped(totals: SourceTotals, left_out: str | None) -> tuple[Skipped, ...]:
    known = {reason.value: reason.words for reason in Reason}
    if left_out:
        known[Reason.FAILED_EXIT_CONDITION] = left_out
    found = [Skipped(reason, known.get(reason, reason), people) for reason, people in totals.skipped.items()]
    return tuple(sorted(found, key=lambda one: (-one.people, one.words)))


def _bare(url: str) -> str:
    """The address as its author wrote it: without utm_ parameters."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name[:4] != "utm_"]
    return urlunsplit(parts._replace(query=urlencode(kept)))
