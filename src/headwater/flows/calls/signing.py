"""How a receiver knows that a call is ours, and that it has seen it before.

Every workspace has a secret of its own, made from the instance's key. The signature covers the body and the moment of
sending, so that a recorded call cannot be played again later.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from headwater.core import settings

SIGNATURE = "Headwater-Signature"
DELIVERY = "Headwater-Delivery"


def _keyed(purpose: bytes, said: bytes) -> str:
    key = hashlib.blake2b(settings.current().secret_key.encode(), digest_size=32, person=b"headwater-calls").digest()
    return hmac.new(key, purpose + b":" + said, hashlib.sha256).hexdigest()


def signing_secret(workspace_id: int) -> str:
    """The secret with which a workspace's calls are signed: 70 characters, used whole as the key."""
    return "whsec_" + _keyed(b"secret", b"%d" % workspace_id)


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The header's value: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`. `at` is the machine's time."""
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"


def delivery_id(workspace_id: int, call_id: int) -> str:
    """32 characters that name a call to the outside, the same in every attempt."""
    return _keyed(b"delivery", b"%d:%d" % (workspace_id, call_id))[:32]
