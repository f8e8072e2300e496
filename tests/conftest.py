"""What every test stands on: one embedded PostgreSQL for the run, and a fresh workspace for each test.

Isolation is the product's own: everything carries a workspace, so each test gets its own and nothing is cleaned up.
Time is an argument: tests pass `now`, or move the instance's clock; none of them sleeps for time to pass.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

_data_dir = Path(tempfile.mkdtemp(prefix="hw-test-", dir="/tmp"))
_data_dir.chmod(0o755)
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
_foreign = [name for name in os.environ if name.startswith("HEADWATER_")]
for _name in [*_foreign, "DATABASE_URL", "COLUMNS", "LINES"]:  # tests on several cores are given a width
    os.environ.pop(_name, None)
os.environ |= {
    "HEADWATER_DATA_DIR": str(_data_dir),
    "HEADWATER_SECRET_KEY": "tests-only-secret-key-0123456789-abcdef",
    "HEADWATER_CLOCK": "movable",
    "DJANGO_SETTINGS_MODULE": "headwater.core.django_settings",
}

from psycopg import Connection  # noqa: E402

from headwater import composition  # noqa: E402
from headwater.core import database, postgres  # noqa: E402

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_slugs = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A migrated database on an embedded server without fsync, for the whole run."""
    running = postgres.Server(_data_dir, durable=False)
    running.start()
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        composition.compose()
        yield running
    finally:
        database.pool().close()
        running.stop()


@pytest.fixture
def conn(server: postgres.Server) -> Iterator[Connection]:
    """A connection of the test's own. Commit what other connections (a runner, a sender) should see."""
    with database.connect() as connection:
        yield connection


@pytest.fixture
def workspace(conn: Connection) -> int:
    """A fresh, complete workspace; its id. Committed."""
    slug = f"brand-{next(_slugs)}-{os.getpid()}"
    row = conn.execute(
        """
        INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                               website_url, smart_sending_hours, require_consent, created_at)
        VALUES (%s, %s, 'America/New_York', 'USD', 'Juniper', 'hello@juniper.example', '', '1 Main St, Springfield',
                'https://juniper.example', 16, false, %s)
        RETURNING id
        """,
        ("Juniper", slug, NOW),
    ).fetchone()
    assert row is not None
    conn.commit()
    return int(row[0])
