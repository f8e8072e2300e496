"""The public pages' routes. /c/ and /o/ never reach Django: see `tracking`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from headwater.delivery import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", pages.unsubscribe, name="unsubscribe"),
    path("preferences/<str:token>", pages.choose, name="preferences"),
    path("confirm/<str:token>", pages.confirm, name="confirm"),
    path("w/<str:token>", pages.view_in_browser, name="web-view"),
]
