"""Bringing the database up to date: one process at a time, others wait."""

from __future__ import annotations

import os

from headwater.core import database


def set_up_django() -> None:
    """Make Django usable in this process; calling it again does nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headwater.core.django_settings")
    import django

    django.setup()


def migrate() -> None:
    """Apply what is missing, under a lock, so that two machines that start together do not collide."""
    set_up_django()
    from django.core.management import call_command

    with database.connect(autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(hashtext('headwater-migrate'))")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            conn.execute("SELECT pg_advisory_unlock(hashtext('headwater-migrate'))")


def pending() -> list[str]:
    """The migrations that are not applied yet."""
    set_up_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
