"""An inbox item as the processor reads it. The same shape that `events.inbox.item` writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from headwater.audience.identity import Claim


class User(msgspec.Struct, frozen=True):
    """Raw identifiers, as sent."""

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    anonymous_id: str | None = None
    profile_id: int | None = None

    def claim(self, public: bool) -> Claim:
        return Claim(self.external_id, self.email, self.phone, self.anonymous_id, self.profile_id, public)


class Item(msgspec.Struct, frozen=True):
    """One thing to give effect to."""

    type: str
    id: str
    ts: datetime
    user: User
    metric: str | None = None
    properties: dict[str, Any] = {}
    value: float | None = None
    traits: dict[str, Any] = {}
    previous: User | None = None
    history: bool = False
    public: bool = False
    once: bool = False
    """It was put here by a transaction of ours, which cannot repeat it: no look whether it is known already."""


decode = msgspec.json.Decoder(Item, strict=False).decode
