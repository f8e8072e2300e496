"""The brand's settings over the API: what is set is answered, what is wrong is refused with its field."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.accounts import brand
from headwater.accounts.limits import FrequencyCap
from tests.api.api_client import Api

QUIET = {"from": "21:00", "to": "08:00"}
CAPS = [{"kind": "any", "at_most": 3, "days": 7}, {"kind": "campaign", "at_most": 1, "days": 1}]


def test_quiet_hours_and_caps_are_off_until_they_are_set(api: Api) -> None:
    before = api.get("/brand")
    assert (before["quiet_hours"], before["frequency_caps"]) == (None, [])

    changed = api.patch("/brand", {"quiet_hours": QUIET, "frequency_caps": CAPS})

    assert (changed.status, changed["quiet_hours"], changed["frequency_caps"]) == (200, QUIET, CAPS)
    again = api.get("/brand")
    assert (again["quiet_hours"], again["frequency_caps"]) == (QUIET, CAPS)


def test_other_changes_leave_them_and_null_ends_quiet_hours(api: Api, conn) -> None:
    api.patch("/brand", {"quiet_hours": QUIET, "frequency_caps": CAPS})

    api.patch("/brand", {"name": "Juniper & Sons", "frequency_caps": None})
    kept = brand.load(conn, api.workspace)
    assert kept.quiet_hours is not None
    assert kept.quiet_hours.plain() == QUIET
    assert kept.frequency_caps == (FrequencyCap("any", 3, 7), FrequencyCap("campaign", 1, 1))
    conn.commit()

    api.patch("/brand", {"quiet_hours": None, "frequency_caps": []})
    ended = brand.load(conn, api.workspace)
    assert (ended.name, ended.quiet_hours, ended.frequency_caps) == ("Juniper & Sons", None, ())


def test_a_brand_has_a_colour_and_a_logo(api: Api) -> None:
    assert (api.get("/brand")["brand_color"], api.get("/brand")["logo_url"]) == ("", "")

    api.patch("/brand", {"brand_color": "#7A1FA2", "logo_url": "/images/1/logo.png"})
    assert (api.get("/brand")["brand_color"], api.get("/brand")["logo_url"]) == ("#7a1fa2", "/images/1/logo.png")

    api.patch("/brand", {"brand_color": "", "logo_url": ""})
    assert (api.get("/brand")["brand_color"], api.get("/brand")["logo_url"]) == ("", "")


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"quiet_hours": {"from": "21:00", "to": "21:00"}}, "quiet_hours"),
        ({"quiet_hours": {"from": "9 pm", "to": "08:00"}}, "quiet_hours.from"),
        ({"quiet_hours": {"from": "21:00", "to": "24:00"}}, "quiet_hours.to"),
        ({"quiet_hours": {"from": "21:00"}}, "quiet_hours.to"),
        ({"quiet_hours": {}}, "quiet_hours.from"),
        ({"frequency_caps": [{"kind": "sms", "at_most": 1, "days": 1}]}, "frequency_caps.0.kind"),
        ({"frequency_caps": [CAPS[0], {"kind": "any", "at_most": 0, "days": 1}]}, "frequency_caps.1.at_most"),
        ({"frequency_caps": [{"kind": "any", "at_most": 101, "days": 1}]}, "frequency_caps.0.at_most"),
        ({"frequency_caps": [{"kind": "any", "at_most": 1, "days": 91}]}, "frequency_caps.0.days"),
        ({"frequency_caps": [{"kind": "any", "at_most": 1}]}, "frequency_caps.0.days"),
        ({"website_url": "shop.example"}, "website_url"),
        ({"brand_color": "red"}, "brand_color"),
        ({"brand_color": "#12345g"}, "brand_color"),
        ({"logo_url": "http://elsewhere.example/logo.png"}, "logo_url"),
        ({"logo_url": "javascript:alert(1)"}, "logo_url"),
        ({"logo_url": "//elsewhere.example/logo.png"}, "logo_url"),
        ({"frequency_caps": [CAPS[0]] * 11}, "frequency_caps"),
    ],
)
def test_what_is_wrong_is_refused_and_named(api: Api, bad: dict[str, Any], field: str) -> None:
    refused = api.patch("/brand", bad)

    assert (refused.status, refused["field"]) == (400, field), refused
    unchanged = api.get("/brand")
    assert (unchanged["quiet_hours"], unchanged["frequency_caps"]) == (None, [])
