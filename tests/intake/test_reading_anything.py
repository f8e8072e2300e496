"""Whatever bytes come in: an answer that says what is wrong, or items that the processor can take."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.events import inbox
from headwater.intake import processor, reading
from headwater.intake.items import decode

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

_ODD = [
    "", "\x00", "u-1", "ann@example.com", "+14155550132", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00",
    "0001-01-01", "track", "\ud800",
]  # fmt: skip
_text = st.text(max_size=6) | st.sampled_from(_ODD)
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | _text
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3), max_leaves=8
)
_fields = [
    "type", "userId", "anonymousId", "previousId", "groupId", "event", "name", "category", "properties", "traits",
    "context", "timestamp", "originalTimestamp", "sentAt", "messageId", "writeKey", "metric", "profile", "value",
    "time", "unique_id", "history", "profile_properties", "events", "batch",
]  # fmt: skip


def _object(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), _json, max_size=4)


_likely: dict[str, st.SearchStrategy[Any]] = {
    "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "x", None]),
    "event": st.sampled_from(["Sneezed", "Order Completed", "Product Viewed", "Opened Email"]) | _json,
    "metric": st.just("Sneezed") | _json,
    "profile": st.fixed_dictionaries({}, optional={"email": _text, "external_id": _json, "phone": _text, "id": _json}),
    "properties": _object("value", "total", "products", "coupon", "name", "x"),
    "traits": _object("email", "phone", "first_name", "timezone", "address", "x"),
}
_call = st.fixed_dictionaries({}, optional={name: _likely.get(name, _json) for name in _fields})
_bodies = (
    st.binary(max_size=60)
    | _json.map(json.dumps).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | _call.map(json.dumps).map(str.encode)
    | st.lists(_call, max_size=3).map(lambda calls: json.dumps({"batch": calls}).encode())
    | st.lists(_call, max_size=3).map(lambda calls: json.dumps({"events": calls}).encode())
)

READERS: list[Callable[[bytes], reading.Reading]] = [
    *(
        lambda body, kind=kind, public=public: reading.read_call(kind, body, NOW, public, "f")  # type: ignore[misc]
        for kind in ("identify", "track", "page", "screen", "group", "alias")
        for public in (True, False)
    ),
    lambda body: reading.read_batch(body, NOW, True, "f"),
    lambda body: reading.read_batch(body, NOW, False, "f"),
    lambda body: reading.read_events(body, NOW, "f")[0],
]


def _accepted(body: bytes) -> list[bytes]:
    items: list[bytes] = []
    refused: list[tuple[int, str]] = []
    for read in READERS:
        try:
            items += read(body).items
        except reading.Rejected as refusal:
            refused.append((refusal.status, refusal.detail))
    assert all(status == 400 and detail for status, detail in refused)
    reading.body_key(body)
    return items


@given(body=_bodies)
@example(b'{"userId":"u","event":"e","properties":{"a":' + b"[" * 300 + b"]" * 300 + b"}}")
@example(b'{"userId":"u","event":"e","properties":{"a":18446744073709551616}}')
@example(b'{"userId":"u","event":"e","properties":{"a":1e400}}')
@settings(max_examples=600, deadline=None)
def test_reading_refuses_or_understands(body: bytes) -> None:
    for raw in _accepted(body):
        assert b"\n" not in raw
        assert decode(raw).ts <= NOW


@given(bodies=st.lists(_bodies, min_size=1, max_size=5))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_accepted_can_be_processed(conn: Connection, workspace: int, bodies: list[bytes]) -> None:
    items = [raw for body in bodies for raw in _accepted(body)]
    with conn.transaction(force_rollback=True):
        inbox.put(conn, workspace, items, NOW)

        assert processor.process(conn, workspace, NOW, 10_000) == len(items)

        failures = conn.execute(
            "SELECT item, error FROM inbox_failure WHERE workspace_id = %s", (workspace,)
        ).fetchall()
        assert failures == []
        assert inbox.read(conn, workspace, 10) == []
