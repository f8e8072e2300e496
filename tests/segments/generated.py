"""Generated people and definitions: what hypothesis draws from when it holds the evaluators together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from psycopg import Connection

from headwater.core import partitions
from tests.segments import segment_people as builders
from tests.segments.segment_people import Happened

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
METRICS = ("Placed Order", "Viewed Product", "Never Happened")
ZONES = ("UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago")

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
days = st.one_of(
    st.integers(-400, 400),
    st.sampled_from([-31, -30, -29, -11, -10, -9, -3, -2, -1, 0, 1, 2, 3, 9, 10, 11, 29, 30, 31]),
).map(lambda ahead: f"{NOW + timedelta(days=ahead):%Y-%m-%d}")
dates = st.one_of(
    days,
    days,
    st.just("1988-02-29"),
    st.sampled_from(["1988-02-29", "2026-02-31", "2026-03-02", "soon", "2026-3-2", 20260302, None]),
    st.integers(-3, 3).map(lambda hours: (NOW + timedelta(hours=hours)).isoformat()),
    st.integers(-40, 40).map(lambda ahead: (NOW + timedelta(days=ahead)).isoformat()),
    st.sampled_from(["2026-02-30T10:00:00Z", "2026-03-02T07:30", "2025-03-02 23:30:00.5-05:00", "2026-03-02T25:00Z"]),
)
described = st.fixed_dictionaries(
    {},
    optional={
        "price": plain,
        "items": st.one_of(plain, st.lists(st.one_of(line, plain), max_size=3)),
        "a": line,
        "birthday": dates,
        "trial": st.fixed_dictionaries({}, optional={"ends": dates}),
        "latitude": st.sampled_from([52.52, 48.1, 91, "52.52", -33.9]),
        "longitude": st.sampled_from([13.4, 11.6, None, 151.2]),
    },
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
METHODS = ("api", "form", "one_click_unsubscribe")
person = st.fixed_dictionaries(
    {
        "attributes": st.fixed_dictionaries(
            {},
            optional={
                "email": st.sampled_from(["a@example.com", "b@example.org"]),
                "external_id": st.just("customer"),
                "country": st.sampled_from(["US", "NO", "DE", ""]),
                "properties": described,
            },
        ),
        "made": moments,
        "events": st.lists(happened, max_size=6),
        "consent": st.one_of(
            st.none(), st.tuples(st.sampled_from(["subscribed", "unsubscribed"]), moments, st.sampled_from(METHODS))
        ),
        "suppressed": st.one_of(st.none(), st.tuples(st.sampled_from(["hard_bounce", "spam_complaint"]), moments)),
        "list": st.one_of(st.none(), moments),
        "segment": st.one_of(st.none(), moments),
    }
)


def stored(conn: Connection, workspace: int, people: Sequence[dict[str, Any]], newsletter: int, vips: int) -> list[int]:
    """Generated people, written; their profile ids. `vips` is a segment that some of them are in."""
    ids = []
    for one in people:
        profile_id = builders.profile(conn, workspace, one["made"], **one["attributes"])
        builders.events(conn, workspace, profile_id, one["events"])
        if one["list"] is not None:
            builders.on_list(conn, workspace, newsletter, profile_id, one["list"])
        if one["segment"] is not None:
            builders.in_segment(conn, workspace, vips, profile_id, one["segment"])
        if one["consent"] is not None:
            state, at, method = one["consent"]
            builders.consents(conn, workspace, profile_id, state, at, method)
        if one["suppressed"] is not None:
            builders.suppressed(conn, workspace, profile_id, one["suppressed"][1], one["suppressed"][0])
        ids.append(profile_id)
    return ids


def months(conn: Connection) -> None:
    """The partitions that generated events fall into. Committed, so that no example pays for them."""
    partitions.ensure(conn, "event", [NOW - timedelta(days=15 * back) for back in range(-3, 6)])
    conn.commit()


# ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────
numbers = st.one_of(st.integers(-1, 12), st.sampled_from([0.1, 10.5, 99]))
comparison = st.builds(
    lambda op, n: {op: n},
    st.sampled_from(["equals", "not_equals", "greater_than", "at_least", "less_than", "at_most"]),
    st.one_of(st.integers(-1, 3), numbers),
)
spans = st.sampled_from([{"days": 30}, {"hours": 36}, {"days": 10}, {"days": 2}, {"hours": 1}])
windows = st.one_of(
    st.just({}),
    st.sampled_from([{"in_last": {"days": 30}}, {"in_last": {"hours": 36}}]),
    st.sampled_from([{"since": (NOW - timedelta(days=10)).isoformat()}, {"since": "2026-02-01"}]),
    st.sampled_from([{"before": (NOW - timedelta(days=10)).isoformat()}, {"before": "2026-02-01"}]),
    st.just({"between": ["2026-02-01", (NOW - timedelta(hours=36)).isoformat()]}),
    spans.map(lambda span: {"at_least_ago": span}),
    st.just({"between_ago": [{"hours": 36}, {"days": 30}]}),
)
operand = st.one_of(st.sampled_from(["Shoes", "10", "", "a@example.com", "US"]), st.integers(-3, 12), st.booleans())
operand = operand | st.sampled_from([0.1, 10.0])
text = st.sampled_from(["S", "hoes", "a@", "1", "%s", ".com"])


def comparing(paths: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    path = st.sampled_from(paths)
    texts = ["contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"]
    several = ["in", "not_in", "contains_any", "not_contains_any", "contains_all", "not_contains_all"]

    def compared(operators: list[str], value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.builds(lambda p, o, v: {"property": p, o: v}, path, st.sampled_from(operators), value)

    return st.one_of(
        compared(["equals", "not_equals"], operand),
        compared(["greater_than", "at_most"], numbers),
        compared(["between"], st.sampled_from([[0, 10], [2.5, 2.5], [5, 1]])),
        compared(texts, text),
        compared(["contains", "not_contains"], st.sampled_from([1, 10, True])),
        compared(several, st.lists(operand, min_size=1, max_size=3)),
        compared(["matches", "not_matches"], st.sampled_from(["^S", "[a-z]+s$", "sho.s_", "^$", r"\d\d", "a|B"])),
        compared(["length"], comparison),
        compared(["is_set"], st.booleans()),
    )


def grouped(leaves: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda of: {"all": of}),
            st.lists(inner, min_size=1, max_size=3).map(lambda of: {"any": of}),
            inner.map(lambda of: {"not": of}),
        ),
        max_leaves=5,
    )


PATHS = ["price", "items[].category", "items[].tags", "items[].tags[]", "a.category", "a.tags", "items", "absent"]
where = grouped(comparing([*PATHS, "$value"]))
filtered = st.one_of(st.none(), st.none(), where).map(lambda one: {} if one is None else {"where": one})
did = st.builds(
    lambda metric, measure, compared, window, passes: {"metric": metric, measure: compared, **window, **passes},
    st.sampled_from(METRICS),
    st.sampled_from(["count", "sum"]),
    comparison,
    windows,
    filtered,
)
presence = st.builds(
    lambda metric, compared, window: {"metric": metric, "count": compared, **window},
    st.sampled_from(METRICS),
    st.sampled_from([{"at_least": 1}, {"equals": 0}]),
    windows,
)
follow = st.builds(
    lambda metric, within, order, passes: {"metric": metric, **within, **order, **passes},
    st.sampled_from(METRICS),
    st.one_of(st.just({}), spans.map(lambda span: {"within": span})),
    st.sampled_from([{}, {"order": "before"}]),
    filtered,
)
sequence = st.builds(
    lambda metric, passes, between, last, did_last, window: {
        "sequence": [{"metric": metric, **passes}, *between, {**last, "did": did_last}],
        **window,
    },
    st.sampled_from(METRICS),
    filtered,
    st.lists(follow, max_size=1),
    follow,
    st.booleans(),
    windows,
)
dated = st.builds(
    lambda path, asked: {"property": path, "date": asked},
    st.sampled_from(["birthday", "birthday", "trial.ends", "created_at", "email", "absent"]),
    st.one_of(
        spans.map(lambda span: {"in_last": span}),
        spans.map(lambda span: {"in_next": span}),
        spans.map(lambda span: {"at_least_ago": span}),
        st.just({"between_ago": [{"hours": 36}, {"days": 30}]}),
        st.sampled_from([{"since": "2026-03-02"}, {"before": "2026-03-02"}, {"since": NOW.isoformat()}]),
        st.just({"between": ["2026-02-20", NOW.isoformat()]}),
        st.sampled_from(
            [
                {"anniversary": "today"},
                {"anniversary": {"in_next": {"days": 7}}},
                {"anniversary": {"in_last": {"days": 3}}},
                {"month": "this"},
                {"month": 2},
            ]
        ),
    ),
)
consent = st.one_of(
    st.just({"consent": "never_subscribed"}),
    st.builds(
        lambda state, window, method: {"consent": state, **window, **method},
        st.sampled_from(["subscribed", "unsubscribed"]),
        windows,
        st.sampled_from([{}, {"method": "api"}, {"method": ["form", "one_click_unsubscribe"]}]),
    ),
)
suppressed = st.builds(
    lambda reason, window: {"suppressed": reason, **window},
    st.sampled_from([True, False, "hard_bounce", "user_suppressed"]),
    windows,
)


VIPS = 4711
"""Stands in definitions for the id of a segment until there is one."""
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "did": did,
    "presence": presence,
    "sequence": sequence,
    "property": comparing([*PATHS, "email", "country"]),
    "date": dated,
    "list": windows.map(lambda window: {"list": "Newsletter", **window}),
    "segment": windows.map(lambda window: {"segment": VIPS, **window}),
    "consent": consent,
    "suppressed": suppressed,
    "can_receive": st.booleans().map(lambda value: {"can_receive": value}),
    "region": st.sampled_from(["european_union", "united_states"]).map(lambda region: {"region": region}),
    "near": st.sampled_from([5, 600]).map(lambda km: {"near": {"latitude": 52.5, "longitude": 13.4, "km": km}}),
    "sample": st.sampled_from([0, 12.5, 50, 100]).map(lambda percent: {"sample": percent, "salt": "x"}),
}
definitions = grouped(st.one_of(list(KINDS.values())))


def with_id(definition: Any, segment_id: int) -> Any:
    """The definition with the real id in the place of VIPS."""
    if isinstance(definition, list):
        return [with_id(part, segment_id) for part in definition]
    if isinstance(definition, dict):
        return {
            key: segment_id if key == "segment" else with_id(value, segment_id) for key, value in definition.items()
        }
    return definition


instants = st.sampled_from([NOW, NOW + SECOND, NOW - timedelta(days=9), NOW + timedelta(days=31)])
instants = instants | st.sampled_from([datetime(2026, 2, 28, 10, tzinfo=UTC), datetime(2028, 2, 29, 3, tzinfo=UTC)])
