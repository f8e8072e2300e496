"""Living with a flow through the API: draft, plan, publish, undo, pause, review, and what is wrong with which step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import clock
from headwater.flows import runner
from tests.api.api_client import MJML, Api
from tests.flows.flow_tables import enrol, people

DAY = timedelta(days=1)


def mail(step: str, **more: Any) -> dict[str, Any]:
    return {"id": step, "email": "Hello", **more}


def flow(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"name": "A flow", "trigger": {"metric": "Viewed Product"}, "steps": list(steps), **more}


FLOW = flow(mail("a"), {"id": "settle", "delay": {"days": 1}}, mail("b"), mail("c"))


@pytest.fixture
def made(api: Api) -> Api:
    api.made("/templates", {"name": "Hello", "subject": "Hello", "mjml": MJML})
    assert api.put("/flows/a-flow", FLOW).status == 200
    return api


def inside(api: Api, conn: Connection, count: int) -> datetime:
    """People who wait before `b`; when they came."""
    now = clock.now(conn)
    enrol(conn, api.workspace, api.get("/flows/a-flow")["id"], people(conn, api.workspace, now, count), now)
    runner.run_due(conn, api.workspace, now)
    conn.commit()
    return now


def test_a_mistake_is_told_with_its_step_and_field(made: Api) -> None:
    wrong = made.put("/flows/b", flow(mail("a"), {"id": "settle", "delay": {"dayz": 1}}))
    missing = made.put("/flows/b", flow({"id": "a", "email": "Unheard of"}))
    head = made.put("/flows/b", flow(mail("a"), trigger={}))

    assert (wrong.status, wrong["field"], wrong["step"]) == (400, "steps[1].delay.dayz", "settle")
    assert (missing.status, missing["field"], missing["step"]) == (400, "steps[0].email", "a")
    assert (head.status, head["field"], "step" in head.body) == (400, "trigger", False)
    assert made.get("/flows/b").status == 404


def test_a_flow_begins_as_a_draft(api: Api) -> None:
    begun = api.post("/flows", {"flow": "new", **flow(mail("a"))})
    again = api.post("/flows", {"flow": "new"})

    assert (begun.status, begun["status"], begun["version"]) == (201, "draft", None)
    assert begun["problem"] == {"field": "steps[0].email", "step": "a", "detail": "there is no template named Hello"}
    assert (again.status, again["field"]) == (409, "flow")
    assert api.post("/flows", {}).status == 400
    found = api.get("/flows/new")
    assert (found["status"], found["definition"], found["draft"]["flow"]) == ("draft", None, "new")
    assert api.post("/flows/new/publish", {})["detail"] == "there is no template named Hello"
    assert api.post("/flows/new/pause").status == 400


def test_every_problem_is_told_the_first_in_the_usual_shape(api: Api) -> None:
    broken = flow({"id": "a", "email": "Hello"}, {"id": "settle", "delay": {}}, {"id": "code", "coupon": ""})
    told = [
        {"field": "steps[0].email", "step": "a", "detail": "there is no template named Hello"},
        {"field": "steps[1].delay", "step": "settle", "detail": "a span needs days, hours, minutes or weeks"},
        {"field": "steps[2].coupon", "step": "code", "detail": "must be text"},
    ]
    begun = api.post("/flows", {"flow": "new", **broken})

    assert (begun["problem"], begun["problems"]) == (told[0], told)
    assert api.get("/flows/new")["problems"] == told
    assert api.put("/flows/new?publish=false", broken)["problems"] == told
    for refused in (api.post("/flows/new/plan", {}), api.post("/flows/new/publish", {}), api.put("/flows/new", broken)):
        assert {name: refused[name] for name in ("field", "step", "detail")} == told[0]
        assert (refused.status, refused["problems"]) == (400, told)
    assert "problems" not in api.post("/flows/new/pause").body


def test_a_draft_is_planned_and_published_with_choices(made: Api, conn: Connection) -> None:
    inside(made, conn, 2)
    saved = made.put("/flows/a-flow?publish=false", flow(mail("a"), mail("x"), mail("c")))
    assert (saved.status, saved["problem"], saved["version"]) == (200, None, 1)
    assert made.get("/flows/a-flow")["has_draft"] is True

    planned = made.post("/flows/a-flow/plan", {})

    assert planned["version"] == 1
    assert [change["words"] for change in planned["changes"]] == [
        "email x added after a: “x” (Hello)",
        "delay settle removed: waits 1 day",
        "email b removed: “b” (Hello)",
    ]
    [standing] = planned["effect"]["standing"]
    assert (standing["step"], standing["people"], standing["goes_to"]) == ("b", 2, "c")
    assert standing["needs_choice"] is True

    refused = made.post("/flows/a-flow/publish", {"people": {"b": {"continue_at": "gone"}}})
    assert (refused.status, refused["field"], refused["step"]) == (400, "people.b.continue_at", "b")
    published = made.post("/flows/a-flow/publish", {"people": {"b": {"continue_at": "x"}}})
    assert (published["version"], published["moved"]) == (2, 2)
    assert made.get("/flows/a-flow")["has_draft"] is False
    assert made.post("/flows/a-flow/publish", {}).status == 400


def test_a_definition_is_planned_and_published_without_a_draft(made: Api, conn: Connection) -> None:
    inside(made, conn, 1)
    longer = flow(mail("a"), {"id": "settle", "delay": {"days": 3}}, mail("b"), mail("c"))

    planned = made.post("/flows/a-flow/plan", longer)
    published = made.post("/flows/a-flow/publish", {"definition": longer, "retime": ["settle"]})

    assert planned["effect"]["retimable"] == [{"delay": "settle", "people": 1}]
    assert (published["version"], published["retimed"]) == (2, 1)


def test_what_was_planned_on_an_earlier_version_is_not_published(made: Api) -> None:
    made.put("/flows/a-flow", flow(mail("a")))

    late = made.post("/flows/a-flow/publish", {"definition": flow(mail("b")), "based_on": 1})
    timely = made.post("/flows/a-flow/publish", {"definition": flow(mail("b")), "based_on": 2})

    assert (late.status, late["field"], timely.status, timely["version"]) == (409, "based_on", 200, 3)


def test_two_people_who_edit_a_draft_do_not_overwrite_each_other(made: Api) -> None:
    begun = made.get("/flows/a-flow")["revision"]
    first = made.put(f"/flows/a-flow?publish=false&based_on={begun}", flow(mail("a"), name="Mine"))
    second = made.put(f"/flows/a-flow?publish=false&based_on={begun}", flow(mail("a"), name="Theirs"))

    assert (first.status, second.status, second["field"]) == (200, 409, "query.based_on")
    assert made.get("/flows/a-flow")["draft"]["name"] == "Mine"
    again = made.put(f"/flows/a-flow?publish=false&based_on={first['revision']}", flow(mail("a"), name="Then theirs"))
    assert (again.status, again["revision"]) == (200, made.get("/flows/a-flow")["revision"])


def test_publishing_is_a_change_to_what_is_edited(made: Api) -> None:
    draft = made.put("/flows/a-flow?publish=false", flow(mail("a")))
    assert made.post("/flows/a-flow/publish", {}).status == 200

    late = made.put(f"/flows/a-flow?publish=false&based_on={draft['revision']}", flow(mail("b")))
    assert late.status == 409
    assert made.get("/flows/a-flow")["draft"] is None


def test_a_draft_says_what_would_keep_it_from_being_published(made: Api) -> None:
    wrong = flow(mail("a"), {"id": "settle", "delay": {}})
    made.put("/flows/a-flow?publish=false", wrong)

    problem = made.get("/flows/a-flow")["problem"]
    assert (problem["step"], problem["field"]) == ("settle", "steps[1].delay")
    made.put("/flows/a-flow?publish=false", FLOW)
    assert made.get("/flows/a-flow")["problem"] is None


def test_a_draft_is_discarded(made: Api) -> None:
    made.put("/flows/a-flow?publish=false", flow(mail("x")))

    assert made.delete("/flows/a-flow/draft").status == 204
    assert made.get("/flows/a-flow")["draft"] is None


def test_versions_and_undo(made: Api, conn: Connection) -> None:
    inside(made, conn, 1)
    made.post("/flows/a-flow/publish", {"definition": flow(mail("a"), mail("c")), "people": {"b": "exit"}})

    undone = made.post("/flows/a-flow/undo")

    assert (undone["version"], undone["put_back"]) == (3, 1)
    listed = made.get("/flows/a-flow/versions?limit=2")
    assert [(one["version"], one["undoes"]) for one in listed["data"]] == [(3, 2), (2, None)]
    assert [one["version"] for one in made.get(f"/flows/a-flow/versions?cursor={listed['next']}")["data"]] == [1]
    second = made.get("/flows/a-flow/versions/2")
    assert [change["kind"] for change in second["changes"]] == ["removed", "removed"]
    assert [step["id"] for step in second["definition"]["steps"]] == ["a", "c"]
    for version in ("9", "0", "-1", "99999999999999999999"):
        assert made.get(f"/flows/a-flow/versions/{version}").status == 404
    assert made.get("/flows/a-flow")["waiting"] == 1


def test_pause_and_resume_with_what_is_overdue(made: Api, conn: Connection) -> None:
    inside(made, conn, 2)
    conn.execute("UPDATE message SET state = 'sent' WHERE workspace_id = %s", (made.workspace,))
    conn.execute(
        "UPDATE enrolment SET wake_at = wake_at - interval '2 days' WHERE workspace_id = %s", (made.workspace,)
    )
    conn.commit()

    assert made.post("/flows/a-flow/pause")["status"] == "paused"
    assert made.get("/flows/a-flow/overdue").body == {"people": 2, "messages": 0}
    assert made.post("/flows/a-flow/resume", {"overdue": "later"}).status == 400
    resumed = made.post("/flows/a-flow/resume", {"overdue": "exit"})

    assert (resumed["status"], resumed["overdue"]) == ("live", {"people": 2, "messages": 0})
    assert (resumed["waiting"], resumed["exited"]) == (0, 2)
    made.post("/flows/a-flow/pause")
    assert made.call("POST", "/flows/a-flow/resume")["status"] == "live"


def test_a_step_is_set_manual_reviewed_and_sent(made: Api, conn: Connection) -> None:
    changed = made.patch("/flows/a-flow/steps/a", {"status": "manual"})
    inside(made, conn, 3)

    held = made.get("/flows/a-flow/review?limit=2")
    rest = made.get(f"/flows/a-flow/review?cursor={held['next']}")

    assert (changed["version"], changed["changed"]) == (2, True)
    assert [one["email"] for one in (*held["data"], *rest["data"])] == [f"p{n}@example.com" for n in (1, 2, 3)]
    assert made.get("/flows/a-flow")["in_review"] == 3
    first = held["data"][0]["profile_id"]
    sent = made.post("/flows/a-flow/review", {"step": "a", "action": "send", "profiles": [first]})
    cancelled = made.post("/flows/a-flow/review", {"step": "a", "action": "cancel", "profiles": "all"})
    assert (sent["decided"], cancelled["decided"]) == (1, 2)
    assert made.get("/flows/a-flow")["in_review"] == 0
    assert made.patch("/flows/a-flow/steps/a", {"status": "asleep"}).status == 400
    unheard = made.patch("/flows/a-flow/steps/unheard", {"status": "live"})
    assert (unheard.status, unheard["field"]) == (400, "step")


def test_what_is_not_there_is_404(api: Api) -> None:
    for path in ("", "/report", "/versions", "/versions/1", "/overdue", "/review"):
        assert api.get(f"/flows/unheard{path}").status == 404
    for path in ("/pause", "/resume", "/archive", "/undo"):
        assert api.post(f"/flows/unheard{path}").status == 404
    assert api.post("/flows/unheard/plan", FLOW).status == 404
    assert api.post("/flows/unheard/publish", {"definition": FLOW}).status == 404
