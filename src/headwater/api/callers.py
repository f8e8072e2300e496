"""Who may call: a private key, a logged-in person in one of their brands, or a logged-in person as such.

Keys come in the Authorization header, which no foreign page can make a browser send. Sessions come in a cookie, which
any page can: so their changes must carry the CSRF token.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja.security import HttpBearer
from ninja.security.apikey import APIKeyCookie
from ninja.utils import check_csrf

from headwater.accounts import keys, roles
from headwater.accounts.models import User
from headwater.accounts.roles import Caller
from headwater.api import permissions
from headwater.api.errors import ApiError
from headwater.core import database


def _require_csrf(request: HttpRequest) -> None:
    """Raises ApiError 403 for a change that came without the token."""
    if check_csrf(request) is not None:
        raise ApiError(
            403,
            "This change came without the page's CSRF token. Send the cookie csrftoken's value as the header "
            "X-CSRFToken; a page that was open for long is loaded again.",
        )


class PrivateKey(HttpBearer):
    """A private key opens its own workspace; a write key, which stands in browsers, opens nothing here."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        with database.transaction() as conn:
            holder = keys.find(conn, token.strip())
        if holder is None:
            return None
        if holder.kind != "private":
            raise ApiError(403, "A write key may only send events. Use a private key: hw_sk_…")
        permissions.require(request, roles.KEY_ROLE)
        return Caller(holder.workspace_id, roles.KEY_ROLE)


class Person(APIKeyCookie):
    """Someone who is logged in, whichever their brands. Their answer carries the CSRF cookie, and so does a refusal."""

    param_name = settings.SESSION_COOKIE_NAME

    def _get_key(self, request: HttpRequest) -> str | None:
        return request.COOKIES.get(self.param_name)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | Caller | None:
        get_token(request)
        return self._user(request)

    def _user(self, request: HttpRequest) -> User | None:
        """The person of the session. With an Authorization header it is the key that counts, and that one failed."""
        user = request.user
        if "Authorization" in request.headers or not isinstance(user, User):
            return None
        _require_csrf(request)
        return user


class Anyone(APIKeyCookie):
    """Whoever holds what the route asks for (an invitation's link). Their changes carry the CSRF token too."""

    param_name = settings.CSRF_COOKIE_NAME

    def _get_key(self, request: HttpRequest) -> str | None:
        return None

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:
        get_token(request)
        _require_csrf(request)
        return True


class Session(Person):
    """Someone who is logged in, in the brand that X-Workspace (or the query's `workspace`) names by its slug."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        user = self._user(request)
        if user is None:
            return None
        slug = request.headers.get("X-Workspace") or request.GET.get("workspace")
        if not slug:
            raise ApiError(400, "Name the brand: the header X-Workspace with its slug.", "X-Workspace")
        with database.transaction() as conn:
            caller = roles.in_brand(conn, user.pk, slug)
        if caller is None:
            raise ApiError(404, f"There is no brand {slug!r} that you work in.", "X-Workspace")
        permissions.require(request, caller.role)
        return caller
