"""Signed tokens for the links in emails: short, opaque to outsiders, checked without a database.

A message token carries (workspace, message, profile) and an 80-bit keyed BLAKE2b, bound to one purpose: a click link
that is forwarded cannot unsubscribe anyone. A link's own signature covers its URL, so that no redirect is open.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import Literal

from headwater.core import settings

Purpose = Literal["click", "open", "unsubscribe", "view", "confirm"]
_IDS = Struct(">IQQ")
_MAC_BYTES = 10
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class BadToken(ValueError):
    """The token was not made by this instance, or for another purpose."""


@dataclass(frozen=True)
class MessageToken:
    workspace_id: int
    message_id: int
    profile_id: int


@lru_cache(maxsize=16)
def _keyed(purpose: str) -> hashlib.blake2b:
    key = hashlib.blake2b(settings.current().secret_key.encode(), digest_size=32, person=b"headwater-link").digest()
    return hashlib.blake2b(key=key, digest_size=_MAC_BYTES, person=purpose.encode())


def _mac(purpose: str, data: bytes) -> bytes:
    state = _keyed(purpose).copy()
    state.update(data)
    return state.digest()


def _encode(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=").decode("ascii")


def message_token(purpose: Purpose, workspace_id: int, message_id: int, profile_id: int) -> str:
    """40 URL-safe characters that name a message for one purpose."""
    ids = _IDS.pack(workspace_id, message_id, profile_id)
    return _encode(ids + _mac(purpose, ids))


def read_token(purpose: Purpose, token: str) -> MessageToken:
    """What the token names. Raises BadToken."""
    if len(token) != 40 or not token.isascii():
        raise BadToken(token[:60])
    try:
        raw = urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        raise BadToken(token) from None
    ids, mac = raw[: _IDS.size], raw[_IDS.size :]
    if not hmac.compare_digest(mac, _mac(purpose, ids)):
        raise BadToken(token)
    return MessageToken(*_IDS.unpack(ids))


def link_signature(url: str) -> str:
    """14 URL-safe characters that vouch for a redirect's target."""
    return _encode(_mac("link", url.encode()))


def check_link(url: str, signature: str) -> bool:
    return hmac.compare_digest(link_signature(url).encode(), signature.encode())
