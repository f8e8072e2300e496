"""What the editor of emails asks of the API: saving without overwriting, previews of what is unsaved, test sends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from headwater.audience import profiles
from headwater.content.liquid import wording
from headwater.core import clock
from headwater.delivery import claiming, ledger
from headwater.delivery.outgoing import Templates
from headwater.events import metrics, store
from tests.api.api_client import MJML, Api

EMAIL: dict[str, Any] = {"subject": "Hello {{ first_name | default: 'there' }}", "mjml": MJML, "preview_text": "Psst"}


@pytest.fixture
def template(api: Api) -> int:
    return api.made("/templates", {"name": "Welcome", **EMAIL})


@pytest.fixture
def ada(api: Api) -> int:
    return api.made("/profiles", {"email": "ada@example.com", "first_name": "Ada", "properties": {"Shoe size": 38}})


@pytest.fixture
def colleague(conn: Connection, workspace: int) -> str:
    """Somebody who works in the brand."""
    address = f"grace-{workspace}@juniper.example"
    conn.execute(
        """
        WITH person AS (
            INSERT INTO app_user (email, name, password, is_active, is_staff, is_superuser)
            VALUES (%s, 'Grace', '', true, false, false)
            RETURNING id
        )
        INSERT INTO membership (user_id, workspace_id, role)
        SELECT id, %s, 'marketer'
        FROM person
        """,
        (address, workspace),
    )
    conn.commit()
    return address


def _viewed(conn: Connection, workspace: int, profile_id: int, properties: dict[str, Any]) -> UUID:
    now = clock.now(conn)
    metric = metrics.ids(conn, workspace, ["Viewed Product"], now)["Viewed Product"]
    event_id = store.event_id(workspace, f"view-{profile_id}")
    event = store.Event(event_id, now, "Viewed Product", metric, profile_id, None, properties, False)
    store.append(conn, workspace, [event], now)
    conn.commit()
    return event_id


def test_the_list_is_searched_and_says_what_uses_each(api: Api, template: int) -> None:
    api.made("/templates", {"name": "Other", **EMAIL, "subject": "Bye"})
    flow = {"name": "Series", "trigger": {"metric": "Signed Up"}, "steps": [{"id": "first", "email": "Welcome"}]}
    assert api.put("/flows/series", flow).status == 200
    api.made("/campaigns", {"name": "Sale", "template_id": template})
    (one,) = api.get("/templates?q=welc&sort=-updated")["data"]
    uses = [(use["kind"], use["slug"] or use["id"] is not None, use["status"]) for use in one["used_by"]]
    assert uses == [("flow", "series", "live"), ("campaign", True, "draft")]
    assert (one["format"], one["subject"]) == ("mjml", EMAIL["subject"])
    refused = api.delete(f"/templates/{template}")
    assert refused.status == 409
    assert "Series" in refused["detail"]
    api.post("/flows/series/archive")
    assert api.delete(f"/templates/{template}").status == 204
    assert [gone["name"] for gone in api.get("/templates?archived=true")["data"]] == ["Welcome"]
    assert api.post(f"/templates/{template}/unarchive")["archived_at"] is None
    assert api.patch(f"/templates/{template}", {"name": "other"}).status == 400
    assert api.patch(f"/templates/{template}", {"name": "Hello"})["name"] == "Hello"


def test_a_campaign_that_was_sent_is_told_of_and_does_not_hold_the_template_back(
    api: Api, conn: Connection, workspace: int, template: int
) -> None:
    sent = api.made("/campaigns", {"name": "Spring sale", "template_id": template})
    draft = api.made("/campaigns", {"name": "Autumn sale", "template_id": template})
    later = api.made("/campaigns", {"name": "Winter sale", "template_id": template})
    conn.execute(
        "UPDATE campaign SET status = 'sent' WHERE workspace_id = %s AND id = ANY(%s::bigint[])",
        (workspace, [sent, later]),
    )
    conn.commit()
    (listed,) = api.get("/templates?q=Welcome")["data"]
    assert [use["id"] for use in listed["used_by"]] == [draft, later, sent], "what is not over stands first"
    assert [use["status"] for use in listed["used_by"]] == ["draft", "sent", "sent"]
    assert api.get(f"/templates/{template}")["used_by"] == listed["used_by"]
    assert api.delete(f"/templates/{template}").status == 204


def test_saving_over_what_another_saved_is_refused_and_restoring_brings_it_back(api: Api, template: int) -> None:
    path = f"/templates/{template}"
    first = api.get(path)["current_version"]
    theirs = api.put(path, {**EMAIL, "subject": "Theirs", "based_on": first})
    assert theirs.status == 200, theirs
    refused = api.put(path, {**EMAIL, "subject": "Mine", "based_on": first})
    assert (refused.status, refused["field"]) == (409, "based_on")
    assert api.get(path)["subject"] == "Theirs"
    assert api.put(path, {**EMAIL, "subject": "Mine"})["subject"] == "Mine"
    restored = api.post(f"{path}/versions/{first}/restore")
    assert (restored["current_version"], restored["subject"]) == (first, EMAIL["subject"])
    assert len(api.get(f"{path}/versions")["data"]) == 3


def test_an_unsaved_email_is_shown_as_the_person_would_get_it(
    api: Api, conn: Connection, workspace: int, ada: int
) -> None:
    event = _viewed(conn, workspace, ada, {"product_id": "7", "title": "Mug"})
    inside = (
        '{{ event.title }} {{ person["Shoe size"] }} {{ person.tier }} {{ nmae }}\n.dot '
        '<a href="https://shop.example/7">See it</a>{% footer %}'
    )
    content = {**EMAIL, "mjml": MJML.replace("{% footer %}", inside)}
    shown = api.post("/templates/preview", {"content": content, "profile_id": ada, "event_id": str(event)})
    assert shown.status == 200, shown
    preview = shown["preview"]
    assert (preview["subject"], preview["preview_text"], shown["format"]) == ("Hello Ada", "Psst", "mjml")
    assert "Mug 38" in preview["html"]
    assert "\n.dot" not in preview["text"].replace("\n.dot", "", 1)
    assert "https://shop.example/7" in [link["url"] for link in preview["links"]]
    assert "See it" in [link["words"] for link in preview["links"]]
    assert [(one["name"], one["known"]) for one in preview["missing"]] == [("person.tier", True), ("nmae", False)]
    assert preview["size_bytes"] > len(preview["html"])
    assert [one["level"] for one in shown["problems"]] == ["warning"]
    events = api.get(f"/content/people/{ada}/events?metric=Viewed%20Product").body
    assert [(one["id"], one["properties"]["title"]) for one in events] == [(str(event), "Mug")]
    other = api.made("/profiles", {"email": "bob@example.com"})
    assert (
        api.post("/templates/preview", {"content": content, "profile_id": other, "event_id": str(event)}).status == 404
    )


def test_the_sample_is_the_newest_event_of_those_that_start_its_flows(
    api: Api, conn: Connection, workspace: int, template: int, ada: int
) -> None:
    event = _viewed(conn, workspace, ada, {"title": "Mug"})
    assert api.get(f"/templates/{template}/sample").body == {"profile_id": None, "event_id": None, "metric": None}
    flow = {"name": "Series", "trigger": {"metric": "Viewed Product"}, "steps": [{"id": "first", "email": "Welcome"}]}
    api.put("/flows/series", flow)
    sample = api.get(f"/templates/{template}/sample").body
    assert sample == {"profile_id": ada, "event_id": str(event), "metric": "Viewed Product"}


def test_what_cannot_be_made_is_told_with_its_line_instead_of_a_preview(api: Api, ada: int) -> None:
    broken = {**EMAIL, "mjml": MJML.replace("Hello", "\n{% if first_name %}")}
    answer = api.post("/templates/preview", {"content": broken, "profile_id": ada})
    assert (answer.status, answer["preview"]) == (200, None)
    assert (answer["problems"][0]["level"], answer["problems"][0]["field"]) == ("error", "mjml")
    assert answer["problems"][0]["line"] is not None
    loop = "{% for a in (1..900) %}{% for b in (1..900) %}x{% endfor %}{% endfor %}"
    endless = {**EMAIL, "mjml": MJML.replace("Hello", loop)}
    answer = api.post("/templates/preview", {"content": endless})
    assert answer["preview"] is None
    assert "cannot be made" in answer["problems"][0]["message"]


def test_a_test_goes_to_the_colleague_with_the_data_of_the_person(
    api: Api, conn: Connection, workspace: int, template: int, ada: int, colleague: str
) -> None:
    api.post("/coupons", {"name": "TEN", "kind": "generated"})
    api.post("/consent/unsubscribe", {"profiles": [{"email": "ada@example.com"}]})
    content = {**EMAIL, "mjml": MJML.replace("Hello", "{% coupon_code 'TEN' %} {{ first_name }} {{ event.title }}")}
    body = {"content": content, "to": [colleague.upper()], "profile_id": ada, "event": {"title": "Mug"}}
    sent = api.post(f"/templates/{template}/test-send", body)
    assert sent.status == 202, sent
    (message,) = sent["messages"]
    assert message["email"] == colleague
    now = clock.now(conn)
    batch = claiming.claim(conn, workspace, Templates(), now=now, wall=now, limit=10)
    (outgoing,) = batch.ready
    assert outgoing.address == colleague
    page = outgoing.html()
    assert "TEN-PREVIEW Ada Mug" in " ".join(page.split())
    entry = ledger.get(conn, workspace, message["message_id"])
    assert entry is not None
    assert entry.profile_id == profiles.find(conn, workspace, email=colleague)
    conn.rollback()
    assert api.get("/coupons/TEN")["assigned"] == 0
    assert len(api.get(f"/templates/{template}/versions")["data"]) == 1
    assert api.get(f"/templates/{template}")["subject"] == EMAIL["subject"]


def test_a_test_goes_to_nobody_else(api: Api, template: int, colleague: str) -> None:
    body = {"content": EMAIL, "to": [colleague, "stranger@example.com"]}
    refused = api.post(f"/templates/{template}/test-send", body)
    assert (refused.status, refused["field"]) == (400, "to")
    assert "stranger" in refused["detail"]
    bad = {"content": {**EMAIL, "mjml": "<mjml><mj-body></mj-body></mjml>"}, "to": [colleague]}
    assert api.post(f"/templates/{template}/test-send", bad).status == 400
    api.patch("/brand", {"from_email": ""})
    assert "sender" in api.post(f"/templates/{template}/test-send", {"content": EMAIL, "to": [colleague]})["detail"]


def test_names_to_choose_from_hold_what_people_and_events_carry(
    api: Api, conn: Connection, workspace: int, ada: int
) -> None:
    _viewed(conn, workspace, ada, {"title": "Mug", "items": [{"price": 3}]})
    told = api.get("/content/variables").body
    paths = {(one["path"], one["metric"]) for one in told["variables"]}
    wanted = {
        ("person['Shoe size']", None),
        ("event.title", "Viewed Product"),
        ("event.items.0.price", "Viewed Product"),
        ("organization.name", None),
    }
    assert wanted <= paths
    assert len(told["filters"]) == len(wording.FILTERS)


def test_every_email_to_start_from_can_be_had(api: Api) -> None:
    listed = api.get("/content/starters").body
    assert {one["kind"] for one in listed} == {"layout", "recipe"}
    for one in listed:
        answer = api.get(f"/content/starters/{one['slug']}")
        assert answer.status == 200, one
        assert answer["mjml"].startswith("<")
    assert api.get("/content/starters/nope/../../x").status == 404


def test_coupons_and_products_are_searched(api: Api) -> None:
    for name in ("SPRING", "AUTUMN"):
        api.post("/coupons", {"name": name, "kind": "static", "code": f"{name}-1"})
    assert [one["name"] for one in api.get("/coupons?q=spr")["data"]] == ["SPRING"]
    given = [{"id": "1", "title": "Blue mug", "brand": "Acme"}, {"id": "2", "title": "Pen", "published": False}]
    api.post("/products", {"products": given})
    assert [one["id"] for one in api.get("/products?q=MUG")["data"]] == ["1"]
    assert [one["id"] for one in api.get("/products?q=acme")["data"]] == ["1"]
    assert [one["id"] for one in api.get("/products?published=false")["data"]] == ["2"]
