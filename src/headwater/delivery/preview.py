"""An email as one person would get it, without sending: nothing is issued, counted or kept.

A coupon shows the code that the person holds already, else a sample; links are not tracked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience.profiles import Profile
from headwater.catalog import coupons
from headwater.catalog.coupons import Code
from headwater.content import compiling, context
from headwater.content.document import Document, Needs, needs
from headwater.content.message import Envelope, Tracking
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


def render(
    conn: Connection,
    workspace_id: int,
    document: Document,
    person: Profile | None,
    event: Mapping[str, Any] | None,
    now: datetime,
    *,
    name: str = "",
) -> Preview:
    """The document for a person (None: of whom nothing is known). Raises TemplateError, RenderError."""
    compiled = compiling.compile(document, tracking=Tracking(opens=False, clicks=False))
    brand, who, asked = brands.load(conn, workspace_id), person or _NOBODY, needs(document)
    material = _material(conn, workspace_id, asked, who, event, now)
    names = context.build(
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
    envelope = Envelope(
        workspace_id=workspace_id,
        message_id=0,
        profile_id=who.id,
        to_email=who.email or "someone@example.com",
        to_name="",
        from_name=brand.from_name,
        from_email=brand.from_email or "brand@example.com",
        reply_to=brand.reply_to,
        date=now,
        base_url=settings.current().base_url,
    )
    parsed = message_from_bytes(b"".join(compiled.render(names, envelope).chunks), policy=policy.default)
    plain = parsed.get_body(("plain",))
    return Preview(
        subject=str(parsed["Subject"]),
        preview_text=document.preview_text,
        html=compiled.html(names, envelope),
        text=plain.get_content() if plain is not None else "",
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
    held = coupons.active(conn, workspace_id, asked.coupons, [who.id], now)
    for coupon in sorted(asked.coupons):
        material.coupons[coupon] = held.get((coupon, who.id)) or _sample(conn, workspace_id, coupon, who, now)
    return material


def _sample(conn: Connection, workspace_id: int, name: str, who: Profile, now: datetime) -> Code:
    coupon = coupons.find(conn, workspace_id, name)
    prefix = (coupon.code if coupon is not None else None) or name
    shown = prefix if coupon is not None and coupon.kind == "static" else f"{prefix}-PREVIEW"
    lasts = coupon.expires_after if coupon is not None else None
    ends = now + lasts if lasts is not None else coupon.expires_at if coupon is not None else None
    return Code(shown, ends, now, name, who.id, None)
