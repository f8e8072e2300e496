"""Django is set up before the tests are collected: they import its models and the API."""

from __future__ import annotations

import django
import pytest
from psycopg import Connection

django.setup()

from tests.api.api_client import Api, api_for  # noqa: E402


@pytest.fixture
def api(conn: Connection, workspace: int) -> Api:
    return api_for(conn, workspace)
