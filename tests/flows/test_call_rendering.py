"""What calls say: templates in a tree of JSON, notes in plain words, and what is wrong before it is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile
from headwater.catalog.coupons import Code
from headwater.content.errors import RenderError, TemplateError
from headwater.flows.calls import rendering
from headwater.flows.calls.rendering import Subject

NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
BRAND = Brand(
    1, "Juniper", "juniper", "America/New_York", "EUR", "Juniper", "hello@juniper.example", "", "1 Main St",
    "https://juniper.example", 16, False,
)  # fmt: skip
ANN = Profile(
    7, external_id="c-7", email="ann@example.com", first_name='Ann "A" \\ O\'Neil', timezone="Europe/Berlin",
    properties={"plan": "gold", "notes": "one\r\ntwo"},
)  # fmt: skip
TRIGGER = {
    "metric": "Placed Order",
    "id": "e1",
    "ts": "2026-03-02T12:00:00Z",
    "value": 89.5,
    "properties": {"total": 89.5, "items": [{"title": "Boots", "price": 80}, {"title": "Söcks <3", "price": 9.5}]},
}
CODE = Code("WELCOME-1", None, NOW, "WELCOME", 7, None)
ABOUT = Subject("welcome", "tell", BRAND, ANN, TRIGGER, {"WELCOME": CODE}, NOW)


def body(tree: Any, about: Subject = ABOUT) -> Any:
    return orjson.loads(rendering.body({"url": "https://x.example", "body": tree}, about))


def test_the_default_body_says_who_where_and_why() -> None:
    assert body(None) == {
        "flow": "welcome",
        "step": "tell",
        "profile": {
            "id": 7, "external_id": "c-7", "email": "ann@example.com", "first_name": 'Ann "A" \\ O\'Neil',
            "last_name": None,
        },
        "event": TRIGGER,
    }  # fmt: skip


def test_texts_are_templates_and_everything_else_stays() -> None:
    tree = {
        "name": "{{ first_name }}",
        "plan": "{{ person.plan | upcase }}",
        "notes": "{{ person.notes }}",
        "missing": "{{ person.nothing }}",
        "items": [
            "{% for item in event.items %}{{ item.title }};{% endfor %}",
            1,
            2.5,
            True,
            None,
            {"deep": "as it is"},
        ],
        "total": "{{ event.total | money }}",
        "brand": "{{ organization.name }}",
        "code": "{% coupon_code 'WELCOME' %}",
        "when": "{{ 'now' | date: '%H:%M' }}",
        "{{ key }}": "keys are no templates",
    }
    assert body(tree) == {
        "name": 'Ann "A" \\ O\'Neil',
        "plan": "GOLD",
        "notes": "one\ntwo",
        "missing": "",
        "items": ["Boots;Söcks <3;", 1, 2.5, True, None, {"deep": "as it is"}],
        "total": "€89.50",
        "brand": "Juniper",
        "code": "WELCOME-1",
        "when": "23:30",
        "{{ key }}": "keys are no templates",
    }
    assert body([]) == []
    assert body("{{ first_name }}!") == 'Ann "A" \\ O\'Neil!'


def test_a_flow_that_no_event_began_has_an_empty_event() -> None:
    joined = replace(ABOUT, trigger={"list": 3})
    assert body({"x": "{{ event.total }}"}, joined) == {"x": ""}
    assert body(None, joined)["event"] == {"list": 3}


def test_a_body_has_a_largest_size() -> None:
    with pytest.raises(RenderError, match="256,000"):
        body(["{{ person.long }}"] * 4, replace(ABOUT, profile=replace(ANN, properties={"long": "x" * 90_000})))


def test_a_note_is_one_line_of_subject_and_plain_text() -> None:
    about = replace(ABOUT, profile=replace(ANN, first_name="Ann\r\nBcc: eve@evil.example"))
    spec = {
        "to": ["a@b.example"],
        "subject": "New:  {{ first_name }}",
        "text": "{{ person.notes }}\n<b>{{ event.total }}",
    }
    subject, text = rendering.note(spec, about)
    assert subject == "New: Ann Bcc: eve@evil.example"
    assert text == "one\ntwo\n<b>89.5"


URL = "https://hooks.shop.example/in"


@pytest.mark.parametrize(
    "spec",
    [
        {"url": URL},
        {"url": URL, "headers": {"Authorization": "Bearer x", "X-A": ""}, "body": {"a": ["{{ b }}", 1, None]}},
        {"to": ["a@shop.example"] * 20, "subject": "{{ a }}", "text": "b"},
    ],
)
def test_what_can_be_carried_out_passes(spec: dict[str, Any]) -> None:
    rendering.check(spec)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"url": "ftp://shop.example"}, "url"),
        ({"url": None}, "url"),
        ({"url": "http://127.0.0.1:8000/"}, "url"),
        ({"url": "https://{{ person.city }}.example/"}, "url"),
        ({"url": URL, "headers": ["a"]}, "headers"),
        ({"url": URL, "headers": {"a b": "c"}}, "headers"),
        ({"url": URL, "headers": {f"x-{n}": "" for n in range(21)}}, "headers"),
        ({"url": URL, "headers": {"X-A": "b\r\nX-B: c"}}, "headers.X-A"),
        ({"url": URL, "headers": {"X-A": 7}}, "headers.X-A"),
        ({"url": URL, "headers": {"Content-Length": "3"}}, "headers.Content-Length"),
        ({"url": URL, "headers": {"headwater-signature": "x"}}, "headers.headwater-signature"),
        ({"url": URL, "body": {"a": ["fine", "{{ b | nonsense }}"]}}, "body.a.1"),
        ({"url": URL, "body": {"a": "{% if b %}"}}, "body.a"),
        ({"url": URL, "body": "{% include 'x' %}"}, "body"),
        ({"url": URL, "body": "{% unsubscribe %}"}, "body"),
        ({"url": URL, "body": {"a": "x" * 70_000}}, None),
        ({"to": [], "subject": "a", "text": "b"}, "to"),
        ({"to": "a@shop.example", "subject": "a", "text": "b"}, "to"),
        ({"to": ["a@shop.example"] * 21, "subject": "a", "text": "b"}, "to"),
        ({"to": ["a@shop.example", "nobody"], "subject": "a", "text": "b"}, "to.1"),
        ({"to": ["a@shop.example\r\nX: y"], "subject": "a", "text": "b"}, "to.0"),
        ({"to": ["a@shop.example"], "text": "b"}, "subject"),
        ({"to": ["a@shop.example"], "subject": " ", "text": "b"}, "subject"),
        ({"to": ["a@shop.example"], "subject": "a", "text": "{{ b"}, "text"),
        ({}, "to"),
    ],
)
def test_what_cannot_is_refused_with_its_field(spec: dict[str, Any], field: str | None) -> None:
    with pytest.raises(TemplateError) as caught:
        rendering.check(spec)
    assert caught.value.field == field


def test_a_tree_has_a_largest_depth() -> None:
    tree: Any = "x"
    for _ in range(21):
        tree = [tree]
    with pytest.raises(TemplateError, match="nested"):
        rendering.check({"url": URL, "body": tree})


def test_an_instance_may_allow_private_addresses() -> None:
    rendering.check({"url": "http://10.0.0.5:8080/"}, private=True)
    with pytest.raises(TemplateError, match="may be called"):
        rendering.check({"url": "http://169.254.169.254/"}, private=True)
