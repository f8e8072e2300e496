"""Django is set up before the tests are collected; attempts are counted anew for each; account mail is kept here."""

from __future__ import annotations

from collections.abc import Iterator

import django
import pytest
from psycopg import Connection

django.setup()

from django.core import mail  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.test import override_settings  # noqa: E402

from tests.api.api_client import Api, api_for  # noqa: E402


@pytest.fixture
def api(conn: Connection, workspace: int) -> Api:
    return api_for(conn, workspace)


@pytest.fixture
def no_attempts(conn: Connection) -> Iterator[None]:
    """Every test calls from the same address: what an earlier one tried does not count."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def outbox() -> Iterator[list[mail.EmailMessage]]:
    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield mail.outbox
