"""How a call says that people want a list, and hears what became of it. Used by /lists and /consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema

from headwater.api.calls import Call, Moment
from headwater.api.errors import ApiError
from headwater.api.people import Refused
from headwater.audience import consent, joining
from headwater.audience.joining import Joined, Wish
from headwater.audience.lists import OptIn

Method = Annotated[str, Field(min_length=1, max_length=50)]
Detail = Annotated[dict[str, str | int | float | bool | None], Field(max_length=20)]


class Choice(Schema):
    """When and how people chose."""

    method: Method = "api"
    detail: Detail = {}
    """The proof: form, page, text shown, IP address."""
    consented_at: Moment | None = None
    """When they decided; now, if left out."""
    confirmed: bool = False
    """They have confirmed elsewhere, at `consented_at`: joins a list with double opt-in at once."""
    historical: bool = False
    """An import of people who joined long ago: joins at once and starts no flow. With double opt-in it needs
    `consented_at`."""

    def at(self, now: datetime) -> datetime:
        return decided_at(self.consented_at, now, "consented_at")

    def wish(self, opt_in: OptIn | None, now: datetime, *, subscribing: bool) -> Wish:
        """For `joining.join`, on a list of this opt-in."""
        if self.consented_at is None and (self.confirmed or (self.historical and opt_in == "double")):
            raise ApiError(400, "Say when they consented.", "consented_at")
        at = self.at(now)
        return Wish(self.method, self.detail, subscribing, at, self.confirmed, self.historical)


def decided_at(given: datetime | None, now: datetime, field: str) -> datetime:
    """When people decided: as given, but not in the future; now, if nothing is said. Not before 1990."""
    if given is not None and given < consent.EARLIEST:
        raise ApiError(400, "Consent cannot be older than 1990-01-01.", field)
    return min(given, now) if given is not None else now


class Outcome(Schema):
    """Who must confirm first, on a list with double opt-in: an email asks them to."""

    pending: int = 0
    pending_profiles: list[int] = []
    """Their profile ids."""


def join(
    c: Call, list_id: int, found: Mapping[int, int], refused: Sequence[Refused], wish: Wish
) -> tuple[Joined, dict[str, Any]]:
    """Have these people (profile id by index) join. What became of them, and the answer's common part."""
    joined = joining.join(c.conn, c.workspace_id, list_id, sorted(set(found.values())), c.now, wish)
    unreachable = set(joined.unreachable)
    because = "A list with double opt-in needs an email address, to confirm it."
    missing = [
        Refused(index=index, field="email", detail=because)
        for index, profile in found.items()
        if profile in unreachable
    ]
    return joined, {
        "pending": len(joined.pending),
        "pending_profiles": joined.pending,
        "refused": sorted([*refused, *missing], key=lambda entry: entry.index),
    }
