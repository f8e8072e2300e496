"""What the engine may look at for the enrolments of one turn: one query a kind of fact, however many enrolments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from psycopg import Connection

from headwater.accounts import brand
from headwater.catalog import products
from headwater.flows import facts, winners
from headwater.flows.due import Due
from headwater.flows.effects import Known
from headwater.flows.steps import AbTest, BackInStock, Countdown, Step
from headwater.segments.language import Needs


def load(conn: Connection, workspace_id: int, due: Sequence[Due], now: datetime) -> dict[int, Known]:
    """Known by enrolment."""
    asked = Needs()
    for definition in {id(one.definition): one.definition for one in due}.values():
        asked |= definition.gate_needs | definition.step_needs
    starts = ((one.enrolment.profile_id, one.enrolment.started_at) for one in due)
    profiles = facts.load(conn, workspace_id, starts, asked, now)
    messages = _messages(conn, workspace_id, [one for one in due if isinstance(_step(one), Countdown)])
    tested = {one.flow.id for one in due if any(isinstance(step, AbTest) for step in one.definition.steps.values())}
    won = winners.decided(conn, workspace_id, tested) if tested else {}
    stocked = _in_stock(conn, workspace_id, [one for one in due if isinstance(_step(one), BackInStock)])
    timezone = brand.load(conn, workspace_id).timezone
    return {
        one.enrolment.id: Known(
            profiles.get(one.enrolment.profile_id),
            timezone,
            messages.get(one.enrolment.id),
            won.get(one.flow.id, {}),
            stocked.get(one.enrolment.id),
        )
        for one in due
    }


def _step(one: Due) -> Step | None:
    """Where the enrolment stands."""
    return one.definition.steps.get(one.enrolment.step or one.definition.first)


def _in_stock(conn: Connection, workspace_id: int, due: Sequence[Due]) -> dict[int, frozenset[str]]:
    by_minimum: dict[int, list[Due]] = defaultdict(list)
    for one in due:
        step = _step(one)
        assert isinstance(step, BackInStock)
        by_minimum[step.minimum_stock].append(one)
    found: dict[int, frozenset[str]] = {}
    for minimum, group in by_minimum.items():  # a few flows' settings, not people
        items = {str(value) for one in group for value in _items(one)}
        stocked = frozenset(products.in_stock(conn, workspace_id, items, minimum))
        found |= {one.enrolment.id: stocked for one in group}
    return found


def _items(one: Due) -> list[object]:
    properties = one.enrolment.trigger.get("properties") or {}
    return [properties[key] for key in ("variant_id", "product_id") if properties.get(key) is not None]


def _messages(conn: Connection, workspace_id: int, due: Sequence[Due]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {one.enrolment.id: {} for one in due}
    if not due:
        return found
    pairs = [(one, email.id) for one in due for email in one.definition.emails]
    # What became of the emails of enrolments that wait for the coupon one of them issues. By the ledger's unique key.
    rows = conn.execute(
        """
        SELECT m.occurrence, m.step, m.state
        FROM unnest(%(flows)s::bigint[], %(steps)s::text[], %(profiles)s::bigint[], %(enrolments)s::bigint[],
                    %(origins)s::timestamptz[])
             AS w (flow_id, step, profile_id, enrolment_id, origin_at)
        JOIN message m
          ON m.workspace_id = %(workspace)s
         AND m.source = 'flow'
         AND m.source_id = w.flow_id
         AND m.step = w.step
         AND m.profile_id = w.profile_id
         AND m.occurrence = w.enrolment_id
         AND m.origin_at = w.origin_at
        """,
        {
            "workspace": workspace_id,
            "flows": [one.flow.id for one, _ in pairs],
            "steps": [step for _, step in pairs],
            "profiles": [one.enrolment.profile_id for one, _ in pairs],
            "enrolments": [one.enrolment.id for one, _ in pairs],
            "origins": [one.enrolment.started_at for one, _ in pairs],
        },
    )
    for enrolment_id, step, state in rows:
        found[enrolment_id][step] = state
    return found
