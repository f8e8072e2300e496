"""Loading history: through the same code, in chunks, as often as one likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs
from psycopg import Connection

from headwater.audience import profiles
from headwater.events import timeline
from headwater.intake import importing, processor
from headwater.intake.items import Item, User

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _orders(count: int) -> list[Item]:
    return [
        Item(
            type="track",
            id=f"o-{n}",
            ts=NOW - timedelta(days=100 - n),
            user=User(external_id=f"u-{n % 3}", email=f"p{n % 3}@example.com"),
            metric="Placed Order",
            value=10.0,
            properties={"items": [{"product_id": "p", "quantity": 1}]},
            traits={"first_name": f"Robin {n % 3}"},
        )
        for n in range(count)
    ]


def test_loading_reports_its_progress_and_may_be_repeated(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    heard: list[tuple[int, int]] = []

    assert importing.load(workspace, iter(_orders(25)), NOW, lambda *counts: heard.append(counts)) == (25, 25)
    assert importing.load(workspace, iter(_orders(30)), NOW) == (30, 5)

    assert heard == [(10, 10), (20, 20), (25, 25)]
    buyer = profiles.find(conn, workspace, email="p0@example.com")
    assert buyer is not None
    assert profiles.get(conn, workspace, [buyer])[buyer].first_name == "Robin 0"
    assert len(timeline.of_profile(conn, workspace, buyer)) == 10
    rows = conn.execute("SELECT sum(count), sum(sum) FROM profile_metric WHERE workspace_id = %s", (workspace,))
    assert rows.fetchone() == (30, 300)


def test_a_load_that_stops_halfway_goes_on_where_it_was(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)

    def breaks_off() -> None:
        raise KeyboardInterrupt

    def progress(read: int, new: int) -> None:
        if read == 20:
            breaks_off()

    with pytest.raises(KeyboardInterrupt):
        importing.load(workspace, _orders(40), NOW, progress)
    assert importing.load(workspace, _orders(40), NOW)[1] in (10, 20)

    assert conn.execute("SELECT count(*) FROM event WHERE workspace_id = %s", (workspace,)).fetchone() == (40,)


def test_nothing_to_load(workspace: int) -> None:
    assert importing.load(workspace, [], NOW) == (0, 0)


def test_history_starts_nothing(conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bool] = []
    monkeypatch.setattr(
        processor, "_effects", lambda: (lambda conn, of, events, now: started.extend(not e.history for e in events),)
    )
    recent = structs.replace(_orders(1)[0], id="just-now", ts=NOW)
    importing.load(workspace, [*_orders(5), recent], NOW)
    assert started == [False] * 6
