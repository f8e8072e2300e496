"""A draft is kept as it is, says what is missing, and becomes a version when it is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.flows.editing import drafts, publishing, versions
from headwater.flows.editing.drafts import Problem
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.segments.language import DefinitionError
from tests.flows.flow_tables import enrol, people
from tests.flows.live_flow import mail, publish, standing, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def draft(conn: Connection, workspace: int) -> Any:
    return versions.find(conn, workspace, "a-flow").draft


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        ({"flow": "a-flow"}, Problem("trigger", "", "must be an object")),
        (
            tree({"id": "a", "email": "Unheard of"}),
            Problem("steps[0].email", "a", "there is no template named Unheard of"),
        ),
        (
            tree({"id": "wait", "delay": {}}),
            Problem("steps[0].delay", "wait", "a span needs days, hours, minutes or weeks"),
        ),
    ],
)
def test_an_unfinished_draft_is_kept_and_says_what_is_missing(
    conn: Connection, workspace: int, definition: dict[str, Any], problem: Problem
) -> None:
    saved = drafts.save(conn, workspace, definition, NOW)

    assert (saved.status, saved.version, saved.problem) == ("draft", None, problem)
    assert draft(conn, workspace) == definition
    [summary] = publishing.summaries(conn, workspace)
    assert (summary.status, summary.version, summary.has_draft) == ("draft", None, True)


def test_a_draft_stands_beside_what_runs_until_it_is_published(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, tree(mail("a"), mail("b")))
    enrol(
        conn,
        workspace,
        publishing.published(conn, workspace, "a-flow")[0].id,
        people(conn, workspace, NOW, 1),
        NOW,
        step="b",
    )
    changed = tree(mail("a"), mail("c"))

    saved = drafts.save(conn, workspace, changed, NOW + HOUR)
    _, runs = publishing.published(conn, workspace, "a-flow")
    applied = drafts.publish(conn, workspace, "a-flow", NOW + HOUR, people={"b": "exit"})

    assert (saved.status, saved.version, saved.problem) == ("live", 1, None)
    assert runs is not None
    assert [step["id"] for step in runs["steps"]] == ["a", "b"]
    assert (applied.version, applied.moved) == (2, 1)
    assert draft(conn, workspace) is None
    assert standing(conn, workspace)[0]["state"] == "exited"


def test_what_was_never_published_is_called_as_its_draft_is(conn: Connection, workspace: int) -> None:
    def name() -> str:
        return publishing.summaries(conn, workspace)[0].name

    drafts.save(conn, workspace, tree(mail("a"), name="First"), NOW)
    drafts.save(conn, workspace, tree(mail("a"), name="Second"), NOW)
    assert name() == "Second"
    drafts.save(conn, workspace, tree(mail("a"), name=""), NOW)
    assert name() == "Second"

    publish(conn, workspace, NOW, tree(mail("a"), name="Live"))
    drafts.save(conn, workspace, tree(mail("a"), name="Third"), NOW)
    assert name() == "Live"


def test_a_draft_is_discarded(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, tree(mail("a")))
    drafts.save(conn, workspace, tree(mail("b")), NOW)

    drafts.discard(conn, workspace, "a-flow", NOW)

    assert draft(conn, workspace) is None
    with pytest.raises(FlowError, match="no draft"):
        drafts.publish(conn, workspace, "a-flow", NOW, people={})


def test_another_publish_keeps_the_draft(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, tree(mail("a")))
    drafts.save(conn, workspace, tree(mail("b")), NOW)

    publish(conn, workspace, NOW, tree(mail("c")))

    assert draft(conn, workspace) == tree(mail("b"))


def test_without_a_sender_a_draft_can_still_be_written(conn: Connection, workspace: int) -> None:
    publish(conn, workspace, NOW, tree(mail("a")))
    conn.execute("UPDATE workspace SET from_email = '' WHERE id = %s", (workspace,))

    saved = drafts.save(conn, workspace, tree(mail("b")), NOW)

    assert saved.problem is not None
    assert saved.problem.field == "brand.from_email"


def test_a_draft_needs_a_short_name_and_an_end(conn: Connection, workspace: int) -> None:
    with pytest.raises(DefinitionError, match="hyphens"):
        drafts.save(conn, workspace, {"flow": "No good"}, NOW)
    with pytest.raises(FlowError, match="1 MB"):
        drafts.save(conn, workspace, {"flow": "a-flow", "description": "x" * 1_000_001}, NOW)
    with pytest.raises(UnknownFlow):
        drafts.publish(conn, workspace, "a-flow", NOW, people={})
