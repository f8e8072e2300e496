"""Coupons: unique codes, the same one again until it expires, pools that run dry, and two workers at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from psycopg import Connection

from headwater.catalog import coupons, issuing
from headwater.core import database

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

DAY = timedelta(days=1)
_messages = count(1)


def offer(conn: Connection, workspace: int, kind: str = "generated", **changes: object) -> coupons.Coupon:
    values: dict[str, object] = {"code": None, "expires_after": 3 * DAY, "expires_at": None, "now": NOW} | changes
    return coupons.define(conn, workspace, "BROWSE10", kind, **values)  # type: ignore[arg-type]


def issue(conn: Connection, workspace: int, *profiles: int, at: datetime = NOW) -> dict[int, coupons.Code]:
    return coupons.issue(conn, workspace, "BROWSE10", [(profile, next(_messages)) for profile in profiles], at)


def inbox_items(conn: Connection, workspace: int) -> int:
    row = conn.execute("SELECT COALESCE(sum(count), 0) FROM inbox WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row is not None
    return int(row[0])


def test_generated_codes_are_unique_and_easy_to_read(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    codes = issue(conn, workspace, *range(1, 501))
    assert len({code.code for code in codes.values()}) == 500
    prefix, _, random = codes[1].code.partition("-")
    assert prefix == "BROWSE10"
    assert set(random) <= set(issuing.ALPHABET)
    assert codes[1].expires_at == NOW + 3 * DAY


def test_the_same_code_is_shown_until_it_expires(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    first = issue(conn, workspace, 7)[7]
    reminder = issue(conn, workspace, 7, at=NOW + 2 * DAY)[7]
    assert (reminder.code, reminder.expires_at) == (first.code, first.expires_at)
    later = issue(conn, workspace, 7, at=NOW + 4 * DAY)[7]
    assert later.code != first.code
    assert later.expires_at == NOW + 7 * DAY


def test_each_assignment_is_told_to_intake_once(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    issue(conn, workspace, 1, 2, 3)
    issue(conn, workspace, 1, 2, 3)
    assert inbox_items(conn, workspace) == 3


def test_a_batch_that_names_a_person_twice_gives_one_code(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    assert len(issue(conn, workspace, 5, 5)) == 1
    assert len(coupons.assigned(conn, workspace, None, [5])[5]) == 1


def test_codes_that_collide_are_drawn_again(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    drawn = iter(["SAME", "SAME", "SAME", "OTHER", "SAME", "THIRD"])
    codes = coupons.issue(conn, workspace, "BROWSE10", [(1, 1), (2, 2), (3, 3)], NOW, draw=lambda _: next(drawn))
    assert sorted(code.code for code in codes.values()) == ["OTHER", "SAME", "THIRD"]


def test_a_static_code_is_everyones_and_expires_for_each(conn: Connection, workspace: int) -> None:
    offer(conn, workspace, "static", code="SPRING")
    first = issue(conn, workspace, 1)[1]
    second = issue(conn, workspace, 2, at=NOW + DAY)[2]
    assert first.code == second.code == "SPRING"
    assert (first.expires_at, second.expires_at) == (NOW + 3 * DAY, NOW + 4 * DAY)
    assert {code.profile_id for code in coupons.lookup(conn, workspace, "spring")} == {1, 2}


def test_a_pool_gives_what_it_has(conn: Connection, workspace: int) -> None:
    offer(conn, workspace, "pool")
    assert coupons.add_codes(conn, workspace, "BROWSE10", ["A1", "A2", "A2", " A1 "]) == 2
    assert coupons.add_codes(conn, workspace, "BROWSE10", ["A2", "A3"]) == 1
    assert coupons.remaining(conn, workspace, "BROWSE10", NOW) == 3
    codes = issue(conn, workspace, 1, 2, 3, 4)
    assert sorted(code.code for code in codes.values()) == ["A1", "A2", "A3"]
    assert coupons.remaining(conn, workspace, "BROWSE10", NOW) == 0
    assert issue(conn, workspace, 9) == {}


def test_a_pool_code_ends_with_its_own_end(conn: Connection, workspace: int) -> None:
    offer(conn, workspace, "pool")
    coupons.add_codes(conn, workspace, "BROWSE10", ["SOON"], valid_until=NOW + DAY)
    assert issue(conn, workspace, 1)[1].expires_at == NOW + DAY
    coupons.add_codes(conn, workspace, "BROWSE10", ["OVER"], valid_until=NOW)
    assert issue(conn, workspace, 2) == {}


def test_an_ended_or_unknown_coupon_gives_nothing(conn: Connection, workspace: int) -> None:
    assert issue(conn, workspace, 1) == {}
    offer(conn, workspace, expires_at=NOW + DAY)
    assert issue(conn, workspace, 1)[1].expires_at == NOW + DAY
    assert issue(conn, workspace, 1, at=NOW + DAY) == {}


def test_a_message_that_never_left_gives_its_code_back(conn: Connection, workspace: int) -> None:
    offer(conn, workspace, "pool")
    coupons.add_codes(conn, workspace, "BROWSE10", ["A1"], valid_until=NOW + 9 * DAY)
    first = coupons.issue(conn, workspace, "BROWSE10", [(1, 11)], NOW)[1]
    assert coupons.release(conn, workspace, [11, 12]) == 1
    assert coupons.issue(conn, workspace, "BROWSE10", [(2, 12)], NOW + DAY)[2].code == first.code
    assert coupons.active(conn, workspace, ["BROWSE10"], [1, 2], NOW).keys() == {("BROWSE10", 2)}


def test_a_code_that_another_email_showed_is_not_taken_back(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    code = coupons.issue(conn, workspace, "BROWSE10", [(1, 21)], NOW)[1]
    coupons.issue(conn, workspace, "BROWSE10", [(1, 22)], NOW)
    assert coupons.release(conn, workspace, [21, 22]) == 0
    assert coupons.active(conn, workspace, ["BROWSE10"], [1], NOW)["BROWSE10", 1].code == code.code


def test_a_retry_of_the_first_email_may_still_give_it_back(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    coupons.issue(conn, workspace, "BROWSE10", [(1, 31)], NOW)
    coupons.issue(conn, workspace, "BROWSE10", [(1, 31)], NOW)
    assert coupons.release(conn, workspace, [31]) == 1
    assert coupons.assigned(conn, workspace, ["BROWSE10"], [1]) == {}


def test_an_order_redeems_the_codes_it_names_however_typed(conn: Connection, workspace: int) -> None:
    coupon = offer(conn, workspace)
    code = issue(conn, workspace, 1)[1].code
    assert coupons.redeem(conn, workspace, [(f" {code.lower()} ", NOW + DAY), ("UNKNOWN", NOW)]) == 1
    assert coupons.redeem(conn, workspace, [(code, NOW + 2 * DAY)]) == 0
    assert coupons.lookup(conn, workspace, code)[0].redeemed_at == NOW + DAY
    shown = issue(conn, workspace, 1, at=NOW + 2 * DAY)[1]
    assert (shown.code, shown.valid(NOW + 2 * DAY)) == (code, False)
    assert coupons.usage(conn, workspace, [coupon.id], NOW)[coupon.id] == coupons.Usage(1, 1, None)


def test_codes_follow_a_merged_profile(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    code = issue(conn, workspace, 1)[1].code
    issuing.merge(conn, workspace, 2, 1, NOW)
    assert issue(conn, workspace, 2)[2].code == code


def test_another_workspace_sees_nothing(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    code = issue(conn, workspace, 1)[1].code
    assert coupons.lookup(conn, workspace + 1_000_000, code) == []
    assert coupons.redeem(conn, workspace + 1_000_000, [(code, NOW)]) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"kind": "static"}, "code"),
        ({"expires_after": timedelta(0)}, "expires_after"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_defined_names_the_field(
    conn: Connection, workspace: int, changes: dict[str, object], field: str
) -> None:
    values: dict[str, object] = {"name": "X", "kind": "generated", "code": None, "expires_after": None} | changes
    with pytest.raises(coupons.CouponError) as raised:
        coupons.define(conn, workspace, expires_at=None, now=NOW, **values)  # type: ignore[arg-type]
    assert raised.value.field == field


def test_a_coupon_keeps_its_kind(conn: Connection, workspace: int) -> None:
    offer(conn, workspace)
    with pytest.raises(coupons.CouponError, match="another kind"):
        offer(conn, workspace, "pool")


def _together(*works: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


@pytest.mark.parametrize("kind", ["generated", "pool", "static"])
def test_two_workers_at_once_give_one_code_a_person(conn: Connection, workspace: int, kind: str) -> None:
    # Given a coupon with codes enough for everyone, and two workers that meet at every batch
    offer(conn, workspace, kind, code="STATIC" if kind == "static" else None)
    if kind == "pool":
        coupons.add_codes(conn, workspace, "BROWSE10", [f"P{number}" for number in range(400)])
    conn.commit()
    barrier = threading.Barrier(2, timeout=30)
    seen: list[dict[int, coupons.Code]] = []

    def worker(base: int) -> None:
        with database.connect() as own:
            for batch in range(10):
                people = range(batch * 40, batch * 40 + 40)
                barrier.wait()
                seen.append(
                    coupons.issue(own, workspace, "BROWSE10", [(person, base + person) for person in people], NOW)
                )
                own.commit()

    # When both issue to the same people
    _together(lambda: worker(10_000), lambda: worker(20_000))
    # Then both saw the same code for each, and none went to two
    codes: dict[int, set[str]] = {}
    for batch in seen:
        for person, code in batch.items():
            codes.setdefault(person, set()).add(code.code)
    assert len(codes) == 400
    assert all(len(mine) == 1 for mine in codes.values())
    assert len(set.union(*codes.values())) == (1 if kind == "static" else 400)
    assert all(len(held) == 1 for held in coupons.assigned(conn, workspace, None, list(codes)).values())
