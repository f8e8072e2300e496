"""The public pages behind an email's links: unsubscribe (RFC 8058 one-click and a page for people), preferences, the
confirmation of a subscription, and the web view.

Whoever holds the signed link may act; no log-in, no cookie. A GET changes nothing, ever: scanners follow links.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.accounts.brand import Brand
from headwater.audience import consent, identity, joining
from headwater.core import clock, database, settings, signing
from headwater.delivery import appearance, confirmation, preferences, web_view
from headwater.delivery.preferences import OwnList
from headwater.events import inbox, metrics

_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_EMAIL_POLICY = (
    "default-src 'none'; img-src * data:; style-src * 'unsafe-inline'; font-src *; "
    "form-action 'none'; base-uri 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
"""An email is its author's HTML on our own address: it runs no script and is a stranger to the app's session."""


@dataclass(frozen=True)
class _Holder:
    """Who holds the link, as the audience knows them now."""

    brand: Brand
    message_id: int
    profile_id: int | None
    """None: erased meanwhile."""
    email: str | None
    unsubscribed: bool


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET: a page with a button. POST: unsubscribed, at once and without a redirect, by one click or by the page."""
    try:
        named = signing.read_token("unsubscribe", token)
    except signing.BadToken:
        return _not_valid(request)
    with database.transaction() as conn:
        holder = _find(conn, named)
        if holder is None:
            return _not_valid(request)
        if request.method != "POST":
            page = "unsubscribed" if holder.unsubscribed else "unsubscribe"
            return _answer(request, page, holder, lists=_lists(conn, holder), token=token)
        now = clock.now(conn)
        if request.POST.get("action") == "subscribe" and holder.profile_id is not None:
            _subscribe(conn, holder, request, now)
            return _answer(request, "subscribed", holder)
        _unsubscribe(conn, holder, request, now)
        return _answer(request, "unsubscribed", holder)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """GET: the lists that the person is on. POST: they stay on those that are ticked, or want no email at all.

    The link is the one that unsubscribes: whoever may take everything away may take a part of it away.
    """
    try:
        named = signing.read_token("unsubscribe", token)
    except signing.BadToken:
        return _not_valid(request)
    with database.transaction() as conn:
        holder = _find(conn, named)
        if holder is None or holder.profile_id is None:
            return _not_valid(request)
        action = request.POST.get("action") if request.method == "POST" else None
        if action == "unsubscribe":
            _unsubscribe(conn, holder, request, clock.now(conn))
            return _answer(request, "unsubscribed", holder, token=token)
        if action == "subscribe":
            _subscribe(conn, holder, request, clock.now(conn))
            holder = replace(holder, unsubscribed=False)
        left: list[OwnList] = []
        if action == "save" and holder.profile_id is not None:
            kept = {int(number) for number in request.POST.getlist("list") if number.isascii() and number.isdigit()}
            left = preferences.keep_only(conn, holder.brand.id, holder.profile_id, kept)
        shown = {"lists": _lists(conn, holder), "left": left, "saved": action in ("save", "subscribe")}
        return _answer(request, "preferences", holder, unsubscribed=holder.unsubscribed, **shown)


def _lists(conn: Connection, holder: _Holder) -> list[OwnList]:
    return preferences.own_lists(conn, holder.brand.id, holder.profile_id) if holder.profile_id is not None else []


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET: a page with a button, whoever looks. POST of that button: the person is on the list that they asked for."""
    try:
        named = signing.read_token("confirm", token)
    except signing.BadToken:
        return _not_valid(request)
    pressed = request.method == "POST" and request.POST.get("action") == "confirm"
    with database.transaction() as conn:
        if pressed:
            identity.lock(conn, named.workspace_id)
        now = clock.now(conn)
        question = confirmation.find(conn, named, now)
        if question is None or question.state == "over":
            return _over(request)
        brand = brands.load(conn, named.workspace_id)
        shown = {"address": _masked(question.address), "list": question.list_name}
        if question.state == "waiting" and not pressed:
            return _page(request, "confirm", brand, shown)
        if question.state == "waiting":
            proof = _client(request) | {"page": "/confirm/", "text": f"Yes, send me {question.list_name}"}
            confirmation.confirm(conn, question, proof, now)
        return _page(request, "confirmed", brand, shown)


@require_safe
def view_in_browser(request: HttpRequest, token: str) -> HttpResponse:
    """The email as it was sent, rendered again from what the ledger kept of it."""
    try:
        named = signing.read_token("view", token)
    except signing.BadToken:
        return _not_valid(request)
    with database.transaction() as conn:
        html = web_view.render(conn, named.workspace_id, named.message_id, clock.now(conn))
    if html is None:
        return _sealed(
            render(
                request,
                "delivery/not_found.html",
                {"title": "No longer here", "text": "This email can no longer be shown."},
                status=404,
            )
        )
    return _sealed(HttpResponse(html), _EMAIL_POLICY)


def _find(conn: Connection, named: signing.MessageToken) -> _Holder | None:
    """The brand and the person; a merged profile leads to its survivor. None: no such brand any more."""
    try:
        brand = brands.load(conn, named.workspace_id)
    except LookupError:
        return None
    # Indexes: the primary keys of profile_alias, profile and consent.
    row = conn.execute(
        """
        SELECT profile.id, profile.email, COALESCE(consent.state = 'unsubscribed', false)
        FROM profile
        LEFT JOIN consent
          ON consent.workspace_id = profile.workspace_id
         AND consent.profile_id = profile.id
         AND consent.channel = 'email'
        WHERE profile.workspace_id = %(workspace)s
          AND profile.id = COALESCE(
            (
                SELECT profile_alias.profile_id
                FROM profile_alias
                WHERE profile_alias.workspace_id = %(workspace)s
                  AND profile_alias.old_id = %(profile)s
            ),
            %(profile)s
          )
        """,
        {"workspace": named.workspace_id, "profile": named.profile_id},
    ).fetchone()
    if row is None:
        return _Holder(brand, named.message_id, None, None, True)
    return _Holder(brand, named.message_id, row[0], row[1], row[2])


def _unsubscribe(conn: Connection, holder: _Holder, request: HttpRequest, now: datetime) -> None:
    """Once: a second click, or a mailbox provider that asks again, changes and records nothing."""
    if holder.profile_id is None or holder.unsubscribed:
        return
    method = "one_click_unsubscribe" if "List-Unsubscribe" in request.POST else "unsubscribe_page"
    consent.unsubscribe(
        conn,
        holder.brand.id,
        [holder.profile_id],
        at=now,
        now=now,
        method=method,
        detail=_proof(request, holder),
    )
    item = inbox.item(
        type="track",
        id=f"unsubscribe-{holder.message_id}-{int(now.timestamp() * 1000)}",
        ts=now,
        user={"profile_id": holder.profile_id},
        metric=metrics.UNSUBSCRIBED,
        properties={"message_id": holder.message_id, "method": method},
    )
    inbox.put(conn, holder.brand.id, [item], now)


def _subscribe(conn: Connection, holder: _Holder, request: HttpRequest, now: datetime) -> None:
    assert holder.profile_id is not None
    consent.subscribe(
        conn,
        holder.brand.id,
        [holder.profile_id],
        at=now,
        now=now,
        method="unsubscribe_page",
        detail=_proof(request, holder),
    )


def _proof(request: HttpRequest, holder: _Holder) -> dict[str, Any]:
    return {
        "message_id": holder.message_id,
        **_client(request),
        "page": "/u/",
    }


def _client(request: HttpRequest) -> dict[str, Any]:
    return {
        "ip": request.META.get("REMOTE_ADDR"),
        "user_agent": request.headers.get("User-Agent", "")[:300],
    }


def _masked(email: str | None) -> str | None:
    """Enough for the holder to recognise; the link may have been forwarded."""
    if not email or "@" not in email:
        return None
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}{'•' * max(2, min(len(local) - 1, 6))}@{domain}"


def _answer(request: HttpRequest, page: str, holder: _Holder, **shown: Any) -> HttpResponse:
    return _page(request, page, holder.brand, {"address": _masked(holder.email), **shown})


def _page(request: HttpRequest, page: str, brand: Brand, shown: dict[str, Any]) -> HttpResponse:
    """A page in the brand's look."""
    look = appearance.look(brand.brand_color, brand.logo_url, settings.current().base_url)
    return _sealed(render(request, f"delivery/{page}.html", {"brand": brand, "look": look, **shown}))


def _over(request: HttpRequest) -> HttpResponse:
    days = joining.LIFE.days
    text = f"A link to confirm works once, and for {days} days. If you still want these emails, please sign up again."
    return _sealed(
        render(request, "delivery/not_found.html", {"title": "This link no longer works", "text": text}, status=410)
    )


def _not_valid(request: HttpRequest) -> HttpResponse:
    text = "It may have been cut off or changed on its way. Please open it again from the email itself."
    return _sealed(
        render(request, "delivery/not_found.html", {"title": "This link is not valid", "text": text}, status=404)
    )


def _sealed(response: HttpResponse, policy: str = _PAGE_POLICY) -> HttpResponse:
    """Not for search engines, caches or other sites."""
    response["Content-Security-Policy"] = policy
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
