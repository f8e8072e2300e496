"""Putting people into flows over HTTP: started by a call, added by hand, filled from the past; and who is in one."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.events import inbox
from headwater.flows.arrivals import adding
from headwater.intake import processor
from tests.api.api_client import Api
from tests.flows.flow_tables import enrolments, publish

STEPS: list[Any] = [{"delay": {"days": 1}}, {"email": "a.mjml"}]


def flow(conn: Connection, workspace: int, slug: str, trigger: Any) -> int:
    made = publish(conn, workspace, clock.now(conn), *STEPS, flow=slug, trigger=trigger)
    conn.commit()
    return made


def process(conn: Connection, workspace: int) -> None:
    conn.commit()
    while processor.process(conn, workspace, clock.now(conn)):
        conn.commit()
    conn.commit()


def work(conn: Connection, workspace: int) -> None:
    conn.commit()
    while adding.turn(conn, workspace, clock.now(conn)):
        conn.commit()
    conn.commit()


# ── started by a call ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_call_starts_a_flow_and_emails_see_its_properties(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "greeting", {"api": {}})

    started = api.post("/flows/greeting/start", {"profile": {"email": "a@example.com"}, "properties": {"seat": "4A"}})
    process(conn, api.workspace)

    assert (started.status, started["accepted"], started["refused"]) == (202, 1, [])
    [one] = enrolments(conn, api.workspace)
    row = conn.execute("SELECT trigger FROM enrolment WHERE id = %s", (one["id"],)).fetchone()
    assert row is not None
    assert row[0]["metric"] == "Started Flow"
    assert row[0]["properties"] == {"seat": "4A", "flow": "greeting"}


def test_a_call_starts_no_other_flow(api: Api, conn: Connection) -> None:
    mine = flow(conn, api.workspace, "mine", {"api": {}})
    flow(conn, api.workspace, "other", {"api": {}})

    api.post("/flows/mine/start", {"profile": {"email": "a@example.com"}, "properties": {"flow": "other"}})
    process(conn, api.workspace)

    assert [one["flow_id"] for one in enrolments(conn, api.workspace)] == [mine]


def test_the_same_id_starts_once(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "greeting", {"api": {}})
    call = {"profile": {"email": "a@example.com"}, "id": "booking-7"}

    assert [api.post("/flows/greeting/start", call).status for _ in range(2)] == [202, 202]
    process(conn, api.workspace)
    api.post("/flows/greeting/start", call)
    process(conn, api.workspace)
    assert len(enrolments(conn, api.workspace)) == 1

    api.post("/flows/greeting/start", {"profile": {"email": "a@example.com"}})
    process(conn, api.workspace)
    assert len(enrolments(conn, api.workspace)) == 2


def test_many_are_started_at_once_and_the_bad_ones_are_named(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "greeting", {"api": {}})
    known = api.made("/profiles", {"email": "known@example.com"})
    starts = [
        {"profile": {"id": known}},
        {"profile": {"email": "nonsense"}},
        {"profile": {"external_id": "7", "email": "seven@example.com"}},
        {"profile": {"id": 2**40}},
        {"profile": {}},
        {"profile": {"email": "b@example.com"}, "properties": {"long": "x" * 40_000}},
    ]

    answer = api.post("/flows/greeting/start", {"starts": starts})
    process(conn, api.workspace)

    assert (answer.status, answer["accepted"]) == (202, 2)
    assert [(one["index"], one["field"]) for one in answer["refused"]] == [
        (1, "email"), (3, "id"), (4, None), (5, "properties"),
    ]  # fmt: skip
    assert len(enrolments(conn, api.workspace)) == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"profile": {"email": "nonsense"}}, 400),
        ({"profile": {"id": 2**40}}, 400),
        ({"profile": {"email": "a@example.com"}, "starts": [{"profile": {"id": 1}}]}, 400),
        ({"starts": []}, 400),
        ({"starts": [{"profile": {"email": "a@example.com"}}] * 1001}, 400),
    ],
)
def test_what_is_wrong_with_a_start_is_said(api: Api, conn: Connection, body: Any, status: int) -> None:
    flow(conn, api.workspace, "greeting", {"api": {}})

    assert api.post("/flows/greeting/start", body).status == status
    assert inbox.read(conn, api.workspace, 10) == []


def test_only_a_live_flow_by_a_call_is_started(api: Api, conn: Connection) -> None:
    call = {"profile": {"email": "a@example.com"}}
    flow(conn, api.workspace, "by-metric", {"metric": "X"})
    paused = flow(conn, api.workspace, "paused", {"api": {}})
    conn.execute("UPDATE flow SET status = 'paused' WHERE id = %s", (paused,))
    conn.commit()

    assert api.post("/flows/nowhere/start", call).status == 404
    refused = api.post("/flows/by-metric/start", call)
    assert (refused.status, refused["field"]) == (400, "trigger")
    refused = api.post("/flows/paused/start", call)
    assert (refused.status, refused["field"]) == (400, "status")


# ── by hand, and from the past ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("by", ["profiles", "segment", "list"])
def test_people_are_added_by_hand_and_the_job_is_watched(api: Api, conn: Connection, by: str) -> None:
    flow(conn, api.workspace, "by-hand", {"manual": {}})
    person = api.made("/profiles", {"email": "a@example.com"})
    if by == "list":
        named: Any = api.made("/lists", {"name": "News"})
        api.post(f"/lists/{named}/members", {"profiles": [{"id": person}]})
    elif by == "segment":
        api.made("/segments", {"name": "Everybody", "definition": {"all": []}})
        _build(conn, api.workspace)
        named = "everybody"
    else:
        named = ["a@example.com", person, {"email": "nobody@example.com"}]

    asked = api.post("/flows/by-hand/people", {by: named})
    assert asked.status == 202, asked
    assert (asked["state"], asked["total"], asked["done"], asked["entered"]) == ("running", 1, 0, 0)
    assert [one["index"] for one in asked["refused"]] == ([2] if by == "profiles" else [])
    work(conn, api.workspace)

    done = api.get(f"/flows/by-hand/people/jobs/{asked['id']}")
    assert (done["state"], done["done"], done["entered"], done["flow"]) == ("done", 1, 1, "by-hand")
    assert done["finished_at"] is not None


def _build(conn: Connection, workspace: int) -> None:
    from headwater.segments import building

    conn.commit()
    for _ in range(20):
        building.turn(conn, workspace, clock.now(conn))
        conn.commit()


def test_what_cannot_be_added_by_hand_is_said(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "by-hand", {"manual": {}})
    flow(conn, api.workspace, "by-metric", {"metric": "X"})
    person = api.made("/profiles", {"email": "a@example.com"})

    assert api.post("/flows/nowhere/people", {"profiles": [person]}).status == 404
    assert api.post("/flows/by-hand/people", {}).status == 400
    assert api.post("/flows/by-hand/people", {"profiles": [person], "list": 1}).status == 400
    assert api.post("/flows/by-hand/people", {"profiles": ["nobody@example.com"]})["field"] == "profiles.0"
    assert api.post("/flows/by-hand/people", {"segment": "Nowhere"})["field"] == "segment"
    assert api.post("/flows/by-hand/people", {"list": 7})["field"] == "list"
    assert api.post("/flows/by-metric/people", {"profiles": [person]})["field"] == "trigger"


def test_a_flow_is_filled_from_the_past(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "by-metric", {"metric": "Started Checkout"})
    api.made("/profiles", {"email": "a@example.com"})

    asked = api.post("/flows/by-metric/backfill", {"days": 1})
    assert (asked.status, asked["kind"], asked["state"], asked["total"]) == (202, "backfill", "running", None)
    work(conn, api.workspace)

    assert api.get(f"/flows/by-metric/people/jobs/{asked['id']}")["state"] == "done"
    assert api.post("/flows/by-metric/backfill").status == 202
    assert api.post("/flows/by-metric/backfill", {"from": "now"})["field"] == "from"
    assert api.post("/flows/by-metric/backfill", {"from": "ever"}).status == 400


def test_a_job_is_asked_for_by_its_own_flow(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "by-hand", {"manual": {}})
    flow(conn, api.workspace, "other", {"manual": {}})
    person = api.made("/profiles", {"email": "a@example.com"})
    job = api.post("/flows/by-hand/people", {"profiles": [person]})["id"]

    assert api.get(f"/flows/other/people/jobs/{job}").status == 404
    assert api.get(f"/flows/by-hand/people/jobs/{job + 1}").status == 404


# ── who is in it ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_is_in_a_flow_page_by_page(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "by-hand", {"manual": {}})
    everyone = [api.made("/profiles", {"email": f"p{n}@example.com"}) for n in range(3)]
    api.post("/flows/by-hand/people", {"profiles": everyone})
    work(conn, api.workspace)

    first = api.get("/flows/by-hand/people?limit=2&state=waiting&step=a")
    second = api.get(f"/flows/by-hand/people?limit=2&state=waiting&step=a&cursor={first['next']}")

    assert [one["email"] for one in first["data"] + second["data"]] == [f"p{n}@example.com" for n in range(3)]
    assert second["next"] is None
    one = first["data"][0]
    assert (one["profile_id"], one["state"], one["step"], one["held"]) == (everyone[0], "waiting", "a", None)
    assert one["next_at"] > one["since"]
    assert api.get("/flows/by-hand/people?state=held")["data"] == []
    assert api.get("/flows/by-hand/people?state=lost").status == 400
    assert api.get("/flows/by-hand/people?cursor=x").status == 400
    assert api.get("/flows/nowhere/people").status == 404


# ── taking people out ───────────────────────────────────────────────────────────────────────────────────────────────
def test_people_are_taken_out_and_get_nothing_more(api: Api, conn: Connection) -> None:
    flow(conn, api.workspace, "greeting", {"manual": {}})
    other = flow(conn, api.workspace, "other", {"manual": {}})
    for address in ("a@example.com", "b@example.com"):
        api.made("/profiles", {"email": address})
    api.post("/flows/greeting/people", {"profiles": ["a@example.com", "b@example.com"]})
    api.post("/flows/other/people", {"profiles": ["a@example.com"]})
    work(conn, api.workspace)
    first, second = api.get("/flows/greeting/people")["data"]
    [elsewhere] = [one["id"] for one in enrolments(conn, api.workspace) if one["flow_id"] == other]

    removed = api.post("/flows/greeting/people/remove", {"enrolments": [first["id"], elsewhere]})

    assert (removed.status, removed["removed"]) == (200, 1)
    [gone] = api.get("/flows/greeting/people?state=exited")["data"]
    assert (gone["id"], gone["reason"]) == (first["id"], "removed")
    assert [one["id"] for one in api.get("/flows/greeting/people?state=waiting")["data"]] == [second["id"]]
    assert [one["state"] for one in api.get("/flows/other/people")["data"]] == ["waiting"]
    assert api.post("/flows/greeting/people/remove", {"enrolments": [first["id"]]})["removed"] == 0
