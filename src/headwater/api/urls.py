"""Django's routes: the API, the public pages behind emails' links, log-in and home.

`/v1/*`, `/api/v1/events`, `/c/` and `/o/` never come here: the ASGI application answers them before Django.
"""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path

from headwater.api import home
from headwater.api.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("login", LoginView.as_view(template_name="api/login.html", redirect_authenticated_user=True), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("static/<path:path>", home.static, name="static"),
    path("api/", api.urls),
    path("", include("headwater.delivery.urls")),
]
