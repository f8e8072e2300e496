"""/brand, /keys and /metrics: the workspace itself."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator, model_validator

from headwater.accounts import brand, keys
from headwater.accounts.brand import Brand
from headwater.accounts.limits import MOST_DAYS, MOST_EMAILS, FrequencyCap, QuietHours
from headwater.api.calls import Id, Moment, Money, Name, call
from headwater.api.errors import NotFound
from headwater.core import settings
from headwater.delivery.gates import wire_address
from headwater.events import totals
from headwater.segments import requests
from headwater.segments.conditions import CanReceive, DateTest

router = Router(tags=["Account"])


def zone_name(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("This is not an IANA time zone, such as Europe/Berlin.")
    return name


def _address(given: str) -> str:
    if given and wire_address(given) is None:
        raise ValueError("This is not an email address.")
    return given


def _clock_time(given: str) -> str:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", given, re.ASCII) is None:
        raise ValueError("This is not a time of day, such as 21:00.")
    return given


def _web_address(given: str) -> str:
    if re.fullmatch(r"(https?://\S+)?", given) is None:
        raise ValueError("This is not a web address, such as https://shop.example.")
    return given


def _colour(given: str) -> str:
    if re.fullmatch(r"(#[0-9a-fA-F]{6})?", given) is None:
        raise ValueError("This is not a colour, such as #0f766e.")
    return given.lower()


def _image_address(given: str) -> str:
    parts = urlsplit(given)
    own = given.startswith(("/", settings.current().base_url + "/")) and not given.startswith("//")
    if given and (not own and (parts.scheme != "https" or not parts.hostname) or re.search(r"[\s\"'<>\\]", given)):
        raise ValueError("This is not an https address of an image.")
    return given


Colour = Annotated[str, AfterValidator(_colour)]
Address = Annotated[str, Field(max_length=320), AfterValidator(_address)]


ClockTime = Annotated[str, AfterValidator(_clock_time)]


class Hours(Schema):
    """From a time of the person's clock until just before another, over midnight where that comes first."""

    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")

    @model_validator(mode="after")
    def _ends(self) -> Hours:
        if self.start == self.end:
            raise ValueError("Quiet hours that end when they begin would never end. null is for none.")
        return self

    def hours(self) -> QuietHours:
        return QuietHours.read({"from": self.start, "to": self.end})


class Cap(Schema):
    """No more than `at_most` marketing emails of a kind in so many calendar days (1 is today) of the person's zone."""

    kind: Literal["any", "flow", "campaign"]
    at_most: Annotated[int, Field(ge=1, le=MOST_EMAILS)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


class BrandOut(Schema):
    id: int
    name: str
    slug: str
    timezone: str
    currency: str
    from_name: str
    from_email: str
    reply_to: str
    postal_address: str
    website_url: str
    brand_color: str
    """As #rrggbb; empty: none chosen."""
    logo_url: str
    smart_sending_hours: int
    require_consent: bool
    quiet_hours: Hours | None
    frequency_caps: list[Cap]

    @staticmethod
    def resolve_quiet_hours(found: Brand) -> dict[str, str] | None:
        return found.quiet_hours.plain() if found.quiet_hours is not None else None


class BrandChange(Schema):
    name: Name | None = None
    timezone: Annotated[str, AfterValidator(zone_name)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    from_name: Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")] | None = None
    from_email: Address | None = None
    reply_to: Address | None = None
    postal_address: Annotated[str, Field(max_length=500)] | None = None
    website_url: Annotated[str, Field(max_length=500), AfterValidator(_web_address)] | None = None
    brand_color: Colour | None = None
    """As #rrggbb; empty: none."""
    logo_url: Annotated[str, Field(max_length=500), AfterValidator(_image_address)] | None = None
    """An image of this instance, or an https address. The public pages show it only if it is on this instance."""
    smart_sending_hours: Annotated[int, Field(ge=0, le=720)] | None = None
    require_consent: bool | None = None
    """true: only subscribed people get marketing email; false: never-subscribed ones may too."""
    quiet_hours: Hours | None = None
    """Marketing email that is due within them waits for their end; null: there are none."""
    frequency_caps: Annotated[list[Cap], Field(max_length=10)] | None = None
    """Marketing email over any of them is skipped."""

    def changes(self) -> dict[str, Any]:
        """What was given, as the brand has it. null changes nothing but quiet hours."""
        given = self.model_dump(exclude_unset=True, exclude={"quiet_hours", "frequency_caps"}, exclude_none=True)
        if "quiet_hours" in self.model_fields_set:
            given["quiet_hours"] = self.quiet_hours.hours() if self.quiet_hours is not None else None
        if self.frequency_caps is not None:
            given["frequency_caps"] = tuple(FrequencyCap(**cap.model_dump()) for cap in self.frequency_caps)
        return given


class KeyOut(Schema):
    id: int
    kind: str
    name: str
    prefix: str
    public: str | None
    """The whole of a write key; a private one can't be shown again."""
    created_at: Moment


class KeyIn(Schema):
    kind: Literal["private", "write"]
    name: Annotated[str, Field(max_length=200)] = ""


class NewKey(Schema):
    key: str
    """Keep it now: a private key is not shown again."""


class MetricOut(Schema):
    id: int
    name: str
    count: int
    sum: Money
    """Of the events' values."""
    last_day: date | None


@router.get("/brand", response=BrandOut, by_alias=True, summary="The brand's settings")
def get_brand(request: HttpRequest) -> Brand:
    with call(request) as c:
        return brand.load(c.conn, c.workspace_id)


@router.patch("/brand", response=BrandOut, by_alias=True, summary="Change the brand's settings")
def change_brand(request: HttpRequest, body: BrandChange) -> Brand:
    with call(request) as c:
        before = brand.load(c.conn, c.workspace_id)
        after = brand.update(c.conn, c.workspace_id, body.changes())
        if after.require_consent != before.require_consent:
            requests.rebuild_where(c.conn, c.workspace_id, (CanReceive,), c.now)
        if after.timezone != before.timezone:
            requests.rebuild_where(c.conn, c.workspace_id, (DateTest,), c.now)
        return after


@router.get("/keys", response=list[KeyOut], summary="API keys in use")
def list_keys(request: HttpRequest) -> Any:
    with call(request) as c:
        return keys.of_workspace(c.conn, c.workspace_id)


@router.post("/keys", response={201: NewKey}, summary="Make an API key")
def create_key(request: HttpRequest, body: KeyIn) -> Status[dict[str, str]]:
    with call(request) as c:
        return Status(201, {"key": keys.create(c.conn, c.workspace_id, body.kind, body.name)})


@router.delete("/keys/{key_id}", response={204: None}, summary="Revoke an API key")
def revoke_key(request: HttpRequest, key_id: Id) -> Status[None]:
    with call(request) as c:
        if not keys.revoke(c.conn, c.workspace_id, key_id, c.now):
            raise NotFound(f"key {key_id}")
    return Status(204, None)


@router.get("/metrics", response=list[MetricOut], summary="Kinds of event, and how much of each")
def list_metrics(request: HttpRequest) -> Any:
    with call(request) as c:
        return totals.per_metric(c.conn, c.workspace_id)
