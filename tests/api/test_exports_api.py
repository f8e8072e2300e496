"""Exports of segments over HTTP: asked for, watched, fetched, removed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import AsyncClient, Client
from psycopg import Connection

from headwater.core import clock
from headwater.segments import building, exporting
from tests.api.api_client import Api


def build(conn: Connection, workspace: int) -> None:
    conn.commit()
    for _ in range(20):
        building.turn(conn, workspace, clock.now(conn))
        conn.commit()


def export(conn: Connection, workspace: int) -> None:
    while exporting.turn(conn, workspace, clock.now(conn)):
        conn.commit()
    conn.commit()


@pytest.fixture
def segment(api: Api, conn: Connection) -> int:
    """Two people in a segment that is built."""
    api.post("/profiles/bulk", {"profiles": [{"external_id": "1", "first_name": "Ada"}, {"external_id": "2"}]})
    made = api.made("/segments", {"name": "Käufer: 2026", "definition": {"all": []}})
    build(conn, api.workspace)
    return made


def fetch(api: Api, url: str) -> Any:
    return Client().get(url, headers={"Authorization": f"Bearer {api.key}"})


def test_an_export_is_asked_for_watched_and_fetched(api: Api, conn: Connection, segment: int) -> None:
    asked = api.post(f"/segments/{segment}/exports", {"columns": ["external_id", "first_name"]})
    assert asked.status == 202
    assert (asked["state"], asked["total"], asked["rows"], asked["url"]) == ("running", 2, 0, None)
    assert (asked["segment_id"], asked["segment"]) == (segment, "Käufer: 2026")
    waiting = api.get(f"/exports/{asked['id']}/file")
    assert (waiting.status, waiting["type"]) == (409, "conflict")

    export(conn, api.workspace)

    done = api.get(f"/exports/{asked['id']}")
    assert (done["state"], done["rows"], done["total"]) == ("done", 2, 2)
    assert done["finished_at"] < done["expires_at"]
    file = fetch(api, done["url"])
    content = b"".join(file.streaming_content)
    assert content == b"external_id,first_name\r\n1,Ada\r\n2,\r\n"
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Length"] == str(len(content)) == str(done["bytes"])
    assert file["Content-Disposition"].startswith('attachment; filename="kaufer-2026-20')
    assert file["Content-Disposition"].endswith('.csv"')


def test_without_columns_the_usual_ones_are_exported(api: Api, segment: int) -> None:
    assert api.post(f"/segments/{segment}/exports")["columns"] == list(exporting.DEFAULT)
    assert api.call("POST", f"/segments/{segment}/exports").status == 202


def test_what_cannot_be_exported_is_said(api: Api, segment: int) -> None:
    refused = api.post(f"/segments/{segment}/exports", {"columns": ["shoe"]})
    assert (refused.status, refused["field"]) == (400, "columns")
    assert "'shoe'" in refused["detail"]
    unbuilt = api.made("/segments", {"name": "New", "definition": {"all": []}})
    refused = api.post(f"/segments/{unbuilt}/exports")
    assert refused.status == 409
    assert "not been built" in refused["detail"]
    api.delete(f"/segments/{unbuilt}")
    assert api.post(f"/segments/{unbuilt}/exports").status == 404
    assert api.post("/segments/999999999/exports").status == 404


def test_a_segment_archived_on_the_way_leaves_no_file(api: Api, conn: Connection, segment: int) -> None:
    made = api.post(f"/segments/{segment}/exports")["id"]
    api.delete(f"/segments/{segment}")
    export(conn, api.workspace)
    failed = api.get(f"/exports/{made}")
    assert (failed["state"], failed["url"]) == ("failed", None)
    refused = api.get(f"/exports/{made}/file")
    assert refused.status == 409
    assert failed["error"] in refused["detail"]


def test_after_a_week_the_file_is_gone(api: Api, conn: Connection, segment: int) -> None:
    made = api.post(f"/segments/{segment}/exports")["id"]
    export(conn, api.workspace)
    while exporting.turn(conn, api.workspace, clock.now(conn) + timedelta(days=8)):
        conn.commit()
    conn.commit()
    assert (api.get(f"/exports/{made}")["state"], api.get(f"/exports/{made}")["url"]) == ("expired", None)
    assert api.get(f"/exports/{made}/file").status == 410


def test_an_export_is_removed(api: Api, conn: Connection, segment: int) -> None:
    made = api.post(f"/segments/{segment}/exports")["id"]
    assert api.delete(f"/exports/{made}").status == 204
    for path in (f"/exports/{made}", f"/exports/{made}/file"):
        assert api.get(path).status == 404
    assert api.delete(f"/exports/{made}").status == 404
    export(conn, api.workspace)
    assert api.get("/exports")["data"] == []


def test_pages_of_exports(api: Api, conn: Connection, segment: int) -> None:
    other = api.made("/segments", {"name": "Other", "definition": {"all": []}})
    build(conn, api.workspace)
    made = [api.post(f"/segments/{one}/exports")["id"] for one in (segment, other, segment)]
    first = api.get("/exports?limit=2")
    second = api.get(f"/exports?limit=2&cursor={first['next']}")
    assert [one["id"] for one in first["data"] + second["data"]] == made[::-1]
    assert second["next"] is None
    assert [one["id"] for one in api.get(f"/exports?segment_id={segment}")["data"]] == [made[2], made[0]]
    assert api.get("/exports?segment_id=0").status == 400
    assert api.get("/exports?cursor=x").status == 400


def test_over_asgi_a_part_leaves_before_the_next_is_read(
    api: Api, conn: Connection, segment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    made = api.post(f"/segments/{segment}/exports", {"columns": ["external_id"]})["id"]
    export(conn, api.workspace)
    read: list[int] = []
    original = exporting.part

    def noted(conn: Connection, workspace_id: int, export_id: int, number: int) -> bytes:
        read.append(number)
        return original(conn, workspace_id, export_id, number)

    monkeypatch.setattr(exporting, "part", noted)

    async def taken() -> list[tuple[bytes, list[int]]]:
        headers = {"Authorization": f"Bearer {api.key}"}
        file = await AsyncClient().get(f"/api/v1/exports/{made}/file", headers=headers)
        return [(part, list(read)) async for part in file.streaming_content]

    assert asyncio.run(taken()) == [(b"external_id\r\n1\r\n", [1]), (b"2\r\n", [1, 2])]


def test_a_file_removed_while_it_is_fetched_breaks_off(
    api: Api, conn: Connection, segment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    made = api.post(f"/segments/{segment}/exports")["id"]
    export(conn, api.workspace)
    content = iter(fetch(api, f"/api/v1/exports/{made}/file").streaming_content)
    assert next(content)
    api.delete(f"/exports/{made}")
    with pytest.raises(exporting.NotKept):
        next(content)


def test_the_description_names_the_files_type(api: Api) -> None:
    described = orjson.loads(Client().get("/api/openapi.json").content)
    file = described["paths"]["/api/v1/exports/{export_id}/file"]["get"]["responses"]
    assert list(file["200"]["content"]) == ["text/csv"]
