"""/messages: every email that was ever intended, with its verdict and the reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from headwater.api.calls import MOST, Id, Limit, Moment, call
from headwater.api.errors import ApiError, NotFound
from headwater.delivery import ledger
from headwater.delivery.ledger import LedgerEntry
from headwater.delivery.reasons import Reason

router = Router(tags=["Messages"])


class MessageOut(Schema):
    id: int
    source: str
    """flow, campaign or test."""
    source_id: int
    step: str
    profile_id: int
    state: str
    """planned, claimed, sent, delivered, bounced, complained, skipped, failed or cancelled."""
    reason: str | None
    reason_title: str | None
    detail: str | None
    planned_at: Moment
    send_at: Moment
    attempts: int
    address: str | None
    sent_at: Moment | None
    finished_at: Moment | None
    opened_at: Moment | None
    clicked_at: Moment | None
    template_version_id: int | None


def _shown(entry: LedgerEntry) -> dict[str, Any]:
    known = entry.reason is not None and entry.reason in Reason._value2member_map_
    title = Reason(entry.reason).words if known and entry.reason else entry.reason
    return {name: getattr(entry, name) for name in MessageOut.model_fields if name != "reason_title"} | {
        "reason_title": title
    }


@router.get("/messages", response=list[MessageOut], summary="A person's messages, the latest planned first")
def list_messages(request: HttpRequest, profile_id: int, limit: Limit = 100) -> list[dict[str, Any]]:
    if not 1 <= profile_id <= MOST:
        raise ApiError(400, "This is not a profile's id.", "profile_id")
    with call(request) as c:
        return [_shown(entry) for entry in ledger.of_profile(c.conn, c.workspace_id, profile_id, limit)]


@router.get("/messages/{message_id}", response=MessageOut, summary="Get a message with its verdict")
def get_message(request: HttpRequest, message_id: Id) -> dict[str, Any]:
    with call(request) as c:
        found = ledger.get(c.conn, c.workspace_id, message_id)
    if found is None:
        raise NotFound(f"message {message_id}")
    return _shown(found)
