"""A round of telling people what changed in the catalog: events are read for who may care, then the inbox has items.

Each call is a piece of bounded size in the caller's transaction, which also holds the place after it, so that a process
killed anywhere tells nobody twice and leaves nobody out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg import Connection

from headwater.catalog import products
from headwater.catalog.products import Product
from headwater.events import audiences, inbox, metrics
from headwater.flows.live import Flow
from headwater.flows.shelves import rules
from headwater.flows.shelves.rules import Notice, ShelfTrigger
from headwater.flows.triggers import metric_of

SLICES = {"checkout": 25_000, "cart": 25_000, "viewed": 100_000}
"""So many events are read in a turn, a tenth of a second's work, or up to one where all that was met became cheaper."""
TOLD_A_TURN = 5_000
_ITEMS_A_ROW = 1_000
REST = timedelta(seconds=2)
"""How long a round rests for every full slice that it read (instance clock): a small shop's rounds never rest."""

_READING = tuple(audiences.METRICS)
FIRST = _READING[0]
TELLING = "telling"
"""Stages: one a kind of event, then the telling."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a workspace is."""

    after_id: int
    stage: str | None
    read_until: datetime | None
    full_slices: int
    rest_until: datetime | None


@dataclass(frozen=True, slots=True)
class Watcher:
    """A live flow that begins with a change in the catalog."""

    flow: Flow
    trigger: ShelfTrigger

    @property
    def slug(self) -> str:
        return self.flow.definition.slug


def move(conn: Connection, workspace_id: int, place: Place) -> None:
    # Index: primary key.
    conn.execute(
        """
        UPDATE shelf_cursor
        SET after_id = %(after_id)s,
            stage = %(stage)s,
            read_until = %(read_until)s,
            full_slices = %(full_slices)s,
            rest_until = %(rest_until)s
        WHERE workspace_id = %(workspace)s
        """,
        {
            "workspace": workspace_id,
            "after_id": place.after_id,
            "stage": place.stage,
            "read_until": place.read_until,
            "full_slices": place.full_slices,
            "rest_until": place.rest_until,
        },
    )


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def read(conn: Connection, workspace_id: int, place: Place) -> int:
    """The next slice of events; whoever met a product is noted."""
    did = str(place.stage)
    end = None
    span = _span(conn, workspace_id, did)
    metric_id = metrics.known_ids(conn, workspace_id, [audiences.METRICS[did]]).get(audiences.METRICS[did])
    if span is not None and metric_id is not None:
        after, until, product_ids = span
        after = place.read_until or after
        end = audiences.slice_end(conn, workspace_id, metric_id, after, until, SLICES[did])
        _gather(conn, workspace_id, did, audiences.reading(did, metric_id, after, end or until, product_ids))
    if end is None:
        move(conn, workspace_id, replace(place, stage=_following(did), read_until=None))
    else:
        move(conn, workspace_id, replace(place, read_until=end, full_slices=place.full_slices + 1))
    return 1


def _following(stage: str) -> str:
    position = _READING.index(stage) + 1
    return _READING[position] if position < len(_READING) else TELLING


def _span(conn: Connection, workspace_id: int, did: str) -> tuple[datetime, datetime, list[str]] | None:
    """(after, until, products) that the notices ask of one kind of event; None: nothing."""
    # Index: primary key; as many rows as there are notices.
    row = conn.execute(
        """
        SELECT min(at - within), max(at), array_agg(DISTINCT product_id)
        FROM shelf_notice
        WHERE workspace_id = %(workspace)s
          AND %(did)s = ANY (audience)
        """,
        {"workspace": workspace_id, "did": did},
    ).fetchone()
    return (row[0], row[1], row[2]) if row is not None and row[0] is not None else None


def _gather(conn: Connection, workspace_id: int, did: str, reading: Mapping[str, Any]) -> None:
    # Those with an address who met a product within the span that the flow names, and are not noted as more serious
    # already. Materialised, so that events are read in the order of time. Indexes: event_metric, primary keys.
    conn.execute(
        f"""
        WITH met AS MATERIALIZED (
            {audiences.MET_PRODUCTS}
        )
        INSERT INTO shelf_person (workspace_id, flow_id, product_id, profile_id, did)
        SELECT DISTINCT %(workspace)s, notice.flow_id, notice.product_id, met.profile_id, %(did)s
        FROM met
        JOIN shelf_notice AS notice
          ON notice.workspace_id = %(workspace)s
         AND notice.product_id = met.product_id
         AND %(did)s = ANY (notice.audience)
         AND met.ts > notice.at - notice.within
         AND met.ts <= notice.at
        JOIN profile
          ON profile.workspace_id = %(workspace)s
         AND profile.id = met.profile_id
         AND profile.email IS NOT NULL
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - a constant
        {"workspace": workspace_id, "did": did, **reading},
    )


# ── telling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
_Person = tuple[int, str, int, str, int, datetime, Decimal, Decimal]
"""(flow, product, profile, did, change, at, was, became)"""


def tell(conn: Connection, workspace_id: int, watchers: Mapping[int, Watcher], place: Place, now: datetime) -> int:
    """The next of those noted, into the inbox; whom it no longer concerns is passed over."""
    people = _next_people(conn, workspace_id)
    items = products.get(conn, workspace_id, {person[1] for person in people})
    facts = _facts(people, watchers, items)
    told = [_item(watchers[person[0]], person, facts[person[:2]]) for person in people if person[:2] in facts]
    for start in range(0, len(told), _ITEMS_A_ROW):
        inbox.put(conn, workspace_id, told[start : start + _ITEMS_A_ROW], now)
    if len(people) < TOLD_A_TURN:
        conn.execute("DELETE FROM shelf_notice WHERE workspace_id = %s", (workspace_id,))
        rest_until = now + place.full_slices * REST if place.full_slices else None
        move(conn, workspace_id, replace(place, stage=None, full_slices=0, rest_until=rest_until))
    return max(len(people), 1)


def _next_people(conn: Connection, workspace_id: int) -> list[_Person]:
    # Taken out as they are told. Primary keys.
    return conn.execute(
        """
        WITH next AS (
            SELECT flow_id, product_id, profile_id
            FROM shelf_person
            WHERE workspace_id = %(workspace)s
            ORDER BY flow_id, product_id, profile_id
            LIMIT %(limit)s
        ), taken AS (
            DELETE FROM shelf_person
            USING next
            WHERE shelf_person.workspace_id = %(workspace)s
              AND shelf_person.flow_id = next.flow_id
              AND shelf_person.product_id = next.product_id
              AND shelf_person.profile_id = next.profile_id
            RETURNING shelf_person.flow_id, shelf_person.product_id, shelf_person.profile_id, shelf_person.did
        )
        SELECT taken.flow_id, taken.product_id, taken.profile_id, taken.did,
               notice.change_id, notice.at, notice.was, notice.became
        FROM taken
        JOIN shelf_notice AS notice
          ON notice.workspace_id = %(workspace)s
         AND notice.flow_id = taken.flow_id
         AND notice.product_id = taken.product_id
        ORDER BY taken.flow_id, taken.product_id, taken.profile_id
        """,
        {"workspace": workspace_id, "limit": TOLD_A_TURN},
    ).fetchall()


def _facts(
    people: Sequence[_Person], watchers: Mapping[int, Watcher], items: Mapping[str, Product]
) -> dict[tuple[int, str], dict[str, Any]]:
    """What events say, by flow and product, of what still stands."""
    notices = {(person[0], person[1]): Notice(*person[6:]) for person in people}
    return {
        (flow_id, product_id): rules.told(watcher.trigger, watcher.slug, notice, item)
        for (flow_id, product_id), notice in notices.items()
        if (watcher := watchers.get(flow_id))
        and (item := items.get(product_id))
        and rules.stands(watcher.trigger, notice, item)
    }


def _item(watcher: Watcher, person: _Person, facts: Mapping[str, Any]) -> bytes:
    flow_id, _, profile_id, did, change_id, at, _, _ = person
    return inbox.item(
        type="track",
        id=f"shelf-{flow_id}-{profile_id}-{change_id}",
        ts=at,
        user={"profile_id": profile_id},
        metric=metric_of(watcher.trigger),
        properties={**facts, "did": did},
        once=True,
    )
