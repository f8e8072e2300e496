"""The transaction that claims a batch of a workspace: due → gates → hours → turns → coupons and products → claimed.

Reads like the recipe it is. Whoever calls it commits: with the commit each message is either this worker's, for the
time of a lease and with all that its rendering needs in hand, or skipped with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.accounts.brand import Brand
from headwater.audience import profiles
from headwater.audience.profiles import Profile
from headwater.core.wall_clock import first_zone
from headwater.delivery import claims, frequency, gates, hours, materials, smart_sending, sources, turns
from headwater.delivery.claims import Claim, Claimed, Key
from headwater.delivery.gates import GateFacts
from headwater.delivery.materials import Material, Wanted
from headwater.delivery.outgoing import Outgoing, Prepared, Templates
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief

_UNVOUCHED = Brief(refuse=Reason.CANCELLED)
_NO_SOURCE = Brief(refuse=Reason.UNEXPECTED, detail="Nothing in this installation stands behind such messages.")


@dataclass
class Batch:
    """What one claim brought."""

    found: int
    """How many were due and locked; fewer than asked for: no more are due now."""
    ready: list[Outgoing] = field(default_factory=list)


@dataclass(slots=True)
class _Candidate:
    message: Claimed
    brief: Brief
    address: str
    prepared: Prepared
    latest: datetime | None

    @property
    def heeds(self) -> bool:
        return self.brief.smart_sending and not self.brief.transactional

    @property
    def turn(self) -> turns.Candidate:
        return turns.Candidate(
            self.message.id,
            self.message.profile_id,
            self.message.send_at,
            self.message.source,
            self.brief.rank,
            self.heeds,
            not self.brief.transactional,
        )


class _Verdicts:
    """What the claim decided not to send, gathered to be written at once."""

    def __init__(self) -> None:
        self.skips: list[tuple[Key, Reason, str | None]] = []
        self.holds: list[tuple[Key, datetime]] = []

    def skip(self, message: Claimed, reason: Reason, detail: str | None = None) -> None:
        self.skips.append((_key(message), reason, detail))


def claim(
    conn: Connection, workspace_id: int, templates: Templates, *, now: datetime, wall: datetime, limit: int
) -> Batch:
    """Claim up to `limit` due messages of a workspace and decide on each."""
    messages = claims.due(conn, workspace_id, now, limit)
    if not messages:
        return Batch(0)
    brand = brands.load(conn, workspace_id)
    people = profiles.get(conn, workspace_id, {message.profile_id for message in messages})
    verdicts = _Verdicts()
    candidates = _gate(conn, brand, messages, people, templates, now, verdicts)
    candidates = _heed_hours(brand, candidates, people, now, verdicts)
    candidates = _take_turns(conn, brand, candidates, people, now, verdicts)
    found = materials.load(conn, workspace_id, [_wanted(one) for one in candidates], now)
    candidates = _drop_incomplete(conn, workspace_id, candidates, found, verdicts)
    if candidates:
        claims.write_claims(conn, workspace_id, [_claim(found, one) for one in candidates], wall + claims.LEASE)
    if verdicts.skips:
        claims.write_skips(conn, workspace_id, verdicts.skips, now)
    if verdicts.holds:
        claims.hold(conn, workspace_id, verdicts.holds)
    return Batch(
        len(messages),
        [_outgoing(brand, one, people[one.message.profile_id], found.get(one.message.id), now) for one in candidates],
    )


def _key(message: Claimed) -> Key:
    return Key(message.id, message.origin_at, message.fence)


def _briefs(conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime) -> dict[int, Brief]:
    """Each message's brief, asked of its source: one call a kind of source."""
    by_source: dict[str, list[Claimed]] = {}
    for message in messages:
        by_source.setdefault(message.source, []).append(message)
    briefs: dict[int, Brief] = {}
    for name, group in by_source.items():
        source = sources.find(name)
        said: Mapping[int, Brief] = source.brief(conn, workspace_id, group, now) if source else {}
        missing = _UNVOUCHED if source else _NO_SOURCE
        briefs |= {message.id: said.get(message.id, missing) for message in group}
    return briefs


@dataclass(frozen=True, slots=True)
class _Permission:
    consent: str | None
    suppressions: tuple[str, ...]
    erased: bool


def _permissions(conn: Connection, workspace_id: int, people: Mapping[int, Profile]) -> dict[int, _Permission]:
    """Consent, suppressions, and whether the address belongs to somebody who asked to be erased."""
    known = [(person.id, profiles.address_hash(person.email)) for person in people.values() if person.email]
    # For the gates of a claim. Indexes: the primary keys of consent, suppression and erased_address.
    rows = conn.execute(
        """
        SELECT person.id,
               consent.state,
               ARRAY(
                   SELECT suppression.reason
                   FROM suppression
                   WHERE suppression.workspace_id = %(workspace)s
                     AND suppression.profile_id = person.id
               ),
               EXISTS (
                   SELECT FROM erased_address
                   WHERE erased_address.workspace_id = %(workspace)s
                     AND erased_address.address_hash = person.address_hash
               )
        FROM unnest(%(profiles)s::bigint[], %(hashes)s::bytea[]) AS person (id, address_hash)
        LEFT JOIN consent
          ON consent.workspace_id = %(workspace)s
         AND consent.profile_id = person.id
         AND consent.channel = 'email'
        """,
        {"workspace": workspace_id, "profiles": [row[0] for row in known], "hashes": [row[1] for row in known]},
    ).fetchall()
    return {row[0]: _Permission(row[1], tuple(row[2]), row[3]) for row in rows}


def _gate(
    conn: Connection,
    brand: Brand,
    messages: Sequence[Claimed],
    people: Mapping[int, Profile],
    templates: Templates,
    now: datetime,
    verdicts: _Verdicts,
) -> list[_Candidate]:
    briefs = _briefs(conn, brand.id, messages, now)
    permissions = _permissions(conn, brand.id, people)
    versions = {
        message.id: briefs[message.id].template_version_id or message.template_version_id for message in messages
    }
    compiled = templates.prepare(conn, brand.id, {version for version in versions.values() if version is not None})
    passed: list[_Candidate] = []
    for message in messages:
        brief, version = briefs[message.id], versions[message.id]
        if brief.hold_until is not None and brief.hold_until > now and brief.refuse is None:
            verdicts.holds.append((_key(message), brief.hold_until))
            continue
        facts = _facts(
            message, brief, people.get(message.profile_id), permissions.get(message.profile_id), brand, version
        )
        reason = gates.judge(facts, now)
        if reason is not None:
            verdicts.skip(message, reason, brief.detail if reason is brief.refuse else None)
            continue
        assert version is not None
        prepared = compiled[version]
        if prepared.error is not None:
            verdicts.skip(message, Reason.TEMPLATE_ERROR, prepared.error)
            continue
        address = gates.wire_address(people[message.profile_id].email or "")
        assert address is not None
        passed.append(_Candidate(message, brief, address, prepared, gates.last_moment(facts)))
    return passed


def _facts(
    message: Claimed,
    brief: Brief,
    person: Profile | None,
    permission: _Permission | None,
    brand: Brand,
    version: int | None,
) -> GateFacts:
    return GateFacts(
        profile_exists=person is not None,
        email=person.email if person else None,
        consent=permission.consent if permission else None,
        suppressions=permission.suppressions if permission else (),
        erased=permission.erased if permission else False,
        require_consent=brand.require_consent,
        refusal=brief.refuse,
        has_content=version is not None,
        has_sender=gates.wire_address(brand.from_email) is not None,
        transactional=brief.transactional,
        wanted_at=_wanted_at(message, brief, person, brand),
        latest=brief.latest,
        lasts=brief.lasts,
        attempts=message.attempts,
        deadline=message.deadline,
    )


def _wanted_at(message: Claimed, brief: Brief, person: Profile | None, brand: Brand) -> datetime:
    """When the message was to go: to wait for its own window makes it no later, other waiting does."""
    if brief.window is None or brief.transactional:
        return message.wanted_at
    timezone = person.timezone if person else None
    opens = hours.next_allowed(message.wanted_at, timezone, brand.timezone, None, brief.window)
    return opens or message.wanted_at


def _heed_hours(
    brand: Brand,
    candidates: list[_Candidate],
    people: Mapping[int, Profile],
    now: datetime,
    verdicts: _Verdicts,
) -> list[_Candidate]:
    """What comes in quiet hours or outside its window waits for their end, unless that is too late for it."""
    going: list[_Candidate] = []
    for one in candidates:
        quiet, window = brand.quiet_hours, one.brief.window
        if one.brief.transactional or (quiet is None and window is None):
            going.append(one)
            continue
        person = people[one.message.profile_id]
        opens = hours.next_allowed(now, person.timezone, brand.timezone, quiet, window)
        local = first_zone(person.timezone, brand.timezone)
        if opens == now:
            going.append(one)
        elif opens is None:
            verdicts.skip(one.message, Reason.QUIET_HOURS_EXPIRED, "quiet hours leave nothing of its send window")
        elif one.latest is not None and opens > one.latest:
            detail = f"not before {opens.astimezone(local):%d %b %Y, %H:%M} by the person's clock"
            verdicts.skip(one.message, Reason.QUIET_HOURS_EXPIRED, detail)
        else:
            until = hours.held_until(opens, one.latest, person.id, local, quiet, window)
            verdicts.holds.append((_key(one.message), until))
    return going


def _take_turns(
    conn: Connection,
    brand: Brand,
    candidates: list[_Candidate],
    people: Mapping[int, Profile],
    now: datetime,
    verdicts: _Verdicts,
) -> list[_Candidate]:
    """Smart sending, rank and frequency caps. At most one statement where nobody gets two and there are no caps."""
    if not candidates:
        return []
    window = timedelta(hours=brand.smart_sending_hours)
    wanting = [one.turn for one in candidates]
    persons = {turn.profile_id for turn in wanting}
    alone = not window or len(persons) == len(wanting)
    if alone and not brand.frequency_caps:
        go = smart_sending.grant(conn, brand.id, wanting, window, now)
        refused = {}
    else:
        timers = smart_sending.lock(conn, brand.id, persons, now)
        counted = {
            turn.profile_id: first_zone(people[turn.profile_id].timezone, brand.timezone)
            for turn in wanting
            if turn.capped
        }
        used = frequency.used(conn, brand.id, counted, brand.frequency_caps, now)
        taken = turns.take(wanting, timers, brand.frequency_caps, used, window, now)
        smart_sending.stamp(conn, brand.id, taken.stamps, now + window)
        go, refused = taken.go, taken.refused
    for one in candidates:
        if one.message.id not in go:
            verdicts.skip(one.message, *refused.get(one.message.id, (Reason.SMART_SENDING, None)))
    return [one for one in candidates if one.message.id in go]


def _wanted(one: _Candidate) -> Wanted:
    return Wanted(one.message.id, one.message.profile_id, one.prepared.needs, one.brief.event, one.message.context)


def _drop_incomplete(
    conn: Connection,
    workspace_id: int,
    candidates: list[_Candidate],
    found: Mapping[int, Material],
    verdicts: _Verdicts,
) -> list[_Candidate]:
    """Without its coupon or its product a message is skipped, and gives back its stamp and what it was issued."""
    complete: list[_Candidate] = []
    dropped: list[_Candidate] = []
    for one in candidates:
        material = found.get(one.message.id)
        if material is None or material.refuse is None:
            complete.append(one)
            continue
        dropped.append(one)
        verdicts.skip(one.message, material.refuse, material.detail)
    if dropped:
        smart_sending.release(
            conn, workspace_id, [(one.message.profile_id, one.message.id) for one in dropped if one.heeds]
        )
        materials.release(conn, workspace_id, [one.message.id for one in dropped])
    return complete


def _claim(found: Mapping[int, Material], one: _Candidate) -> Claim:
    material = found.get(one.message.id)
    kept = material.kept() if material else None
    context = orjson.dumps(kept).decode() if kept else None
    return Claim(_key(one.message), one.address, one.prepared.version_id, context, one.brief.transactional)


def _outgoing(brand: Brand, one: _Candidate, person: Profile, material: Material | None, now: datetime) -> Outgoing:
    return Outgoing(
        workspace_id=brand.id,
        key=_key(one.message),
        address=one.address,
        attempts=one.message.attempts,
        deadline=one.message.deadline,
        stamped=one.heeds,
        brand=brand,
        profile=person,
        brief=one.brief,
        prepared=one.prepared,
        material=material,
        now=now,
    )
