"""Marks: which profiles to ask again about which segments, committed with what may have changed their answers.

Whoever writes events, properties, lists or consent calls in here in the same transaction: the processor by itself, the
others as a listener (`audience.listeners`), to merging and to erasing; `composition` connects them.
`upkeep` gives effect to marks within a second. Who merely may be concerned is marked: asking again costs little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from psycopg import Connection

from headwater.core import arrays, clock
from headwater.events.store import Event
from headwater.segments import live, membership, profile_dates, requests
from headwater.segments.conditions import OnList
from headwater.segments.language import Total
from headwater.segments.watching import Watch

_WHILE = timedelta(minutes=1)
"""Longer than any transaction that stores events stays open."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was known of the profiles of some events before these were stored."""

    metrics: frozenset[str]
    """For which it was looked up: the others are marked to be on the safe side."""
    totals: Mapping[tuple[int, int], Total]
    """By (profile, metric id)."""


# ── what is watched ─────────────────────────────────────────────────────────────────────────────────────────────────
_watches: dict[int, tuple[tuple[tuple[int, int, int | None], ...], Watch]] = {}
_guard = Lock()


def watch(conn: Connection, workspace_id: int) -> Watch:
    """The index over the workspace's segments, as they are now; made anew only when one of them changed."""
    segments = live.segments(conn, workspace_id)
    key = tuple((one.id, one.version, one.live_version) for one in segments.values())
    kept = _watches.get(workspace_id)
    if kept is not None and kept[0] == key:
        return kept[1]
    conditions = [(one.id, one.condition) for one in segments.values()]
    conditions += [(one.id, one.standing) for one in segments.values() if one.standing and not one.built]
    made = Watch(conditions)
    with _guard:
        _watches[workspace_id] = (key, made)
    return made


# ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def look(conn: Connection, workspace_id: int, events: Sequence[Event]) -> Looked:
    """What is known of these events' profiles, as far as segments ask; to be called before they are stored."""
    kept = _watches.get(workspace_id)  # as far as this process knows
    watched = kept[1].metrics if kept is not None else frozenset[str]()
    pairs = {(event.profile_id, event.metric_id) for event in events if event.metric in watched}
    if not pairs:
        return Looked(watched, {})
    # For the processor, per batch. Primary key, one probe a pair; LATERAL with LIMIT keeps to it.
    rows = conn.execute(
        """
        SELECT asked.profile_id, asked.metric_id, kept.*
        FROM unnest(%(profiles)s::bigint[], %(metrics)s::bigint[]) AS asked (profile_id, metric_id)
        CROSS JOIN LATERAL (
            SELECT count, sum, first_ts, last_ts
            FROM profile_metric
            WHERE workspace_id = %(workspace)s
              AND metric_id = asked.metric_id
              AND profile_id = asked.profile_id
            LIMIT 1
        ) AS kept
        """,
        {
            "workspace": workspace_id,
            "profiles": arrays.plain([pair[0] for pair in pairs]),
            "metrics": arrays.plain([pair[1] for pair in pairs]),
        },
        binary=True,
    ).fetchall()
    return Looked(watched, {(row[0], row[1]): Total(row[2], row[3], row[4], row[5]) for row in rows})


def on_events(conn: Connection, workspace_id: int, events: Sequence[Event], looked: Looked, now: datetime) -> None:
    """These events were stored; `looked` is from before."""
    watched = watch(conn, workspace_id)
    metrics = watched.metrics
    grouped: dict[tuple[str, int, int], list[Event]] = defaultdict(list)
    for event in events:
        if event.metric in metrics:
            grouped[event.metric, event.metric_id, event.profile_id].append(event)
    if not grouped:
        return
    soon = now + _WHILE * max(1.0, clock.speed())
    touched: dict[int, set[int]] = defaultdict(set)
    for (metric, metric_id, profile_id), happened in grouped.items():
        total = looked.totals.get((profile_id, metric_id))
        unsure = metric not in looked.metrics
        for segment_id in watched.events(metric, total, happened, now, soon=soon, unsure=unsure):
            touched[segment_id].add(profile_id)
    people = _people(conn, workspace_id, {one for ids in touched.values() for one in ids})
    write(conn, workspace_id, {segment_id: ids & people for segment_id, ids in touched.items()})


def _people(conn: Connection, workspace_id: int, profile_ids: Collection[int]) -> set[int]:
    """Those who have said who they are: the others are in no segment, and are asked when they say it."""
    if not profile_ids:
        return set()
    # For the processor, per batch. Index profile_known, one probe each.
    rows = conn.execute(
        """
        SELECT p.id
        FROM unnest(%(ids)s::bigint[]) AS asked (id)
        CROSS JOIN LATERAL (
            SELECT id
            FROM profile
            WHERE workspace_id = %(workspace)s
              AND id = asked.id
              AND (email IS NOT NULL OR external_id IS NOT NULL OR phone IS NOT NULL)
            LIMIT 1
        ) AS p
        """,
        {"workspace": workspace_id, "ids": arrays.plain(profile_ids)},
    )
    return {row[0] for row in rows}


# ── profiles ────────────────────────────────────────────────────────────────────────────────────────────────────────
def on_attributes(conn: Connection, workspace_id: int, changed: Mapping[int, Iterable[str]], now: datetime) -> None:
    """Properties of these profiles were written."""
    watched = watch(conn, workspace_id)
    touched: dict[int, set[int]] = defaultdict(set)
    dated: set[int] = set()
    for profile_id, names in changed.items():
        names = list(names)
        for segment_id in watched.attributes(names):
            touched[segment_id].add(profile_id)
        if watched.dates and watched.date_paths(names):
            dated.add(profile_id)
    if dated:
        profile_dates.refresh(conn, workspace_id, watched.every_date, sorted(dated))
    write(conn, workspace_id, touched)


def on_known(
    conn: Connection, workspace_id: int, made: Sequence[int], identified: Sequence[int], now: datetime
) -> None:
    """Profiles were made with identifiers, or older ones got or lost some."""
    watched = watch(conn, workspace_id)
    if made and watched.dates:
        profile_dates.refresh(conn, workspace_id, watched.every_date, made)
    touched: dict[int, set[int]] = defaultdict(set)
    for segment_id in watched.newcomers | watched.attributes(("email", "external_id", "phone")):
        touched[segment_id].update(made)
    for segment_id in watched.every:
        touched[segment_id].update(identified)
    write(conn, workspace_id, touched)


def on_merge(conn: Connection, workspace_id: int, destination: int, source: int, now: datetime) -> None:
    """The survivor is in what either was in, and is asked again. Registered with `audience.merging.on_merge`."""
    watched = watch(conn, workspace_id)
    if not watched.every:
        return
    membership.hand_on(conn, workspace_id, destination, source)
    if watched.dates:
        profile_dates.refresh(conn, workspace_id, watched.every_date, [destination])
    write(conn, workspace_id, {segment_id: {destination, source} for segment_id in watched.every})


def on_erase(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """These people are in no segment any more. Registered with `audience.profiles.on_erase`."""
    membership.forget(conn, workspace_id, profile_ids)
    # A segment being built may have found them before they went.
    building = [one.id for one in live.segments(conn, workspace_id).values() if not one.built]
    write(conn, workspace_id, {segment_id: set(profile_ids) for segment_id in building})


# ── lists and consent ───────────────────────────────────────────────────────────────────────────────────────────────
def on_list(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int]) -> None:
    """These people joined or left a list."""
    watched = watch(conn, workspace_id)
    if not watched.lists:
        return
    row = conn.execute("SELECT name FROM list WHERE workspace_id = %s AND id = %s", (workspace_id, list_id)).fetchone()
    touched = watched.on_list(list_id, row[0] if row else "")
    write(conn, workspace_id, {segment_id: set(profile_ids) for segment_id in touched})


def on_lists(conn: Connection, workspace_id: int, now: datetime) -> None:
    """A list was renamed or taken out of use: conditions may name another one now, or none."""
    requests.rebuild_where(conn, workspace_id, (OnList,), now)


def on_consent(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """These people's consent or suppressions changed."""
    touched = watch(conn, workspace_id).consent
    write(conn, workspace_id, {segment_id: set(profile_ids) for segment_id in touched})


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def write(
    conn: Connection, workspace_id: int, touched: Mapping[int, Iterable[int]], held_for: Mapping[int, int] | None = None
) -> None:
    """Mark profiles by segment, in the caller's transaction; `held_for`: only once that version of it is live."""
    rows = [(segment_id, list(ids)) for segment_id, ids in touched.items() if ids]
    if not rows:
        return
    held = held_for or {}
    # One row a segment and batch, however many profiles.
    conn.execute(
        """
        INSERT INTO segment_mark (workspace_id, segment_id, count, profile_ids, held_for, marked_at)
        SELECT %(workspace)s, segment_id, count, profile_ids::bigint[], held_for, %(wall)s
        FROM unnest(%(segments)s::bigint[], %(counts)s::int[], %(ids)s::text[], %(held)s::int[])
             AS m (segment_id, count, profile_ids, held_for)
        """,
        {
            "workspace": workspace_id,
            "wall": clock.wall(),
            "segments": [row[0] for row in rows],
            "counts": [len(row[1]) for row in rows],
            "ids": [arrays.plain(row[1]) for row in rows],
            "held": [held.get(row[0]) for row in rows],
        },
    )
