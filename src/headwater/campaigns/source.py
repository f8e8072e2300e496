"""What a campaign says of its message when it is claimed: still wanted, with this content, and not to a series' buyer.

Runs in the claiming transaction: a purchase that was committed before the claim is always seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from psycopg import Connection

from headwater.accounts import brand
from headwater.accounts.brand import Brand
from headwater.campaigns import audience, campaigns, series
from headwater.campaigns.audience import Buyers
from headwater.campaigns.campaigns import Campaign
from headwater.delivery.claims import Claimed
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief

HOLD = timedelta(days=1)
"""How long a paused campaign's message is put off before it is asked about again. Resuming ends it at once."""


class CampaignSource:
    """Answers for the messages whose source is "campaign". Registered with `delivery.sources`."""

    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        """A Brief by message: two queries, and one more for each series among them."""
        known = campaigns.get(conn, workspace_id, {message.source_id for message in messages})
        excluded = series.buyers(conn, workspace_id, {one.series_id for one in known.values() if one.series_id})
        bought = {
            series_id: audience.among(conn, workspace_id, buyers, _profiles(messages, known, series_id), now)
            for series_id, buyers in excluded.items()
        }
        sender = brand.load(conn, workspace_id)
        told = {one.id: _brief(one, sender, now) for one in known.values()}
        return {
            message.id: _refused_buyer(excluded[one.series_id])
            if one.series_id in bought and message.profile_id in bought[one.series_id]
            else told[one.id]
            for message in messages
            if (one := known.get(message.source_id)) is not None
        }


def _profiles(messages: Sequence[Claimed], known: Mapping[int, Campaign], series_id: int) -> list[int]:
    return [
        message.profile_id
        for message in messages
        if (one := known.get(message.source_id)) is not None and one.series_id == series_id
    ]


def _brief(campaign: Campaign, sender: Brand, now: datetime) -> Brief:
    if campaign.status == "paused":
        return Brief(hold_until=now + HOLD)
    if campaign.status not in ("scheduled", "adding_recipients", "sending", "sent"):
        return Brief(refuse=Reason.CANCELLED, detail="the campaign was cancelled")
    return Brief(
        template_version_id=campaign.template_version_id,
        smart_sending=campaign.smart_sending,
        message_name=campaign.name,
        utm={
            "utm_source": sender.slug,
            "utm_medium": "email",
            "utm_campaign": f"{campaign.name} ({campaign.id})",
        },
    )


def _refused_buyer(buyers: Buyers) -> Brief:
    return Brief(refuse=Reason.FAILED_EXIT_CONDITION, detail=f"{buyers.metric} since the series began")
