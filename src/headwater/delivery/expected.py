"""What would become of a marketing email to many people, counted before anything is intended: who can't get it and why.

The gates' order, as one statement over an audience of any size. What nobody can know yet (a malformed address, a coupon
that runs out, who gets another email until then) is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.accounts.brand import Brand
from headwater.accounts.limits import FrequencyCap
from headwater.delivery import hours
from headwater.delivery.frequency import PLANNED_AHEAD
from headwater.delivery.reasons import Reason

_GOING = "going"


@dataclass(frozen=True)
class Expectation:
    """Everyone of the audience is counted once: going, or stopped for the first reason that stops them."""

    going: int = 0
    stopped: dict[Reason, int] = field(default_factory=dict)
    zones: dict[str | None, int] = field(default_factory=dict)
    """Those who get it, by the time zone of their profile."""

    @property
    def permitted(self) -> int:
        """Those who may get marketing email, whatever they got of late."""
        passing = (Reason.SMART_SENDING, Reason.FREQUENCY_CAPPED)
        return self.going + sum(self.stopped.get(reason, 0) for reason in passing)

    @property
    def addressed(self) -> int:
        """Those with an email address."""
        return self.going + sum(count for reason, count in self.stopped.items() if reason is not Reason.MISSING_EMAIL)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait for the end of quiet hours, and when the last of them get it."""

    people: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class People:
    """A query of one column, profile_id, each person once, and its parameters."""

    sql: str
    params: Mapping[str, Any]


def expect(
    conn: Connection, brand: Brand, people: People, at: datetime, *, kind: str, smart_sending: bool
) -> Expectation:
    """Of an email of this kind ("campaign") that leaves at `at`; caps by the brand's clock."""
    caps, params = _caps(brand, at, kind)
    # For an author who is choosing an audience. Indexes: the primary keys of profile, consent, suppression and
    # smart_sending; message_profile for caps.
    rows = conn.execute(
        f"""
        SELECT person.verdict, person.timezone, count(*)
        FROM (
            SELECT profile.timezone,
                   CASE
                       WHEN COALESCE(profile.email, '') = '' THEN 'missing_email'
                       WHEN {_suppressed("<>")} THEN 'suppressed'
                       WHEN {_suppressed("=")} OR consent.state = 'unsubscribed' THEN 'unsubscribed'
                       WHEN %(ex_consent)s AND consent.state IS DISTINCT FROM 'subscribed' THEN 'not_consented'
                       WHEN %(ex_smart)s AND EXISTS (
                           SELECT FROM smart_sending
                           WHERE smart_sending.workspace_id = %(ex_workspace)s
                             AND smart_sending.profile_id = profile.id
                             AND smart_sending.until > %(ex_at)s
                       ) THEN 'smart_sending'
                       {caps}
                       ELSE '{_GOING}'
                   END AS verdict
            FROM ({people.sql}) AS chosen
            JOIN profile
              ON profile.workspace_id = %(ex_workspace)s
             AND profile.id = chosen.profile_id
            LEFT JOIN consent
              ON consent.workspace_id = %(ex_workspace)s
             AND consent.profile_id = profile.id
             AND consent.channel = 'email'
        ) AS person
        GROUP BY person.verdict, person.timezone
        """,  # noqa: S608 - the query is compiled by segments; values are parameters
        {
            **people.params,
            **params,
            "ex_workspace": brand.id,
            "ex_consent": brand.require_consent,
            "ex_smart": smart_sending and brand.smart_sending_hours > 0,
            "ex_at": at,
        },
    ).fetchall()
    stopped: dict[Reason, int] = {}
    zones: dict[str | None, int] = {}
    for verdict, timezone, count in rows:
        if verdict == _GOING:
            zones[timezone] = count
        else:
            stopped[Reason(verdict)] = stopped.get(Reason(verdict), 0) + count
    return Expectation(sum(zones.values()), stopped, zones)


def _suppressed(sign: str) -> str:
    return f"""EXISTS (
                           SELECT FROM suppression
                           WHERE suppression.workspace_id = %(ex_workspace)s
                             AND suppression.profile_id = profile.id
                             AND suppression.reason {sign} 'unsubscribe'
                       )"""  # noqa: S608 - a constant sign


def _caps(brand: Brand, at: datetime, kind: str) -> tuple[str, dict[str, Any]]:
    """The WHENs of the caps that limit this kind of message, and their parameters."""
    lines: list[str] = []
    params: dict[str, Any] = {}
    for place, cap in enumerate(one for one in brand.frequency_caps if one.limits(kind)):
        lines.append(_cap(place, cap))
        since = cap.since(at, brand.zone)
        params |= {
            f"ex_cap_{place}": cap.at_most,
            f"ex_kind_{place}": cap.kind,
            f"ex_since_{place}": since,
            f"ex_planned_{place}": since - PLANNED_AHEAD,
        }
    return "\n                       ".join(lines), params


def _cap(place: int, cap: FrequencyCap) -> str:
    mine = "" if cap.kind == "any" else f"AND message.source = %(ex_kind_{place})s"
    return f"""WHEN (
                           SELECT count(*)
                           FROM message
                           WHERE message.workspace_id = %(ex_workspace)s
                             AND message.profile_id = profile.id
                             AND message.planned_at >= %(ex_planned_{place})s
                             AND message.sent_at >= %(ex_since_{place})s
                             AND NOT message.transactional
                             {mine}
                       ) >= %(ex_cap_{place})s THEN 'frequency_capped'"""  # noqa: S608 - values are parameters


def waiting(brand: Brand, expectation: Expectation, at: datetime) -> Waiting:
    """Who of those that get it has quiet hours at that moment, by their own clocks."""
    if brand.quiet_hours is None:
        return Waiting(0, None)
    people, until = 0, at
    for timezone, count in expectation.zones.items():
        opens = hours.next_allowed(at, timezone, brand.timezone, brand.quiet_hours, None)
        if opens is not None and opens > at:
            people += count
            until = max(until, opens)
    return Waiting(people, until if people else None)
