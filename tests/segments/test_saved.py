"""Saved segments: checked before they are stored, named once, archived without losing those who refer to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import Connection

from headwater.segments import compile as compiling
from headwater.segments import members, saved
from headwater.segments.language import DefinitionError
from tests.segments import segment_people as builders
from tests.segments.segment_people import Happened

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BUYERS = {"metric": "Placed Order", "in_last": {"days": 90}}


def test_a_segment_is_found_by_name_and_changed(conn: Connection, workspace: int) -> None:
    made = saved.create(conn, workspace, " Buyers ", BUYERS, NOW)
    changed = saved.update(conn, workspace, made.id, NOW + timedelta(hours=1), definition={"all": []})

    assert changed is not None
    assert (changed.name, changed.definition, changed.updated_at) == ("Buyers", {"all": []}, NOW + timedelta(hours=1))
    assert saved.find(conn, workspace, "bUYERS") == changed
    assert [segment.id for segment in saved.page(conn, workspace)] == [made.id]


def test_nothing_is_half_saved(conn: Connection, workspace: int) -> None:
    with pytest.raises(DefinitionError):
        saved.create(conn, workspace, "Wrong", {"metric": "A", "count": {"most": 1}}, NOW)
    saved.create(conn, workspace, "Buyers", BUYERS, NOW)
    with pytest.raises(saved.SegmentError, match="already"):
        saved.create(conn, workspace, "buyers", BUYERS, NOW)
    with pytest.raises(saved.SegmentError):
        saved.create(conn, workspace, "  ", BUYERS, NOW)

    assert [segment.name for segment in saved.page(conn, workspace)] == ["Buyers"]


def test_an_archived_segment_frees_its_name_and_can_still_be_read(conn: Connection, workspace: int) -> None:
    first = saved.create(conn, workspace, "Buyers", BUYERS, NOW)

    assert saved.archive(conn, workspace, first.id, NOW)
    second = saved.create(conn, workspace, "Buyers", {"all": []}, NOW)

    assert not saved.archive(conn, workspace, first.id, NOW)
    assert saved.update(conn, workspace, first.id, NOW, name="x") is None
    assert [segment.id for segment in saved.page(conn, workspace)] == [second.id]
    assert saved.get(conn, workspace, [first.id])[first.id].archived_at == NOW


def test_another_workspaces_segment_is_out_of_reach(conn: Connection, workspace: int) -> None:
    made = saved.create(conn, workspace, "Buyers", BUYERS, NOW)

    assert saved.get(conn, workspace + 1, [made.id]) == {}
    assert saved.update(conn, workspace + 1, made.id, NOW, name="x") is None
    assert not saved.archive(conn, workspace + 1, made.id, NOW)


def test_members_are_counted_and_paged(conn: Connection, workspace: int) -> None:
    segment = saved.create(conn, workspace, "Buyers", BUYERS, NOW)
    buyers = [builders.profile(conn, workspace, NOW, external_id=f"c-{number}") for number in range(5)]
    for profile in buyers:
        builders.events(conn, workspace, profile, [Happened("Placed Order", NOW)])
    builders.profile(conn, workspace, NOW, external_id="c-never")
    browser = builders.profile(conn, workspace, NOW)
    builders.events(conn, workspace, browser, [Happened("Placed Order", NOW)])

    assert compiling.count(conn, segment.condition, workspace, NOW) == 5
    assert compiling.count(conn, segment.condition, workspace, NOW + timedelta(days=90)) == 0
    first = members.page(conn, workspace, segment.condition, NOW, limit=3)
    assert first + members.page(conn, workspace, segment.condition, NOW, after=first[-1]) == buyers
