"""Every route of the API, with the ids of another workspace: 404, never the thing, never a 500."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from psycopg import Connection

from headwater.accounts import invitations, keys
from headwater.accounts.models import Membership
from headwater.api import permissions
from headwater.api.api import api as described
from headwater.audience.imports import uploads
from headwater.campaigns import runner
from headwater.core import clock
from headwater.segments import building, exporting
from tests.api.api_client import MJML, Api, api_for
from tests.api.browser import person

AT = "2026-01-01T00:00Z"
EMAIL: dict[str, Any] = {"subject": "Hello", "mjml": MJML}


@pytest.fixture
def stranger(conn: Connection) -> Api:
    """A private key of another, fresh workspace."""
    row = conn.execute(
        """
        INSERT INTO workspace (name, slug, timezone, currency, from_name, from_email, reply_to, postal_address,
                               website_url, smart_sending_hours, require_consent, created_at)
        VALUES ('Other', md5(random()::text), 'UTC', 'USD', '', 'hi@other.example', '', '', '', 16, false, '2026-01-01')
        RETURNING id
        """
    ).fetchone()
    assert row is not None
    return api_for(conn, row[0])


@pytest.fixture
def mine(api: Api, conn: Connection) -> dict[str, str]:
    """One of everything, and the name under which routes ask for it."""
    profile = api.made("/profiles", {"email": "a@example.com"})
    chosen = api.made("/lists", {"name": "All"})
    api.post(f"/lists/{chosen}/members", {"profiles": [{"id": profile}]})
    template = api.post("/templates", {"name": "Mine", **EMAIL})
    api.put("/flows/mine", {"name": "Mine", "trigger": {"metric": "X"}, "steps": [{"id": "a", "email": "Mine"}]})
    draft = {"name": "C", "template_id": template["id"], "included": [{"list": chosen}]}
    campaign = api.made("/campaigns", draft)
    api.post(f"/campaigns/{campaign}/schedule")
    while runner.run_due(conn, api.workspace, clock.now(conn)):
        conn.commit()
    conn.commit()
    api.post("/products", {"products": [{"id": "mine"}]})
    review = {
        "id": "mine",
        "product_id": "mine",
        "rating": 5,
        "author": "A",
        "body": "B",
        "created_at": "2026-01-01T00:00Z",
    }
    api.post("/reviews", {"reviews": [review]})
    api.post("/coupons", {"name": "MINE", "kind": "pool"})
    api.post("/coupons/MINE/codes", {"codes": ["MINECODE"]})
    series = {"name": "S", "campaigns": [{"name": "D", "send_at": "2100-01-01T00:00Z"}]}
    segment = api.made("/segments", {"name": "S", "definition": {"property": "a", "equals": 1}})
    asked, token = invitations.invite(
        conn, api.workspace, "new@people.example", "analyst", "admin", None, clock.now(conn)
    )
    owner = person(api.workspace)
    conn.commit()
    return {
        "member_id": str(Membership.objects.get(user=owner).pk),
        "invitation_id": str(asked.id),
        "token": token,
        "profile_id": str(profile),
        "list_id": str(chosen),
        "segment_id": str(segment),
        "export_id": str(_export(api, conn, segment)),
        "template_id": str(template["id"]),
        "version_id": str(template["current_version"]),
        "campaign_id": str(campaign),
        "series_id": str(api.made("/series", series)),
        "message_id": str(api.get(f"/messages?profile_id={profile}").body[0]["id"]),
        "key_id": str(keys.of_workspace(conn, api.workspace)[0].id),
        "product_id": "mine",
        "review_id": "mine",
        "name": "MINE",
        "code": "MINECODE",
        "slug": "mine",
        "recipe": "mine",
        "step": "a",
        "version": "1",
        "job_id": "1",
        "import_id": str(_import(conn, api.workspace)),
    }


def _import(conn: Connection, workspace: int) -> int:
    """A file of people that is uploaded and not taken in."""
    content = b"email\na@example.com\n"
    made = uploads.store(conn, workspace, "people.csv", io.BytesIO(content), len(content), clock.now(conn))
    conn.commit()
    return made


def _export(api: Api, conn: Connection, segment: int) -> int:
    """A finished export of the segment."""
    for _ in range(20):
        building.turn(conn, api.workspace, clock.now(conn))
        conn.commit()
    made = api.post(f"/segments/{segment}/exports")
    assert made.status == 202, made
    while exporting.turn(conn, api.workspace, clock.now(conn)):
        conn.commit()
    conn.commit()
    return int(made["id"])


def _valid_body(operation: dict[str, Any], ids: dict[str, str], path: str) -> Any:
    """A body that would be accepted from the owner."""
    if "requestBody" not in operation:
        return None
    profile = {"id": int(ids["profile_id"])}
    known: dict[str, Any] = {
        "/members": {"profiles": [profile]},
        "/members/": {"role": "analyst"},
        "/members/remove": {"profiles": [profile]},
        "/lists/": {"name": "Stolen"},
        "/imports/": {"mapping": [{"to": "email"}]},
        "/profiles/": {"first_name": "Stolen"},
        "/segments/": {"name": "Stolen"},
        f"/segments/{ids['segment_id']}/exports": {"columns": ["email"]},
        "/preview": {},
        "/templates/": {**EMAIL, "name": "Stolen"},
        f"/templates/{ids['template_id']}/test-send": {"content": EMAIL, "to": ["a@example.com"]},
        "/schedule": {},
        "/campaigns/": {"name": "Stolen"},
        f"/series/{ids['series_id']}": {"name": "Stolen", "campaigns": [{"name": "D", "send_at": "2100-01-01T00:00Z"}]},
        "/codes": {"codes": ["STOLEN"]},
        "/plan": {"name": "Stolen"},
        "/publish": {},
        "/resume": {},
        "/duplicate": {},
        "/install": {},
        "/tests": {},
        "/review": {"step": "a", "action": "send", "profiles": "all"},
        "/steps/": {"status": "draft"},
        "/start": {"profile": profile},
        "/people": {"profiles": [profile]},
        "/people/remove": {"enrolments": [1]},
        "/walk": {"profile_id": profile["id"]},
        "/backfill": {"days": 1},
        "/backtest": {},
    }
    for part in sorted(known, key=len, reverse=True):
        if part in path and (part.endswith("/") or path.endswith(part)):
            return known[part]
    raise AssertionError(f"no body for {path}")


def _snapshot(api: Api, ids: dict[str, str]) -> list[Any]:
    return [
        api.get(path).body
        for path in (
            f"/profiles/{ids['profile_id']}",
            f"/lists/{ids['list_id']}",
            f"/segments/{ids['segment_id']}",
            "/exports",
            f"/exports/{ids['export_id']}",
            f"/templates/{ids['template_id']}",
            f"/campaigns/{ids['campaign_id']}",
            f"/series/{ids['series_id']}",
            f"/messages/{ids['message_id']}",
            "/products/mine",
            "/reviews",
            "/coupons/MINE",
            "/flows/mine",
            "/brand",
            "/members",
            "/invitations",
        )
    ]


def test_no_route_opens_another_workspace(api: Api, stranger: Api, mine: dict[str, str]) -> None:
    before = _snapshot(api, mine)
    walked = 0
    for template, operations in described.get_openapi_schema()["paths"].items():
        path = re.sub(r"\{(?:\w+:)?(\w+)\}", lambda part: mine[part[1]], template).removeprefix("/api/v1")
        if "{" not in template or template.endswith("/flows/{slug}") or "{token}" in template:  # the token is the key
            continue
        for method, operation in operations.items():
            answer = stranger.call(method.upper(), path, _valid_body(operation, mine, path))
            assert answer.status == 404, (method, path, answer)
            assert answer["type"] == "not_found"
            walked += 1
    assert walked > 40
    assert _snapshot(api, mine) == before


def test_foreign_ids_inside_bodies_are_refused(api: Api, stranger: Api, mine: dict[str, str]) -> None:
    profile, chosen = int(mine["profile_id"]), int(mine["list_id"])
    own_list = stranger.made("/lists", {"name": "Own"})
    own_profile = stranger.made("/profiles", {"email": "own@example.com"})
    bodies: list[tuple[str, Any]] = [
        ("/profiles/merge", {"destination": own_profile, "source": profile}),
        ("/profiles/merge", {"destination": profile, "source": own_profile}),
        ("/consent/subscribe", {"profiles": [{"id": own_profile}], "list_id": chosen}),
        ("/campaigns", {"name": "X", "included": [{"list": chosen}]}),
        ("/campaigns", {"name": "X", "excluded": [{"segment": int(mine["segment_id"])}]}),
        ("/campaigns", {"name": "X", "template_id": int(mine["template_id"])}),
        ("/campaigns/estimate", {"included": [{"list": chosen}]}),
    ]
    for path, body in bodies:
        assert stranger.post(path, body).status in (400, 404), (path, body)
    for path in ("/consent/subscribe", "/consent/unsubscribe", "/consent/suppress", f"/lists/{own_list}/members"):
        refused = stranger.post(path, {"profiles": [{"id": profile}]})
        assert (refused.status, refused["refused"][0]["index"]) == (200, 0)
    assert stranger.get(f"/messages?profile_id={profile}").body == []
    assert api.get(f"/profiles/{profile}")["consent"]["state"] == "never_subscribed"


def test_lists_of_things_show_only_ones_own(stranger: Api, mine: dict[str, str]) -> None:
    pages = (
        "/profiles", "/segments", "/exports", "/templates", "/products", "/reviews", "/coupons", "/campaigns",
        "/series",
    )  # fmt: skip
    for path in pages:
        assert stranger.get(path)["data"] == [], path
    for path in ("/lists", "/flows", "/metrics"):
        assert stranger.get(path).body == [], path


def test_a_flow_of_the_same_name_is_ones_own(api: Api, stranger: Api, mine: dict[str, str]) -> None:
    before = api.get("/flows/mine").body
    stranger.made("/templates", {"name": "Theirs", **EMAIL})
    steps = [{"id": "a", "email": "Theirs"}]
    made = stranger.put("/flows/mine", {"name": "Theirs", "trigger": {"metric": "X"}, "steps": steps})
    assert (made.status, made["created"]) == (200, True)
    assert api.get("/flows/mine").body == before
    theirs = mine["profile_id"]
    for path in ("/flows/other", "/flows/other/report", "/flows/other/numbers", f"/profiles/{theirs}/flows/mine/why"):
        assert stranger.get(path).status == 404


def test_every_route_asks_for_a_key(api: Api, mine: dict[str, str]) -> None:
    for template, operations in described.get_openapi_schema()["paths"].items():
        path = re.sub(r"\{(?:\w+:)?(\w+)\}", lambda part: mine[part[1]], template).removeprefix("/api/v1")
        for method in operations:
            if permissions.LEAST.get(f"{method.upper()} {template.removeprefix('/api/v1')}") == "anyone":
                continue
            assert api.call(method.upper(), path, {}, key="hw_sk_wrong").status == 401, (method, path)
