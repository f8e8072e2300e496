"""Files of people taken in: who is made and changed, who is never subscribed, and that no row counts twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.audience import consent, identity, lists, profiles
from headwater.audience.imports import jobs, taking_in, uploads
from headwater.audience.imports.jobs import ImportRefused, Wanted, WrongState
from headwater.audience.imports.mapping import Column
from tests.audience.import_files import EMAIL, FIRST_NAME, NOW, imported, now, started, uploaded, work
from tests.audience.people import person, stored

THEN = datetime(2024, 5, 1, tzinfo=UTC)
SAID = {"consent_source": "Form at the counter", "consented_at": THEN}


def state(conn: Connection, workspace: int, email: str) -> str:
    found = profiles.find(conn, workspace, email=email)
    assert found is not None
    return str(consent.of_profiles(conn, workspace, [found])[found]["state"])


def test_people_are_made_and_changed_and_every_row_is_counted(conn: Connection, workspace: int) -> None:
    before = NOW - timedelta(days=1)
    ann = person(conn, workspace, before, email="ann@example.com")
    profiles.write(conn, workspace, {ann: {"first_name": "Anne", "tier": "gold", "city": "Ulm"}}, before)
    same = person(conn, workspace, before, email="same@example.com")
    conn.commit()
    file = (
        "email,first_name,tier,spent\n"
        "Ann@Example.com,Ann,,12\n"
        "same@example.com,,,\n"
        "new@example.com,Nora,silver,3.5\n"
        "NEW@example.com,Nora B.,,\n"
        "nobody,Nick,,\n"
        "num@example.com,,,lots\n"
    )
    spent = Column("property", "spent", "number")
    done = imported(conn, workspace, file, EMAIL, FIRST_NAME, Column("property", "tier"), spent)
    assert (done.state, done.total, done.done) == ("done", 6, 6)
    assert (done.made, done.changed, done.same, done.refused, done.noted) == (2, 1, 2, 1, 1)
    known = stored(conn, workspace)
    assert (known[ann].first_name, known[ann].city) == ("Ann", "Ulm")
    assert known[ann].properties == {"tier": "gold", "spent": 12}
    assert known[ann].email == "ann@example.com"
    assert known[same].updated_at == before
    new = known[profiles.find(conn, workspace, email="new@example.com") or 0]
    assert (new.first_name, new.properties) == ("Nora B.", {"tier": "silver", "spent": 3.5})
    told = jobs.errors(conn, workspace, done.id)
    assert [(row, refused) for row, refused, _, _ in told] == [(6, True), (7, False)]
    assert told[0][3] == ["nobody", "Nick", "", ""]


def test_skipping_leaves_known_people_as_they_are(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    chosen = lists.create(conn, workspace, "News", NOW)
    file = "email,first_name\nann@example.com,Other\nben@example.com,Ben\n"
    done = imported(conn, workspace, file, existing="skip", list_id=chosen)
    assert (done.skipped, done.made, done.joined) == (1, 1, 1)
    assert stored(conn, workspace)[ann].first_name is None


def test_the_stated_consent_is_kept_with_its_proof(conn: Connection, workspace: int) -> None:
    done = imported(conn, workspace, "email\nann@example.com\n", **SAID)
    ann = profiles.find(conn, workspace, email="ann@example.com")
    assert ann is not None
    assert state(conn, workspace, "ann@example.com") == "subscribed"
    at, said, method, detail = consent.records(conn, workspace, ann)[0]
    assert (at, said, method) == (THEN, "subscribed", "import")
    assert detail == {"import": done.id, "file": "people.csv", "source": "Form at the counter"}
    assert (done.subscribed, done.kept_out) == (1, 0)


def test_without_stated_consent_it_stays_as_it_is(conn: Connection, workspace: int) -> None:
    imported(conn, workspace, "email\nann@example.com\n")
    assert state(conn, workspace, "ann@example.com") == "never_subscribed"


def test_nobody_who_left_is_subscribed_again(conn: Connection, workspace: int) -> None:
    gone = person(conn, workspace, email="gone@example.com")
    consent.unsubscribe(conn, workspace, [gone], at=THEN - timedelta(days=900), now=NOW, method="api")
    stopped = person(conn, workspace, email="stopped@example.com")
    consent.suppress(conn, workspace, [stopped], "user_suppressed", at=THEN - timedelta(days=900))
    dead = person(conn, workspace, email="dead@example.com")
    consent.suppress(conn, workspace, [dead], "hard_bounce", at=NOW)
    file = "email\ngone@example.com\nstopped@example.com\ndead@example.com\nnew@example.com\n"
    done = imported(conn, workspace, file, **SAID)
    assert (done.subscribed, done.kept_out) == (1, 3)
    assert state(conn, workspace, "gone@example.com") == "unsubscribed"
    for one in (stopped, dead):
        assert consent.of_profiles(conn, workspace, [one])[one]["suppressions"]
        assert consent.of_profiles(conn, workspace, [one])[one]["state"] == "never_subscribed"


def test_an_erased_address_is_not_taken_in_again(conn: Connection, workspace: int) -> None:
    ann = person(conn, workspace, email="ann@example.com")
    identity.lock(conn, workspace)
    profiles.erase(conn, workspace, [ann], NOW)
    done = imported(conn, workspace, "email\nANN@example.com\n", **SAID)
    assert (done.made, done.refused) == (0, 1)
    assert profiles.find(conn, workspace, email="ann@example.com") is None
    assert "erased" in jobs.errors(conn, workspace, done.id)[0][2]


def test_a_list_is_joined_without_starting_flows_unless_asked(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    monkeypatch.setattr(lists, "_joined", [lambda conn, workspace, chosen, ids, at: heard.extend(ids)])
    chosen = lists.create(conn, workspace, "News", NOW)
    quiet = imported(conn, workspace, "email\na@example.com\n", list_id=chosen, **SAID)
    assert (quiet.joined, heard) == (1, [])
    loud = imported(conn, workspace, "email\na@example.com\nb@example.com\n", list_id=chosen, starts_flows=True, **SAID)
    assert loud.joined == 1
    assert heard == [profiles.find(conn, workspace, email="b@example.com")]


def test_a_list_with_double_opt_in_asks_for_consent(conn: Connection, workspace: int) -> None:
    chosen = lists.create(conn, workspace, "Double", NOW, "double")
    found = uploaded(conn, workspace, "email\na@example.com\n")
    with pytest.raises(ImportRefused, match="double opt-in"):
        jobs.arrange(conn, workspace, found.id, Wanted([EMAIL], chosen), NOW)
    done = imported(conn, workspace, "email\na@example.com\n", list_id=chosen, **SAID)
    assert done.joined == 1


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted([EMAIL], 999_999_999), "list_id"),
        (Wanted([EMAIL], starts_flows=True), "starts_flows"),
        (Wanted([EMAIL], consent_source="x"), "consent"),
        (Wanted([EMAIL], consent_source=" ", consented_at=THEN), "consent.source"),
        (Wanted([EMAIL], consent_source="x", consented_at=NOW + timedelta(days=1)), "consent.at"),
        (Wanted([EMAIL], consent_source="x", consented_at=datetime(1989, 1, 1, tzinfo=UTC)), "consent.at"),
        (Wanted([Column("city")]), "mapping"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(conn: Connection, workspace: int, wanted: Wanted, field: str) -> None:
    found = uploaded(conn, workspace, "email\na@example.com\n")
    with pytest.raises(ImportRefused) as refused:
        jobs.arrange(conn, workspace, found.id, wanted, NOW)
    assert refused.value.field == field


def test_it_goes_on_where_a_killed_worker_left_it(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PART_ROWS", 3)
    file = "email,n\n" + "".join(f"p{number}@example.com,{number}\n" for number in range(10)) + "bad,1\n"
    made = started(conn, workspace, file)
    assert taking_in.turn(conn, workspace, NOW)
    conn.commit()
    assert taking_in.turn(conn, workspace, NOW)
    conn.rollback()  # the worker dies with the part in hand
    assert now(conn, workspace, made.id).done == 3
    work(conn, workspace)
    done = now(conn, workspace, made.id)
    assert (done.state, done.made, done.refused, done.done) == ("done", 10, 1, 11)
    assert len(stored(conn, workspace)) == 10


def test_cancelled_it_stops_and_keeps_what_is_in(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PART_ROWS", 1)
    made = started(conn, workspace, "email\na@example.com\nb@example.com\n")
    taking_in.turn(conn, workspace, NOW)
    jobs.cancel(conn, workspace, made.id, NOW)
    work(conn, workspace)
    ended = now(conn, workspace, made.id)
    assert (ended.state, ended.done) == ("cancelled", 1)
    assert jobs.preview(conn, workspace, made.id) == []
    with pytest.raises(WrongState):
        jobs.cancel(conn, workspace, made.id, NOW)
    with pytest.raises(WrongState):
        jobs.start(conn, workspace, made.id, NOW)


def test_an_archived_list_ends_it_with_a_reason(conn: Connection, workspace: int) -> None:
    chosen = lists.create(conn, workspace, "News", NOW)
    made = started(conn, workspace, "email\na@example.com\n", [EMAIL], list_id=chosen)
    lists.archive(conn, workspace, chosen, NOW)
    work(conn, workspace)
    ended = now(conn, workspace, made.id)
    assert ended.state == "failed"
    assert "list" in str(ended.error)


def test_what_is_not_needed_any_more_goes(conn: Connection, workspace: int) -> None:
    waiting = uploaded(conn, workspace, "email\na@example.com\n")
    done = imported(conn, workspace, "email,n\nbad,1\n", EMAIL, FIRST_NAME)
    assert len(jobs.preview(conn, workspace, waiting.id)) == 1
    assert jobs.errors(conn, workspace, done.id)
    later = NOW + timedelta(days=31)
    assert workspace in taking_in.workspaces_with_work(conn, later)
    work(conn, workspace, later)
    assert now(conn, workspace, waiting.id).state == "cancelled"
    assert jobs.preview(conn, workspace, waiting.id) == []
    assert jobs.errors(conn, workspace, done.id) == []
    assert workspace not in taking_in.workspaces_with_work(conn, later)


def test_imports_of_another_workspace_are_not_there(conn: Connection, workspace: int) -> None:
    found = uploaded(conn, workspace, "email\na@example.com\n")
    assert jobs.get(conn, workspace + 1, found.id) is None
    with pytest.raises(LookupError):
        jobs.cancel(conn, workspace + 1, found.id, NOW)
