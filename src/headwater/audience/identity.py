"""Who an event is about: finding, making and joining the profiles that identifiers name.

`resolve` takes thousands of claims at once: it reads what is known, decides claim by claim in memory (`_Register`, no
database), and writes what changed. The rules:

- An identifier belongs to one profile. The strongest of a claim (external id, email, phone, anonymous id) decides.
- An anonymous profile joins the known one that a claim links it to. A browser already bound to a known person stays
  with that person.
- Two known profiles merge when a claim links them by external id and email, unless different emails or different
  external ids stand against it. A phone or a browser alone never merges two different known emails.
- A claim from a public key adds identifiers to a profile that has none of that kind; it changes none and merges no
  two known profiles: a page in somebody's browser must not take over a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from psycopg import Connection

from headwater.audience import merging
from headwater.audience.addresses import normalise_email, normalise_id, normalise_phone
from headwater.audience.listeners import listeners
from headwater.core import arrays

__all__ = ["Claim", "follow", "lock", "normalise_email", "normalise_phone", "resolve"]

KINDS = ("external_id", "email", "phone", "anonymous_id")
Identifier = tuple[str, str]


class Claim(msgspec.Struct, frozen=True, gc=False):  # a Struct: made by the thousand, at a fraction of the cost
    """Raw identifiers that a message gives for one person. `profile_id` (our own links carry it) outweighs the rest."""

    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    anonymous_id: str | None = None
    profile_id: int | None = None
    public: bool = False

    def identifiers(self) -> list[Identifier]:
        """Normalised, strongest first; what is not an identifier is left out."""
        found: list[Identifier] = []
        if self.external_id is not None and (external_id := normalise_id(self.external_id)) is not None:
            found.append(("external_id", external_id))
        if self.email is not None and (email := normalise_email(self.email)) is not None:
            found.append(("email", email))
        if self.phone is not None and (phone := normalise_phone(self.phone)) is not None:
            found.append(("phone", phone))
        if self.anonymous_id is not None and (anonymous_id := normalise_id(self.anonymous_id)) is not None:
            found.append(("anonymous_id", anonymous_id))
        return found


def lock(conn: Connection, workspace_id: int) -> None:
    """Serialise the writers of a workspace's identifiers until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('identity'), %s)", (workspace_id % 2**31,))


def resolve(conn: Connection, workspace_id: int, claims: Sequence[Claim], now: datetime) -> list[int]:
    """The profile of each claim, in order. Makes, joins and merges profiles. The caller holds `lock`.

    A claim without any usable identifier, or with a `profile_id` that never existed, answers 0.
    """
    wanted = [claim.identifiers() for claim in claims]
    register = _Register(_known(conn, workspace_id, {one for identifiers in wanted for one in identifiers}))
    survivors = follow(conn, workspace_id, {claim.profile_id for claim in claims if claim.profile_id is not None})
    people: list[_Person | None] = []
    for claim, identifiers in zip(claims, wanted, strict=True):
        if claim.profile_id is not None:
            survivor = survivors.get(claim.profile_id)
            people.append(register.by_id(survivor) if survivor else None)
        else:
            people.append(register.settle(identifiers, claim) if identifiers else None)
    _make(conn, workspace_id, register.made, now)
    _attach(conn, workspace_id, register.attached, now)
    _tell(conn, workspace_id, register, now)
    merging.merge_all(
        conn, workspace_id, [(destination.now().id, source.id) for destination, source in register.merged], now
    )
    return [person.now().id if person else 0 for person in people]


def follow(conn: Connection, workspace_id: int, profile_ids: Iterable[int]) -> dict[int, int]:
    """Where each profile id leads today: to itself, or to the survivor of a merge. Unknown ids are left out."""
    ids = list(set(profile_ids))
    if not ids:
        return {}
    rows = conn.execute(
        """
        SELECT id, id
        FROM profile
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(ids)s)
        UNION ALL
        SELECT old_id, profile_id
        FROM profile_alias
        WHERE workspace_id = %(workspace)s
          AND old_id = ANY(%(ids)s)
        """,
        {"workspace": workspace_id, "ids": ids},
    ).fetchall()
    return dict(rows)


# ── deciding, in memory ─────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(slots=True, eq=False)
class _Person:
    """A profile while a batch is decided. `id` 0: not made yet. `into`: merged into that one."""

    id: int = 0
    emails: set[str] = field(default_factory=set)
    external_ids: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    raw: Claim = field(default_factory=Claim)
    into: _Person | None = None

    def now(self) -> _Person:
        person = self
        while person.into is not None:
            person = person.into
        return person

    @property
    def known(self) -> bool:
        return bool(self.emails or self.external_ids or self.phones)

    def has(self, kind: str) -> set[str]:
        if kind == "email":
            return self.emails
        return self.external_ids if kind == "external_id" else self.phones

    def take(self, kind: str, value: str) -> None:
        if kind != "anonymous_id":
            self.has(kind).add(value)


class _Register:
    """Who owns which identifier, as the claims of a batch change it."""

    def __init__(self, known: Iterable[tuple[str, str, int]]) -> None:
        self._people: dict[int, _Person] = {}
        self._owner: dict[Identifier, _Person] = {}
        self.made: list[_Person] = []
        self.attached: list[tuple[Identifier, _Person, str]] = []
        self.merged: list[tuple[_Person, _Person]] = []
        for kind, value, profile_id in known:
            person = self.by_id(profile_id)
            person.take(kind, value)
            self._owner[(kind, value)] = person

    def by_id(self, profile_id: int) -> _Person:
        person = self._people.get(profile_id)
        if person is None:
            person = self._people[profile_id] = _Person(profile_id)
        return person.now()

    def settle(self, identifiers: list[Identifier], claim: Claim) -> _Person:
        """Whose claim this is, after joining what it links."""
        person: _Person | None = None
        for identifier in identifiers:
            owner = self._owner.get(identifier)
            if owner is None:
                continue
            owner = owner.now()
            if person is None:
                # A browser bound to someone else does not decide for a claim that names a person.
                browser = identifier[0] == "anonymous_id" and owner.known and len(identifiers) > 1
                if browser and not self._unclaimed(owner, identifiers):
                    continue
                person = owner
            elif owner is not person and self._may_join(person, owner, identifier[0], claim.public):
                person = self._join(person, owner)
        if person is None:
            person = _Person(raw=claim)
            self.made.append(person)
        for identifier in identifiers:
            if identifier not in self._owner and self._may_take(person, identifier, claim.public):
                self._owner[identifier] = person
                person.take(*identifier)
                raw = getattr(claim, identifier[0])
                self.attached.append((identifier, person, str(raw).strip()))
        return person

    @staticmethod
    def _unclaimed(owner: _Person, identifiers: list[Identifier]) -> bool:
        """The browser's person has none of the kinds that this claim names: the claim adds to that person."""
        return all(not owner.has(kind) for kind, _ in identifiers if kind != "anonymous_id")

    @staticmethod
    def _may_join(person: _Person, other: _Person, through: str, public: bool) -> bool:
        if not other.known or not person.known:
            return not (through == "anonymous_id" and other.known)
        if public or through != "email":
            return False
        return not (
            (person.emails and other.emails and person.emails.isdisjoint(other.emails))
            or (person.external_ids and other.external_ids and person.external_ids.isdisjoint(other.external_ids))
        )

    @staticmethod
    def _may_take(person: _Person, identifier: Identifier, public: bool) -> bool:
        kind, value = identifier
        if kind == "anonymous_id":
            return True
        return not (public and person.has(kind) and value not in person.has(kind))

    def _join(self, person: _Person, other: _Person) -> _Person:
        survivor, gone = (person, other) if person.id or not other.id else (other, person)
        gone.into = survivor
        survivor.emails |= gone.emails
        survivor.external_ids |= gone.external_ids
        survivor.phones |= gone.phones
        self.merged.append((survivor, gone))
        return survivor


# ── reading and writing ─────────────────────────────────────────────────────────────────────────────────────────────
def _known(conn: Connection, workspace_id: int, identifiers: set[Identifier]) -> list[tuple[str, str, int]]:
    """Every identifier of the profiles that own any of these; of anonymous ids only those asked for."""
    if not identifiers:
        return []
    # For the processor, per batch. Indexes: profile_identifier's primary key, then profile_identifier_profile; LATERAL
    # with LIMIT or OFFSET keeps to them, whatever the planner believes of a table not analysed since it grew.
    return conn.execute(
        """
        WITH asked AS MATERIALIZED (
            SELECT wanted.kind, wanted.value, owner.profile_id
            FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS wanted (kind, value)
            CROSS JOIN LATERAL (
                SELECT profile_id
                FROM profile_identifier
                WHERE workspace_id = %(workspace)s
                  AND kind = wanted.kind
                  AND value = wanted.value
                LIMIT 1
            ) AS owner
        )
        SELECT kind, value, profile_id
        FROM asked
        UNION ALL
        SELECT own.kind, own.value, owner.profile_id
        FROM (SELECT DISTINCT profile_id FROM asked) AS owner
        CROSS JOIN LATERAL (
            SELECT kind, value
            FROM profile_identifier
            WHERE workspace_id = %(workspace)s
              AND profile_id = owner.profile_id
              AND kind <> 'anonymous_id'
            OFFSET 0
        ) AS own
        """,
        {
            "workspace": workspace_id,
            "kinds": arrays.texts([kind for kind, _ in identifiers]),
            "values": arrays.texts([value for _, value in identifiers]),
        },
    ).fetchall()


def _make(conn: Connection, workspace_id: int, people: list[_Person], now: datetime) -> None:
    made = [person for person in people if person.into is None]
    for person in people:
        if person.into is not None:  # made and joined within one batch: it never needs a row
            person.id = 0
    if not made:
        return
    ids = conn.execute(
        "SELECT nextval(pg_get_serial_sequence('profile', 'id')) FROM generate_series(1, %s)", (len(made),)
    ).fetchall()
    for person, (profile_id,) in zip(made, ids, strict=True):
        person.id = profile_id
    conn.execute(
        """
        INSERT INTO profile (workspace_id, id, created_at, updated_at)
        OVERRIDING SYSTEM VALUE
        SELECT %(workspace)s, id, %(now)s, %(now)s
        FROM unnest(%(ids)s::bigint[]) AS id
        """,
        {"workspace": workspace_id, "now": now, "ids": arrays.plain([person.id for person in made])},
    )


def _tell(conn: Connection, workspace_id: int, register: _Register, now: datetime) -> None:
    """Whoever listens: of the profiles that have a name since now, those made in this batch and the older ones."""
    named = {person.now().id for (kind, _), person, _ in register.attached if kind != "anonymous_id"}
    made = {person.id for person in register.made if person.into is None}
    if named:
        for listener in listeners:
            listener.on_known(conn, workspace_id, sorted(named & made), sorted(named - made), now)


def _attach(
    conn: Connection, workspace_id: int, attached: list[tuple[Identifier, _Person, str]], now: datetime
) -> None:
    if not attached:
        return
    conn.execute(
        """
        INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)
        SELECT %(workspace)s, kind, value, profile_id
        FROM unnest(%(kinds)s::text[], %(values)s::text[], %(profiles)s::bigint[]) AS fresh (kind, value, profile_id)
        """,
        {
            "workspace": workspace_id,
            "kinds": arrays.texts([identifier[0] for identifier, _, _ in attached]),
            "values": arrays.texts([identifier[1] for identifier, _, _ in attached]),
            "profiles": arrays.plain([person.now().id for _, person, _ in attached]),
        },
    )
    shown: dict[int, dict[str, str]] = {}
    for (kind, value), person, raw in attached:
        if kind != "anonymous_id":
            shown.setdefault(person.now().id, {})[kind] = raw if kind == "email" else value
    if not shown:
        return
    ids = list(shown)
    # A newer address replaces the one shown; the old one stays an identifier. Index: primary key.
    conn.execute(
        """
        UPDATE profile
        SET external_id = COALESCE(profile.external_id, fresh.external_id),
            email = COALESCE(fresh.email, profile.email),
            phone = COALESCE(fresh.phone, profile.phone),
            updated_at = %(now)s
        FROM unnest(%(ids)s::bigint[], %(externals)s::text[], %(emails)s::text[], %(phones)s::text[])
             AS fresh (id, external_id, email, phone)
        WHERE profile.workspace_id = %(workspace)s
          AND profile.id = fresh.id
        """,
        {
            "workspace": workspace_id,
            "now": now,
            "ids": arrays.plain(ids),
            "externals": arrays.texts([shown[one].get("external_id") for one in ids]),
            "emails": arrays.texts([shown[one].get("email") for one in ids]),
            "phones": arrays.texts([shown[one].get("phone") for one in ids]),
        },
    )
