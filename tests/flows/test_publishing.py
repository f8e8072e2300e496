"""Publishing from files: whole or not at all, a new version only for a change, and people told what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from headwater.catalog import coupons
from headwater.content import templates
from headwater.flows import publishing, runner
from headwater.flows.publishing import FlowError
from headwater.segments.language import DefinitionError
from tests.flows.flow_tables import enrol, enrolments, messages, people

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MJML = """---
subject: Hello {subject}
---
<mjml><mj-body><mj-section><mj-column><mj-text>
{body} <a href="{{{{ unsubscribe_link }}}}">Unsubscribe</a> {{{{ organization.full_address }}}}
</mj-text></mj-column></mj-section></mj-body></mjml>
"""
FLOW = """
name: A flow
trigger: {metric: Viewed Product}
steps:
  - email: hello.mjml
  - delay: {days: 1}
  - email: again.mjml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a-flow"
    made.mkdir()
    (made / "flow.yaml").write_text(FLOW)
    for name in ("hello", "again"):
        (made / f"{name}.mjml").write_text(MJML.format(subject=name, body="Come in."))
    return made


def test_applying_again_changes_nothing(conn: Connection, workspace: int, folder: Path) -> None:
    first = publishing.apply(conn, workspace, folder, NOW)
    again = publishing.apply(conn, workspace, folder / "flow.yaml", NOW + timedelta(days=1))

    assert (first.slug, first.version, first.created, first.changed) == ("a-flow", 1, True, True)
    assert first.emails_changed == ("hello.mjml", "again.mjml")
    assert (again.version, again.created, again.changed, again.emails_changed) == (1, False, False, ())


def test_new_content_needs_no_new_version_but_a_new_step_does(conn: Connection, workspace: int, folder: Path) -> None:
    publishing.apply(conn, workspace, folder, NOW)
    (folder / "hello.mjml").write_text(MJML.format(subject="better", body="Come in."))

    written = publishing.apply(conn, workspace, folder, NOW)
    (folder / "flow.yaml").write_text(FLOW.replace("days: 1", "days: 2"))
    delayed = publishing.apply(conn, workspace, folder, NOW)

    assert (written.version, written.changed, written.emails_changed) == (1, False, ("hello.mjml",))
    assert (delayed.version, delayed.changed, delayed.emails_changed) == (2, True, ())


def test_a_published_flow_runs(conn: Connection, workspace: int, folder: Path) -> None:
    applied = publishing.apply(conn, workspace, folder, NOW)
    enrol(conn, workspace, applied.id, people(conn, workspace, NOW, 1), NOW)

    runner.run_due(conn, workspace, NOW)

    assert [row[0] for row in messages(conn, workspace)] == ["hello"]
    assert enrolments(conn, workspace)[0]["step"] == "again"


@pytest.mark.parametrize(
    ("file", "content", "path"),
    [
        ("hello.mjml", "no head", "hello.mjml"),
        ("hello.mjml", MJML.format(subject="x", body="{% if %}"), "hello.mjml"),
        ("hello.mjml", "---\nsubject: x\n---\n<mjml><mj-body></mj-body></mjml>", "hello.mjml"),
        ("hello.mjml", MJML.format(subject="x", body="{% coupon_code 'NONE' %}"), "hello.mjml"),
        ("flow.yaml", FLOW.replace("again.mjml", "gone.mjml"), "steps[2].email"),
        ("flow.yaml", FLOW.replace("again.mjml", "../../secret.mjml"), "steps[2].email"),
        ("flow.yaml", FLOW.replace("{days: 1}", "{before: {days: 1}, expiry_of: NONE}"), "delay-1.delay.expiry_of"),
        ("flow.yaml", "steps: [", "flow.yaml"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(
    conn: Connection, workspace: int, folder: Path, file: str, content: str, path: str
) -> None:
    (folder / file).write_text(content)

    with pytest.raises(FlowError) as refused:
        publishing.apply(conn, workspace, folder, NOW)
    conn.rollback()

    assert refused.value.path == path
    assert publishing.summaries(conn, workspace) == []
    assert templates.page(conn, workspace) == []


def test_a_wrong_definition_names_the_field(conn: Connection, workspace: int, folder: Path) -> None:
    (folder / "flow.yaml").write_text(FLOW.replace("days: 1", "dayz: 1"))

    with pytest.raises(DefinitionError) as refused:
        publishing.apply(conn, workspace, folder, NOW)

    assert refused.value.path == "steps[1].delay.dayz"


def test_a_missing_folder_is_said(conn: Connection, workspace: int, tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"flow\.yaml"):
        publishing.apply(conn, workspace, tmp_path, NOW)


def test_plain_data_names_saved_templates(conn: Connection, workspace: int, folder: Path) -> None:
    tree: dict[str, Any] = {"flow": "by-api", "trigger": {"list": "VIP"}, "steps": [{"email": "a-flow/hello"}]}
    with pytest.raises(FlowError, match="no template"):
        publishing.apply(conn, workspace, tree, NOW)
    publishing.apply(conn, workspace, folder, NOW)

    applied = publishing.apply(conn, workspace, tree, NOW)

    assert (applied.slug, applied.version) == ("by-api", 1)


def test_a_published_definition_can_be_read_changed_and_applied_again(
    conn: Connection, workspace: int, folder: Path
) -> None:
    publishing.apply(conn, workspace, folder, NOW)
    _, tree = publishing.published(conn, workspace, "a-flow")
    assert tree is not None

    same = publishing.apply(conn, workspace, tree, NOW)
    renamed = publishing.apply(conn, workspace, {**tree, "name": "Another name"}, NOW)

    assert (same.version, same.changed) == (1, False)
    assert (renamed.version, renamed.name) == (2, "Another name")


def test_a_flow_brings_its_coupons_once(conn: Connection, workspace: int, folder: Path) -> None:
    brings = "coupons: {TEN: {kind: generated, prefix: T, expires_after: {days: 3}}}\n"
    (folder / "flow.yaml").write_text(brings + FLOW)
    publishing.apply(conn, workspace, folder, NOW)
    coupons.define(conn, workspace, "TEN", "generated", "MINE", timedelta(days=9), None, NOW)

    publishing.apply(conn, workspace, folder, NOW)

    found = coupons.find(conn, workspace, "TEN")
    assert found is not None
    assert (found.code, found.expires_after) == ("MINE", timedelta(days=9))


def test_pause_resume_and_archive(conn: Connection, workspace: int, folder: Path) -> None:
    applied = publishing.apply(conn, workspace, folder, NOW)
    enrol(conn, workspace, applied.id, people(conn, workspace, NOW, 1), NOW)
    runner.run_due(conn, workspace, NOW)

    assert publishing.set_status(conn, workspace, "a-flow", "paused", NOW) == "live"
    assert publishing.apply(conn, workspace, folder, NOW).status == "paused"
    assert publishing.set_status(conn, workspace, "a-flow", "live", NOW) == "paused"
    publishing.set_status(conn, workspace, "a-flow", "archived", NOW)

    assert [enrolment["reason"] for enrolment in enrolments(conn, workspace)] == ["flow_archived"]
    assert [row[2:4] for row in messages(conn, workspace)] == [("cancelled", "flow_archived")]
    assert publishing.summaries(conn, workspace) == []
    with pytest.raises(LookupError):
        publishing.set_status(conn, workspace, "unknown", "live", NOW)


def test_another_workspaces_flow_is_out_of_reach(conn: Connection, workspace: int, folder: Path) -> None:
    publishing.apply(conn, workspace, folder, NOW)

    assert publishing.summaries(conn, workspace + 1) == []
    with pytest.raises(LookupError):
        publishing.set_status(conn, workspace + 1, "a-flow", "paused", NOW)


def test_the_recipes_are_listed() -> None:
    listed = {recipe.slug: recipe for recipe in publishing.recipes()}

    assert set(listed) == {"abandoned-checkout", "browse-abandonment", "welcome-series"}
    assert len(listed["browse-abandonment"].emails) == 4
