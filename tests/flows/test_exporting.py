"""A live flow as files: what they say is what runs, so applying them changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from headwater.content import templates
from headwater.content.document import Document
from headwater.flows.editing import exporting, publishing
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.flows.reading import files
from tests.flows.live_flow import MJML, mail, publish, tree

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def written(conn: Connection, workspace: int, slug: str, into: Path) -> Path:
    folder = into / slug
    for name, text in exporting.export(conn, workspace, slug).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("recipe", publishing.recipes(), ids=lambda recipe: str(recipe.slug))
def test_a_recipe_is_the_same_after_export(
    conn: Connection, workspace: int, tmp_path: Path, recipe: publishing.Recipe
) -> None:
    first = publishing.apply(conn, workspace, recipe.folder, NOW)

    again = publishing.apply(conn, workspace, written(conn, workspace, recipe.slug, tmp_path), NOW)

    assert (again.version, again.changed, again.emails_changed) == (first.version, False, ())
    assert again.made == type(again.made)()


def test_emails_keep_their_head_their_text_and_their_folder(conn: Connection, workspace: int, tmp_path: Path) -> None:
    folder = tmp_path / "given" / "a-flow"
    (folder / "mails").mkdir(parents=True)
    head = 'subject: "Yes: {{ person.first_name }}"\npreview_text: "10:30"\ndata: {item: {from: event}}\n'
    (folder / "mails" / "hello.mjml").write_text(f"---\n{head}---\n\n{MJML}\n")
    (folder / "mails" / "hello.txt").write_text("Hi\n\n{% footer %}\n")
    (folder / "flow.yaml").write_text("trigger: {metric: X}\nsteps: [{email: mails/hello.mjml}]\n")
    publishing.apply(conn, workspace, folder, NOW)

    again = publishing.apply(conn, workspace, written(conn, workspace, "a-flow", tmp_path / "out"), NOW)

    assert (again.changed, again.emails_changed) == (False, ())
    found = exporting.export(conn, workspace, "a-flow")
    assert set(found) == {"flow.yaml", "mails/hello.mjml", "mails/hello.txt"}
    assert "template_id" not in found["flow.yaml"]


def test_it_reads_as_one_writes_it(conn: Connection, workspace: int) -> None:
    publish(
        conn,
        workspace,
        NOW,
        tree(
            {"id": "settle", "delay": {"days": 1, "until": "10:00"}},
            {"id": "ask", "if": {"metric": "Placed Order", "count": {"equals": 0}}, "then": [mail("b", name="No")]},
            name="A flow",
        ),
    )

    assert exporting.export(conn, workspace, "a-flow")["flow.yaml"] == (
        "flow: a-flow\n"
        "name: A flow\n"
        "trigger: {metric: Viewed Product}\n"
        "steps:\n"
        "- id: settle\n"
        '  delay: {days: 1, until: "10:00"}\n'
        "- id: ask\n"
        "  if:\n"
        "    metric: Placed Order\n"
        "    count: {equals: 0}\n"
        "  then:\n"
        "  - {id: b, email: b.mjml, name: 'No'}\n"
    )


def test_every_value_survives(conn: Connection, workspace: int) -> None:
    values: dict[str, Any] = {
        "numbers": ["1e3", "1.5", ".5", "-1", "0o17", "0x1F", "1_000", "007"],
        "words": ["yes", "no", "on", "off", "null", "~", "true", "=", "<<", "", " a ", "a: b", "# a", "- a", "'", '"'],
        "lines": ["one\ntwo\n", "one\n\n  two", " one\ntwo", "one\n", "tab\there", "trailing \nspace"],
        "times": ["10:00", "2026-03-02", "2026-03-02 12:00", "2026-03-02T12:00:00Z"],
        "plain": [1, 1.5, -2, 1e20, True, False, None, {}, []],
        "letters": ["Grüße", "🎁 { }", "a\u2028b", "{{ x }}", "{% if %}", "*a", "&a", "!a", "@a", "`a"],
    }
    hook = {"id": "tell", "webhook": {"url": "https://x.example/y", "body": {"kept": "x", **values}}}
    hook["webhook"]["body"]["letters"].remove("{% if %}")  # type: ignore[index]
    publish(conn, workspace, NOW, tree(mail("a"), hook))

    read = files.read(exporting.export(conn, workspace, "a-flow")["flow.yaml"])

    assert read["steps"][1]["webhook"]["body"] == {"kept": "x", **values}


def test_saved_templates_become_files_named_for_their_steps(conn: Connection, workspace: int, tmp_path: Path) -> None:
    publish(conn, workspace, NOW, tree(mail("a")))  # saves "Hello"
    for name in ("../../escape.mjml", "same.mjml"):
        templates.save(conn, workspace, name, Document(subject=name, mjml=MJML), NOW)
    steps = [{"id": "out", "email": "../../escape.mjml"}, {"id": "kept", "email": "same.mjml"}, mail("b"), mail("c")]
    publish(conn, workspace, NOW, tree(*steps))

    found = exporting.export(conn, workspace, "a-flow")
    first = publishing.apply(conn, workspace, written(conn, workspace, "a-flow", tmp_path), NOW)
    again = publishing.apply(conn, workspace, written(conn, workspace, "a-flow", tmp_path), NOW)

    assert set(found) == {"flow.yaml", "out.mjml", "same.mjml", "b.mjml", "c.mjml"}
    assert (first.changed, again.changed, again.emails_changed) == (True, False, ())


def test_only_what_was_published_is_exported(conn: Connection, workspace: int) -> None:
    conn.execute(
        "INSERT INTO flow (workspace_id, slug, name, created_at, updated_at) VALUES (%s, 'b', 'b', %s, %s)",
        (workspace, NOW, NOW),
    )

    with pytest.raises(FlowError, match="not been published"):
        exporting.export(conn, workspace, "b")
    with pytest.raises(UnknownFlow):
        exporting.export(conn, workspace, "unheard")
