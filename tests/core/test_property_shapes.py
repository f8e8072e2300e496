"""Paths, kinds and frequent values of properties, as conditions write and compare them."""

from __future__ import annotations

from headwater.core.property_shapes import MOST_VALUES, Value, shapes

ORDERS = [
    {"$event_id": "7", "total": 20, "items": [{"sku": "A", "price": 5.5}, {"sku": "B", "price": 14.5}], "gift": True},
    {"total": 20, "items": [{"sku": "A", "price": 20}], "tags": ["sale", "first"], "to": {"city": "Bonn"}},
    {"total": None, "odd.name": 1, "tags": ["sale"], "shipped": "2026-03-01T10:00:00Z"},
]


def test_every_path_is_found_with_its_kind_the_most_frequent_first() -> None:
    found = {one.path: (one.kind, one.held) for one in shapes(ORDERS)}

    assert found == {
        "items": ("list", 2),
        "items[].price": ("number", 2),
        "items[].sku": ("text", 2),
        "tags": ("list", 2),
        "total": ("number", 2),
        "gift": ("boolean", 1),
        "shipped": ("date", 1),
        "to.city": ("text", 1),
    }
    assert list(found)[:5] == ["items", "items[].price", "items[].sku", "tags", "total"]


def test_values_are_counted_and_keep_their_types() -> None:
    found = {one.path: one.values for one in shapes([*ORDERS, {"total": "20"}, {"total": True}, {"total": 1}])}

    assert found["total"][0] == Value(20, 2)
    assert {(type(one.value), one.value) for one in found["total"][1:]} == {(str, "20"), (bool, True), (int, 1)}
    assert found["tags"] == (Value("sale", 2), Value("first", 1))


def test_values_that_never_come_twice_are_not_told() -> None:
    many = [{"order_id": f"o{number}", "shop": f"s{number % 3}"} for number in range(MOST_VALUES + 1)]
    found = {one.path: one.values for one in shapes([*many, {"note": "x" * 101}])}

    assert found["order_id"] == ()
    assert [one.count for one in found["shop"]] == [7, 7, 7]
    assert found["note"] == ()
