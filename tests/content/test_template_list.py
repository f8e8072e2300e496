"""Looking through templates: by words, by kind, in an order, in parts; and putting them away and taking them out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.content import shelving, template_list, templates
from headwater.content.document import Document
from headwater.content.errors import EditedMeanwhile, TemplateError
from headwater.content.template_list import Sort
from tests.content.rendering import NOW, document

PAGE = "<html><body>Hello {% footer %}</body></html>"


@pytest.fixture
def three(conn: Connection, workspace: int) -> dict[str, int]:
    """Saved in the order of their names; “beta” is HTML and was changed last."""
    ids = {}
    for number, name in enumerate(("Alpha", "beta", "Gamma")):
        body = Document("Sale", PAGE) if name == "beta" else document(subject=f"News {number}")
        ids[name] = templates.save(conn, workspace, name, body, NOW + timedelta(hours=number))[0]
    templates.save(conn, workspace, "beta", Document("Big sale", PAGE), NOW + timedelta(days=1))
    return ids


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("name", ["Alpha", "beta", "Gamma"]),
        ("-name", ["Gamma", "beta", "Alpha"]),
        ("-created", ["Gamma", "beta", "Alpha"]),
        ("-updated", ["beta", "Gamma", "Alpha"]),
    ],
)
def test_each_order_holds_over_its_parts(
    conn: Connection, workspace: int, three: dict[str, int], sort: Sort, wanted: list[str]
) -> None:
    seen: list[str] = []
    after = 0
    while part := template_list.find(conn, workspace, sort=sort, after=after, limit=1):
        seen.append(part[0].name)
        after = part[0].id
    assert seen == wanted


def test_names_and_subjects_are_searched_and_kinds_told_apart(
    conn: Connection, workspace: int, three: dict[str, int]
) -> None:
    assert [one.name for one in template_list.find(conn, workspace, q="GAM")] == ["Gamma"]
    assert [one.name for one in template_list.find(conn, workspace, q="big s")] == ["beta"]
    assert template_list.find(conn, workspace, q="%") == []
    assert [one.name for one in template_list.find(conn, workspace, kind="html")] == ["beta"]
    assert len(template_list.find(conn, workspace, kind="mjml")) == 2
    assert template_list.find(conn, workspace + 1_000_000) == []


def test_what_is_put_away_can_be_taken_out_while_its_name_is_free(
    conn: Connection, workspace: int, three: dict[str, int]
) -> None:
    templates.archive(conn, workspace, three["Alpha"], NOW)
    assert [one.name for one in template_list.find(conn, workspace, archived=True)] == ["Alpha"]
    taken = templates.save(conn, workspace, "alpha", document(), NOW)[0]
    with pytest.raises(TemplateError, match="its name"):
        shelving.unarchive(conn, workspace, three["Alpha"], NOW)
    assert shelving.rename(conn, workspace, taken, "Delta", NOW)
    assert shelving.unarchive(conn, workspace, three["Alpha"], NOW)
    assert not shelving.unarchive(conn, workspace, three["Alpha"], NOW)


def test_two_templates_do_not_share_a_name(conn: Connection, workspace: int, three: dict[str, int]) -> None:
    with pytest.raises(TemplateError, match="already"):
        shelving.rename(conn, workspace, three["Alpha"], "BETA", NOW)
    assert shelving.rename(conn, workspace, three["Alpha"], "alpha", NOW)


def test_an_edit_does_not_overwrite_one_that_it_never_saw(
    conn: Connection, workspace: int, three: dict[str, int]
) -> None:
    mine = templates.get(conn, workspace, three["Alpha"])
    assert mine is not None
    templates.save_over(conn, workspace, mine.id, document("Theirs"), NOW, based_on=mine.current_version)
    with pytest.raises(EditedMeanwhile) as edited:
        templates.save_over(conn, workspace, mine.id, document("Mine"), NOW, based_on=mine.current_version)
    templates.save_over(conn, workspace, mine.id, document("Mine"), NOW, based_on=edited.value.current)
    assert len(templates.versions(conn, workspace, mine.id)) == 3


def test_a_trial_is_in_no_history_and_never_current(conn: Connection, workspace: int, three: dict[str, int]) -> None:
    template = three["Alpha"]
    before = templates.versions(conn, workspace, template), templates.get(conn, workspace, template)
    trial = templates.keep_trial(conn, workspace, template, document("Tried"), NOW)
    assert (templates.versions(conn, workspace, template), templates.get(conn, workspace, template)) == before
    _, saved = templates.save(conn, workspace, "Alpha", document("Tried"), NOW)
    assert saved != trial
