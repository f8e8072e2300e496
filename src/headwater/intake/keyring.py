"""Keys that requests present, remembered for a few seconds so that a flood of events does not ask the database."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time

from headwater.accounts import keys
from headwater.accounts.keys import KeyHolder
from headwater.core import database

_FRESH_SECONDS = 5.0
_MOST = 10_000


class Keyring:
    """Whose key is whose. One per process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, KeyHolder | None]] = {}

    async def holder(self, key: str) -> KeyHolder | None:
        """The holder of a key, or None for an unknown or revoked one. Raises one of `database.Unavailable`."""
        remembered = self._known.get(key)
        if remembered is not None and time.monotonic() - remembered[0] < _FRESH_SECONDS:
            return remembered[1]
        try:
            holder = await asyncio.to_thread(self._look_up, key)
        except database.Unavailable:
            if remembered is not None and remembered[1] is not None:
                return remembered[1]  # the inbox will say whether the database is really away
            raise
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (time.monotonic(), holder)
        return holder

    @staticmethod
    def _look_up(key: str) -> KeyHolder | None:
        with database.transaction() as conn:
            return keys.find(conn, key)


def presented(authorization: bytes | None) -> str | None:
    """The key in an Authorization header: the user name of Basic, or a Bearer token; None if there is none."""
    if not authorization:
        return None
    scheme, _, value = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip().decode("latin-1") or None
    if scheme.lower() == b"basic":
        try:
            return base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")[0] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None
