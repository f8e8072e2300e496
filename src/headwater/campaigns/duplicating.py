"""A campaign again, as a new draft: the same email and the same people, without its time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.campaigns import audience, campaigns, preflight
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.errors import CampaignError


@dataclass(frozen=True)
class Duplicate:
    """The new draft, and what of the original is no longer there and therefore not in it: ("excluded", "list", 7)."""

    campaign: Campaign
    gone: tuple[tuple[str, str, int], ...]


MOST = 200
_COPY = " (copy)"


def duplicate(
    conn: Connection, workspace_id: int, campaign_id: int, now: datetime, *, name: str | None = None
) -> Duplicate | None:
    """A draft like this campaign, of no series; None if there is no such campaign. Raises CampaignError."""
    original = campaigns.get(conn, workspace_id, [campaign_id]).get(campaign_id)
    if original is None:
        return None
    known = audience.names(conn, workspace_id, original.audience)
    template = original.template_id
    gone: list[tuple[str, str, int]] = []
    if template is not None and not _in_use(conn, workspace_id, template):
        gone.append(("template_id", "template", template))
        template = None
    for field, parts in (("included", original.included), ("excluded", original.excluded)):
        gone += [
            (field, kind, number) for part in parts for kind, number in part.items() if (kind, number) not in known
        ]
    draft = Draft(
        name if name is not None else original.name[: MOST - len(_COPY)] + _COPY,
        template,
        [part for part in original.included if next(iter(part.items())) in known],
        [part for part in original.excluded if next(iter(part.items())) in known],
        original.audience_at,
        original.smart_sending,
    )
    return Duplicate(campaigns.create(conn, workspace_id, draft, now), tuple(gone))


def _in_use(conn: Connection, workspace_id: int, template_id: int) -> bool:
    try:
        preflight.check_template(conn, workspace_id, template_id)
    except CampaignError:
        return False
    return True
