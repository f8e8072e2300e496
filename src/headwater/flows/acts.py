"""Carries out the steps that change or call something, in the transaction that moves people on: each once.

Set-based: the statements count by kind of step and by list or coupon, not by person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.accounts import brand
from headwater.audience import lists, profiles
from headwater.catalog import issuing
from headwater.flows.calls import outbox
from headwater.flows.calls.outbox import Call
from headwater.flows.due import Due
from headwater.flows.effects import Act
from headwater.flows.profile_updates import changed
from headwater.flows.steps import ChangeList, IssueCoupon, Notify, UpdateProfile, Webhook

_Wanted = Sequence[tuple[Due, Act]]


def carry_out(conn: Connection, workspace_id: int, wanted: _Wanted, now: datetime) -> None:
    """Do what these steps say."""
    updates = [(one, act) for one, act in wanted if isinstance(act.step, UpdateProfile)]
    _update_profiles(conn, workspace_id, updates, now)
    _change_lists(conn, workspace_id, wanted, now)
    _issue_coupons(conn, workspace_id, wanted, now)
    planned = [
        Call(
            flow_id=one.flow.id,
            enrolment_id=one.enrolment.id,
            step=act.step.id,
            profile_id=one.enrolment.profile_id,
            kind="webhook" if isinstance(act.step, Webhook) else "notice",
            spec=act.step.spec,
            trigger=one.enrolment.trigger,
        )
        for one, act in wanted
        if isinstance(act.step, Webhook | Notify)
    ]
    if planned:
        outbox.plan(conn, workspace_id, planned, now)


# ── the profile ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _update_profiles(conn: Connection, workspace_id: int, wanted: _Wanted, now: datetime) -> None:
    if not wanted:
        return
    # The rows, locked in the order of ids, so that nothing that is added to a list meanwhile is lost. Primary key.
    held: dict[int, dict[str, Any]] = dict(
        conn.execute(
            """
            SELECT id, properties
            FROM profile
            WHERE workspace_id = %(workspace)s
              AND id = ANY (%(ids)s)
            ORDER BY id
            FOR NO KEY UPDATE
            """,
            {"workspace": workspace_id, "ids": sorted({one.enrolment.profile_id for one, _ in wanted})},
        ).fetchall()
    )
    today = now.astimezone(brand.load(conn, workspace_id).zone).date().isoformat()
    changes: dict[int, dict[str, Any]] = defaultdict(dict)
    for one, act in wanted:
        profile_id = one.enrolment.profile_id
        if profile_id in held and isinstance(act.step, UpdateProfile):
            said = changed(act.step, {**held[profile_id], **changes[profile_id]}, one.enrolment.trigger, today)
            changes[profile_id].update(said)
    profiles.write(conn, workspace_id, changes, now)


# ── lists and coupons ───────────────────────────────────────────────────────────────────────────────────────────────
def _change_lists(conn: Connection, workspace_id: int, wanted: _Wanted, now: datetime) -> None:
    people: dict[tuple[int | str, bool], list[int]] = defaultdict(list)
    for one, act in wanted:
        if isinstance(act.step, ChangeList):
            people[act.step.list, act.step.add].append(one.enrolment.profile_id)
    for (named, add), profile_ids in people.items():
        list_id = named if isinstance(named, int) else lists.find(conn, workspace_id, named)
        if list_id is None:
            continue  # the list is gone: nobody can be on it
        if add:
            lists.add(conn, workspace_id, list_id, sorted(set(profile_ids)), now, "flow")
        else:
            lists.remove(conn, workspace_id, list_id, sorted(set(profile_ids)))


def _issue_coupons(conn: Connection, workspace_id: int, wanted: _Wanted, now: datetime) -> None:
    people: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one, act in wanted:
        if isinstance(act.step, IssueCoupon):
            people[act.step.coupon].append((one.enrolment.profile_id, issuing.NO_MESSAGE))
    for name in sorted(people):  # in this order, so that two transactions cannot wait for one another
        issuing.issue(conn, workspace_id, name, people[name], now)
