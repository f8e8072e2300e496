"""A segment as a CSV file: what stands in it, and that neither a kill nor a change on the way spoils it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.core import database
from headwater.segments import exporting, saved
from headwater.segments.exporting import Export
from headwater.segments.saved import Segment, SegmentError
from tests.segments.shop import NOW, Shop

EVERYBODY: dict[str, Any] = {"all": []}
DAY = timedelta(days=1)


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    return Shop(conn, workspace)


def start(shop: Shop, segment: Segment, columns: Sequence[str] | None = None) -> Export:
    return exporting.start(shop.conn, shop.workspace, segment.id, columns, shop.now)


def finish(shop: Shop) -> int:
    """The role's turns until nothing is left to do; how many there were."""
    for turns in range(100):
        if not exporting.turn(shop.conn, shop.workspace, shop.now):
            return turns
    raise AssertionError("The exports never end.")


def state(shop: Shop, export: Export) -> Export:
    found = exporting.get(shop.conn, shop.workspace, export.id)
    assert found is not None
    return found


def content(shop: Shop, export: Export) -> bytes:
    return b"".join(exporting.parts(shop.conn, shop.workspace, export.id))


def lines(shop: Shop, export: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(shop, export).decode(), newline="")))


def exported(shop: Shop, segment: Segment, columns: Sequence[str] | None = None) -> list[list[str]]:
    """What an export of these columns says, without the line of their names."""
    export = start(shop, segment, columns)
    finish(shop)
    return lines(shop, export)[1:]


def crowd(shop: Shop, segment: Segment, count: int) -> None:
    """So many more people in the segment, written straight into the tables."""
    shop.conn.execute(
        """
        WITH person AS (
            INSERT INTO profile (workspace_id, external_id, email, properties, created_at, updated_at)
            SELECT %(workspace)s, n, 'p' || n || '@example.com', jsonb_build_object('n', n), %(now)s, %(now)s
            FROM generate_series(1, %(count)s) AS n
            RETURNING id
        )
        INSERT INTO segment_member (workspace_id, segment_id, version, profile_id, entered_at)
        SELECT %(workspace)s, %(segment)s, %(version)s, id, %(now)s
        FROM person
        """,
        {
            "workspace": shop.workspace,
            "segment": segment.id,
            "version": segment.live_version,
            "count": count,
            "now": shop.now,
        },
    )


# ── what stands in it ───────────────────────────────────────────────────────────────────────────────────────────────
def test_an_export_is_a_line_a_member_under_the_names_of_the_columns(shop: Shop) -> None:
    ada = shop.person("1", email="Ada@example.com", phone="+4915112345678")
    shop.says("1", first_name="Ada", last_name='Lovelace, "Countess"', country="GB")
    shop.subscribes("1")
    bob = shop.person("2", email="bob@example.com")
    shop.says("2", first_name="Böb\nunder")
    shop.unsubscribes("2")
    cem = shop.person("3")
    segment = shop.segment("Everybody", EVERYBODY)

    export = start(shop, segment)
    assert (export.state, export.segment, export.total, export.rows) == ("running", "Everybody", 3, 0)
    assert finish(shop) == 1

    done = state(shop, export)
    assert (done.state, done.rows, done.total, done.finished_at) == ("done", 3, 3, NOW)
    assert done.expires_at == NOW + 7 * DAY
    assert done.bytes == len(content(shop, export))
    at = "2026-03-02T12:00:00Z"
    assert content(shop, export).decode() == (
        "id,external_id,email,phone,first_name,last_name,country,consent,entered_at\r\n"
        f'{ada},1,Ada@example.com,+4915112345678,Ada,"Lovelace, ""Countess""",GB,subscribed,{at}\r\n'
        f'{bob},2,bob@example.com,,"Böb\nunder",,,unsubscribed,{at}\r\n'
        f"{cem},3,,,,,,never_subscribed,{at}\r\n"
    )


def test_columns_are_chosen_properties_among_them(shop: Shop) -> None:
    shop.person("1")
    shop.says(
        "1",
        city="Köln",
        tier="gold",
        size=7,
        rate=12.5,
        vip=True,
        nothing=None,
        address={"street": {"name": "Ring", "number": 3}},
        tags=["a", "b,c"],
    )
    segment = shop.segment("Everybody", EVERYBODY)
    columns = (
        "properties.address.street.name", "properties.address.street", "properties.tags", "properties.size", "city",
        "properties.rate", "properties.vip", "properties.nothing", "properties.absent", "properties.tier.deeper",
        "properties.tier", "created_at",
    )  # fmt: skip

    export = start(shop, segment, columns)
    finish(shop)

    assert lines(shop, export) == [
        list(columns),
        ["Ring", '{"name": "Ring", "number": 3}', '["a", "b,c"]', "7", "Köln", "12.5", "true", "", "", "", "gold",
         "2026-03-02T12:00:00Z"],
    ]  # fmt: skip


def test_numbers_keep_every_digit(shop: Shop) -> None:
    profile = shop.person("1")
    shop.conn.execute(
        """
        UPDATE profile
        SET properties = '{"card": 12345678901234567890, "price": 0.10, "debt": -5}'
        WHERE workspace_id = %s AND id = %s
        """,
        (shop.workspace, profile),
    )
    segment = shop.segment("Everybody", EVERYBODY)

    names = ["properties.card", "properties.price", "properties.debt"]
    assert exported(shop, segment, names) == [["12345678901234567890", "0.10", "-5"]]


@pytest.mark.parametrize("bait", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_runs_nothing(shop: Shop, bait: str) -> None:
    profile = shop.person("1")
    shop.conn.execute(
        """
        UPDATE profile
        SET first_name = %(bait)s, phone = %(bait)s, email = %(bait)s,
            properties = jsonb_build_object('a', %(bait)s::text)
        WHERE workspace_id = %(workspace)s AND id = %(id)s
        """,
        {"workspace": shop.workspace, "id": profile, "bait": bait},
    )
    segment = shop.segment("Everybody", EVERYBODY)

    said = exported(shop, segment, ["first_name", "email", "properties.a", "phone"])
    phone = bait if bait == "+1" else f"'{bait}"  # a number as we store it is a number, however short
    assert said == [[f"'{bait}", f"'{bait}", f"'{bait}", phone]]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["email", "e-mail"], "'e-mail'"),
        (["properties"], "'properties'"),
        (["properties."], "'properties.'"),
        (["properties.a..b"], "'properties.a..b'"),
        (["properties.a\x00"], "properties"),
        (["properties." + "a" * 200], "properties"),
        (["email", "email"], "email is named twice"),
        ([], "1 to 100"),
        ([f"properties.p{n}" for n in range(101)], "1 to 100"),
    ],
)
def test_wrong_columns_are_refused(shop: Shop, columns: list[str], said: str) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    with pytest.raises(SegmentError, match=said) as refused:
        start(shop, segment, columns)
    assert refused.value.field == "columns"


def test_an_empty_segment_is_a_line_of_names(shop: Shop) -> None:
    export = start(shop, shop.segment("Nobody", {"not": EVERYBODY}), ["id", "email"])
    finish(shop)
    assert content(shop, export) == b"id,email\r\n"
    assert (state(shop, export).state, state(shop, export).rows) == ("done", 0)


# ── which segments ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_a_segment_that_was_built_can_be_exported(shop: Shop) -> None:
    segment = shop.segment("Everybody", EVERYBODY, built=False)
    with pytest.raises(exporting.NotBuilt, match="Everybody has not been built yet"):
        start(shop, segment)
    shop.build()
    assert start(shop, segment).state == "running"


def test_only_a_segment_of_ones_own_that_is_in_use_can_be_exported(shop: Shop) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    with pytest.raises(SegmentError, match="There is no segment"):
        exporting.start(shop.conn, shop.workspace + 1, segment.id, None, shop.now)
    saved.archive(shop.conn, shop.workspace, segment.id, shop.now)
    with pytest.raises(SegmentError, match="There is no segment"):
        start(shop, segment)


def test_while_a_new_definition_is_built_the_standing_members_are_exported(shop: Shop) -> None:
    gold, _ = shop.person("1"), shop.person("2")
    shop.says("1", tier="gold")
    segment = shop.segment("Gold", {"property": "tier", "equals": "gold"})
    shop.redefine(segment, EVERYBODY, built=False)
    assert exported(shop, segment, ["id"]) == [[str(gold)]]


# ── in parts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_45_000_members_are_three_parts(shop: Shop) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    crowd(shop, segment, 45_000)
    export = start(shop, segment, ["external_id", "email", "consent", "properties.n"])

    taken = []
    while done := exporting.turn(shop.conn, shop.workspace, shop.now):
        taken.append((done, state(shop, export).state))

    assert taken == [(20_000, "running"), (20_000, "running"), (5_000, "done")]
    finished = state(shop, export)
    assert (finished.parts, finished.rows) == (3, 45_000)
    assert finished.bytes == len(content(shop, export))
    head, *rows = lines(shop, export)
    assert head == export.columns
    assert rows == [[str(n), f"p{n}@example.com", "never_subscribed", str(n)] for n in range(1, 45_001)]


def test_a_turn_that_is_rolled_back_doubles_and_loses_nobody(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 3)
    segment = shop.segment("Everybody", EVERYBODY)
    crowd(shop, segment, 7)
    export = start(shop, segment, ["external_id"])
    shop.conn.commit()

    exporting.turn(shop.conn, shop.workspace, shop.now)
    shop.conn.commit()
    exporting.turn(shop.conn, shop.workspace, shop.now)
    shop.conn.rollback()  # the worker was killed
    assert (state(shop, export).rows, state(shop, export).parts) == (3, 1)
    finish(shop)

    assert lines(shop, export) == [["external_id"], *([str(n)] for n in range(1, 8))]
    assert (state(shop, export).parts, state(shop, export).rows) == (3, 7)


def test_a_full_last_part_is_the_last(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 3)
    segment = shop.segment("Everybody", EVERYBODY)
    crowd(shop, segment, 6)
    export = start(shop, segment)
    assert finish(shop) == 2
    assert (state(shop, export).parts, state(shop, export).rows) == (2, 6)


def test_long_properties_make_smaller_parts(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_CHARACTERS", 20)
    segment = shop.segment("Everybody", EVERYBODY)
    crowd(shop, segment, 4)
    export = start(shop, segment, ["email"])
    assert finish(shop) == 3  # the names and one line, two lines, one line
    assert lines(shop, export) == [["email"], *([f"p{n}@example.com"] for n in range(1, 5))]


def test_two_workers_are_never_at_the_same_export(shop: Shop, conn: Connection) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    crowd(shop, segment, 3)
    first, second = start(shop, segment), start(shop, segment)
    conn.commit()

    with database.connect() as other:
        exporting.turn(conn, shop.workspace, shop.now)
        exporting.turn(other, shop.workspace, shop.now)
        assert exporting.turn(other, shop.workspace, shop.now) == 0
        other.commit()
    conn.commit()

    assert [state(shop, one).state for one in (first, second)] == ["done", "done"]
    assert content(shop, first) == content(shop, second)


def test_people_erased_on_the_way_are_left_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    for who in ("1", "2", "3"):
        shop.person(who)
    segment = shop.segment("Everybody", EVERYBODY)
    export = start(shop, segment, ["external_id"])
    exporting.turn(shop.conn, shop.workspace, shop.now)
    shop.erases("2")
    finish(shop)
    assert lines(shop, export) == [["external_id"], ["1"], ["3"]]


def test_each_part_is_of_the_membership_that_stands(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    for who in ("1", "2", "3"):
        shop.person(who)
    shop.says("3", tier="gold")
    segment = shop.segment("Everybody", EVERYBODY)
    export = start(shop, segment, ["external_id"])
    exporting.turn(shop.conn, shop.workspace, shop.now)
    shop.redefine(segment, {"property": "tier", "equals": "gold"})
    finish(shop)
    assert lines(shop, export) == [["external_id"], ["1"], ["3"]]


# ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_segment_archived_on_the_way_fails_its_export(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    shop.person("1")
    shop.person("2")
    segment = shop.segment("Everybody", EVERYBODY)
    export = start(shop, segment)
    exporting.turn(shop.conn, shop.workspace, shop.now)
    saved.archive(shop.conn, shop.workspace, segment.id, shop.now)
    finish(shop)

    failed = state(shop, export)
    assert (failed.state, failed.finished_at, failed.expires_at) == ("failed", NOW, None)
    assert failed.error is not None
    assert "taken out of use" in failed.error
    assert content(shop, export) == b""


def test_an_export_that_was_finished_before_its_segment_was_archived_stays(shop: Shop) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    export = start(shop, segment)
    finish(shop)
    saved.archive(shop.conn, shop.workspace, segment.id, shop.now)
    assert finish(shop) == 0
    assert state(shop, export).state == "done"


def test_after_a_week_the_content_is_removed_bit_by_bit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 1)
    monkeypatch.setattr(exporting, "PARTS_CLEARED_A_TURN", 2)
    segment = shop.segment("Everybody", EVERYBODY)
    crowd(shop, segment, 3)
    export = start(shop, segment)
    finish(shop)

    shop.now = NOW + 7 * DAY - timedelta(seconds=1)
    assert finish(shop) == 0
    assert shop.workspace not in exporting.workspaces_with_work(shop.conn, shop.now)
    shop.now = NOW + 7 * DAY
    assert shop.workspace in exporting.workspaces_with_work(shop.conn, shop.now)

    assert exporting.turn(shop.conn, shop.workspace, shop.now) == 2
    assert state(shop, export).state == "expired"
    assert exporting.turn(shop.conn, shop.workspace, shop.now) == 1
    assert exporting.turn(shop.conn, shop.workspace, shop.now) == 0
    assert shop.workspace not in exporting.workspaces_with_work(shop.conn, shop.now)
    assert content(shop, export) == b""
    assert (state(shop, export).rows, state(shop, export).total) == (3, 3)
    with pytest.raises(exporting.NotKept):
        exporting.part(shop.conn, shop.workspace, export.id, 1)


def test_an_export_is_deleted_and_with_that_stopped(shop: Shop) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    running, done = start(shop, segment), start(shop, segment)
    assert not exporting.delete(shop.conn, shop.workspace + 1, running.id)
    assert exporting.delete(shop.conn, shop.workspace, running.id)
    assert finish(shop) == 1
    assert exporting.get(shop.conn, shop.workspace, running.id) is None
    assert exporting.delete(shop.conn, shop.workspace, done.id)
    assert content(shop, done) == b""
    assert not exporting.delete(shop.conn, shop.workspace, done.id)


def test_exports_are_listed_the_newest_first(shop: Shop) -> None:
    one, other = shop.segment("One", EVERYBODY), shop.segment("Other", EVERYBODY)
    made = [start(shop, segment).id for segment in (one, other, one)]

    def listed(**asked: int) -> list[int]:
        return [export.id for export in exporting.page(shop.conn, shop.workspace, **asked)]

    assert listed() == made[::-1]
    assert listed(limit=2) == [made[2], made[1]]
    assert listed(before=made[1]) == [made[0]]
    assert listed(segment_id=one.id) == [made[2], made[0]]
    assert exporting.page(shop.conn, shop.workspace + 1) == []


def test_the_role_finds_the_workspaces_with_running_exports(shop: Shop) -> None:
    segment = shop.segment("Everybody", EVERYBODY)
    assert shop.workspace not in exporting.workspaces_with_work(shop.conn, shop.now)
    start(shop, segment)
    assert shop.workspace in exporting.workspaces_with_work(shop.conn, shop.now)
    finish(shop)
    assert shop.workspace not in exporting.workspaces_with_work(shop.conn, shop.now)
