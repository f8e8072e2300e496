"""The three evaluators give one answer: for generated definitions, over generated people, at any now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.segments import compile as compiling
from headwater.segments import facts, language
from headwater.segments.boundaries import next_change
from tests.segments import generated
from tests.segments import segment_people as builders
from tests.segments.generated import KINDS, NOW, with_id

# Each kind of condition on its own, several at a time for the same people; then trees of all kinds.
DRAWN = [pytest.param(st.lists(kind, min_size=4, max_size=4), 60, id=name) for name, kind in KINDS.items()]
DRAWN.append(pytest.param(st.lists(generated.definitions, min_size=2, max_size=2), 300, id="trees"))


@pytest.fixture
def shop(conn: Connection, workspace: int) -> tuple[int, int]:
    """(newsletter, VIP segment) of the workspace."""
    generated.months(conn)
    return builders.a_list(conn, workspace, "newsletter", NOW), builders.a_segment(conn, workspace, "VIPs", NOW)


@pytest.mark.parametrize(("drawn", "examples"), DRAWN)
def test_python_and_sql_give_the_same_answer(
    conn: Connection, workspace: int, shop: tuple[int, int], drawn: st.SearchStrategy[list[Any]], examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        people=st.lists(generated.person, min_size=1, max_size=4),
        definitions=drawn,
        now=generated.instants,
        required=st.booleans(),
        zone=st.sampled_from(generated.ZONES),
    )
    def agree(people: list[dict[str, Any]], definitions: list[Any], now: datetime, required: bool, zone: str) -> None:
        with conn.transaction(force_rollback=True):
            conn.execute(
                "UPDATE workspace SET require_consent = %s, timezone = %s WHERE id = %s", (required, zone, workspace)
            )
            ids = generated.stored(conn, workspace, people, *shop)
            for definition in definitions:
                condition = language.parse(with_id(definition, shop[1]))
                asked = language.needs(condition) | language.Needs(profile=True)
                known = facts.load(conn, workspace, ids, asked, now)
                in_python = {one for one in ids if language.belongs(condition, known[one], now)}
                statement, values = compiling.to_sql(conn, condition, workspace, now)
                in_sql = {row[0] for row in conn.execute(statement, values)}
                statement, values = compiling.to_sql(conn, condition, workspace, now, profile_ids=ids)
                of_a_set = {row[0] for row in conn.execute(statement, values)}

                assert in_python == in_sql == of_a_set, language.describe(condition)

    agree()


@pytest.mark.parametrize(("drawn", "examples"), DRAWN)
def test_an_answer_stands_until_the_next_change_and_not_beyond(
    conn: Connection, workspace: int, shop: tuple[int, int], drawn: st.SearchStrategy[list[Any]], examples: int
) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        one=generated.person,
        definitions=drawn,
        now=generated.instants,
        zone=st.sampled_from(generated.ZONES),
        shares=st.lists(st.floats(0.0001, 0.9999), min_size=4, max_size=4),
    )
    def stand(one: dict[str, Any], definitions: list[Any], now: datetime, zone: str, shares: list[float]) -> None:
        with conn.transaction(force_rollback=True):
            conn.execute("UPDATE workspace SET timezone = %s WHERE id = %s", (zone, workspace))
            (profile_id,) = generated.stored(conn, workspace, [one], *shop)
            for definition in definitions:
                condition = language.parse(with_id(definition, shop[1]))
                known = facts.load(conn, workspace, [profile_id], language.needs(condition), now)[profile_id]

                changes = next_change(condition, known, now)

                answer = language.evaluate(condition, known, now)
                until = changes or NOW.replace(year=2028)
                for share in shares:
                    between = now + (until - now) * share
                    assert language.evaluate(condition, known, between) is answer, language.describe(condition)
                if changes is not None:
                    assert language.evaluate(condition, known, changes) is not answer

    stand()
