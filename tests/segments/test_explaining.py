"""Why: each condition's answer, the facts behind it, and when time alone will change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from headwater.segments.explain import explain
from headwater.segments.language import Facts, Happening, Total, parse

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = Facts(
    7,
    attributes={"email": "ann@example.com", "country": "DE"},
    properties={"tier": "gold", "birthday": "1990-03-09", "latitude": 52.5, "longitude": 13.4},
    totals={"Placed Order": Total(3, Decimal("120.50"), NOW - 80 * DAY, NOW - 10 * DAY)},
    events={"Placed Order": [Happening(NOW - days * DAY, Decimal(40)) for days in (10, 20, 80)]},
    lists={"Newsletter": NOW - 5 * DAY},
    segments={3: NOW - 2 * DAY},
    consent="unsubscribed",
    consent_at=NOW - DAY,
    consent_method="one_click_unsubscribe",
    suppressions={"hard_bounce": NOW - 3 * DAY},
)


@pytest.mark.parametrize(
    ("definition", "holds", "facts", "changes_in"),
    [
        (
            {"metric": "Placed Order", "in_last": {"days": 30}},
            True,
            ["Placed Order: 3 in all, worth 120.50, first 2025-12-12 12:00 UTC, last 2026-02-20 12:00 UTC"],
            20 * DAY,
        ),
        (
            {"metric": "Placed Order", "count": {"at_least": 2}, "in_last": {"days": 30}},
            True,
            [
                "2 counted",
                "Placed Order at 2026-02-20 12:00 UTC, 2026-02-10 12:00 UTC",
                "Placed Order: 3 in all, worth 120.50, first 2025-12-12 12:00 UTC, last 2026-02-20 12:00 UTC",
            ],
            10 * DAY,
        ),
        ({"metric": "Viewed Product"}, False, ["Viewed Product never happened"], None),
        ({"property": "tier", "equals": "gold"}, True, ["tier: “gold”"], None),
        ({"property": "size", "is_set": False}, True, ["size: not set"], None),
        (
            {"property": "birthday", "date": {"anniversary": {"in_next": {"days": 3}}}},
            False,
            ["birthday: “1990-03-09”"],
            4 * DAY - timedelta(hours=12),
        ),
        ({"list": "Newsletter", "in_last": {"days": 7}}, True, ["joined 2026-02-25 12:00 UTC"], 2 * DAY),
        ({"segment": 3, "in_last": {"days": 7}}, True, ["entered 2026-02-28 12:00 UTC"], 5 * DAY),
        (
            {"consent": "unsubscribed"},
            True,
            ["unsubscribed since 2026-03-01 12:00 UTC by one click unsubscribe"],
            None,
        ),
        ({"suppressed": True}, True, ["suppressed for hard bounce since 2026-02-27 12:00 UTC"], None),
        ({"region": "european_union"}, True, ["country: DE"], None),
    ],
)
def test_a_condition_is_told_with_its_facts(
    definition: Any, holds: bool, facts: list[str], changes_in: timedelta | None
) -> None:
    told = explain(parse(definition), ANN, NOW)

    assert (told.holds, list(told.facts)) == (holds, facts)
    assert told.changes_at == (NOW + changes_in if changes_in is not None else None)


def test_a_group_is_told_part_by_part_and_changes_when_its_answer_does() -> None:
    definition = {
        "all": [
            {"metric": "Placed Order", "in_last": {"days": 30}},
            {"not": {"property": "tier", "equals": "tin"}},
            {"any": [{"list": "Newsletter", "in_last": {"days": 7}}, {"metric": "Viewed Product"}]},
        ]
    }

    told = explain(parse(definition), ANN, NOW)

    assert told.holds
    assert [part.holds for part in told.of] == [True, True, True]
    assert told.of[1].of[0].holds is False
    assert [part.holds for part in told.of[2].of] == [True, False]
    assert told.changes_at == told.of[2].changes_at == NOW + 2 * DAY
