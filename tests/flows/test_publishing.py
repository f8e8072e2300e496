"""Publishing from files: whole or not at all, a new version only for a change, and people told what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from headwater.audience import lists
from headwater.catalog import coupons
from headwater.content import template_list, templates
from headwater.content.document import Document
from headwater.core import database
from headwater.flows import runner
from headwater.flows.editing import publishing
from headwater.flows.editing.publishing import Applied
from headwater.flows.editing.requirements import Made
from headwater.flows.errors import FlowError, WrongStep
from headwater.segments import saved as segments
from headwater.segments.language import DefinitionError
from tests.flows.flow_tables import enrol, enrolments, messages, people
from tests.flows.live_flow import mail, publish, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MJML = """---
subject: Hello {subject}
---
<mjml><mj-body><mj-section><mj-column><mj-text>
{body} <a href="{{{{ unsubscribe_link }}}}">Unsubscribe</a> {{{{ organization.full_address }}}}
</mj-text></mj-column></mj-section></mj-body></mjml>
"""
MJML_BODY = "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"
MJML_FOOTER = MJML_BODY.replace("Hi", "Hi {% footer %}")
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
        ("flow.yaml", FLOW.replace("{days: 1}", "{before: {days: 1}, expiry_of: NONE}"), "steps[1].delay.expiry_of"),
        ("flow.yaml", FLOW.replace("delay: {days: 1}", "coupon: NONE"), "steps[1].coupon"),
        ("flow.yaml", FLOW.replace("metric: Viewed Product", "segment: Nobody"), "trigger.segment"),
        ("flow.yaml", FLOW + "profile_filters: [{not: {list: Nobody}}]", "profile_filters"),
        ("flow.yaml", FLOW + "  - if: {list: Nobody}\n    then: [exit]\n", "steps[3].if"),
        ("flow.yaml", FLOW + "  - remove_from_list: Nobody\n", "steps[3].remove_from_list"),
        ("flow.yaml", FLOW + "  - add_to_list: 7\n", "steps[3].add_to_list"),
        (
            "flow.yaml",
            FLOW + "  - webhook: {url: 'https://a.example', body: {a: '{% if %}'}}\n",
            "steps[3].webhook.body.a",
        ),
        ("flow.yaml", FLOW + "  - notify: {to: [a@b.example], subject: '{{', text: a}\n", "steps[3].notify.subject"),
        ("flow.yaml", "coupons: {TEN: {kind: static, code: ' '}}\n" + FLOW, "coupons.TEN.code"),
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
    assert template_list.find(conn, workspace) == []


def test_a_wrong_definition_names_the_field(conn: Connection, workspace: int, folder: Path) -> None:
    (folder / "flow.yaml").write_text(FLOW.replace("days: 1", "dayz: 1"))

    with pytest.raises(DefinitionError) as refused:
        publishing.apply(conn, workspace, folder, NOW)

    assert refused.value.path == "steps[1].delay.dayz"


def test_a_missing_folder_is_said(conn: Connection, workspace: int, tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"flow\.yaml"):
        publishing.apply(conn, workspace, tmp_path, NOW)


def test_plain_data_names_saved_templates(conn: Connection, workspace: int, folder: Path) -> None:
    lists.create(conn, workspace, "VIP", NOW)
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


def test_a_flow_brings_its_lists_and_ready_made_segments(conn: Connection, workspace: int, folder: Path) -> None:
    joins = FLOW.replace("metric: Viewed Product", "list: Newsletter") + "  - add_to_list: Buyers\n"
    (folder / "flow.yaml").write_text(joins + "profile_filters: [{not: {segment: vip customers}}]\n")

    first = publishing.apply(conn, workspace, folder, NOW)
    again = publishing.apply(conn, workspace, folder, NOW)

    assert (first.made.lists, first.made.segments) == (("Newsletter", "Buyers"), ("VIP customers",))
    assert again.made == Made()
    assert lists.find(conn, workspace, "newsletter") is not None
    assert segments.find(conn, workspace, "VIP customers") is not None


def test_plain_data_brings_coupons_only(conn: Connection, workspace: int) -> None:
    with pytest.raises(FlowError, match="there is no list Newsletter"):
        publish(conn, workspace, NOW, tree(mail("a"), trigger={"list": "Newsletter"}))
    with pytest.raises(FlowError, match="headwater segments install vip"):
        publish(conn, workspace, NOW, tree(mail("a"), trigger={"segment": "VIP customers"}))
    with pytest.raises(FlowError, match="ready-made ones are .*VIP customers"):
        publish(conn, workspace, NOW, tree(mail("a"), trigger={"segment": "Unheard of"}))

    made = publish(conn, workspace, NOW, tree(mail("a"), coupons={"TEN": {"kind": "generated", "prefix": "T"}}))

    assert made.made == Made(coupons=("TEN",))


def test_a_step_that_nobody_comes_to_is_refused(conn: Connection, workspace: int) -> None:
    asked = {"id": "ask", "if": {"metric": "Placed Order"}, "then": ["exit"], "else": ["exit"]}

    with pytest.raises(FlowError, match="never reached") as refused:
        publish(conn, workspace, NOW, tree(asked, mail("late")))

    assert (refused.value.path, refused.value.step) == ("steps[1]", "late")


def test_without_a_sender_nothing_is_published(conn: Connection, workspace: int) -> None:
    conn.execute("UPDATE workspace SET from_email = 'nobody' WHERE id = %s", (workspace,))

    with pytest.raises(FlowError) as refused:
        publish(conn, workspace, NOW, tree(mail("a")))
    assert refused.value.path == "brand.from_email"

    hook = {"id": "tell", "webhook": {"url": "https://x.example/y"}}
    assert publish(conn, workspace, NOW, tree(hook)).version == 1


def test_a_saved_template_must_be_fit_to_send(conn: Connection, workspace: int) -> None:
    no_footer = Document(subject="Bare", mjml=MJML_BODY)
    templates.save(conn, workspace, "Bare", no_footer, NOW, transactional=True)
    bare = {"id": "a", "email": "Bare"}

    with pytest.raises(FlowError, match="unsubscribe link") as refused:
        publish(conn, workspace, NOW, tree(bare))

    assert (refused.value.path, refused.value.step) == ("steps[0].email", "a")
    assert publish(conn, workspace, NOW, tree({**bare, "transactional": True})).version == 1


def test_a_mistake_names_the_step(conn: Connection, workspace: int, folder: Path) -> None:
    (folder / "again.mjml").write_text("no head")
    with pytest.raises(FlowError) as broken:
        publishing.apply(conn, workspace, folder, NOW)
    with pytest.raises(WrongStep) as wrong:
        publishing.apply(
            conn, workspace, tree({"id": "a", "delay": {"days": 1}}, {"id": "settle", "delay": {"dayz": 1}}), NOW
        )

    assert (broken.value.path, broken.value.step) == ("again.mjml", "again")
    assert (wrong.value.path, wrong.value.step) == ("steps[1].delay.dayz", "settle")


def test_what_a_flow_shows_is_not_mistaken_for_another_template(conn: Connection, workspace: int, folder: Path) -> None:
    publishing.apply(conn, workspace, folder, NOW)
    publish(conn, workspace, NOW, tree(mail("other"), flow="other"))  # saves "Hello"
    templates.save(conn, workspace, "hello.mjml", Document(subject="Another", mjml=MJML_FOOTER), NOW)
    _, live = publishing.published(conn, workspace, "a-flow")
    assert live is not None

    same = publishing.apply(conn, workspace, live, NOW)
    changed = publishing.apply(conn, workspace, {**live, "steps": [{"email": "Hello"}]}, NOW)

    assert same.changed is False
    _, now_live = publishing.published(conn, workspace, "a-flow")
    hello = templates.find(conn, workspace, "Hello")
    assert hello is not None
    assert now_live is not None
    assert (changed.version, now_live["steps"][0]["template_id"]) == (2, hello.id)


def test_a_plan_changes_nothing(conn: Connection, workspace: int, folder: Path) -> None:
    publishing.apply(conn, workspace, folder, NOW)
    (folder / "hello.mjml").write_text(MJML.format(subject="better", body="Come in."))
    brings = "coupons: {TEN: {kind: generated, prefix: T}}\n"
    (folder / "flow.yaml").write_text(brings + FLOW.replace("days: 1", "days: 2") + "  - add_to_list: Buyers\n")

    planned = publishing.plan(conn, workspace, folder, NOW)

    assert [change.words for change in planned.changes] == [
        'coupons: nothing → {"TEN":{"kind":"generated","prefix":"T"}}',
        "delay delay-1: 1 day → 2 days",
        "add to list add-to-list-1 added after again: joins the list Buyers",
    ]
    assert (planned.version, planned.emails_changed) == (1, ("hello.mjml",))
    assert planned.made == Made(coupons=("TEN",), lists=("Buyers",))
    assert coupons.find(conn, workspace, "TEN") is None
    assert lists.find(conn, workspace, "Buyers") is None
    assert publishing.published(conn, workspace, "a-flow")[0].version == 1
    (folder / "hello.mjml").write_text(MJML.format(subject="hello", body="Come in."))
    (folder / "flow.yaml").write_text(FLOW)
    assert publishing.apply(conn, workspace, folder, NOW).emails_changed == ()


def test_a_plan_of_a_new_flow_leaves_no_trace(conn: Connection, workspace: int, folder: Path) -> None:
    planned = publishing.plan(conn, workspace, folder, NOW)

    assert (planned.version, [change.kind for change in planned.changes]) == (None, ["added"] * 3)
    assert publishing.summaries(conn, workspace) == []
    assert template_list.find(conn, workspace) == []


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        (lambda other, workspace: publishing.apply(other, workspace, tree(mail("c")), NOW), [("c", None)]),
        (
            lambda other, workspace: publishing.set_step_status(other, workspace, "a-flow", "a", "draft", NOW),
            [("a", "draft"), ("b", None)],
        ),
    ],
)
def test_two_people_publish_at_once(
    conn: Connection, workspace: int, change: Callable[[Connection, int], Applied], steps: list[tuple[str, str | None]]
) -> None:
    publish(conn, workspace, NOW, tree(mail("a")))
    conn.commit()

    with ThreadPoolExecutor(1) as pool, database.connect() as other, database.connect(autocommit=True) as onlooker:
        first = publishing.apply(conn, workspace, tree(mail("a"), mail("b")), NOW).version
        late = pool.submit(change, other, workspace)
        while not late.done() and not _waits(onlooker, other):
            pass
        conn.commit()
        assert (first, late.result().version) == (2, 3)
        other.commit()

    _, live = publishing.published(conn, workspace, "a-flow")
    assert live is not None
    assert [(step["id"], step.get("status")) for step in live["steps"]] == steps


def _waits(onlooker: Connection, other: Connection) -> bool:
    row = onlooker.execute("SELECT pg_blocking_pids(%s) <> '{}'", (other.info.backend_pid,)).fetchone()
    return bool(row and row[0])


def test_one_step_is_set_manual_and_live_again(conn: Connection, workspace: int) -> None:
    branch = {"id": "ask", "if": {"metric": "Placed Order"}, "then": [mail("b")]}
    publish(conn, workspace, NOW, tree(mail("a"), branch))

    manual = publishing.set_step_status(conn, workspace, "a-flow", "b", "manual", NOW)
    _, held = publishing.published(conn, workspace, "a-flow")
    again = publishing.set_step_status(conn, workspace, "a-flow", "b", "manual", NOW)
    live = publishing.set_step_status(conn, workspace, "a-flow", "b", "live", NOW)
    _, sent = publishing.published(conn, workspace, "a-flow")

    assert held is not None
    assert sent is not None
    assert held["steps"][1]["then"][0]["status"] == "manual"
    assert "status" not in sent["steps"][1]["then"][0]
    assert (manual.version, again.version, again.changed, live.version) == (2, 2, False, 3)


@pytest.mark.parametrize(
    ("step", "status", "path"), [("a", "on", "status"), ("nothing", "draft", "step"), ("ask", "draft", "step")]
)
def test_only_what_acts_has_a_status(conn: Connection, workspace: int, step: str, status: str, path: str) -> None:
    publish(conn, workspace, NOW, tree(mail("a"), {"id": "ask", "if": {"metric": "Placed Order"}, "then": ["exit"]}))

    with pytest.raises(FlowError) as refused:
        publishing.set_step_status(conn, workspace, "a-flow", step, status, NOW)

    assert refused.value.path == path


def test_another_workspaces_flow_is_out_of_reach(conn: Connection, workspace: int, folder: Path) -> None:
    publishing.apply(conn, workspace, folder, NOW)

    assert publishing.summaries(conn, workspace + 1) == []
    with pytest.raises(LookupError):
        publishing.published(conn, workspace + 1, "a-flow")
    with pytest.raises(LookupError):
        publishing.set_step_status(conn, workspace + 1, "a-flow", "hello", "draft", NOW)


def test_the_recipes_are_listed() -> None:
    listed = {recipe.slug: recipe for recipe in publishing.recipes()}

    assert {"abandoned-checkout", "browse-abandonment", "welcome-series"} <= set(listed)
    assert len(listed["browse-abandonment"].emails) == 4
