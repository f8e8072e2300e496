"""/me/authenticator-app: the secret that someone's authenticator app is to take over, also as a picture to scan.

allauth's headless API answers the secret as text only; this draws it, and leaves it in the session where allauth's
`POST account/authenticators/totp` looks for it when the first code comes.
"""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal import auth
from django.http import HttpRequest
from ninja import Router, Schema

from headwater.accounts import two_factor
from headwater.accounts.models import User
from headwater.api.callers import Person
from headwater.api.errors import ApiError

router = Router(tags=["You"], auth=Person())


class AppSecret(Schema):
    secret: str
    """In base 32, to be typed where nothing can be scanned."""
    svg: str
    """A QR code of it."""


@router.post("/me/authenticator-app", response=AppSecret, summary="A secret for one's authenticator app")
def new_secret(request: HttpRequest) -> dict[str, str]:
    """Each call makes a new one; it counts once a code of it has come."""
    user: User = request.auth
    if two_factor.of(user.pk).totp:
        raise ApiError(409, "There is an authenticator app already. Remove it first.")
    secret = auth.generate_totp_secret()
    request.session[auth.SECRET_SESSION_KEY] = secret
    adapter = get_adapter()
    return {"secret": secret, "svg": adapter.build_totp_svg(adapter.build_totp_url(user, secret))}
