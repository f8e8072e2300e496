"""Who a claim is about: making, joining and merging profiles."""

from __future__ import annotations

from datetime import timedelta

from psycopg import Connection

from headwater.audience import identity, profiles
from headwater.audience.identity import Claim
from tests.audience.people import NOW, owner, person, resolve, stored


def test_the_same_identifier_in_other_spelling_is_the_same_person(conn: Connection, workspace: int) -> None:
    first, second, third = resolve(
        conn,
        workspace,
        Claim(email="Ann@Example.com"),
        Claim(email=" ann@example.com "),
        Claim(phone="+1 415 555 0132"),
    )

    assert first == second != third
    assert stored(conn, workspace)[first].email == "Ann@Example.com"  # as typed: what is written to


def test_a_claim_without_identifiers_is_nobody(conn: Connection, workspace: int) -> None:
    assert resolve(conn, workspace, Claim(), Claim(email="no address"), Claim(profile_id=10**9)) == [0, 0, 0]
    assert stored(conn, workspace) == {}


def test_workspaces_share_nobody(conn: Connection, workspace: int) -> None:
    other = conn.execute(
        "INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,"
        " website_url, smart_sending_hours, require_consent, created_at)"
        " VALUES ('Other', %s, 'UTC', 'USD', '', '', '', '', '', 16, false, %s) RETURNING id",
        (f"other-of-{workspace}", NOW),
    ).fetchone()
    assert other is not None
    here = person(conn, workspace, email="ann@example.com")
    there = person(conn, other[0], email="ann@example.com")

    assert here != there
    assert resolve(conn, other[0], Claim(profile_id=here)) == [0]


def test_an_anonymous_profile_becomes_the_person_it_identifies_as(conn: Connection, workspace: int) -> None:
    browser = person(conn, workspace, anonymous_id="a-1")

    known = person(conn, workspace, anonymous_id="a-1", email="ann@example.com")

    assert known == browser
    assert stored(conn, workspace)[known].email == "ann@example.com"


def test_an_anonymous_profile_joins_the_known_one(conn: Connection, workspace: int) -> None:
    known = person(conn, workspace, email="ann@example.com")
    browser = person(conn, workspace, anonymous_id="a-1")

    assert person(conn, workspace, anonymous_id="a-1", email="ann@example.com") == known
    assert person(conn, workspace, anonymous_id="a-1") == known
    assert identity.follow(conn, workspace, [browser]) == {browser: known}
    assert list(stored(conn, workspace)) == [known]


def test_a_browser_of_a_known_person_stays_theirs(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, anonymous_id="a-1", email="ann@example.com")

    bob = person(conn, workspace, anonymous_id="a-1", email="bob@example.com")

    assert bob != ann
    assert owner(conn, workspace, "anonymous_id", "a-1") == ann
    assert stored(conn, workspace)[ann].email == "ann@example.com"


def test_an_id_and_an_address_in_one_claim_link_two_profiles(conn: Connection, workspace: int) -> None:
    by_id = person(conn, workspace, external_id="u-1")
    by_email = person(conn, workspace, email="ann@example.com")

    linked = person(conn, workspace, external_id="u-1", email="ann@example.com")

    assert linked == by_id
    assert person(conn, workspace, email="ann@example.com") == by_id
    assert resolve(conn, workspace, Claim(profile_id=by_email)) == [by_id]


def test_two_known_addresses_never_merge_by_themselves(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com", phone="+14155550132", anonymous_id="a-1")
    bob = person(conn, workspace, email="bob@example.com", anonymous_id="b-1")

    claims = resolve(
        conn,
        workspace,
        Claim(email="bob@example.com", phone="+14155550132"),
        Claim(email="bob@example.com", anonymous_id="a-1"),
        Claim(phone="+14155550132", anonymous_id="b-1"),
    )

    assert claims == [bob, bob, ann]
    assert set(stored(conn, workspace)) == {ann, bob}


def test_profiles_with_different_external_ids_do_not_merge(conn: Connection, workspace: int) -> None:
    first = person(conn, workspace, external_id="u-1")
    second = person(conn, workspace, external_id="u-2", email="ann@example.com")

    assert person(conn, workspace, external_id="u-1", email="ann@example.com") == first
    assert owner(conn, workspace, "email", "ann@example.com") == second


def test_a_new_address_is_shown_and_the_old_one_still_leads_here(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, external_id="u-1", email="old@example.com")

    assert person(conn, workspace, external_id="u-1", email="new@example.com") == ann
    assert person(conn, workspace, email="old@example.com") == ann
    assert stored(conn, workspace)[ann].email == "new@example.com"


def test_a_public_claim_adds_but_never_changes_or_merges(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, external_id="u-1", email="ann@example.com")
    bob = person(conn, workspace, external_id="u-2")
    cat = person(conn, workspace, email="cat@example.com")

    attempts = resolve(
        conn,
        workspace,
        Claim(external_id="u-1", email="thief@example.com", public=True),
        Claim(email="ann@example.com", external_id="u-9", public=True),
        Claim(external_id="u-2", email="cat@example.com", public=True),
        Claim(external_id="u-2", phone="+14155550132", public=True),
    )

    assert attempts[0] == ann
    assert attempts[2:] == [bob, bob]
    people = stored(conn, workspace)
    assert (people[ann].external_id, people[ann].email) == ("u-1", "ann@example.com")
    assert owner(conn, workspace, "external_id", "u-9") != ann
    assert owner(conn, workspace, "email", "thief@example.com") is None
    assert owner(conn, workspace, "email", "cat@example.com") == cat
    assert people[bob].phone == "+14155550132"


def test_a_batch_sees_its_own_claims(conn: Connection, workspace: int) -> None:
    ids = resolve(
        conn,
        workspace,
        Claim(anonymous_id="a-1"),
        Claim(external_id="u-1"),
        Claim(anonymous_id="a-1", external_id="u-1"),
        Claim(external_id="u-1", email="ann@example.com"),
        Claim(email="ann@example.com"),
    )

    assert len(set(ids)) == 1
    assert list(stored(conn, workspace)) == [ids[0]]


def test_one_batch_chains_merges(conn: Connection, workspace: int) -> None:
    first = person(conn, workspace, external_id="u-1")
    second = person(conn, workspace, email="ann@example.com")
    browser = person(conn, workspace, anonymous_id="a-1")

    ids = resolve(
        conn,
        workspace,
        Claim(email="ann@example.com", anonymous_id="a-1"),
        Claim(external_id="u-1", email="ann@example.com"),
        Claim(profile_id=browser),
    )

    assert set(ids) == {first}
    assert identity.follow(conn, workspace, [second, browser]) == {second: first, browser: first}


def test_resolving_again_changes_nothing(conn: Connection, workspace: int) -> None:
    claims = [Claim(external_id=f"u-{n}", email=f"p{n}@example.com", anonymous_id=f"a-{n}") for n in range(50)]
    before = resolve(conn, workspace, *claims)
    people = stored(conn, workspace)

    assert resolve(conn, workspace, *claims, now=NOW + timedelta(days=1)) == before
    assert stored(conn, workspace) == people


def test_profiles_are_found_by_what_names_them(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, external_id="u-1", email="Ann@example.com", phone="+14155550132")

    assert profiles.find(conn, workspace, email="ANN@example.com") == ann
    assert profiles.find(conn, workspace, external_id="u-1") == ann
    assert profiles.find(conn, workspace, phone="+1 415 555 0132") == ann
    assert profiles.find(conn, workspace, email="nobody@example.com") is None
