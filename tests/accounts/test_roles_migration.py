"""Roles of earlier versions become those of today."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db.migrations import RunSQL
from psycopg import Connection

from headwater.accounts import roles
from tests.api.api_client import Api
from tests.api.browser import person

_SQL = next(
    one
    for one in import_module("headwater.accounts.migrations.0004_roles").Migration.operations
    if isinstance(one, RunSQL)
)


def _role(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT role FROM membership WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(("before", "after"), [("owner", "owner"), ("editor", "marketer"), ("viewer", "analyst")])
def test_there_and_back(api: Api, conn: Connection, before: str, after: str) -> None:
    person(api.workspace, before)
    conn.execute(_SQL.sql)
    assert _role(conn, api.workspace) == after
    assert after in roles.ROLES
    conn.execute(_SQL.reverse_sql)
    assert _role(conn, api.workspace) == before
    conn.rollback()
