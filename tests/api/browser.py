"""A browser that is logged in, as the app is: session cookie, CSRF token, and the brand in a header."""

from __future__ import annotations

from typing import Any

import orjson
from django.test import Client
from psycopg import Connection

from headwater.accounts.models import Membership, User
from tests.api.api_client import Answer

PASSWORD = "a long password"


class Browser:
    """Sends the CSRF token that it got, as the app does."""

    def __init__(self, workspace: str | None = None, user: User | None = None) -> None:
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self.workspace = workspace
        if user is not None:
            self.client.force_login(user)
        self.client.get("/api/v1/me")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`path` below /api/v1, or whole if it begins with /_allauth. Headers by name, _ for -; "" leaves one out."""
        token = self.client.cookies["csrftoken"].value if "csrftoken" in self.client.cookies else ""
        given = {"X_CSRFToken": token, "X_Workspace": self.workspace or ""} | headers
        answer = self.client.generic(
            method,
            path if path.startswith("/_allauth") else f"/api/v1{path}",
            b"" if body is None else orjson.dumps(body),
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in given.items() if value},
        )
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(answer.status_code, orjson.loads(answer.content) if is_json and answer.content else None)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, {} if body is None else body)

    def patch(self, path: str, body: Any) -> Answer:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", path)

    def log_in(self, email: str, password: str = PASSWORD) -> Answer:
        return self.post("/_allauth/browser/v1/auth/login", {"email": email, "password": password})


def refuse_mail(*given: Any) -> int:
    """In the place of a mail backend's send_messages: the server is away."""
    raise ConnectionRefusedError("The mail server is away.")


def slug_of(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row is not None
    return str(row[0])


def person(workspace: int | None = None, role: str = "owner", *, called: str | None = None, **fields: Any) -> User:
    """Someone with an account, and a role in a brand if one is given."""
    user = User.objects.create_user(called or f"{role}-{workspace}@example.com", PASSWORD, **fields)
    if workspace is not None:
        Membership.objects.create(user=user, workspace_id=workspace, role=role)
    return user


def browser_of(conn: Connection, workspace: int, role: str = "owner", *, called: str | None = None) -> Browser:
    return Browser(slug_of(conn, workspace), person(workspace, role, called=called))
