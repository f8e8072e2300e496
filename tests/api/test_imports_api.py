"""Imports over HTTP: uploaded, mapped, started, followed, and their errors fetched."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from psycopg import Connection

from headwater.audience.imports import taking_in, uploads
from headwater.core import clock
from tests.api.api_client import Answer, Api

FILE = "Email;First Name;Tier\r\nada@example.com;Ada;gold\r\nnobody;Nick;\r\nben@example.com;Ben;silver;more\r\n"
MAPPING = [{"to": "email"}, {"to": "first_name"}, {"to": "property", "name": "tier"}]


def upload(api: Api, content: bytes | str, name: str = "people.csv", **form: Any) -> Answer:
    data = content.encode() if isinstance(content, str) else content
    given = Client(raise_request_exception=False).post(
        "/api/v1/imports",
        {"file": SimpleUploadedFile(name, data), **form},
        headers={"Authorization": f"Bearer {api.key}"},
    )
    return Answer(given.status_code, given.json())


def work(conn: Connection, workspace: int) -> None:
    while taking_in.turn(conn, workspace, clock.now(conn)):
        conn.commit()
    conn.commit()


def test_a_file_is_uploaded_mapped_started_and_followed(api: Api, conn: Connection) -> None:
    found = upload(api, FILE)
    assert found.status == 201
    assert (found["state"], found["total"], found["delimiter"], found["encoding"]) == ("draft", 3, ";", "utf-8")
    assert found["columns"] == ["Email", "First Name", "Tier"]
    assert [one["to"] for one in found["mapping"]] == ["email", "first_name", "property"]
    assert found["preview"][0] == ["ada@example.com", "Ada", "gold"]

    chosen = api.made("/lists", {"name": "News"})
    plan = {
        "mapping": MAPPING,
        "list_id": chosen,
        "consent": {"source": "Counter", "at": "2024-05-01T10:00:00+02:00"},
        "existing": "update",
    }
    put = api.put(f"/imports/{found['id']}", plan)
    assert (put.status, put["list_name"], put["consent"]["at"]) == (200, "News", "2024-05-01T08:00:00Z")
    assert api.post(f"/imports/{found['id']}/start").status == 202
    conn.commit()
    work(conn, api.workspace)

    done = api.get(f"/imports/{found['id']}")
    assert (done["state"], done["done"], done["made"], done["refused"], done["joined"]) == ("done", 3, 1, 2, 1)
    ada = api.get("/profiles?email=ada@example.com")["data"][0]
    assert (ada["first_name"], ada["properties"], ada["consent"]["state"]) == ("Ada", {"tier": "gold"}, "subscribed")
    assert api.put(f"/imports/{found['id']}", plan).status == 409
    assert api.post(f"/imports/{found['id']}/cancel").status == 409


def test_the_errors_come_as_a_file_with_the_original_cells(api: Api, conn: Connection) -> None:
    found = upload(api, FILE, "Käufer 2026.csv")
    api.put(f"/imports/{found['id']}", {"mapping": MAPPING})
    api.post(f"/imports/{found['id']}/start")
    work(conn, api.workspace)
    file = Client().get(f"/api/v1/imports/{found['id']}/errors.csv", headers={"Authorization": f"Bearer {api.key}"})
    rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert rows[0] == ["row", "result", "reason", "Email", "First Name", "Tier"]
    assert rows[1] == ["3", "refused", "“nobody” is not an email address.", "nobody", "Nick", ""]
    assert rows[2][:2] == ["4", "refused"]
    assert rows[2][3:] == ["ben@example.com", "Ben", "silver", "more"]
    assert file["Content-Disposition"] == 'attachment; filename="kaufer-2026-errors.csv"'


def test_errors_go_on_over_many_pages(api: Api, conn: Connection) -> None:
    found = upload(api, "email\n" + "bad\n" * 2_500)
    api.put(f"/imports/{found['id']}", {"mapping": [{"to": "email"}]})
    api.post(f"/imports/{found['id']}/start")
    work(conn, api.workspace)
    file = Client().get(f"/api/v1/imports/{found['id']}/errors.csv", headers={"Authorization": f"Bearer {api.key}"})
    assert b"".join(file.streaming_content).count(b"\r\n") == 2_501


@pytest.mark.parametrize(
    ("content", "words"), [("", "empty"), ("email\n", "no rows"), (b"PK\x03\x04", "Save it as CSV"), ('a\n"b', "clos")]
)
def test_a_file_that_cannot_be_read_is_refused_in_words(api: Api, content: bytes | str, words: str) -> None:
    refused = upload(api, content)
    assert (refused.status, refused["field"]) == (400, "file")
    assert words in refused["detail"]
    assert api.get("/imports")["data"] == []


def test_too_large_a_file_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)
    assert "Split it" in upload(api, FILE)["detail"]


def test_a_file_on_disk_is_read_like_one_in_memory(conn: Connection, workspace: int) -> None:
    file = TemporaryUploadedFile("people.csv", "text/csv", 0, None)
    file.write(FILE.encode())
    assert file.file is not None
    made = uploads.store(conn, workspace, "people.csv", file.file, len(FILE), clock.now(conn))
    assert made
    file.close()


def test_the_delimiter_can_be_told(api: Api) -> None:
    assert upload(api, "email,a;b\nx@example.com,1;2\n", delimiter=";")["columns"] == ["email,a", "b"]
    assert upload(api, FILE, delimiter="x").status == 400


def test_a_plan_that_cannot_be_says_which_field(api: Api) -> None:
    found = upload(api, FILE)
    refused = api.put(f"/imports/{found['id']}", {"mapping": [{"to": "email"}, {"to": "email"}, {"to": "skip"}]})
    assert (refused.status, refused["field"]) == (400, "mapping.1")
    assert api.put("/imports/999999", {"mapping": MAPPING}).status == 404
    assert api.post("/imports/999999/start").status == 404


def test_cancelling_a_draft_takes_nothing_in(api: Api, conn: Connection) -> None:
    found = upload(api, FILE)
    assert api.post(f"/imports/{found['id']}/cancel")["state"] == "cancelled"
    work(conn, api.workspace)
    assert api.get("/profiles")["data"] == []
    assert api.get(f"/imports/{found['id']}")["preview"] == []


def test_pages_of_imports(api: Api) -> None:
    made = [upload(api, FILE)["id"] for _ in range(3)]
    first = api.get("/imports?limit=2")
    second = api.get(f"/imports?limit=2&cursor={first['next']}")
    assert [one["id"] for one in first["data"] + second["data"]] == made[::-1]
