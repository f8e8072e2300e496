"""What is known of a person: written, cleared, erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.audience import consent, lists, profiles
from headwater.events import metrics, store
from headwater.events.store import Event
from tests.audience.people import NOW, person, stored


def test_null_clears_and_absent_keeps(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    profiles.write(conn, workspace, {ann: {"first_name": "Ann", "city": "Oslo", "size": "M", "vip": True}}, NOW)

    profiles.write(conn, workspace, {ann: {"first_name": None, "size": None, "points": 7}}, NOW)

    found = stored(conn, workspace)[ann]
    assert (found.first_name, found.city) == (None, "Oslo")
    assert found.properties == {"vip": True, "points": 7}


def test_shops_names_for_things_find_their_columns(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")

    traits = {
        "firstName": "Ann",
        "lastName": "Lee",
        "address": {"city": "Oslo", "country": "NO"},
        "email": "x@y.example",
    }
    profiles.write(conn, workspace, {ann: traits}, NOW)

    found = stored(conn, workspace)[ann]
    assert (found.first_name, found.last_name, found.city, found.country) == ("Ann", "Lee", "Oslo", "NO")
    assert found.email == "ann@example.com"  # identifiers are not attributes
    assert "email" not in found.properties


def test_what_does_not_fit_a_column_is_kept_as_a_property(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")

    profiles.write(conn, workspace, {ann: {"timezone": "Mars/Olympus", "first_name": {"nested": 1}}}, NOW)

    found = stored(conn, workspace)[ann]
    assert (found.timezone, found.first_name) == (None, None)
    assert found.properties == {"timezone": "Mars/Olympus", "first_name": {"nested": 1}}


def test_writing_the_same_again_writes_nothing(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    attributes = {"first_name": "Ann", "timezone": "Europe/Oslo", "tags": ["a", "b"], "none": None}
    profiles.write(conn, workspace, {ann: attributes}, NOW)

    profiles.write(conn, workspace, {ann: attributes}, NOW + timedelta(hours=1))

    assert stored(conn, workspace)[ann].updated_at == NOW


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_attributes = st.dictionaries(st.sampled_from(["size", "x", "tags", "\x00", "ünï", "a'b\"c\\"]), _values, max_size=4)


def _kept(value: Any) -> Any:
    """As jsonb keeps it: it has no NUL."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_kept(one) for one in value]
    if isinstance(value, dict):
        return {_kept(key): _kept(one) for key, one in value.items()}
    return value


@given(writes=st.lists(_attributes, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_properties_are_the_union_of_what_was_written(
    conn: Connection, workspace: int, writes: list[dict[str, Any]]
) -> None:
    with conn.transaction(force_rollback=True):
        ann = person(conn, workspace, email="ann@example.com")
        expected: dict[str, Any] = {}
        for attributes in writes:
            profiles.write(conn, workspace, {ann: attributes}, NOW)
            for name, value in attributes.items():
                if value is None:
                    expected.pop(_kept(name), None)
                else:
                    expected[_kept(name)] = _kept(value)
        assert stored(conn, workspace)[ann].properties == expected


def test_erasing_leaves_nothing_but_a_hash(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="Ann@Example.com", external_id="u-1")
    news = lists.create(conn, workspace, "News", NOW)
    lists.add(conn, workspace, news, [ann], NOW, "api")
    consent.subscribe(conn, workspace, [ann], at=NOW, now=NOW, method="api")
    metric = metrics.ids(conn, workspace, ["Placed Order"], NOW)["Placed Order"]
    store.append(conn, workspace, [Event(uuid4(), NOW, "Placed Order", metric, ann, 10, {"to": "Ann"}, False)], NOW)

    assert profiles.erase(conn, workspace, [ann], NOW) == 1

    for table in (
        "profile", "profile_identifier", "consent", "consent_record", "list_member", "event", "profile_metric",
        "profile_metric_day",
    ):  # fmt: skip
        assert conn.execute(f"SELECT count(*) FROM {table} WHERE workspace_id = %s", (workspace,)).fetchone() == (0,), (
            table
        )
    hashes = conn.execute("SELECT address_hash FROM erased_address WHERE workspace_id = %s", (workspace,)).fetchall()
    assert [bytes(row[0]) for row in hashes] == [profiles.address_hash(" ann@example.COM")]
    assert b"ann" not in bytes(hashes[0][0])


def test_an_erased_address_that_comes_back_is_still_known_as_erased(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    profiles.erase(conn, workspace, [ann], NOW)

    again = person(conn, workspace, email="ann@example.com")

    assert again != ann
    assert conn.execute(
        "SELECT count(*) FROM erased_address WHERE workspace_id = %s AND address_hash = %s",
        (workspace, profiles.address_hash("ann@example.com")),
    ).fetchone() == (1,)
