"""Backtests over HTTP: progress and report as JSON lines, of the live version, a draft, or a definition in the body."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import AsyncClient, Client
from psycopg import Connection

from headwater.api import backtests
from headwater.core import clock
from tests.api.api_client import MJML, Api
from tests.events.stored_history import History

VIEWS: dict[str, Any] = {"trigger": {"metric": "Viewed Product"}, "steps": [{"id": "hi", "email": "Hi"}]}
AGAIN: dict[str, Any] = {**VIEWS, "entry": {"again": "never"}}


def run(api: Api, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a backtest."""
    headers = {"Authorization": f"Bearer {api.key}"}
    given = Client().post(f"/api/v1{path}", orjson.dumps(body), content_type="application/json", headers=headers)
    assert (given.status_code, given["Content-Type"]) == (200, "application/x-ndjson"), given.content
    lines = [orjson.loads(line) for line in b"".join(given.streaming_content).splitlines()]
    given.close()
    return lines


@pytest.fixture
def seen(api: Api, conn: Connection) -> Api:
    """Somebody looked at a product twice in the last weeks, and once long ago."""
    now = clock.now(conn)
    history = History(conn, api.workspace, now - timedelta(days=300))
    [person] = history.people(1)
    for days in (10, 20, 200):
        history.did(person, "Viewed Product", now - timedelta(days=days))
    api.post("/templates", {"name": "Hi", "subject": "Hi", "mjml": MJML})
    conn.commit()
    return api


def test_a_definition_is_replayed_without_being_saved(seen: Api) -> None:
    *progress, last = run(seen, "/backtest", {"definition": {"flow": "new", **VIEWS}})

    assert progress == [{"progress": {"done": 1, "people": 1, "events": 2, "entries": 2, "sent": 2}}]
    [report] = last["reports"]
    assert (report["flow"], report["people"], report["entries"], report["sent"]) == ("new", 1, 2, 2)
    assert report["steps"]["hi"]["sent"] == 2
    assert seen.get("/flows").body == []


def test_a_span_is_replayed(seen: Api, conn: Connection) -> None:
    end = clock.now(conn) - timedelta(days=15)

    [_, last] = run(seen, "/backtest", {"definition": {"flow": "new", **VIEWS}, "end": end.isoformat()})
    [_, whole] = run(
        seen, "/backtest", {"definition": {"flow": "new", **VIEWS}, "start": (end - timedelta(days=300)).isoformat()}
    )

    assert last["reports"][0]["entries"] == 1
    assert whole["reports"][0]["entries"] == 3


def test_a_span_is_so_many_days_until_now(seen: Api) -> None:
    found = [
        run(seen, "/backtest", {"definition": {"flow": "new", **VIEWS}, "days": days})[-1]["reports"][0]["entries"]
        for days in (15, 365)
    ]

    assert found == [1, 3]


def test_the_live_version_and_a_draft_are_compared(seen: Api) -> None:
    assert seen.put("/flows/mine", VIEWS).status == 200
    assert seen.put("/flows/mine?publish=false", AGAIN).status == 200

    [_, live] = run(seen, "/flows/mine/backtest", {})
    [_, both] = run(seen, "/flows/mine/backtest", {"version": "draft", "compare": True})

    assert [report["entries"] for report in live["reports"]] == [2]
    assert [report["entries"] for report in both["reports"]] == [1, 2]


def test_what_cannot_be_replayed_is_told_before_the_stream(seen: Api) -> None:
    drop = {"flow": "drop", "trigger": {"price_drop": {"percent": 10}}, "steps": VIEWS["steps"]}

    refused = seen.post("/backtest", {"definition": drop})
    assert (refused.status, refused["field"]) == (400, "trigger")
    assert "cannot be backtested" in refused["detail"]
    assert seen.post("/backtest", {"definition": {"flow": "x"}}).status == 400
    assert seen.post("/backtest", {"definition": {"flow": "new", **VIEWS}, "start": "2100-01-01T00:00Z"}).status == 400
    assert seen.post("/flows/unknown/backtest").status == 404
    seen.put("/flows/mine", VIEWS)
    assert seen.post("/flows/mine/backtest", {"version": "draft"}).status == 409


def test_one_at_a_time_whoever_goes_away(seen: Api) -> None:
    headers = {"Authorization": f"Bearer {seen.key}"}
    body = orjson.dumps({"definition": {"flow": "new", **VIEWS}})
    running = Client().post("/api/v1/backtest", body, content_type="application/json", headers=headers)

    assert seen.post("/backtest", orjson.loads(body)).status == 409
    running.close()  # before it was read

    assert len(run(seen, "/backtest", orjson.loads(body))) == 2
    assert backtests._turn.acquire(blocking=False)
    backtests._turn.release()


def test_lines_come_one_by_one_under_asgi(seen: Api) -> None:
    async def read() -> list[Any]:
        body = orjson.dumps({"definition": {"flow": "new", **VIEWS}})
        headers = {"Authorization": f"Bearer {seen.key}"}
        given = await AsyncClient().post("/api/v1/backtest", body, content_type="application/json", headers=headers)
        lines = [orjson.loads(line) async for line in given.streaming_content]  # type: ignore[union-attr]
        await asyncio.to_thread(given.close)
        return lines

    assert [next(iter(line)) for line in asyncio.run(read())] == ["progress", "reports"]
