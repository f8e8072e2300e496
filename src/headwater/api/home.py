"""The pages of a logged-in person: what the brand is doing, its write key, and where everything is.

Server-rendered and self-contained: they load nothing from elsewhere.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from psycopg import Connection

from headwater.accounts import keys
from headwater.accounts.models import Membership, Workspace
from headwater.audience import profiles
from headwater.campaigns import campaigns
from headwater.core import clock, database, settings
from headwater.delivery import overview
from headwater.events import totals
from headwater.flows.editing import publishing

STATES = ("planned", "claimed", "sent", "bounced", "skipped", "failed", "cancelled")
DAYS = 30


@dataclass(frozen=True)
class Count:
    label: str
    number: int


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the brand is doing now."""
    mine = _workspaces(request)
    wanted = request.GET.get("brand")
    chosen = next((one for one in mine if one.slug == wanted), mine[0] if mine else None)
    shown: dict[str, Any] = {"workspaces": mine, "workspace": chosen, "mailbox": _mailbox(), "days": DAYS}
    if chosen is not None:
        with database.transaction() as conn:
            shown |= _brand(conn, chosen.pk)
    return render(request, "api/home.html", shown)


def _workspaces(request: HttpRequest) -> list[Workspace]:
    user = request.user
    if getattr(user, "is_superuser", False):
        return list(Workspace.objects.order_by("id"))
    return [one.workspace for one in Membership.objects.filter(user=user.pk).select_related("workspace").order_by("id")]


def _brand(conn: Connection, workspace_id: int) -> dict[str, Any]:
    now = clock.now(conn)
    states = overview.states_since(conn, workspace_id, now - timedelta(days=DAYS))
    write = [key for key in keys.of_workspace(conn, workspace_id) if key.kind == "write"]
    return {
        "now": now,
        "moving": settings.current().clock == "movable" and clock.speed() != 1.0,
        "write_key": write[0].public if write else None,
        "base_url": settings.current().base_url,
        "counts": [
            Count("profiles", profiles.count(conn, workspace_id)),
            Count("events today", totals.on_day(conn, workspace_id, now.date())),
            Count("emails sent", states.get("sent", 0) + states.get("delivered", 0)),
            Count("emails planned", states.get("planned", 0) + states.get("claimed", 0)),
        ],
        "states": [Count(state, states[state]) for state in STATES if states.get(state)],
        "flows": publishing.summaries(conn, workspace_id),
        "campaigns": campaigns.page(conn, workspace_id, limit=12),
    }


def _mailbox() -> str | None:
    """The page of the local mailbox, if that is where mail goes."""
    current = settings.current()
    target = urlsplit(current.smtp_url)
    if target.port != current.mailbox_smtp_port or target.hostname not in ("127.0.0.1", "localhost", "::1"):
        return None
    host = "localhost" if current.mailbox_host in ("127.0.0.1", "0.0.0.0") else current.mailbox_host  # noqa: S104
    return f"http://{host}:{current.mailbox_web_port}/"


@require_safe
def static(request: HttpRequest, path: str) -> HttpResponse:
    """Files of the installed packages (the API docs' scripts and styles), found by Django's own finders."""
    found = finders.find(path)
    if not isinstance(found, str):
        raise Http404(path)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    answer = HttpResponse(Path(found).read_bytes(), content_type=kind)
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
