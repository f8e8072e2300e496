"""Array literals say to PostgreSQL what the lists said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.core import arrays

_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.none() | _text | st.sampled_from(["NULL", "", "{}", '"', "\\", "a,b", " ", "\\N"])))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_texts(conn: Connection, values: list[str | None]) -> None:
    assert conn.execute("SELECT %s::text[]", (arrays.texts(values),)).fetchone() == (values,)


def test_plain_values(conn: Connection) -> None:
    instant = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    for kind, literal, values in (
        ("bigint", arrays.plain([1, -2, 2**62]), [1, -2, 2**62]),
        ("bigint", arrays.plain([]), []),
        ("numeric", arrays.plain([Decimal("1.50"), Decimal("-1E+3")]), [Decimal("1.50"), Decimal(-1000)]),
        ("uuid", arrays.plain([UUID(int=7)]), [UUID(int=7)]),
        ("date", arrays.plain([date(2026, 3, 1)]), [date(2026, 3, 1)]),
        (
            "timestamptz",
            arrays.instants([instant, datetime(1990, 1, 1, tzinfo=UTC)]),
            [instant, datetime(1990, 1, 1, tzinfo=UTC)],
        ),
    ):
        assert conn.execute(f"SELECT %s::{kind}[]", (literal,)).fetchone() == (values,)
