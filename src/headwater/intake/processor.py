"""Rule 2: a batch of the inbox and all its effects commit together.

`process` is one transaction's work for one workspace: resolve people, write what is said of them, store events and
roll-ups, mark whose segments they may change, apply email feedback, redeem coupons, close and open enrolments, and take
the batch out of the inbox.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from headwater.audience import identity, merging, profiles
from headwater.events import inbox, metrics, store
from headwater.events.store import Event
from headwater.intake.items import Item, decode
from headwater.segments import marks

LATE = timedelta(hours=24)
"""Events that happened longer ago than this when they arrived are history: they are stored and trigger nothing."""

Effect = Callable[[Connection, int, Sequence[Event], datetime], Any]
"""(conn, workspace_id, new events, now): what a room does about events, in the transaction that stores them."""


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """An item, and when it was acknowledged."""

    item: Item
    received_at: datetime
    raw: bytes = b""


def _effects() -> tuple[Effect, ...]:
    from headwater.catalog import coupons
    from headwater.delivery import feedback
    from headwater.flows import entry

    def redeem(conn: Connection, workspace_id: int, events: Sequence[Event], now: datetime) -> None:
        uses = [
            (code, event.ts) for event in events if event.metric == metrics.PLACED_ORDER for code in codes_used(event)
        ]
        coupons.redeem(conn, workspace_id, uses)

    return feedback.apply, redeem, entry.on_events


def codes_used(event: Event) -> list[str]:
    """The discount codes that an order names."""
    codes = event.properties.get("discount_codes")
    return [str(code) for code in codes if code] if isinstance(codes, list) else []


def process(conn: Connection, workspace_id: int, now: datetime, limit_items: int = 4000) -> int:
    """Give effect to the oldest items of the inbox; answers how many were taken. The caller commits.

    An item that cannot be processed is set aside with the reason (`inbox_failure`) and does not hold up its neighbours.
    """
    rows = inbox.read(conn, workspace_id, limit_items)
    arrived: list[Arrived] = []
    for row in rows:
        broken = []
        for raw in row.items:
            try:
                arrived.append(Arrived(decode(raw), row.received_at, raw))
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                broken.append((raw, str(error)))
        inbox.set_aside(conn, workspace_id, row.received_at, broken, now)
    if arrived:
        identity.lock(conn, workspace_id)
        _apply_or_isolate(conn, workspace_id, arrived, now)
    inbox.remove(conn, workspace_id, rows)
    return sum(len(row.items) for row in rows)


def _apply_or_isolate(conn: Connection, workspace_id: int, arrived: Sequence[Arrived], now: datetime) -> None:
    """Apply all, or halve until what fails stands alone and is set aside."""
    try:
        with conn.transaction():
            apply(conn, workspace_id, arrived, now)
    except Exception as error:  # whatever an item breaks, its neighbours go on
        if _is_the_database(conn, error):
            raise  # the whole batch is tried again
        if len(arrived) == 1:
            inbox.set_aside(
                conn, workspace_id, arrived[0].received_at, [(arrived[0].raw, f"{type(error).__name__}: {error}")], now
            )
            return
        middle = len(arrived) // 2
        _apply_or_isolate(conn, workspace_id, arrived[:middle], now)
        _apply_or_isolate(conn, workspace_id, arrived[middle:], now)


_OF_THE_DATABASE = frozenset({"08", "25", "40", "53", "55", "57", "58", "F0", "XX"})
"""Classes of SQLSTATE: connection, transaction state, conflict with another one, resources, operator, system, bugs."""


def _is_the_database(conn: Connection, error: Exception) -> bool:
    """The server or the connection failed, or another transaction was in the way; not what an item says."""
    if conn.closed or not isinstance(error, psycopg.Error):
        return conn.closed
    return error.sqlstate is None or error.sqlstate[:2] in _OF_THE_DATABASE


def apply(conn: Connection, workspace_id: int, arrived: Sequence[Arrived], now: datetime) -> list[Event]:
    """Everything that these items mean, in the caller's transaction; answers the events that were new.

    The caller holds `identity.lock`. Live intake and imports both come through here.
    """
    people = _people(conn, workspace_id, arrived, now)
    _describe(conn, workspace_id, arrived, people, now)
    events = _events(conn, workspace_id, arrived, people, now)
    if not events:
        return []
    looked = marks.look(conn, workspace_id, events)
    once = {store.event_id(workspace_id, one.item.id) for one in arrived if one.item.once}
    fresh = store.append(conn, workspace_id, events, arrived[-1].received_at, once)
    if fresh:
        marks.on_events(conn, workspace_id, fresh, looked, now)
        for effect in _effects():
            effect(conn, workspace_id, fresh, now)
    return fresh


def _people(conn: Connection, workspace_id: int, arrived: Sequence[Arrived], now: datetime) -> list[int]:
    """Each item's profile. Aliases merge what they name."""
    claims = [one.item.user.claim(one.item.public) for one in arrived]
    aliases = [
        (position, one.item.previous.claim(one.item.public))
        for position, one in enumerate(arrived)
        if one.item.previous is not None and not one.item.public
    ]
    people = identity.resolve(conn, workspace_id, claims + [previous for _, previous in aliases], now)
    pairs = [
        (people[position], source)
        for (position, _), source in zip(aliases, people[len(claims) :], strict=True)
        if source and people[position] and source != people[position]
    ]
    if pairs:
        merging.merge_all(conn, workspace_id, _chained(pairs), now)
        survivors = identity.follow(conn, workspace_id, set(people))
        people = [survivors.get(one, 0) for one in people]
    return people[: len(claims)]


def _chained(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same merges with each end led to who survives the ones before it."""
    into: dict[int, int] = {}

    def survivor(one: int) -> int:
        while one in into:
            one = into[one]
        return one

    chained = []
    for destination, source in pairs:
        kept, gone = survivor(destination), survivor(source)
        if kept != gone:
            into[gone] = kept
            chained.append((kept, gone))
    return chained


def _describe(
    conn: Connection, workspace_id: int, arrived: Sequence[Arrived], people: Sequence[int], now: datetime
) -> None:
    """Write what the items say about people; later items outweigh earlier ones."""
    said: dict[int, dict[str, Any]] = {}
    for one, profile_id in zip(arrived, people, strict=True):
        if profile_id and one.item.traits:
            if one.item.type == "group":
                said.setdefault(profile_id, {})["group"] = one.item.traits
            else:
                said.setdefault(profile_id, {}).update(one.item.traits)
    if said:
        profiles.write(conn, workspace_id, said, now)


def _events(
    conn: Connection, workspace_id: int, arrived: Sequence[Arrived], people: Sequence[int], now: datetime
) -> list[Event]:
    kinds = metrics.ids(conn, workspace_id, {one.item.metric for one in arrived if one.item.metric}, now)
    events = []
    for one, profile_id in zip(arrived, people, strict=True):
        item = one.item
        if item.metric and profile_id:
            late = item.history or one.received_at - item.ts > LATE
            events.append(
                Event(
                    store.event_id(workspace_id, item.id),
                    item.ts,
                    item.metric,
                    kinds[item.metric],
                    profile_id,
                    item.value,
                    item.properties,
                    late,
                )  # fmt: skip
            )
    return events
