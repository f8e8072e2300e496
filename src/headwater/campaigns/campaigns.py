"""A campaign's life in the hands of its author: create, change, schedule, cancel, read its report.

What happens between scheduling and the last message is the `runner`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.campaigns import audience, preflight
from headwater.campaigns.errors import CampaignError, WrongStatus
from headwater.campaigns.schedule import EDITABLE, STOPPABLE
from headwater.core import partitions
from headwater.delivery import ledger
from headwater.delivery.reasons import Reason

SOURCE = "campaign"
PAST = timedelta(minutes=5)
"""A send time may lie this far back (a form filled in slowly): it means now."""

COLUMNS = """id, name, status, template_id, template_version_id, included, excluded, audience_at, smart_sending,
       series_id, position, send_at, origin_at, cursor, recipients, audience_done_at, status_reason, created_at,
       updated_at, finished_at"""


@dataclass(frozen=True)
class Campaign:
    id: int
    name: str
    status: str
    template_id: int | None
    template_version_id: int | None
    """Frozen when it was scheduled."""
    included: list[dict[str, int]]
    excluded: list[dict[str, int]]
    audience_at: str
    smart_sending: bool
    series_id: int | None
    position: int | None
    send_at: datetime | None
    origin_at: datetime | None
    cursor: int
    recipients: int
    audience_done_at: datetime | None
    status_reason: str | None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def audience(self) -> audience.Audience:
        return audience.parse(self.included, self.excluded)


@dataclass(frozen=True)
class Report:
    """Messages by state and reason; opens and clicks are of different people."""

    recipients: int
    states: dict[str, int]
    reasons: dict[str, int]
    opened: int
    clicked: int

    @property
    def sent(self) -> int:
        """Accepted by the receiving server, whatever came after."""
        return sum(self.states.get(state, 0) for state in ("sent", "delivered", "complained"))


@dataclass(frozen=True)
class Draft:
    """What the author decides."""

    name: str
    template_id: int | None = None
    included: Sequence[Mapping[str, int]] = ()
    excluded: Sequence[Mapping[str, int]] = ()
    audience_at: str = "send"
    smart_sending: bool = True
    send_at: datetime | None = None
    """When it is meant to go; it goes only once it is scheduled."""


FIELDS = frozenset(Draft.__dataclass_fields__)


def create(
    conn: Connection,
    workspace_id: int,
    draft: Draft,
    now: datetime,
    *,
    series_id: int | None = None,
    position: int | None = None,
) -> Campaign:
    """A new draft. Raises CampaignError."""
    values = _checked(conn, workspace_id, draft)
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        found = cursor.execute(
            f"""
            INSERT INTO campaign (workspace_id, name, template_id, included, excluded, audience_at, smart_sending,
                                  send_at, series_id, position, created_at, updated_at)
            VALUES (%(workspace)s, %(name)s, %(template_id)s, %(included)s, %(excluded)s, %(audience_at)s,
                    %(smart_sending)s, %(send_at)s, %(series)s, %(position)s, %(now)s, %(now)s)
            RETURNING {COLUMNS}
            """,  # noqa: S608 - constant columns
            values | {"series": series_id, "position": position, "now": now},
        ).fetchone()
    assert found is not None
    return found


def update(
    conn: Connection, workspace_id: int, campaign_id: int, changes: Mapping[str, Any], now: datetime
) -> Campaign | None:
    """Change fields (of Draft) of a draft; None if there is no such campaign. Raises CampaignError, WrongStatus."""
    present = lock(conn, workspace_id, campaign_id)
    if present is None:
        return None
    if present.status not in EDITABLE:
        raise WrongStatus(f"This campaign is {said(present.status)}; only a draft can be changed.")
    draft = Draft(**({name: getattr(present, name) for name in FIELDS} | dict(changes)))
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        return cursor.execute(
            f"""
            UPDATE campaign
            SET name = %(name)s,
                template_id = %(template_id)s,
                included = %(included)s,
                excluded = %(excluded)s,
                audience_at = %(audience_at)s,
                smart_sending = %(smart_sending)s,
                send_at = %(send_at)s,
                updated_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(id)s
            RETURNING {COLUMNS}
            """,  # noqa: S608 - constant columns
            _checked(conn, workspace_id, draft) | {"id": campaign_id, "now": now},
        ).fetchone()


def _checked(conn: Connection, workspace_id: int, draft: Draft) -> dict[str, Any]:
    name = draft.name.strip()
    if not name or len(name) > 200 or "\x00" in name:
        raise CampaignError("name", "A campaign needs a name of at most 200 characters.")
    if draft.audience_at not in ("schedule", "send"):
        raise CampaignError("audience_at", "The audience is taken at “schedule” or at “send”.")
    audience.check(conn, workspace_id, audience.parse(draft.included, draft.excluded))
    if draft.template_id is not None:
        preflight.check_template(conn, workspace_id, draft.template_id)
    return {
        "workspace": workspace_id,
        "name": name,
        "template_id": draft.template_id,
        "included": Jsonb([dict(part) for part in draft.included]),
        "excluded": Jsonb([dict(part) for part in draft.excluded]),
        "audience_at": draft.audience_at,
        "smart_sending": draft.smart_sending,
        "send_at": draft.send_at,
    }


def schedule(
    conn: Connection, workspace_id: int, campaign_id: int, now: datetime, *, send_at: datetime | None = None
) -> Campaign | None:
    """Send at `send_at`, else at the time the draft names, else now; None if there is no such campaign.

    Freezes the content. Raises CampaignError for whatever has to be put right first, WrongStatus.
    """
    present = lock(conn, workspace_id, campaign_id)
    if present is None:
        return None
    if present.status != "draft":
        raise WrongStatus(f"This campaign is {said(present.status)} already.")
    at = send_at or present.send_at or now
    if at < now - PAST:
        raise CampaignError("send_at", "This time has passed.")
    version = preflight.check(conn, workspace_id, present, now)
    partitions.ensure(conn, "message", [now])
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        return cursor.execute(
            f"""
            UPDATE campaign
            SET status = 'scheduled',
                template_version_id = %(version)s,
                send_at = %(send_at)s,
                origin_at = %(now)s,
                updated_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(id)s
            RETURNING {COLUMNS}
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "id": campaign_id, "version": version, "send_at": max(at, now), "now": now},
        ).fetchone()


def cancel(conn: Connection, workspace_id: int, campaign_id: int, now: datetime) -> Campaign | None:
    """Stop it for good: nothing that is still queued goes out. None if there is no such campaign.

    What a sender has claimed in this very moment may be on the wire. Raises WrongStatus once it is finished.
    """
    present = lock(conn, workspace_id, campaign_id)
    if present is None:
        return None
    if present.status not in STOPPABLE:
        raise WrongStatus(f"This campaign is {said(present.status)} already.")
    reason = "cancelled_during_send" if present.recipients and present.status in ("sending", "paused") else "cancelled"
    ledger.cancel(conn, workspace_id, SOURCE, campaign_id, Reason.CANCELLED, now)
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        return cursor.execute(
            f"""
            UPDATE campaign
            SET status = 'cancelled',
                status_reason = %(reason)s,
                finished_at = %(now)s,
                updated_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(id)s
            RETURNING {COLUMNS}
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "id": campaign_id, "reason": reason, "now": now},
        ).fetchone()


def unschedule(conn: Connection, workspace_id: int, campaign_id: int, now: datetime) -> Campaign | None:
    """Make it a draft again, while nobody of its audience is in the ledger. Raises WrongStatus."""
    present = lock(conn, workspace_id, campaign_id)
    if present is None:
        return None
    if present.status != "scheduled" or present.recipients or present.cursor:
        raise WrongStatus(f"This campaign is {said(present.status)}; cancel it, and make another one.")
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        return cursor.execute(
            f"""
            UPDATE campaign
            SET status = 'draft',
                template_version_id = NULL,
                origin_at = NULL,
                updated_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(id)s
            RETURNING {COLUMNS}
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "id": campaign_id, "now": now},
        ).fetchone()


def delete(conn: Connection, workspace_id: int, campaign_id: int) -> bool:
    """Remove a draft; False if there is no such campaign. Raises WrongStatus: what was scheduled keeps its report."""
    present = lock(conn, workspace_id, campaign_id)
    if present is None:
        return False
    if present.status != "draft":
        raise WrongStatus(f"This campaign is {said(present.status)}; only a draft can be deleted.")
    conn.execute(
        "DELETE FROM campaign WHERE workspace_id = %(workspace)s AND id = %(id)s",
        {"workspace": workspace_id, "id": campaign_id},
    )
    return True


def lock(conn: Connection, workspace_id: int, campaign_id: int) -> Campaign | None:
    """The campaign, held against the runner and other writers until the transaction ends."""
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # Index: primary key.
        return cursor.execute(
            f"SELECT {COLUMNS} FROM campaign WHERE workspace_id = %(workspace)s AND id = %(id)s FOR UPDATE",  # noqa: S608
            {"workspace": workspace_id, "id": campaign_id},
        ).fetchone()


def get(conn: Connection, workspace_id: int, campaign_ids: Collection[int]) -> dict[int, Campaign]:
    """Campaigns by id."""
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # Index: primary key.
        rows = cursor.execute(
            f"SELECT {COLUMNS} FROM campaign WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s::bigint[])",  # noqa: S608
            {"workspace": workspace_id, "ids": list(campaign_ids)},
        ).fetchall()
    return {campaign.id: campaign for campaign in rows}


def page(
    conn: Connection,
    workspace_id: int,
    *,
    before: int | None = None,
    limit: int = 100,
    status: str | None = None,
) -> list[Campaign]:
    """Campaigns, the latest first, from before the given id."""
    with conn.cursor(row_factory=class_row(Campaign)) as cursor:
        # Index: primary key, backwards.
        return cursor.execute(
            f"""
            SELECT {COLUMNS}
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND (%(before)s::bigint IS NULL OR id < %(before)s)
              AND (%(status)s::text IS NULL OR status = %(status)s)
            ORDER BY id DESC
            LIMIT %(limit)s
            """,  # noqa: S608 - constant columns
            {"workspace": workspace_id, "before": before, "limit": limit, "status": status},
        ).fetchall()


def report(conn: Connection, workspace_id: int, campaign_id: int) -> Report:
    """What became of its messages so far."""
    progress = ledger.progress(conn, workspace_id, SOURCE, campaign_id)
    return Report(progress.total, progress.states, progress.reasons, progress.opened, progress.clicked)


def said(status: str) -> str:
    """A status as people read it."""
    return status.replace("_", " ")
