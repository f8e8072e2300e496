"""How the demo's shop tells the intake what happens on it: in batches over HTTP with its write key, as any SDK does.

The times are left to the receiver, whose clock runs at its own speed.
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson

Said = Mapping[str, Any]
"""One call, as Segment's libraries write it."""
_AT_ONCE = 200
_NOT_NOW = (429, 502, 503, 504)


class NotAccepted(Exception):
    """The intake did not take what the shop sent; the message says where and why."""


class Away(NotAccepted):
    """The intake cannot be reached for the moment, or asks to come again."""


def track(user_id: str, event: str, properties: Mapping[str, Any]) -> Said:
    return {"type": "track", "userId": user_id, "event": event, "properties": dict(properties)}


@dataclass
class ShopFront:
    """A page of the shop with its write key."""

    base_url: str
    write_key: str
    waiting: list[Said] = field(default_factory=list)
    """Said while the intake was away: goes first, next time."""

    def say(self, batch: Sequence[Said]) -> None:
        """Send it, after what waits. Raises NotAccepted; what was not taken waits if the intake is Away."""
        self.waiting.extend({**one, "messageId": uuid4().hex} for one in batch)  # said twice, it counts once
        while self.waiting:
            self._post(self.waiting[:_AT_ONCE])
            del self.waiting[:_AT_ONCE]

    def _post(self, batch: Sequence[Said]) -> None:
        secret = base64.b64encode(f"{self.write_key}:".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the instance's own address
            f"{self.base_url}/v1/batch",
            data=orjson.dumps({"batch": list(batch)}),
            headers={"Content-Type": "application/json", "Authorization": f"Basic {secret}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:  # noqa: S310 - the same
                outcome = orjson.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            kind = Away if refusal.code in _NOT_NOW else NotAccepted
            raise kind(f"{request.full_url} answered {refusal.code}: {refusal.read(500).decode()}") from None
        except OSError as problem:
            raise Away(f"{request.full_url} does not answer: {problem}") from None
        for refused in outcome.get("rejected", ()):
            raise NotAccepted(f"{request.full_url} refused {batch[refused['index']]}: {refused['detail']}")
