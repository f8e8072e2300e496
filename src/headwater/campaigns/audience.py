"""Who gets a campaign: lists and segments included, minus those excluded, minus a series' buyers; as one statement.

Everything becomes one condition of the segment language, compiled to SQL once. Knows nothing of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.campaigns.errors import CampaignError
from headwater.segments import compile as compiling
from headwater.segments import members, saved
from headwater.segments.conditions import AllOf, AnyOf, Condition, Did, Negation, OnList, Since


@dataclass(frozen=True)
class Buyers:
    """Whoever did `metric` since the series began is left out."""

    metric: str
    since: datetime

    @property
    def condition(self) -> Condition:
        return Did(self.metric, "count", "at_least", Decimal(1), Since(self.since))


@dataclass(frozen=True)
class Audience:
    """Parts are ids of lists and segments of the workspace."""

    included_lists: tuple[int, ...] = ()
    included_segments: tuple[int, ...] = ()
    excluded_lists: tuple[int, ...] = ()
    excluded_segments: tuple[int, ...] = ()

    @property
    def lists(self) -> set[int]:
        return {*self.included_lists, *self.excluded_lists}

    @property
    def segments(self) -> set[int]:
        return {*self.included_segments, *self.excluded_segments}


@dataclass(frozen=True)
class Selection:
    """A statement of one column, profile_id, and its parameters."""

    sql: str
    params: dict[str, Any] = field(default_factory=dict)


def parse(included: Sequence[Mapping[str, int]], excluded: Sequence[Mapping[str, int]]) -> Audience:
    """From what a campaign stores: [{"list": id} | {"segment": id}]. Raises CampaignError."""
    inside, outside = _parts(included, "included"), _parts(excluded, "excluded")
    return Audience(inside["list"], inside["segment"], outside["list"], outside["segment"])


def _parts(entries: Sequence[Mapping[str, int]], name: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {"list": [], "segment": []}
    for index, entry in enumerate(entries):
        kinds = [kind for kind in found if isinstance(entry.get(kind), int)]
        if len(entry) != 1 or len(kinds) != 1:
            raise CampaignError(f"{name}.{index}", 'Each part is {"list": id} or {"segment": id}.')
        found[kinds[0]].append(entry[kinds[0]])
    return {kind: tuple(dict.fromkeys(ids)) for kind, ids in found.items()}


def names(conn: Connection, workspace_id: int, audience: Audience) -> dict[tuple[str, int], str]:
    """What its lists and segments are called, by kind and id; those that are gone are left out."""
    # Index: primary key.
    lists = conn.execute(
        """
        SELECT id, name
        FROM list
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s::bigint[])
          AND archived_at IS NULL
        """,
        {"workspace": workspace_id, "ids": list(audience.lists)},
    ).fetchall()
    segments = saved.get(conn, workspace_id, list(audience.segments))
    return {("list", number): name for number, name in lists} | {
        ("segment", segment.id): segment.name for segment in segments.values() if segment.archived_at is None
    }


def check(conn: Connection, workspace_id: int, audience: Audience) -> None:
    """Every list and segment exists and is in use. Raises CampaignError."""
    known = names(conn, workspace_id, audience)
    wanted = [("list", number) for number in sorted(audience.lists)]
    wanted += [("segment", number) for number in sorted(audience.segments)]
    for kind, number in wanted:
        if (kind, number) not in known:
            inside = number in (audience.included_lists if kind == "list" else audience.included_segments)
            raise CampaignError("included" if inside else "excluded", f"There is no {kind} {number}.")


def condition(conn: Connection, workspace_id: int, audience: Audience, buyers: Buyers | None = None) -> Condition:
    """The audience as one condition of the segment language."""
    segments = saved.get(conn, workspace_id, list(audience.segments))

    def parts(lists: Sequence[int], chosen: Sequence[int]) -> tuple[Condition, ...]:
        return (
            *(OnList(number) for number in lists),
            *(members.asking(segments[number]) for number in chosen if number in segments),
        )

    included = parts(audience.included_lists, audience.included_segments)
    excluded = parts(audience.excluded_lists, audience.excluded_segments)
    if buyers is not None:
        excluded = (*excluded, buyers.condition)
    nobody = Negation(AllOf(()))
    wanted: Condition = AnyOf(included) if included else nobody
    return AllOf((wanted, Negation(AnyOf(excluded)))) if excluded else wanted


def selection(
    conn: Connection,
    workspace_id: int,
    audience: Audience,
    now: datetime,
    *,
    buyers: Buyers | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Selection:
    """The members with an email address, by id, from after the given one; one profile an address by identity's rule."""
    wanted = condition(conn, workspace_id, audience, buyers)
    members, params = compiling.to_sql(conn, wanted, workspace_id, now)
    # Index: profile's primary key, in its order, semi-joined with what the condition names.
    sql = f"""
    SELECT member.profile_id
    FROM ({members}) AS member
    JOIN profile
      ON profile.workspace_id = %(audience_workspace)s
     AND profile.id = member.profile_id
    WHERE member.profile_id > %(audience_after)s
      AND profile.email <> ''
    """  # noqa: S608 - compiled by segments; values are parameters
    params |= {"audience_workspace": workspace_id, "audience_after": after}
    if limit is not None:
        sql += "ORDER BY member.profile_id\n    LIMIT %(audience_limit)s"
        params["audience_limit"] = limit
    return Selection(sql, params)


def among(conn: Connection, workspace_id: int, buyers: Buyers, profile_ids: Sequence[int], now: datetime) -> set[int]:
    """Which of these people did it since; asked again when their messages are claimed."""
    sql, params = compiling.to_sql(conn, buyers.condition, workspace_id, now, profile_ids=profile_ids)
    return {row[0] for row in conn.execute(sql, params).fetchall()}
