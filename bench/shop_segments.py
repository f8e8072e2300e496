"""A hundred segments as a shop has them, for benches: engagement, buying, lapsing, browsing, and who people are."""

from __future__ import annotations

from typing import Any

Q1 = [
    {"metric": "Placed Order", "count": {"at_least": 2}, "in_last": {"days": 90}},
    {"metric": "Opened Email", "count": {"equals": 0}, "in_last": {"days": 30}},
    {"metric": "Viewed Product", "in_last": {"days": 14}, "where": [{"property": "category", "equals": "Shoes"}]},
]
Q2 = {
    "any": [
        {"metric": "Opened Email", "in_last": {"days": 60}},
        {"metric": "Clicked Email", "in_last": {"days": 60}},
    ]
}
Q3 = [
    {"metric": "Placed Order", "sum": {"greater_than": 500}},
    {"metric": "Placed Order", "count": {"equals": 0}, "in_last": {"days": 180}},
]


def did(metric: str, days: int | None = None, **more: Any) -> dict[str, Any]:
    return {"metric": metric, **({"in_last": {"days": days}} if days else {}), **more}


def never(metric: str, days: int | None = None) -> dict[str, Any]:
    return did(metric, days, count={"equals": 0})


def engaged(days: int) -> dict[str, Any]:
    return {"any": [did(metric, days) for metric in ("Opened Email", "Clicked Email", "Viewed Product")]}


def definitions() -> list[tuple[str, Any]]:
    """(name, definition); a hundred of them, Q1 to Q3 included."""
    made: list[tuple[str, Any]] = [("Q1", Q1), ("Q2", Q2), ("Q3", Q3)]
    for days in (30, 60, 90, 180):
        made += [
            (f"engaged {days} days", [engaged(days), {"can_receive": True}]),
            (f"ordered in {days} days", did("Placed Order", days)),
            (f"viewed, not ordered in {days} days", [did("Viewed Product", days), never("Placed Order", days)]),
            (f"ordered twice in {days} days", did("Placed Order", days, count={"at_least": 2})),
            (f"spent 100 in {days} days", did("Placed Order", days, sum={"at_least": 100})),
            (f"lapsed {days} days ago", [did("Placed Order"), never("Placed Order", days)]),
            (f"joined in {days} days", {"list": "Newsletter", "in_last": {"days": days}}),
        ]
    for category in ("Shoes", "Dresses", "Jeans", "Bags", "Coats", *(f"Category {number}" for number in range(8))):
        seen = [{"property": "category", "equals": category}]
        made += [
            (f"viewed {category} in 14 days", did("Viewed Product", 14, where=seen)),
            (f"likes {category}", did("Viewed Product", 30, where=seen, count={"at_least": 3})),
        ]
    for tier in ("bronze", "silver", "gold"):
        its = {"property": "tier", "equals": tier}
        made += [
            (f"{tier}, engaged", [its, did("Opened Email", 90)]),
            (f"{tier}, never bought", [its, never("Placed Order")]),
            (f"{tier}, lapsed", [its, did("Placed Order"), never("Placed Order", 120)]),
        ]
    for country in ("US", "GB", "DE", "FR", "CA", "NL", "SE"):
        its = {"property": "country", "equals": country}
        made += [
            (f"{country}, reachable", [its, {"can_receive": True}]),
            (f"{country}, bought this year", [its, did("Placed Order", 365)]),
        ]
    made += [
        ("VIPs", {"any": [did("Placed Order", count={"at_least": 5}), did("Placed Order", sum={"at_least": 600})]}),
        ("left a cart", left("Added to Cart", hours=4, days=7)),
        ("left the checkout", left("Started Checkout", hours=2, days=3)),
        (
            "bought again within 30 days",
            {
                "sequence": [{"metric": "Placed Order"}, {"metric": "Placed Order", "within": {"days": 30}}],
                "in_last": {"days": 60},
            },
        ),
        ("birthday this week", {"property": "birthday", "date": {"anniversary": {"in_next": {"days": 7}}}}),
        ("reachable", {"can_receive": True}),
        ("in the European Union", {"region": "european_union"}),
        ("a tenth of the openers", [{"sample": 10}, did("Opened Email", 30)]),
        ("sunset", [{"can_receive": True}, {"not": engaged(180)}, never("Placed Order", 180)]),
        ("new here", [{"property": "created_at", "date": {"in_last": {"days": 30}}}, {"can_receive": True}]),
        ("subscribed lately", {"consent": "subscribed", "in_last": {"days": 30}}),
        ("VIPs who lapse", [{"segment": "VIPs"}, never("Placed Order", 90)]),
        ("fills carts", did("Added to Cart", 30, count={"at_least": 5})),
        ("never bought", never("Placed Order")),
        ("bought once", did("Placed Order", count={"equals": 1})),
        ("clicked, never bought", [did("Clicked Email"), never("Placed Order")]),
        ("first order in 30 days", [did("Placed Order", count={"equals": 1}), did("Placed Order", 30)]),
        ("window shoppers", [did("Viewed Product", 30, count={"at_least": 3}), never("Placed Order", 90)]),
        ("checkout, never bought", [did("Started Checkout"), never("Placed Order")]),
        ("size M", {"property": "size", "in": ["S", "M"]}),
    ]
    return made


def left(metric: str, *, hours: int, days: int) -> dict[str, Any]:
    order = {"metric": "Placed Order", "did": False, "within": {"hours": hours}}
    return {"sequence": [{"metric": metric}, order], "in_last": {"days": days}}
