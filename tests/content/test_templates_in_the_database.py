"""Templates and their versions: the same content is the same version, and what cannot be sent is not saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.content import template_list, templates
from headwater.content.document import Document
from headwater.content.errors import TemplateError
from tests.content.rendering import NOW, document

LATER = NOW + timedelta(days=1)


def test_a_saved_document_comes_back(conn: Connection, workspace: int) -> None:
    saved = document("Hi", preview_text="pre", text="Hi {% footer %}", data={"coupon": "X"})
    template, version = templates.save(conn, workspace, "Welcome", saved, NOW)
    assert templates.version(conn, workspace, [version, 10**9]) == {version: saved}
    assert templates.current_versions(conn, workspace, [template, 10**9]) == {template: version}
    found = templates.find(conn, workspace, "welcome")
    assert found is not None
    assert (found.id, found.name, found.current_version) == (template, "Welcome", version)
    assert templates.get(conn, workspace, template) == found
    assert [one.id for one in template_list.find(conn, workspace)] == [found.id]


def test_same_content_is_the_same_version_and_old_content_current_again(conn: Connection, workspace: int) -> None:
    first = templates.save(conn, workspace, "Welcome", document("One"), NOW)
    assert templates.save(conn, workspace, "WELCOME", document("One"), LATER) == first
    second = templates.save(conn, workspace, "Welcome", document("Two"), LATER)
    assert second[0] == first[0]
    assert second[1] != first[1]
    assert templates.save(conn, workspace, "Welcome", document("One"), LATER) == first
    assert templates.current_versions(conn, workspace, [first[0]]) == {first[0]: first[1]}


def test_a_template_of_another_workspace_does_not_exist(conn: Connection, workspace: int) -> None:
    template, version = templates.save(conn, workspace, "Welcome", document(), NOW)
    other = workspace + 1_000_000
    assert templates.find(conn, other, "Welcome") is None
    assert templates.get(conn, other, template) is None
    assert templates.version(conn, other, [version]) == {}
    assert templates.current_versions(conn, other, [template]) == {}
    assert not templates.archive(conn, other, template, NOW)


def test_an_archived_template_frees_its_name_and_keeps_its_versions(conn: Connection, workspace: int) -> None:
    template, version = templates.save(conn, workspace, "Welcome", document(), NOW)
    assert templates.archive(conn, workspace, template, LATER)
    assert not templates.archive(conn, workspace, template, LATER)
    assert templates.find(conn, workspace, "Welcome") is None
    assert version in templates.version(conn, workspace, [version])
    assert templates.save(conn, workspace, "Welcome", document(), LATER)[0] != template


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (document("{{ x | nope }}"), "nope"),
        (Document(subject="x", mjml="<mjml><mj-body></mj-body></mjml>"), "unsubscribe"),
        (document(data={"feeds": {"a": {"kind": "magic"}}}), "magic|kind"),
        (document(subject=" "), "subject"),
    ],
)
def test_what_cannot_be_sent_is_not_saved(conn: Connection, workspace: int, bad: Document, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        templates.save(conn, workspace, "Bad", bad, NOW)
    assert templates.find(conn, workspace, "Bad") is None


def test_transactional_email_needs_no_unsubscribe_link(conn: Connection, workspace: int) -> None:
    receipt = Document(subject="Receipt", mjml="<mjml><mj-body></mj-body></mjml>")
    templates.save(conn, workspace, "Receipt", receipt, NOW, transactional=True)
