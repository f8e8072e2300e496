"""Django's routes: the app, the API, log-in's own API, and the public pages behind emails' links.

`/v1/*`, `/api/v1/events`, `/app/`, `/c/` and `/o/` never come here: the ASGI application answers them before Django.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from headwater.api import app, docs_files
from headwater.api.api import api

_APP = r"^(?:$|b/|(?:login|signup|forgot|welcome)$|(?:reset|verify-email|invitation)/)"
"""Addresses inside the app, as `web/src/app/routes.tsx` has them."""

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(_APP, app.page, name="app"),
    path("static/<path:path>", docs_files.static, name="static"),
    path("api/", api.urls),
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("headwater.delivery.urls")),
]
