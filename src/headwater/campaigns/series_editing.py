"""A series changed while it is a plan: its name, its audience, its days. What is scheduled is made a draft first.

Days are told apart by their campaigns' ids: one that the new plan names is changed, one that it leaves out is deleted,
one without an id is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.campaigns import campaigns, series
from headwater.campaigns.campaigns import Campaign, Draft
from headwater.campaigns.errors import CampaignError, WrongStatus
from headwater.campaigns.series import MOST, Part, Series


@dataclass(frozen=True)
class Day:
    """One campaign of the new plan; `id`: of the campaign that it changes."""

    part: Part
    id: int | None = None


@dataclass(frozen=True)
class Plan:
    """A whole series as it should be."""

    name: str
    days: Sequence[Day]
    included: Sequence[Mapping[str, int]] = ()
    excluded: Sequence[Mapping[str, int]] = ()
    exclude_metric: str = "Placed Order"


def change(conn: Connection, workspace_id: int, series_id: int, plan: Plan, now: datetime) -> Series | None:
    """The series as the plan says. None if there is no such series. Raises CampaignError, WrongStatus.

    Days that have gone out, or were cancelled, stay as they are, and must be left out of the plan.
    """
    present = series.lock(conn, workspace_id, series_id)
    if present is None:
        return None
    drafts = {one.id: one for one in present.campaigns if one.status == "draft"}
    kept = [one for one in present.campaigns if one.status not in ("draft", "scheduled")]
    _check(present, plan, drafts, kept)
    name, metric = series.checked(plan.name, plan.exclude_metric)
    # Index: primary key.
    conn.execute(
        """
        UPDATE series
        SET name = %(name)s,
            exclude_metric = %(metric)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": series_id, "name": name, "metric": metric},
    )
    named = {day.id for day in plan.days}
    for gone in drafts.keys() - named:
        campaigns.delete(conn, workspace_id, gone)
    for place, day in enumerate(plan.days):
        _write(conn, workspace_id, series_id, plan, place, day, now)
    _number(conn, workspace_id, series_id)
    return series.get(conn, workspace_id, [series_id]).get(series_id)


def _check(present: Series, plan: Plan, drafts: Mapping[int, Campaign], kept: Sequence[Campaign]) -> None:
    if any(one.status == "scheduled" for one in present.campaigns):
        raise WrongStatus("This series is scheduled. Make it a draft again to change it.")
    if not 1 <= len(plan.days) + len(kept) <= MOST:
        raise CampaignError("campaigns", f"A series has from 1 to {MOST} campaigns.")
    seen: set[int] = set()
    for place, day in enumerate(plan.days):
        if day.id is None:
            continue
        if day.id not in drafts or day.id in seen:
            raise CampaignError(f"campaigns.{place}.id", f"This series has no draft {day.id}.")
        seen.add(day.id)


def _write(
    conn: Connection, workspace_id: int, series_id: int, plan: Plan, place: int, day: Day, now: datetime
) -> None:
    part = day.part
    draft = Draft(part.name, part.template_id, plan.included, plan.excluded, "send", part.smart_sending, part.send_at)
    try:
        if day.id is None:
            campaigns.create(conn, workspace_id, draft, now, series_id=series_id, position=place + 1)
        else:
            campaigns.update(conn, workspace_id, day.id, draft.__dict__, now)
    except CampaignError as error:
        field = error.field if error.field.startswith(("included", "excluded")) else f"campaigns.{place}.{error.field}"
        raise CampaignError(field, str(error)) from None


def _number(conn: Connection, workspace_id: int, series_id: int) -> None:
    """Positions in the order of time."""
    # Index: campaign_series.
    conn.execute(
        """
        UPDATE campaign
        SET position = placed.position
        FROM (
            SELECT id, row_number() OVER (ORDER BY send_at, id) AS position
            FROM campaign
            WHERE workspace_id = %(workspace)s
              AND series_id = %(series)s
        ) AS placed
        WHERE campaign.workspace_id = %(workspace)s
          AND campaign.id = placed.id
        """,
        {"workspace": workspace_id, "series": series_id},
    )


def unschedule(conn: Connection, workspace_id: int, series_id: int, now: datetime) -> Series | None:
    """Every scheduled day is a draft again. None if there is no such series. Raises WrongStatus."""
    present = series.lock(conn, workspace_id, series_id)
    if present is None:
        return None
    waiting = [one for one in present.campaigns if one.status == "scheduled"]
    if not waiting:
        raise WrongStatus("Nothing of this series is scheduled.")
    for one in waiting:
        campaigns.unschedule(conn, workspace_id, one.id, now)
    return series.get(conn, workspace_id, [series_id]).get(series_id)


def delete(conn: Connection, workspace_id: int, series_id: int) -> bool:
    """Remove a series of drafts; False if there is no such series. Raises WrongStatus."""
    present = series.lock(conn, workspace_id, series_id)
    if present is None:
        return False
    if any(one.status != "draft" for one in present.campaigns):
        raise WrongStatus("Only a series of drafts can be deleted; what was scheduled keeps its report.")
    for one in present.campaigns:
        campaigns.delete(conn, workspace_id, one.id)
    conn.execute(
        "DELETE FROM series WHERE workspace_id = %(workspace)s AND id = %(id)s",
        {"workspace": workspace_id, "id": series_id},
    )
    return True
