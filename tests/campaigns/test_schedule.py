"""The status machine of a campaign, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headwater.campaigns.schedule import Standing, adds_recipients, status

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing("draft", NOW, "send"), "draft"),
        (Standing("scheduled", LATER, "send"), "scheduled"),
        (Standing("scheduled", NOW, "send"), "adding_recipients"),
        (Standing("scheduled", LATER, "schedule"), "adding_recipients"),
        (Standing("adding_recipients", LATER, "schedule", True, 5), "scheduled"),
        (Standing("scheduled", NOW, "schedule", True, 5), "sending"),
        (Standing("adding_recipients", NOW, "send", False, 5), "adding_recipients"),
        (Standing("adding_recipients", NOW, "send", True, 5), "sending"),
        (Standing("adding_recipients", NOW, "send", True, 0), "no_recipients"),
        (Standing("adding_recipients", LATER, "schedule", True, 0), "no_recipients"),
        (Standing("sending", NOW, "send", True, 5, unfinished=True), "sending"),
        (Standing("sending", NOW, "send", True, 5, unfinished=False), "sent"),
        (Standing("cancelled", NOW, "send", True, 5, unfinished=False), "cancelled"),
        (Standing("sent", NOW, "send", True, 5), "sent"),
    ],
)
def test_the_status_follows_from_where_it_stands(standing: Standing, expected: str) -> None:
    assert status(standing, NOW) == expected


def test_a_closed_campaign_adds_nobody() -> None:
    assert not adds_recipients(Standing("cancelled", NOW, "send"), NOW)
    assert not adds_recipients(Standing("sent", NOW, "schedule"), NOW)
