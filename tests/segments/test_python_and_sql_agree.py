"""The two evaluators give one answer: for generated definitions, over generated people, at any now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.core import partitions
from headwater.segments import compile as compiling
from headwater.segments import facts, language
from tests.segments import segment_people as builders
from tests.segments.segment_people import Happened

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
METRICS = ("Placed Order", "Viewed Product", "Never Happened")
CATEGORIES = ("Shoes", "Bags", "shoes", "")

# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
plain = st.one_of(
    st.sampled_from(["Shoes", "Bags", "10", "", "sho%s_"]),
    st.integers(-3, 12),
    st.sampled_from([0.1, 10.0, 2.5]),
    st.booleans(),
    st.none(),
)
line = st.fixed_dictionaries({}, optional={"category": plain, "price": plain, "tags": st.lists(plain, max_size=2)})
properties = st.fixed_dictionaries(
    {}, optional={"price": plain, "items": st.one_of(plain, st.lists(st.one_of(line, plain), max_size=3)), "a": line}
)
SECOND = timedelta(seconds=1)
EDGES = [
    NOW - timedelta(days=30),
    NOW - timedelta(hours=36),
    NOW - timedelta(days=10),
    datetime(2026, 2, 1, tzinfo=UTC),
]
moments = st.sampled_from([edge + off for edge in EDGES for off in (-SECOND, timedelta(0), SECOND)])
moments = moments | st.integers(-40, 3).map(lambda days: NOW + timedelta(days=days))
happened = st.builds(
    Happened,
    st.sampled_from(METRICS[:2]),
    moments,
    st.one_of(st.none(), st.sampled_from([Decimal("0"), Decimal("10.50"), Decimal("99")])),
    properties,
)
person = st.fixed_dictionaries(
    {
        "attributes": st.fixed_dictionaries(
            {},
            optional={
                "email": st.sampled_from(["a@example.com", "b@example.org"]),
                "country": st.sampled_from(["US", "NO", ""]),
                "properties": properties,
            },
        ),
        "events": st.lists(happened, max_size=5),
        "consent": st.sampled_from([None, "subscribed", "unsubscribed"]),
        "suppressed": st.booleans(),
        "list": st.one_of(st.none(), moments),
    }
)

# ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────
numbers = st.one_of(st.integers(-1, 12), st.sampled_from([0.1, 10.5, 99]))
comparison = st.builds(
    lambda op, n: {op: n},
    st.sampled_from(["equals", "not_equals", "greater_than", "at_least", "less_than", "at_most"]),
    st.one_of(st.integers(-1, 3), numbers),
)
windows = st.sampled_from(
    [
        {},
        {"in_last": {"days": 30}},
        {"in_last": {"hours": 36}},
        {"since": (NOW - timedelta(days=10)).isoformat()},
        {"since": "2026-02-01"},
    ]
)
operand = st.one_of(st.sampled_from(["Shoes", "10", "", "a@example.com", "US"]), st.integers(-3, 12), st.booleans())
operand = operand | st.sampled_from([0.1, 10.0])
text = st.sampled_from(["S", "hoes", "a@", "1", "%s", ".com"])


def comparing(paths: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    path = st.sampled_from(paths)
    return st.one_of(
        st.builds(lambda p, o, v: {"property": p, o: v}, path, st.sampled_from(["equals", "not_equals"]), operand),
        st.builds(lambda p, o, v: {"property": p, o: v}, path, st.sampled_from(["greater_than", "at_most"]), numbers),
        st.builds(
            lambda p, o, v: {"property": p, o: v},
            path,
            st.sampled_from(
                ["contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"]
            ),
            text,
        ),
        st.builds(lambda p, v: {"property": p, "contains": v}, path, st.sampled_from([1, 10, True])),
        st.builds(
            lambda p, o, v: {"property": p, o: v},
            path,
            st.sampled_from(["in", "not_in"]),
            st.lists(operand, min_size=1, max_size=3),
        ),
        st.builds(lambda p, v: {"property": p, "is_set": v}, path, st.booleans()),
    )


def grouped(leaves: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda of: {"all": of}),
            st.lists(inner, min_size=1, max_size=3).map(lambda of: {"any": of}),
            inner.map(lambda of: {"not": of}),
        ),
        max_leaves=4,
    )


PATHS = ["price", "items[].category", "items[].tags", "items[].tags[]", "a.category", "items", "absent"]
where = grouped(comparing([*PATHS, "$value"]))
did = st.builds(
    lambda metric, measure, compared, window, filtered: {
        "metric": metric,
        measure: compared,
        **window,
        **({"where": filtered} if filtered is not None else {}),
    },
    st.sampled_from(METRICS),
    st.sampled_from(["count", "sum"]),
    comparison,
    windows,
    st.one_of(st.none(), where),
)
definitions = grouped(
    st.one_of(
        did,
        did,
        comparing([*PATHS, "email", "country"]),
        windows.map(lambda window: {"list": "Newsletter", **window}),
        st.sampled_from(["subscribed", "unsubscribed", "never_subscribed"]).map(lambda state: {"consent": state}),
        st.booleans().map(lambda value: {"can_receive": value}),
        st.sampled_from([0, 12.5, 50, 100]).map(lambda percent: {"sample": percent, "salt": "x"}),
    )
)
instants = st.sampled_from([NOW, NOW + timedelta(seconds=1), NOW - timedelta(days=9), NOW + timedelta(days=31)])


@pytest.fixture
def rolled_back(conn: Connection) -> Connection:
    partitions.ensure(conn, "event", [NOW - timedelta(days=15 * back) for back in range(-3, 6)])
    conn.commit()
    return conn


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=st.lists(person, min_size=1, max_size=4), definition=definitions, now=instants, required=st.booleans())
def test_python_and_sql_give_the_same_answer(
    rolled_back: Connection,
    workspace: int,
    people: list[dict[str, Any]],
    definition: Any,
    now: datetime,
    required: bool,
) -> None:
    conn = rolled_back
    try:
        conn.execute("UPDATE workspace SET require_consent = %s WHERE id = %s", (required, workspace))
        newsletter = builders.a_list(conn, workspace, "newsletter", NOW)
        ids = []
        for given_person in people:
            profile_id = builders.profile(conn, workspace, NOW, **given_person["attributes"])
            builders.events(conn, workspace, profile_id, given_person["events"])
            if given_person["list"] is not None:
                builders.on_list(conn, workspace, newsletter, profile_id, given_person["list"])
            if given_person["consent"] is not None:
                builders.consents(conn, workspace, profile_id, given_person["consent"], NOW)
            if given_person["suppressed"]:
                builders.suppressed(conn, workspace, profile_id, NOW)
            ids.append(profile_id)

        condition = language.parse(definition)
        known = facts.load(conn, workspace, ids, language.needs(condition), now)
        in_python = {profile_id for profile_id in ids if language.evaluate(condition, known[profile_id], now)}
        statement, values = compiling.to_sql(conn, condition, workspace, now)
        in_sql = {row[0] for row in conn.execute(statement, values)}
        statement, values = compiling.to_sql(conn, condition, workspace, now, profile_ids=ids)
        of_a_set = {row[0] for row in conn.execute(statement, values)}

        assert in_python == in_sql == of_a_set, language.describe(condition)
    finally:
        conn.rollback()
