"""A client of the API with the keys of a workspace, and short ways to make things through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.test import Client
from psycopg import Connection

from headwater.accounts import keys

MJML = """<mjml><mj-body><mj-section><mj-column><mj-text>Hello {{ first_name | default: 'there' }} {% footer %}
</mj-text></mj-column></mj-section></mj-body></mjml>"""


@dataclass
class Answer:
    status: int
    body: Any

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Api:
    workspace: int
    key: str

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {key if key is not None else self.key}"}
        content = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        given = Client(raise_request_exception=False).generic(
            method, f"/api/v1{path}", content, content_type="application/json", headers=headers
        )
        return Answer(given.status_code, orjson.loads(given.content) if given.content else None)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, {} if body is None else body)

    def patch(self, path: str, body: Any) -> Answer:
        return self.call("PATCH", path, body)

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def made(self, path: str, body: Any) -> int:
        answer = self.post(path, body)
        assert answer.status in (200, 201), answer
        return int(answer["id"])


def api_for(conn: Connection, workspace: int) -> Api:
    key = keys.create(conn, workspace, "private")
    conn.commit()
    return Api(workspace, key)
