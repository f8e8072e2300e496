"""The web view: an email rendered again for the browser, from the ledger's row and what it kept of the first time."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience import profiles
from headwater.content.errors import RenderError
from headwater.delivery import ledger, materials, sources
from headwater.delivery.claims import Claimed, Key
from headwater.delivery.ledger import LedgerEntry
from headwater.delivery.materials import Wanted
from headwater.delivery.outgoing import Outgoing, Templates
from headwater.delivery.sources import Brief

_templates = Templates(most=64)


def render(conn: Connection, workspace_id: int, message_id: int, now: datetime) -> str | None:
    """The page, or None: there is no such message, it never left, or its person or content is gone."""
    entry = ledger.get(conn, workspace_id, message_id)
    if entry is None or entry.template_version_id is None or entry.address is None:
        return None
    person = profiles.get(conn, workspace_id, [entry.profile_id]).get(entry.profile_id)
    prepared = _templates.prepare(conn, workspace_id, {entry.template_version_id})[entry.template_version_id]
    if person is None or prepared.compiled is None:
        return None
    brief = _brief(conn, workspace_id, entry, now)
    wanted = Wanted(entry.id, person.id, prepared.needs, brief.event, entry.context)
    outgoing = Outgoing(
        workspace_id=workspace_id,
        key=Key(entry.id, entry.planned_at, 0),
        address=entry.address,
        attempts=entry.attempts,
        deadline=None,
        stamped=False,
        brand=brands.load(conn, workspace_id),
        profile=person,
        brief=brief,
        prepared=prepared,
        material=materials.recall(conn, workspace_id, wanted) if prepared.needs else None,
        now=entry.sent_at or now,
    )
    try:
        return outgoing.html()
    except RenderError:
        return None


def _brief(conn: Connection, workspace_id: int, entry: LedgerEntry, now: datetime) -> Brief:
    """The source still knows the event and the message's name; whether it would send it today does not matter."""
    source = sources.find(entry.source)
    if source is None:
        return Brief()
    message = Claimed(
        id=entry.id,
        origin_at=entry.planned_at,
        source=entry.source,
        source_id=entry.source_id,
        step=entry.step,
        profile_id=entry.profile_id,
        occurrence=entry.occurrence,
        template_version_id=entry.template_version_id,
        planned_at=entry.planned_at,
        send_at=entry.send_at,
        wanted_at=entry.send_at,
        deadline=None,
        attempts=entry.attempts,
        fence=0,
        context=entry.context,
    )
    return source.brief(conn, workspace_id, [message], now).get(entry.id, Brief())
