"""The table of Django's database cache, which counts attempts at logging in (settings: CACHES)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_roles"),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE attempt_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX attempt_cache_expires ON attempt_cache (expires)
            """,
            "DROP TABLE attempt_cache",
        ),
    ]
