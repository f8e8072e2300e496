"""`headwater flows`, as someone at a terminal sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import Connection
from typer.testing import CliRunner

from headwater.cli.flows import app
from headwater.core import clock
from headwater.flows import runner
from headwater.flows.editing import publishing
from tests.flows.flow_tables import enrol, people

EMAIL = """---
subject: Hello
---
<mjml><mj-body><mj-section><mj-column><mj-text>
Hello <a href="{{ unsubscribe_link }}">Unsubscribe</a> {{ organization.full_address }}
</mj-text></mj-column></mj-section></mj-body></mjml>
"""
FLOW = """
name: A flow
trigger: {metric: Viewed Product}
steps:
  - email: hello.mjml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a-flow"
    made.mkdir()
    (made / "flow.yaml").write_text(FLOW)
    (made / "hello.mjml").write_text(EMAIL)
    return made


@pytest.fixture
def slug(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row is not None
    conn.commit()
    return str(row[0])


def told(*words: str, brand: str) -> str:
    """What a command says, on one line."""
    code, said = run(*words, brand=brand)
    assert code == 0, said
    return " ".join(said.split())


def run(*words: str, brand: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words, "--brand", brand] if brand else list(words))
    return result.exit_code, result.output


def test_a_flow_from_file_to_archive(slug: str, folder: Path) -> None:
    assert run("apply", str(folder), brand=slug) == (0, "a-flow  published and live\n")
    assert run("apply", str(folder), brand=slug) == (0, "a-flow  unchanged (version 1)\n")

    code, listed = run("list", brand=slug)
    assert (code, "a-flow" in listed, "live" in listed) == (0, True, True)
    assert "email “hello” (hello.mjml)" in run("show", "a-flow", brand=slug)[1]

    assert run("pause", "a-flow", brand=slug)[0] == 0
    assert "It stays paused" in run("apply", str(folder), brand=slug)[1]
    assert run("resume", "a-flow", brand=slug)[0] == 0
    assert run("archive", "a-flow", brand=slug)[0] == 0
    assert "No flows yet" in run("list", brand=slug)[1]


def test_what_is_wrong_is_said_without_a_traceback(slug: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(FLOW.replace("hello.mjml", "gone.mjml"))

    code, said = run("apply", str(folder), brand=slug)

    assert code == 1
    assert "steps[0].email: there is no file gone.mjml beside flow.yaml" in said
    assert "Traceback" not in said


def test_an_unknown_flow_recipe_or_brand_is_said(slug: str) -> None:
    assert "There is no flow nothing." in run("pause", "nothing", brand=slug)[1]
    assert run("install", "nothing", brand=slug)[0] == 2
    assert run("list", brand="no-such-brand")[0] == 2


def test_the_recipes_are_listed() -> None:
    code, said = run("recipes", brand="")

    assert code == 0
    assert "browse-abandonment" in said
    assert "Browse 4: the offer expires" in said


TWO_EMAILS = FLOW + "  - {id: settle, delay: {days: 1}}\n  - {id: again, email: hello.mjml}\n"


def inside(conn: Connection, workspace: int, count: int) -> None:
    now = clock.now(conn)
    flow_id = publishing.published(conn, workspace, "a-flow")[0].id
    enrol(conn, workspace, flow_id, people(conn, workspace, now, count), now)
    runner.run_due(conn, workspace, now)
    conn.commit()


def test_everything_that_is_wrong_is_told_at_once(conn: Connection, slug: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(FLOW + "  - {id: settle, delay: {dayz: 1}}\n  - {id: code, coupon: NONE}\n")

    refused = (
        1,
        "error: steps[1].delay.dayz: is not known here; known: minutes, hours, days, weeks, until, weekdays, timezone "
        "(step settle)\nerror: steps[2].coupon: there is no coupon NONE (step code)\n",
    )
    assert run("plan", str(folder), brand=slug) == refused
    assert run("apply", str(folder), brand=slug) == refused


def test_a_plan_is_shown_applied_with_choices_and_undone(
    conn: Connection, workspace: int, slug: str, folder: Path
) -> None:
    assert "a new flow + email hello added" in told("plan", str(folder), brand=slug)
    (folder / "flow.yaml").write_text(TWO_EMAILS)
    told("apply", str(folder), brand=slug)
    inside(conn, workspace, 2)
    (folder / "flow.yaml").write_text(FLOW + "  - add_to_list: Friends\n")

    planned = told("plan", str(folder), brand=slug)
    refused = run("apply", str(folder), "--people", "again=stay", brand=slug)
    applied = told("apply", str(folder), "--people", "again=at:add-to-list-1", brand=slug)

    assert "version 1 → 2" in planned
    assert "- delay settle removed: waits 1 day" in planned
    assert "will make the list Friends" in planned
    assert "2 people at again: removed; nothing is left, they leave, unless --people again=finish" in planned
    assert refused == (1, "error: people.again: must be finish, exit, or {continue_at: step} (step again)\n")
    assert "version 2 published made the list Friends 2 people moved" in applied
    assert told("undo", "a-flow", brand=slug) == "Version 3 is what version 1 was. 2 people put back."
    history = told("history", "a-flow", brand=slug)
    assert "undoes version 2" in history
    assert "version 1" in history
    assert history.count("version 2") == 2
    assert "version 1" not in told("history", "a-flow", "--limit", "1", brand=slug)


def test_a_delay_is_changed_for_those_who_wait_by_it(conn: Connection, workspace: int, slug: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(TWO_EMAILS)
    told("apply", str(folder), brand=slug)
    inside(conn, workspace, 1)
    (folder / "flow.yaml").write_text(TWO_EMAILS.replace("days: 1", "days: 2"))

    assert "1 person by settle as it was, unless --retime settle" in told("plan", str(folder), brand=slug)
    assert "1 person with another time" in told("apply", str(folder), "--retime", "settle", brand=slug)


def test_a_step_is_reviewed(conn: Connection, workspace: int, slug: str, folder: Path) -> None:
    told("apply", str(folder), brand=slug)
    assert "version 2 published" in told("set-status", "a-flow", "hello", "manual", brand=slug)
    inside(conn, workspace, 2)

    assert "hello p1@example.com since" in told("review", "a-flow", brand=slug)
    assert run("review", "a-flow", "--send-all", brand=slug)[0] == 2
    assert told("review", "a-flow", "--step", "hello", "--cancel-all", brand=slug) == "Cancelled for 2 people."
    assert told("review", "a-flow", brand=slug) == "Nobody is held for review."
    assert run("set-status", "a-flow", "unheard", "live", brand=slug)[0] == 1


def test_a_paused_flow_is_resumed_without_what_is_overdue(
    conn: Connection, workspace: int, slug: str, folder: Path
) -> None:
    told("apply", str(folder), brand=slug)
    told("pause", "a-flow", brand=slug)
    flow_id = publishing.published(conn, workspace, "a-flow")[0].id
    enrol(conn, workspace, flow_id, people(conn, workspace, clock.now(conn), 3), clock.now(conn))
    conn.commit()

    assert run("resume", "a-flow", "--overdue", "later", brand=slug)[0] == 1
    assert "Overdue (exit): 3 people, 0 planned emails" in told("resume", "a-flow", "--overdue", "exit", brand=slug)


def test_a_flow_is_written_as_files(slug: str, folder: Path, tmp_path: Path) -> None:
    told("apply", str(folder), brand=slug)

    told("export", "a-flow", str(tmp_path / "out" / "a-flow"), brand=slug)

    assert "unchanged (version 1)" in told("apply", str(tmp_path / "out" / "a-flow"), brand=slug)
    assert run("export", "unheard", brand=slug)[0] == 1


def test_a_mistake_names_its_step(slug: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(TWO_EMAILS.replace("days: 1", "dayz: 1"))

    code, said = run("plan", str(folder), brand=slug)

    assert (code, "steps[1].delay.dayz" in said, "(step settle)" in said) == (1, True, True)
