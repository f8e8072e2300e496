"""Told by the audience when something about people changes: those who wait for it are looked at.

Registered with `audience.listeners` (see `composition`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from headwater.core import clock
from headwater.flows import waking
from headwater.flows.arrivals import date_entry


def on_attributes(conn: Connection, workspace_id: int, changed: Mapping[int, Iterable[str]], now: datetime) -> None:
    """Properties: dates among them may start a flow too, or move somebody who is in one."""
    waking.on_people(conn, workspace_id, changed, now)
    date_entry.on_attributes(conn, workspace_id, changed, now)


def on_known(
    conn: Connection, workspace_id: int, made: Sequence[int], identified: Sequence[int], now: datetime
) -> None:
    """Profiles that were made, or given an address: their dates may start a flow now."""
    date_entry.on_known(conn, workspace_id, [*made, *identified], now)


def on_list(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int]) -> None:
    """Joined a list, or left it."""
    waking.on_people(conn, workspace_id, profile_ids, clock.now(conn))


def on_lists(conn: Connection, workspace_id: int, now: datetime) -> None:
    """A list has another name: definitions name lists, so what they say of it is asked anew at each step anyway."""


def on_consent(conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
    """Consent or suppressions changed."""
    waking.on_people(conn, workspace_id, profile_ids, clock.now(conn))
