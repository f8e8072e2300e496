"""`headwater openapi`: the description of the API, without an instance."""

from __future__ import annotations

import json
import os


def text() -> str:
    """The OpenAPI document, indented and in a fixed order."""
    # Describing the API asks for settings, never for a database.
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@localhost/none")
    os.environ.setdefault("HEADWATER_SECRET_KEY", "only-describing-the-api-0123456789-abcdef")
    from headwater.core import migrating

    migrating.set_up_django()
    from headwater.api.api import api

    return json.dumps(api.get_openapi_schema(), indent=2, sort_keys=True, default=str)
