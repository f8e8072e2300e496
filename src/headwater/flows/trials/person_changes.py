"""What happens to a person besides events: lists, segments, properties, consent, coupons, stock, other mail. Pure data.

Each comes at its time among the events of a simulation; `apply` says who has to be told of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headwater.accounts.limits import Kind
from headwater.events import standard as metrics
from headwater.flows.listening import PERSON, entry_into
from headwater.flows.trials.person_in_time import Person
from headwater.segments.language import CouponState, Entry


@dataclass(frozen=True, slots=True)
class Joined:
    list: int | str


@dataclass(frozen=True, slots=True)
class Left:
    list: int | str


@dataclass(frozen=True, slots=True)
class EnteredSegment:
    segment: int | str


@dataclass(frozen=True, slots=True)
class LeftSegment:
    segment: int | str


@dataclass(frozen=True, slots=True)
class PropertiesSet:
    values: Mapping[str, Any]  # None: cleared


@dataclass(frozen=True, slots=True)
class Consented:
    state: str  # subscribed, unsubscribed


@dataclass(frozen=True, slots=True)
class CouponAssigned:
    code: CouponState


@dataclass(frozen=True, slots=True)
class CouponRedeemed:
    coupon: str


@dataclass(frozen=True, slots=True)
class FlowEntered:
    """Another flow."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Stocked:
    """So many of a product, or a variant, are in stock now."""

    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Mailed:
    """An email of something else reached them: it starts the smart sending timer and counts for caps."""

    kind: Kind
    transactional: bool = False


Change = (
    Joined
    | Left
    | EnteredSegment
    | LeftSegment
    | PropertiesSet
    | Consented
    | CouponAssigned
    | CouponRedeemed
    | FlowEntered
    | Stocked
    | Mailed
)


def apply(change: Change, person: Person, at: int) -> str | None:
    """Make it so; answers what those listen to who care: PERSON, a metric, an entry, or None."""
    match change:
        case Joined(named):
            return PERSON if person.join(named, at) else None
        case Left(named):
            person.leave(named)
            return PERSON
        case EnteredSegment(segment):
            person.enter(segment, at)
        case LeftSegment(segment):
            person.exit(segment)
        case PropertiesSet(values):
            person.set(values)
            return PERSON
        case Consented(state):
            person.consent(state, at)
            return PERSON
        case CouponAssigned(code):
            person.give(code)
            return metrics.COUPON_ASSIGNED
        case CouponRedeemed(coupon):
            person.redeem(coupon, at)
            return metrics.PLACED_ORDER
        case FlowEntered(entry):
            person.entered(entry)
            return entry_into(entry.flow)
    return None
