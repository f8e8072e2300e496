"""A front door for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import Connection

from tests.intake.front_door import FrontDoor


@pytest.fixture
def door(conn: Connection, workspace: int) -> Iterator[FrontDoor]:
    found = FrontDoor(conn, workspace)
    try:
        yield found
    finally:
        conn.rollback()
        found.close()
