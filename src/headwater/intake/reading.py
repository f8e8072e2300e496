"""From a request's body to canonical items, or to an error that names the field. Pure but for the time it is given.

Two shapes come in: Segment's HTTP tracking API (identify, track, page, screen, group, alias, batch) and Headwater's own
`/api/v1/events`. A bad item of a batch is reported by its index; the good ones are kept.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from headwater.audience.addresses import normalise_email, normalise_id, normalise_phone
from headwater.events import inbox, metrics
from headwater.intake.ecommerce import standard, value_of

CALL_BYTES = 32 * 1024
BATCH_BYTES = 500 * 1024
BATCH_ITEMS = 2500
API_ITEMS = 1000
API_BYTES = 5 * 1024 * 1024


class Rejected(Exception):
    """A request or an item that is refused: what is wrong, and in which field."""

    def __init__(self, detail: str, field: str | None = None, status: int = 400) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.status = status


@dataclass
class Reading:
    """What a request holds: canonical items, and the refusals of single ones as (index, detail, field)."""

    items: list[bytes] = field(default_factory=list)
    refused: list[tuple[int, str, str | None]] = field(default_factory=list)


def inflate(body: bytes, limit: int) -> bytes:
    """The content of a gzip body. Raises Rejected if it is none, or larger than `limit` bytes."""
    unzip = zlib.decompressobj(wbits=31)
    try:
        content = unzip.decompress(body, limit + 1)
    except zlib.error:
        raise Rejected("The body is not valid gzip.") from None
    if len(content) > limit:
        raise Rejected(f"The body is larger than {limit} bytes.")
    if not unzip.eof:
        raise Rejected("The gzip body is cut off.")
    return content


# ── Segment's shape ─────────────────────────────────────────────────────────────────────────────────────────────────
class _Call(msgspec.Struct):
    type: str | None = None
    userId: str | int | None = None
    anonymousId: str | int | None = None
    previousId: str | int | None = None
    groupId: str | int | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    timestamp: str | None = None
    originalTimestamp: str | None = None
    sentAt: str | None = None
    messageId: str | None = None
    writeKey: str | None = None


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    context: dict[str, Any] | None = None
    sentAt: str | None = None
    writeKey: str | None = None


class _Key(msgspec.Struct):
    writeKey: str | None = None


_call = msgspec.json.Decoder(_Call).decode
_batch = msgspec.json.Decoder(_Batch).decode
_key = msgspec.json.Decoder(_Key).decode


def body_key(body: bytes) -> str | None:
    """The writeKey in a body, if it is JSON that has one."""
    try:
        return _key(body).writeKey
    except _UNREADABLE:
        return None


def read_call(kind: str, body: bytes, received_at: datetime, public: bool, fallback_id: str) -> Reading:
    """One identify, track, page, screen, group or alias. Raises Rejected."""
    if len(body) > CALL_BYTES:
        raise Rejected(f"A call may be at most {CALL_BYTES // 1024} KB.")
    call = _decode(body)
    call.type = kind
    return Reading([_item(call, None, None, received_at, public, fallback_id)])


def read_batch(body: bytes, received_at: datetime, public: bool, fallback_id: str) -> Reading:
    """A batch: good items, and the refusals of bad ones. Raises Rejected if the batch itself is wrong."""
    if len(body) > BATCH_BYTES:
        raise Rejected(f"A batch may be at most {BATCH_BYTES // 1024} KB.")
    try:
        batch = _batch(body)
    except _UNREADABLE as error:
        raise _explain(error) from None
    if len(batch.batch) > BATCH_ITEMS:
        raise Rejected(f"A batch may hold at most {BATCH_ITEMS} items.", "batch")
    reading = Reading()
    for index, raw in enumerate(batch.batch):
        try:
            if len(raw) > CALL_BYTES:
                raise Rejected(f"An item may be at most {CALL_BYTES // 1024} KB.", "batch")
            call = _decode(bytes(raw))
            reading.items.append(
                _item(call, batch.context, batch.sentAt, received_at, public, f"{fallback_id}-{index}")
            )
        except Rejected as refusal:
            reading.refused.append((index, refusal.detail, refusal.field))
    return reading


def _decode(body: bytes) -> _Call:
    try:
        return _call(body)
    except _UNREADABLE as error:
        raise _explain(error) from None


_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NAMED = re.compile(r"(?:unknown|missing required) field `([^`]+)`")


def _explain(error: Exception) -> Rejected:
    """msgspec's words, with the path it names as our field."""
    if isinstance(error, RecursionError):
        return Rejected("The JSON is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return Rejected("The body is not UTF-8.")
    detail, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`").lstrip(".").replace("[...]", "")
    if not isinstance(error, msgspec.ValidationError):
        return Rejected(f"The body is not valid JSON: {detail}.")
    named = _NAMED.search(detail)
    return Rejected(detail + ".", ".".join(filter(None, (path, named[1] if named else ""))) or None)


def _write(**item: Any) -> bytes:
    """The canonical item. Raises Rejected for what can be read but not kept."""
    try:
        return inbox.item(**item)
    except TypeError:  # orjson: deeper than 254 levels, or an integer beyond 64 bits
        raise Rejected("Numbers may have 64 bits and nesting 250 levels at most.", "properties") from None


def _item(
    call: _Call,
    batch_context: dict[str, Any] | None,
    batch_sent_at: str | None,
    received_at: datetime,
    public: bool,
    fallback_id: str,
) -> bytes:
    context = {**batch_context, **(call.context or {})} if batch_context else call.context or {}
    message_id = call.messageId or fallback_id
    if len(message_id) >= 100:
        raise Rejected("A messageId must be shorter than 100 characters.", "messageId")
    if public:
        message_id = f"public:{message_id}"  # so that nobody can use up an id of our own in advance
    ts = _corrected(call.originalTimestamp or call.timestamp, call.sentAt or batch_sent_at, received_at)
    traits = call.traits or (context.get("traits") if isinstance(context.get("traits"), dict) else None) or {}
    user = _user(call.userId, call.anonymousId, traits)
    match call.type:
        case "identify":
            return _write(type="identify", id=message_id, ts=ts, user=user, traits=traits, public=public)
        case "track":
            if not call.event or not call.event.strip():
                raise Rejected("A track call needs the name of its event.", "event")
            metric, properties, value = standard(_metric_name(call.event), call.properties or {})
            if public and metric in metrics.RESERVED:
                raise Rejected(f"{metric!r} can only be reported with a private key.", "event")
            return _write(
                type="track", id=message_id, ts=ts, user=user, metric=metric, properties=properties, value=value,
                public=public,
            )  # fmt: skip
        case "page" | "screen":
            page = context.get("page")
            known = {
                **(page if isinstance(page, dict) else {}),
                **(call.properties or {}),
                "name": call.name,
                "category": call.category,
            }
            properties = {name: value for name, value in known.items() if value is not None}
            return _write(
                type="track", id=message_id, ts=ts, user=user, metric=metrics.ACTIVE_ON_SITE, properties=properties,
                public=public,
            )  # fmt: skip
        case "group":
            group_id = normalise_id(call.groupId)
            if group_id is None:
                raise Rejected("A group call needs a groupId.", "groupId")
            return _write(
                type="group", id=message_id, ts=ts, user=user, traits={**traits, "id": group_id}, public=public
            )
        case "alias":
            previous = normalise_id(call.previousId)
            if previous is None:
                raise Rejected("An alias call needs a previousId.", "previousId")
            if normalise_id(call.userId) is None:
                raise Rejected("An alias call needs a userId.", "userId")
            if public:  # no more than what a browser may say anyway: this anonymous id is that person
                return _write(type="alias", id=message_id, ts=ts, user={"anonymous_id": previous, **user}, public=True)
            return _write(
                type="alias", id=message_id, ts=ts, user=user,
                previous={"external_id": previous, "anonymous_id": previous},
            )  # fmt: skip
        case None:
            raise Rejected("An item of a batch needs a type.", "type")
        case _:
            raise Rejected(f"{call.type[:40]!r} is not a type of call.", "type")


def _metric_name(raw: str, field_name: str = "event") -> str:
    name = raw.strip()
    if len(name) > 200:
        raise Rejected("The name of an event may have at most 200 characters.", field_name)
    if not name.isprintable():
        raise Rejected("The name of an event has unprintable characters.", field_name)
    return name


def _user(user_id: str | int | None, anonymous_id: str | int | None, traits: dict[str, Any]) -> dict[str, str]:
    user: dict[str, str] = {}
    external, anonymous = normalise_id(user_id), normalise_id(anonymous_id)
    if external is not None:
        user["external_id"] = external
    if anonymous is not None:
        user["anonymous_id"] = anonymous
    if not user:
        raise Rejected("Needs a userId or an anonymousId.", "userId")
    email, phone = traits.get("email"), traits.get("phone")
    if isinstance(email, str) and normalise_email(email):
        user["email"] = email.strip()
    if isinstance(phone, str) and normalise_phone(phone):
        user["phone"] = phone.strip()
    return user


def _corrected(said: str | None, sent: str | None, received_at: datetime) -> datetime:
    """The time by our clock: receivedAt − (sentAt − timestamp), which takes out a sender's wrong clock."""
    if said is None:
        return received_at
    moment = _instant(said, "timestamp")
    if sent is not None:
        try:
            moment = received_at - (_instant(sent, "sentAt") - moment)
        except OverflowError:
            raise Rejected("The timestamp and sentAt lie too far apart.", "timestamp") from None
    return _plausible(moment, received_at, "timestamp")


def _instant(text: str, field_name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Rejected(f"{text[:40]!r} is not an ISO 8601 time.", field_name) from None


def _plausible(moment: datetime, received_at: datetime, field_name: str) -> datetime:
    if moment.year < 1990:
        raise Rejected("A time before 1990 is not plausible.", field_name)
    return min(moment, received_at)  # nothing has happened in the future


# ── Headwater's own shape ───────────────────────────────────────────────────────────────────────────────────────────
class _Who(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)] | None = None
    email: str | None = None
    external_id: str | int | None = None
    phone: str | None = None
    anonymous_id: str | int | None = None


class _Happening(msgspec.Struct, forbid_unknown_fields=True):
    metric: str
    profile: _Who
    properties: dict[str, Any] = {}
    value: Annotated[float, msgspec.Meta(gt=-1e15, lt=1e15)] | None = None
    time: str | None = None
    unique_id: str | None = None
    history: bool = False
    profile_properties: dict[str, Any] = {}


_happening = msgspec.json.Decoder(_Happening).decode
_raws = msgspec.json.Decoder(list[msgspec.Raw]).decode


class _Envelope(msgspec.Struct):
    events: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_envelope = msgspec.json.Decoder(_Envelope).decode


def read_events(body: bytes, received_at: datetime, fallback_id: str) -> tuple[Reading, bool]:
    """`/api/v1/events`: one event, a list, or {"events": [...]}; and whether it was a single one. Raises Rejected."""
    raws, single = _split(body)
    if len(raws) > API_ITEMS:
        raise Rejected(f"At most {API_ITEMS} events a request.", "events")
    reading = Reading()
    for index, raw in enumerate(raws):
        try:
            reading.items.append(_event(bytes(raw), received_at, f"{fallback_id}-{index}"))
        except Rejected as refusal:
            if single:
                raise
            reading.refused.append((index, refusal.detail, refusal.field))
    return reading, single


def _split(body: bytes) -> tuple[Sequence[bytes | msgspec.Raw], bool]:
    try:
        if body.lstrip()[:1] == b"[":
            return _raws(body), False
        events = _envelope(body).events
    except _UNREADABLE as error:
        raise _explain(error) from None
    return ([body], True) if events is msgspec.UNSET else (events, False)


def _event(raw: bytes, received_at: datetime, fallback_id: str) -> bytes:
    try:
        said = _happening(raw)
    except _UNREADABLE as error:
        raise _explain(error) from None
    if not said.metric.strip():
        raise Rejected("An event needs the name of its metric.", "metric")
    name = _metric_name(said.metric, "metric")
    who = said.profile
    if who.email is not None and normalise_email(who.email) is None:
        raise Rejected(f"{who.email[:80]!r} is not an email address.", "profile.email")
    if who.phone is not None and normalise_phone(who.phone) is None:
        raise Rejected(f"{who.phone[:40]!r} is not a phone number with its country code (E.164).", "profile.phone")
    user = {
        "profile_id": who.id,
        "email": who.email,
        "phone": who.phone,
        "external_id": normalise_id(who.external_id),
        "anonymous_id": normalise_id(who.anonymous_id),
    }
    if all(value is None for value in user.values()):
        raise Rejected("An event needs a profile: its email, external_id, phone, anonymous_id or id.", "profile")
    if said.unique_id is not None and not 0 < len(said.unique_id) < 200:
        raise Rejected("A unique_id must have from 1 to 199 characters.", "unique_id")
    ts = received_at if said.time is None else _plausible(_instant(said.time, "time"), received_at, "time")
    value = said.value if said.value is not None else value_of(name, said.properties)
    message_id = f"{name}:{said.unique_id}" if said.unique_id else fallback_id
    return _write(
        type="track", id=message_id, ts=ts, user=user, metric=name, properties=said.properties, value=value,
        traits=said.profile_properties, history=said.history,
    )  # fmt: skip
