"""Whatever is claimed, in whatever order and however it is cut into batches, some things hold."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.audience import identity
from headwater.audience.identity import Claim
from tests.audience.people import NOW

_few = st.integers(0, 3)
_claims = st.builds(
    Claim,
    external_id=st.none() | _few.map(lambda n: f"u-{n}"),
    email=st.none() | _few.map(lambda n: f"p{n}@example.com"),
    phone=st.none() | _few.map(lambda n: f"+141555501{n:02d}"),
    anonymous_id=st.none() | _few.map(lambda n: f"a-{n}"),
    public=st.booleans(),
)
_generously = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _identifiers(conn: Connection, workspace: int) -> dict[tuple[str, str], int]:
    rows = conn.execute("SELECT kind, value, profile_id FROM profile_identifier WHERE workspace_id = %s", (workspace,))
    return {(kind, value): profile_id for kind, value, profile_id in rows}


def _of(identifiers: dict[tuple[str, str], int], kind: str) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for (of_kind, value), profile_id in identifiers.items():
        if of_kind == kind:
            found.setdefault(profile_id, set()).add(value)
    return found


@given(batches=st.lists(st.lists(_claims, min_size=1, max_size=6), min_size=1, max_size=4))
@_generously
def test_every_claim_lands_on_one_living_profile(conn: Connection, workspace: int, batches: list[list[Claim]]) -> None:
    with conn.transaction(force_rollback=True):
        answered: set[int] = set()
        for batch in batches:
            identity.lock(conn, workspace)
            people = identity.resolve(conn, workspace, batch, NOW)
            for claim, profile_id in zip(batch, people, strict=True):
                assert bool(profile_id) == bool(claim.identifiers())
            answered |= set(people) - {0}
            living = {row[0] for row in conn.execute("SELECT id FROM profile WHERE workspace_id = %s", (workspace,))}
            assert set(people) - {0} <= living
            # every id that was ever answered leads to a living profile
            assert set(identity.follow(conn, workspace, answered)) == answered
            assert set(identity.follow(conn, workspace, answered).values()) <= living
            # no profile without an identifier is left behind
            assert living == set(_identifiers(conn, workspace).values())


@given(claims=st.lists(_claims, min_size=1, max_size=10))
@_generously
def test_one_batch_or_many_come_to_the_same(conn: Connection, workspace: int, claims: list[Claim]) -> None:
    groups = []
    for batches in ([claims], [[claim] for claim in claims]):
        with conn.transaction(force_rollback=True):
            people: list[int] = []
            for batch in batches:
                identity.lock(conn, workspace)
                people += identity.resolve(conn, workspace, batch, NOW)
            now = identity.follow(conn, workspace, people)
            owners = _identifiers(conn, workspace)
            names = {
                profile_id: sorted(k for k, v in owners.items() if v == profile_id) for profile_id in owners.values()
            }
            groups.append([names[now[one]] if one else None for one in people])
    assert groups[0] == groups[1]


@given(claims=st.lists(_claims, min_size=1, max_size=10))
@_generously
def test_public_claims_never_take_an_identifier_away(conn: Connection, workspace: int, claims: list[Claim]) -> None:
    with conn.transaction(force_rollback=True):
        identity.lock(conn, workspace)
        known = [Claim(external_id=f"u-{n}", email=f"p{n}@example.com") for n in range(2)]
        identity.resolve(conn, workspace, known, NOW)
        before = _identifiers(conn, workspace)
        shown = conn.execute(
            "SELECT id, external_id, email FROM profile WHERE workspace_id = %s ORDER BY id", (workspace,)
        )
        people = shown.fetchall()

        public = [Claim(c.external_id, c.email, c.phone, c.anonymous_id, None, True) for c in claims]
        identity.resolve(conn, workspace, public, NOW)

        after = _identifiers(conn, workspace)
        assert {key: after.get(key) for key in before} == before
        still = conn.execute(
            "SELECT id, external_id, email FROM profile WHERE workspace_id = %s AND id <= %s ORDER BY id",
            (workspace, max(row[0] for row in people)),
        )
        assert still.fetchall() == people


@given(claims=st.lists(_claims, min_size=1, max_size=12))
@_generously
def test_phones_and_browsers_never_bring_two_addresses_together(
    conn: Connection, workspace: int, claims: list[Claim]
) -> None:
    with conn.transaction(force_rollback=True):
        identity.lock(conn, workspace)
        identity.resolve(conn, workspace, [Claim(email=f"p{n}@example.com") for n in range(4)], NOW)

        weak = [Claim(None, c.email, c.phone, c.anonymous_id, None, c.public) for c in claims]
        identity.resolve(conn, workspace, weak, NOW)

        assert all(len(addresses) == 1 for addresses in _of(_identifiers(conn, workspace), "email").values())


def test_thousands_of_claims_are_a_handful_of_statements(conn: Connection, workspace: int) -> None:
    claims = [Claim(external_id=f"u-{n}", anonymous_id=f"a-{n}") for n in range(5000)]
    statements = 0
    original = conn.execute

    def counted(*arguments: object, **options: object) -> object:
        nonlocal statements
        statements += 1
        return original(*arguments, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conn, "execute", counted)
        identity.resolve(conn, workspace, claims, NOW)

    assert statements < 10
