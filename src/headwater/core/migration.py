"""Migrations whose content is SQL: Django runs them in order, the SQL stays SQL, in the file beside the migration."""

from __future__ import annotations

import inspect
from pathlib import Path

from django.db.migrations.operations.special import RunSQL


def run_file(name: str) -> RunSQL:
    """The operation that runs the file `name`, which lies beside the calling migration."""
    caller = inspect.stack()[1].filename
    return RunSQL((Path(caller).parent / name).read_text(), reverse_sql=RunSQL.noop)
