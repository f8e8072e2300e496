"""RFM: buyers are scored by terciles once a day, and only those whose score changed are written."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from headwater.audience import profiles
from headwater.cli import worker
from headwater.events.metrics import PLACED_ORDER, VIEWED_PRODUCT
from headwater.segments import rfm
from headwater.segments.rfm import Buyer, Thresholds
from tests.segments.shop import NOW, Shop

DAY = timedelta(days=1)
ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    return Shop(conn, workspace)


def orders(shop: Shop, bought: dict[str, list[tuple[int, float]]]) -> None:
    """Each one's orders: (days ago, value)."""
    shop.many_happen(
        [(who, PLACED_ORDER, days * DAY, value, {}) for who, told in bought.items() for days, value in told]
    )


def score(shop: Shop) -> None:
    """All that the role does until it rests."""
    for _ in range(1000):
        if not rfm.turn(shop.conn, shop.workspace, shop.now):
            return
    raise AssertionError("The scoring never ends.")


def said(shop: Shop, *people: str) -> dict[str, tuple[str | None, str | None]]:
    """(score, group) of these people."""
    ids = {who: shop.person(who) for who in people}
    found = profiles.get(shop.conn, shop.workspace, ids.values())
    return {who: (found[one].properties.get("rfm_score"), found[one].properties.get("rfm_group"))
            for who, one in ids.items()}  # fmt: skip


def written(shop: Shop, *people: str) -> dict[str, datetime | None]:
    ids = {who: shop.person(who) for who in people}
    found = profiles.get(shop.conn, shop.workspace, ids.values())
    return {who: found[one].updated_at for who, one in ids.items()}


def due(shop: Shop) -> bool:
    return shop.workspace in rfm.workspaces_with_work(shop.conn, shop.now)


# ── scores ──────────────────────────────────────────────────────────────────────────────────────────────────────────
GROUPS = {
    "Champions": {"331", "332", "333"},
    "Loyal": {"321", "322", "323", "221", "222", "223", "231", "232", "233"},
    "Recent": {"311", "312", "313"},
    "Needs attention": {"211", "212", "213"},
    "At risk": {"112", "113", "121", "122", "123", "131", "132", "133"},
    "Inactive": {"111"},
}


def test_each_of_the_27_scores_has_a_group() -> None:
    digits = (1, 2, 3)
    made = {f"{r}{f}{m}": rfm.group(r, f, m) for r in digits for f in digits for m in digits}

    assert made == {one: name for name, ones in GROUPS.items() for one in ones}
    assert len(made) == 27


@pytest.mark.parametrize(
    ("buyer", "expected"),
    [
        (Buyer(0, 3, Decimal(100)), "333"),
        (Buyer(10, 2, Decimal("20.1")), "322"),
        (Buyer(11, 1, Decimal("20.0")), "211"),
        (Buyer(40, 2, Decimal("90.9")), "222"),
        (Buyer(41, 2, Decimal("90.91")), "123"),
        (Buyer(None, 9, Decimal(900)), "133"),
    ],
)
def test_a_value_up_to_a_threshold_is_below_it(buyer: Buyer, expected: str) -> None:
    thresholds = Thresholds(days=(10, 40), orders=(1, 2), spent=(Decimal("20.0"), Decimal("90.9")))

    assert rfm.scored(buyer, thresholds)["rfm_score"] == expected


def test_without_a_year_nobody_stands_out() -> None:
    assert rfm.scored(Buyer(None, 9, Decimal(900)), Thresholds()) == {"rfm_score": "111", "rfm_group": "Inactive"}


# ── a shop ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def expected(bought: dict[str, list[tuple[int, float]]], now: datetime) -> dict[str, str]:
    """The scores, by the rules as the module tells them, order by order."""
    today = now.astimezone(ZONE).date()
    told = {
        who: [((now - days * DAY).astimezone(ZONE).date(), Decimal(str(value))) for days, value in made]
        for who, made in bought.items()
    }
    year: dict[str, tuple[int, int, Decimal]] = {}
    for who, made in told.items():
        late = [(day, value) for day, value in made if (today - day).days <= 365]
        if late:
            year[who] = ((today - max(day for day, _ in late)).days, len(late), sum(value for _, value in late))
    found = {}
    for who, made in told.items():
        _, count, spent = year.get(who) or (0, len(made), sum(value for _, value in made))
        r = 4 - third([one[0] for one in year.values()], year[who][0]) if who in year else 1
        f = third([one[1] for one in year.values()], count)
        m = third([one[2] for one in year.values()], spent)
        found[who] = f"{r}{f}{m}"
    return found


def third(values: list[int] | list[Decimal], value: int | Decimal) -> int:
    """In which third of the values, in order, a value stands first; beyond all of them it is the last."""
    below = sum(one < value for one in values)
    return 1 if 3 * below < len(values) else 2 if 3 * below < 2 * len(values) else 3


def buyers(seed: int) -> dict[str, list[tuple[int, float]]]:
    """Thirty, with few different numbers, so that many are equal; some of them ordered only before the year."""
    draw = random.Random(seed)
    return {
        f"buyer-{number}": [
            (draw.choice([1, 5, 20, 60, 90, 200, 364, 365, 366, 400, 700]), draw.choice([5, 19.99, 20, 100.1]))
            for _ in range(draw.choice([1, 1, 1, 2, 3, 5]))
        ]
        for number in range(30)
    }


@pytest.mark.parametrize("seed", range(4))
def test_thirty_buyers_are_scored(shop: Shop, seed: int) -> None:
    bought = buyers(seed)
    orders(shop, bought)
    shop.happens("looker", VIEWED_PRODUCT)
    score(shop)

    wanted = expected(bought, shop.now)
    assert said(shop, *bought) == {who: (one, rfm.group(*map(int, one))) for who, one in wanted.items()}
    assert said(shop, "looker") == {"looker": (None, None)}


def test_equal_buyers_are_equal(shop: Shop) -> None:
    once = {f"once-{number}": [(7, 20.0)] for number in range(8)}
    orders(shop, {**once, "twice": [(7, 20.0), (7, 20.0)]})
    score(shop)

    assert set(said(shop, *once).values()) == {("311", "Recent")}
    assert said(shop, "twice") == {"twice": ("333", "Champions")}


def test_who_ordered_only_before_the_year_is_measured_by_it(shop: Shop) -> None:
    orders(shop, {"ann": [(3, 10)], "bob": [(30, 20), (40, 20)], "cem": [(60, 30)] * 3})
    orders(shop, {"old": [(400, 5)] * 2, "rich": [(366, 500)], "gone": [(900, 5)]})
    score(shop)

    assert said(shop, "old", "rich", "gone") == {
        "old": ("121", "At risk"),
        "rich": ("113", "At risk"),
        "gone": ("111", "Inactive"),
    }


def test_a_shop_whose_buyers_are_all_gone(shop: Shop) -> None:
    orders(shop, {"ann": [(400, 100)] * 3})
    score(shop)

    assert said(shop, "ann") == {"ann": ("111", "Inactive")}


# ── day by day ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_time_alone_moves_people_and_nobody_else_is_written(shop: Shop) -> None:
    """With cem gone from the year three are left, so that bob is in the second third."""
    orders(shop, {"ann": [(1, 20)], "bob": [(10, 20)], "cem": [(365, 20)], "dee": [(100, 20)]})
    score(shop)
    assert said(shop, "ann", "bob", "cem", "dee") == {
        "ann": ("311", "Recent"),
        "bob": ("311", "Recent"),
        "cem": ("111", "Inactive"),
        "dee": ("211", "Needs attention"),
    }

    shop.later(days=1)
    score(shop)

    assert said(shop, "ann", "bob", "cem", "dee") == {
        "ann": ("311", "Recent"),
        "bob": ("211", "Needs attention"),
        "cem": ("111", "Inactive"),
        "dee": ("111", "Inactive"),
    }
    assert written(shop, "ann", "bob", "cem", "dee") == {
        "ann": NOW, "bob": NOW + DAY, "cem": NOW, "dee": NOW + DAY,
    }  # fmt: skip


def test_a_new_order_counts_from_the_next_midnight_of_the_brand(shop: Shop) -> None:
    orders(shop, {"ann": [(1, 20)], "bob": [(10, 20)], "cem": [(100, 20)]})
    score(shop)
    orders(shop, {"cem": [(0, 500)]})
    midnight = NOW + timedelta(hours=17)  # in New York

    shop.now = midnight - timedelta(seconds=1)
    assert not due(shop)
    score(shop)
    assert said(shop, "cem") == {"cem": ("111", "Inactive")}

    shop.now = midnight
    assert due(shop)
    score(shop)
    assert said(shop, "cem") == {"cem": ("333", "Champions")}
    assert not due(shop)


def test_only_brands_with_orders_have_work(shop: Shop) -> None:
    assert not due(shop)
    assert rfm.turn(shop.conn, shop.workspace, shop.now) == 0

    orders(shop, {"ann": [(1, 20)]})
    assert due(shop)
    score(shop)
    assert not due(shop)
    shop.now -= 3 * DAY  # the instance's clock was set back
    assert due(shop)
    assert "rfm" in [role.name for role in worker.CHORES]


def test_who_has_no_order_has_no_score(shop: Shop) -> None:
    orders(shop, {"ann": [(1, 20)]})
    shop.says("bob", rfm_score="333", rfm_group="Champions", tier="gold")
    score(shop)

    (kept,) = profiles.get(shop.conn, shop.workspace, [shop.person("bob")]).values()
    assert kept.properties == {"tier": "gold"}


# ── chunks ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_killed_run_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rfm, "CHUNK", 4)
    bought = buyers(9)
    orders(shop, bought)
    begun = shop.now
    assert rfm.turn(shop.conn, shop.workspace, shop.now) == 1  # thresholds
    assert rfm.turn(shop.conn, shop.workspace, shop.now) == 4
    shop.conn.commit()
    assert rfm.turn(shop.conn, shop.workspace, shop.now) == 4
    shop.conn.rollback()
    assert sum(one != (None, None) for one in said(shop, *bought).values()) == 4

    shop.now += timedelta(hours=1)
    assert due(shop)
    score(shop)

    assert said(shop, *bought) == {
        who: (one, rfm.group(*map(int, one))) for who, one in expected(bought, begun).items()
    }
    times = sorted(str(at) for at in written(shop, *bought).values())
    assert times == sorted([str(begun)] * 4 + [str(shop.now)] * 26)


def test_a_run_overtaken_by_midnight_ends_as_of_its_day_and_the_next_follows(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rfm, "CHUNK", 20)
    bought = buyers(10)
    orders(shop, bought)
    rfm.turn(shop.conn, shop.workspace, shop.now)
    rfm.turn(shop.conn, shop.workspace, shop.now)

    shop.now += 2 * DAY
    rfm.turn(shop.conn, shop.workspace, shop.now)
    assert {who: one[0] for who, one in said(shop, *bought).items()} == expected(bought, NOW)
    assert run_of(shop) == (date(2026, 3, 2), True)

    assert due(shop)
    score(shop)
    later = {who: [(days + 2, value) for days, value in made] for who, made in bought.items()}
    assert {who: one[0] for who, one in said(shop, *bought).items()} == expected(later, shop.now)
    assert run_of(shop) == (date(2026, 3, 4), True)


def run_of(shop: Shop) -> tuple[date, bool]:
    row = shop.conn.execute("SELECT day, done FROM rfm_run WHERE workspace_id = %s", (shop.workspace,)).fetchone()
    assert row is not None
    return row[0], row[1]


# ── segments ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_segment_of_a_group_follows(shop: Shop) -> None:
    segment = shop.segment("Champions", {"property": "rfm_group", "equals": "Champions"})
    orders(shop, {"ann": [(1, 20), (2, 20)], "bob": [(10, 20)], "cem": [(100, 20)]})
    score(shop)
    shop.keep_up()
    assert shop.members(segment) == shop.asked(segment) == {shop.person("ann")}

    orders(shop, {"bob": [(0, 20)] * 5, "cem": [(0, 20)] * 4})
    shop.later(days=1)
    score(shop)
    shop.keep_up()
    assert shop.members(segment) == shop.asked(segment) == {shop.person("bob")}
    assert [fact for fact in shop.facts(segment) if fact[1] == "Left Segment"] == [(shop.person("ann"), "Left Segment")]
