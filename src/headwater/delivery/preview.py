"""An email as one person would get it, without sending: nothing is issued, counted or kept.

It is made by what makes the emails that go out, and read back from their bytes. A coupon shows the code that the person
holds already, else a sample; links are not tracked, and the way out leads nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile
from headwater.catalog import coupons
from headwater.catalog.coupons import Code
from headwater.content import compiling, context, names, reading
from headwater.content.document import Document, Needs, needs
from headwater.content.message import Envelope, Tracking
from headwater.content.names import UsedName
from headwater.content.reading import Link
from headwater.core import settings
from headwater.delivery import materials
from headwater.delivery.materials import Material, Wanted

_NOBODY = Profile(id=0)


@dataclass(frozen=True)
class Preview:
    subject: str
    preview_text: str
    html: str
    text: str
    size_bytes: int
    """Of the HTML as it goes out, its tracked links included."""
    links: list[Link]
    missing: list[UsedName]
    """What the email asks for and this person, or this event, does not have."""


def render(
    conn: Connection,
    workspace_id: int,
    document: Document,
    person: Profile | None,
    event: Mapping[str, Any] | None,
    now: datetime,
    *,
    name: str = "",
    transactional: bool = False,
) -> Preview:
    """The document for a person (None: of whom nothing is known). Raises TemplateError, RenderError."""
    compiled = compiling.compile(document)
    brand, who, asked = brands.load(conn, workspace_id), person or _NOBODY, needs(document)
    material = _material(conn, workspace_id, asked, who, event, now)
    seen = context.build(
        brand,
        who,
        event=event,
        coupon=material.coupons.get(asked.coupon) if asked.coupon else None,
        coupons=material.coupons,
        item=material.item,
        feeds=material.feeds,
        reviews=material.reviews,
        message=name,
    )
    envelope = _envelope(brand, who, now, transactional)
    sent = reading.received(compiled.render(seen, envelope))
    shown = reading.received(replace(compiled, tracking=Tracking(opens=False, clicks=False)).render(seen, envelope))
    return Preview(
        subject=shown.subject,
        preview_text=shown.preview_text,
        html=shown.html,
        text=shown.text,
        size_bytes=sent.size,
        links=reading.links(shown.html),
        missing=names.missing(document, seen),
    )


def samples(conn: Connection, workspace_id: int, asked: Needs, who: Profile | None, now: datetime) -> dict[str, Code]:
    """Codes to show where none may be given out: those that the person holds, else made-up ones."""
    person = who or _NOBODY
    held = coupons.active(conn, workspace_id, asked.coupons, [person.id], now)
    return {
        coupon: held.get((coupon, person.id)) or _sample(conn, workspace_id, coupon, person, now)
        for coupon in sorted(asked.coupons)
    }


def _envelope(brand: Brand, who: Profile, now: datetime, transactional: bool) -> Envelope:
    """As from the brand to the person, but of no message: what its links would change, they change of nobody."""
    return Envelope(
        workspace_id=brand.id,
        message_id=0,
        profile_id=0,
        to_email=who.email or "someone@example.com",
        to_name=" ".join(name for name in (who.first_name, who.last_name) if name),
        from_name=brand.from_name,
        from_email=brand.from_email or "brand@example.com",
        reply_to=brand.reply_to,
        date=now,
        base_url=settings.current().base_url,
        transactional=transactional,
    )


def _material(
    conn: Connection,
    workspace_id: int,
    asked: Needs,
    who: Profile,
    event: Mapping[str, Any] | None,
    now: datetime,
) -> Material:
    without = replace(asked, coupon=None, coupons=frozenset())
    wanted = Wanted(0, who.id, without, event, None)
    material = materials.load(conn, workspace_id, [wanted], now).get(0) or Material()
    material.coupons.update(samples(conn, workspace_id, asked, who, now))
    return material


def _sample(conn: Connection, workspace_id: int, name: str, who: Profile, now: datetime) -> Code:
    coupon = coupons.find(conn, workspace_id, name)
    prefix = (coupon.code if coupon is not None else None) or name
    shown = prefix if coupon is not None and coupon.kind == "static" else f"{prefix}-PREVIEW"
    lasts = coupon.expires_after if coupon is not None else None
    ends = now + lasts if lasts is not None else coupon.expires_at if coupon is not None else None
    return Code(shown, ends, now, name, who.id, None)
