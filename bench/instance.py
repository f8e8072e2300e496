"""A private, durable instance for a bench: its own PostgreSQL, and one brand in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@contextmanager
def running(*, keep: Path | None = None, **more: str) -> Iterator[Path]:
    """Set the environment, start the server, migrate, plug the rooms together; yields the data directory.

    It is temporary, or `keep`, which is made if need be and stays.
    """
    data_dir = keep.resolve() if keep else Path(tempfile.mkdtemp(prefix="hw-bench-", dir="/tmp"))
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("HEADWATER_")] + ["DATABASE_URL"]:
        os.environ.pop(name, None)
    os.environ |= {
        "HEADWATER_DATA_DIR": str(data_dir),
        "HEADWATER_SECRET_KEY": "bench-only-secret-key-0123456789-abcdefgh",
        "DJANGO_SETTINGS_MODULE": "headwater.core.django_settings",
        **more,
    }
    from headwater.core import database, postgres

    server = postgres.Server(data_dir)
    server.start()
    try:
        import django
        from django.core.management import call_command

        from headwater.composition import compose

        django.setup()
        call_command("migrate", verbosity=0)
        compose()
        yield data_dir
    finally:
        database.pool().close()
        server.stop()
        if not keep:
            shutil.rmtree(data_dir, ignore_errors=True)


def make_brand() -> int:
    """A workspace; its id. Committed."""
    from headwater.core import database

    with database.transaction() as conn:
        row = conn.execute(
            """
            INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                                   website_url, smart_sending_hours, require_consent, created_at)
            VALUES ('Juniper', 'juniper', 'UTC', 'USD', 'Juniper', 'hello@juniper.example', '',
                    '1 Main St, Springfield', 'https://juniper.example', 16, false, %s)
            RETURNING id
            """,
            (NOW,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
