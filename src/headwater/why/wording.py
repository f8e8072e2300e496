"""What happened to a person, told in plain English: entries from plain data. Pure.

Each function tells one kind of fact (those of flows stand in `ways`); `in_order` puts them in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from headwater.delivery.ledger import LedgerEntry
from headwater.delivery.reasons import Reason
from headwater.events import metrics
from headwater.events.timeline import Seen


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, or will."""

    at: datetime
    kind: str
    """event, consent, suppression, list, flow, step, message"""
    title: str
    detail: str | None = None
    flow: str | None = None
    """The name of the flow or campaign that it belongs to."""
    state: str | None = None
    """Of a message: planned, sent, skipped …"""
    reason: str | None = None
    """The code of the reason why a message did not go or an enrolment ended."""
    message_id: int | None = None


@dataclass(frozen=True)
class Source:
    """What a message comes from, and what it is called there."""

    name: str
    message: str


_RANK = {"event": 0, "list": 1, "consent": 2, "suppression": 3, "flow": 4, "step": 5, "message": 6}
_METHODS = {
    "api": "through the API",
    "list_import": "imported with a list",
    "one_click_unsubscribe": "with the mail program's unsubscribe button",
    "unsubscribe_page": "on the unsubscribe page",
    "event": "reported by the shop",
    "merge": "carried over when profiles were merged",
    "double_opt_in": "confirmed from an email",
    "flow": "by a flow",
}
_SUPPRESSED = {
    "hard_bounce": "the address does not exist",
    "invalid_email": "the address is invalid",
    "spam_complaint": "marked an email as spam",
    "unsubscribe": "unsubscribed",
    "user_suppressed": "suppressed by hand",
}
_SENT = frozenset({"sent", "delivered", "bounced", "complained"})


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Oldest first; at the same instant the cause before its effects."""
    return sorted(entries, key=lambda entry: (entry.at, _RANK[entry.kind], entry.message_id or 0))


def standing(consent: Mapping[str, Any], require_consent: bool, address: str | None) -> tuple[bool, str]:
    """Whether the person can get marketing email today, and why."""
    if not address:
        return False, "There is no email address."
    if consent["suppressions"]:
        first = consent["suppressions"][0]
        reason = _SUPPRESSED.get(first["reason"], first["reason"])
        return False, f"Suppressed since {_day(first['at'])}: {reason}."
    if consent["state"] == "unsubscribed":
        return False, f"Unsubscribed on {_day(consent['changed_at'])}."
    if consent["state"] == "subscribed":
        return True, f"Subscribed since {_day(consent['changed_at'])}."
    if require_consent:
        return False, "Never subscribed, and this brand asks for consent."
    return True, "Never subscribed nor unsubscribed; this brand may write until told to stop."


# ── what the person did ─────────────────────────────────────────────────────────────────────────────────────────────
def event(seen: Seen, messages: Mapping[int, str], currency: str) -> Entry:
    """An event. Those about an email name it; money is in the brand's currency."""
    detail = about(seen.properties, messages)
    if seen.value is not None:
        detail = ", ".join(part for part in (f"{seen.value:,.2f} {currency}", detail) if part)
    if seen.history:
        detail = f"{detail} (history)" if detail else "history"
    return Entry(seen.ts, "event", seen.metric, detail or None, message_id=_message_id(seen.properties))


def about(properties: Mapping[str, Any], messages: Mapping[int, str]) -> str:
    """What an event was about: a product, the lines of an order, an email. Empty: nothing that says so."""
    if properties.get("coupon") and properties.get("code"):
        return f"{properties['coupon']}: {properties['code']}"
    found = _message_id(properties)
    if found is not None and found in messages:
        where = f" → {properties['url']}" if properties.get("url") else ""
        label = " (by a machine)" if properties.get("machine") else ""
        return f"“{messages[found]}”{where}{label}"
    for name in ("title", "segment"):
        if properties.get(name):
            return str(properties[name])
    items = properties.get("items")
    if isinstance(items, list) and items:
        titles = [str(item["title"]) for item in items if isinstance(item, Mapping) and item.get("title")]
        more = f" and {len(items) - 2} more" if len(items) > 2 else ""
        return ", ".join(titles[:2]) + more
    return str(properties.get("code") or "")


def _message_id(properties: Mapping[str, Any]) -> int | None:
    found = properties.get("message_id")
    return found if isinstance(found, int) else None


def consented(record: tuple[datetime, str, str, Mapping[str, Any]]) -> Entry:
    at, state, method, _ = record
    return Entry(at, "consent", state.capitalize(), _METHODS.get(method, method))


def suppressed(one: Mapping[str, Any]) -> Entry:
    return Entry(
        one["at"], "suppression", "Suppressed", _SUPPRESSED.get(one["reason"], one["reason"]), reason=one["reason"]
    )


def joined(member: tuple[str, datetime, str]) -> Entry:
    name, at, method = member
    return Entry(at, "list", f"Joined the list {name}", _METHODS.get(method, method))


# ── what became of messages ─────────────────────────────────────────────────────────────────────────────────────────
def message(one: LedgerEntry, source: Source, local: tzinfo) -> Entry:
    """A message of the ledger: sent, or not and why, or still to come. Times in words are those of `local`."""
    name = f"“{source.message}”"
    known: dict[str, Any] = {"flow": source.name, "state": one.state, "reason": one.reason, "message_id": one.id}
    if one.state in _SENT:
        at = one.sent_at or one.finished_at or one.send_at
        ends = {"bounced": ", and bounced", "complained": ", and was marked as spam"}.get(one.state, "")
        return Entry(at, "message", f"Sent {name}{ends}", _with(one, local), **known)
    if one.state in ("planned", "claimed"):
        title = f"{name} is {'being sent' if one.state == 'claimed' else 'planned'}"
        return Entry(one.send_at, "message", title, _retries(one), **known)
    verb = {"skipped": "Did not send", "failed": "Could not send", "cancelled": "Took back"}.get(one.state, one.state)
    return Entry(one.finished_at or one.send_at, "message", f"{verb} {name}", _because(one), **known)


def _because(one: LedgerEntry) -> str | None:
    words = reason(one.reason)
    return f"{words}: {one.detail}" if words and one.detail else words or one.detail


def reason(code: str | None) -> str | None:
    """Why a message did not go, in words; a code that is not in the list stays as it is."""
    if code is None:
        return None
    try:
        return Reason(code).words
    except ValueError:
        return code


def _with(one: LedgerEntry, local: tzinfo) -> str | None:
    """To which address, and the codes that were shown."""
    coupons: Mapping[str, Mapping[str, Any]] = (one.context or {}).get("coupons", {})
    parts = [f"to {one.address}"] if one.address else []
    for code in coupons.values():
        expires = code.get("expires_at")
        ends = f", good until {moment(datetime.fromisoformat(expires), local)}" if expires else ""
        parts.append(f"with the code {code['code']}{ends}")
    return " ".join(parts) or None


def _retries(one: LedgerEntry) -> str | None:
    return f"after {one.attempts} attempts: {one.detail}" if one.attempts and one.detail else None


def moment(at: datetime, local: tzinfo) -> str:
    """An instant on the clocks of `local`: Mon 2 Mar 2026 17:00."""
    return f"{at.astimezone(local):%a %-d %b %Y %H:%M}"


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


SHOWN_BY_LEDGER = frozenset({metrics.BOUNCED_EMAIL})
"""Events that a message's own entry tells already."""
