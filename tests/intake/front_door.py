"""The front door in the test's own process: requests in, answers out, without a server between."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import orjson
from psycopg import Connection

from headwater.accounts import keys
from headwater.events import inbox, timeline
from headwater.intake import processor
from headwater.intake.http import Intake


class Answer:
    def __init__(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = {name.decode(): value.decode() for name, value in headers}
        self.json: Any = orjson.loads(body) if body else None


class FrontDoor:
    """One ASGI callable on one event loop, with the keys of one workspace."""

    def __init__(self, conn: Connection, workspace: int) -> None:
        self.write_key = keys.create(conn, workspace, "write")
        self.private_key = keys.create(conn, workspace, "private")
        conn.commit()
        self._conn = conn
        self._workspace = workspace
        self._runner = asyncio.Runner()
        self.intake = Intake()

    def close(self) -> None:
        self._runner.run(self.intake._inbox.close())
        self._runner.close()
        self._conn.execute("DELETE FROM inbox WHERE workspace_id = %s", (self._workspace,))
        self._conn.commit()

    def call(self, path: str, body: Any = b"", *, method: str = "POST", **headers: str) -> Answer:
        """A request; `body` is bytes, or anything for JSON. Header names have _ for -."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }
        parts = [content[start : start + 50_000] for start in range(0, len(content), 50_000)] or [b""]
        messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        messages[-1]["more_body"] = False
        sent: list[Mapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        self._runner.run(self.intake(scope, receive, send))  # type: ignore[arg-type]
        return Answer(sent[0]["status"], sent[0]["headers"], sent[1]["body"])

    def segment(self, call: str, body: Any) -> Answer:
        """A call of Segment's API with the write key, as its libraries authenticate."""
        token = base64.b64encode(f"{self.write_key}:".encode()).decode()
        return self.call(f"/v1/{call}", body, Authorization=f"Basic {token}")

    def own(self, body: Any) -> Answer:
        """A call of /api/v1/events with the private key."""
        return self.call("/api/v1/events", body, Authorization=f"Bearer {self.private_key}")

    def waiting(self) -> list[Any]:
        """The items in the inbox, as JSON."""
        rows = inbox.read(self._conn, self._workspace, 10**6)
        found = [orjson.loads(raw) for row in rows for raw in row.items]
        self._conn.commit()
        return found

    def process(self, now: Any) -> int:
        done = processor.process(self._conn, self._workspace, now)
        self._conn.commit()
        return done

    def seen(self, profile_id: int) -> list[timeline.Seen]:
        return timeline.of_profile(self._conn, self._workspace, profile_id)
