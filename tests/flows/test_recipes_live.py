"""Every test that a ready-made flow brings, lived through on the real system: it sends what the simulator says.

The person is made as the test describes them, what happens to them comes in through the doors of the product at its
time (prices and stock through the catalog), and time goes from one due thing to the next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from headwater.accounts import brand
from headwater.audience import consent, lists
from headwater.catalog import issuing
from headwater.events import standard as metrics
from headwater.flows import why_not
from headwater.flows.definition import FlowDefinition
from headwater.flows.reading import tests as reading_tests
from headwater.flows.reading.tests import TRIGGER, End, FileTest, Given
from headwater.flows.trials import email_coupons
from headwater.flows.trials.file_tests import run_tests
from headwater.flows.trials.person_changes import Change, Joined, Stocked
from headwater.flows.triggers import DateTrigger
from headwater.segments.language import Facts
from tests.flows.flow_people import RECIPES, recipe
from tests.flows.live_shop import Shop, opened
from tests.segments.shop import Shop as SegmentShop

A_DAY = timedelta(days=1)
LONG_AGO = timedelta(days=400)
DATES_FOR = timedelta(days=30)
"""So long after all that a test tells of, dates are still looked for: they come for ever."""
FOR_EVER = timedelta(days=10_000)
FROM_THE_CATALOG = (metrics.PRICE_DROPPED, metrics.LOW_IN_STOCK)
LATELY = {
    "name": "Whoever had a code lately gets no second one",
    "person": {"lists": ["Newsletter"], "coupons": [{"name": "CART10", "assigned": {"ago": {"days": 30}}}]},
    "events": [{"at": "2026-03-02 12:00", "metric": "Added to Cart", "properties": {"product_id": "b1"}}],
    "expect": [{"email": "cart"}, {"email": "questions"}, {"completed": True}],
}


def stories() -> list[Any]:
    """Each recipe with each of its tests."""
    return [
        pytest.param(definition, test, id=f"{definition.slug}: {test.name}")
        for definition in map(recipe, sorted(path.parent.name for path in RECIPES.glob("*/flow.yaml")))
        for test in reading_tests.tests_of(definition)
    ]


@pytest.mark.parametrize(("definition", "test"), stories())
def test_a_recipe_does_what_its_tests_say(
    conn: Connection, workspace: int, definition: FlowDefinition, test: FileTest
) -> None:
    shop = a_shop(conn, workspace, definition, test)

    lives(shop, definition, test)

    assert len(shop.mail) == len(test.expected), shop.mail
    told = [(one.step, one.at or at) for one, (_, at, _) in zip(test.expected, shop.mail, strict=True)]
    assert [(step, at) for step, at, _ in shop.mail] == told
    assert ending(shop, definition) == test.end
    shows_its_codes(shop, definition)


def test_codes_and_lists_from_before_count(conn: Connection, workspace: int) -> None:
    definition = replace(recipe("abandoned-cart"), tests=(LATELY,))
    [test] = reading_tests.tests_of(definition)
    shop = a_shop(conn, workspace, definition, test)

    lives(shop, definition, test)

    assert [step for step, _, _ in shop.mail] == [one.step for one in test.expected]
    assert run_tests(definition, {})[0].passed


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def a_shop(conn: Connection, workspace: int, definition: FlowDefinition, test: FileTest) -> Shop:
    """The brand with its products and the person, when the test begins; the flow has just been set live."""
    known, setting = test.known, test.setting
    assert (known.suppressions, known.entries) == ({}, ()), "no test says so yet"
    settings = {
        "timezone": setting.timezone,
        "smart_sending_hours": setting.smart_sending // timedelta(hours=1),
        "quiet_hours": setting.quiet_hours,
        "frequency_caps": setting.frequency_caps,
        "require_consent": known.consent_required,
    }
    brand.update(conn, workspace, settings)
    attributes = {name: value for name, value in known.attributes.items() if name != "created_at"}
    shop = opened(conn, workspace, test.begins - LONG_AGO, **attributes, **known.properties)
    shop.stocks(*products_of(test))
    decide = {"subscribed": consent.subscribe, "unsubscribed": consent.unsubscribe}.get(known.consent or "")
    if decide is not None and known.consent_at is not None:
        decide(conn, workspace, [shop.person], at=known.consent_at, now=shop.now, method="api")
    for name, since in known.lists.items():
        lists.add(conn, workspace, lists.create(conn, workspace, str(name), since), [shop.person], since, "api")
    shop.now = test.begins - A_DAY
    for product in sorted(met(test)):
        shop.does(metrics.VIEWED_PRODUCT, {"product_id": product})
    shop.now = test.begins
    shop.installs(definition.slug)
    for code in known.coupons:
        issuing.issue(conn, workspace, code.name, [(shop.person, 0)], code.assigned_at)
    belongs(shop, known)
    return shop


def products_of(test: FileTest) -> list[dict[str, Any]]:
    """What the test names, as it was before: at the old price, plenty of it; sold out if it comes back into stock."""
    found: dict[str, dict[str, Any]] = {}
    for event in test.events:
        for one in (event.properties, *event.properties.get("items", ())):
            if "product_id" in one:
                found.setdefault(one["product_id"], {"price": 20, "stock": 50})
                found[one["product_id"]] |= {"price": one["old_price"]} if "old_price" in one else {}
    for _, change in test.changes:
        if isinstance(change, Stocked):
            found.setdefault(change.product, {"price": 20})["stock"] = 0
    return [{"id": id_, "title": id_, "url": f"https://j.example/{id_}", **row} for id_, row in found.items()]


def met(test: FileTest) -> set[str]:
    """The products of which the catalog will have something to tell: the person looked at them."""
    return {event.properties["product_id"] for event in test.events if event.metric in FROM_THE_CATALOG}


def belongs(shop: Shop, known: Facts) -> None:
    """Be in the segments that the test names, and in no other."""
    SegmentShop(shop.conn, shop.workspace, shop.now).build()
    shop.conn.execute("DELETE FROM segment_member WHERE workspace_id = %s", (shop.workspace,))
    shop.conn.execute(
        """
        INSERT INTO segment_member (workspace_id, segment_id, version, profile_id, entered_at)
        SELECT workspace_id, id, live_version, %s, %s
        FROM segment
        WHERE workspace_id = %s
          AND name = ANY (%s)
        """,
        (shop.person, shop.now - LONG_AGO, shop.workspace, [str(name) for name in known.segments]),
    )


# ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────────
def lives(shop: Shop, definition: FlowDefinition, test: FileTest) -> None:
    """All that the test tells of, at its time, and what follows from it."""
    happens = [*test.changes, *((event.at, event) for event in test.events)]
    for at, what in sorted(happens, key=lambda one: one[0]):
        shop.passes(at)
        shop.now = at
        if isinstance(what, Given):
            event(shop, what)
        else:
            change_of(shop, what)
    last = max([test.begins, *(at for at, _ in happens), *(one.at for one in test.expected if one.at)])
    goes_on = DATES_FOR if isinstance(definition.trigger, DateTrigger) else FOR_EVER
    shop.passes(test.until or last + goes_on)


def event(shop: Shop, given: Given) -> None:
    if given.metric == metrics.PRICE_DROPPED:
        shop.stocks({"id": given.properties["product_id"], "price": given.properties["price"]})
    elif given.metric == metrics.LOW_IN_STOCK:
        shop.stocks({"id": given.properties["product_id"], "stock": given.properties["stock"]})
    else:
        shop.does(given.metric, given.properties, float(given.value) if given.value is not None else None)


def change_of(shop: Shop, change: Change) -> None:
    match change:
        case Stocked(product, quantity):
            shop.stocks({"id": product, "stock": quantity})
        case Joined(str(name)):
            newsletter = lists.find(shop.conn, shop.workspace, name)
            assert newsletter is not None, "made with the flow"
            lists.add(shop.conn, shop.workspace, newsletter, [shop.person], shop.now, "api")
        case _:
            raise AssertionError(f"No test had {change} yet.")


# ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────────────
def shows_its_codes(shop: Shop, definition: FlowDefinition) -> None:
    """Each email shows the codes that it is written to show and no other; one coupon has one code in all of them."""
    coupons = email_coupons.of_folder(RECIPES / definition.slug, definition)
    shown: dict[str, set[str]] = {}
    for step, _, codes in shop.mail:
        assert len(codes) == len(coupons.get(step, ())) <= 1, step
        for coupon in coupons.get(step, ()):
            shown.setdefault(coupon, set()).update(codes)
    assert [len(codes) for codes in shown.values()] == [1] * len(shown)
    assert len(set().union(*shown.values())) == len(shown)


def ending(shop: Shop, definition: FlowDefinition) -> End:
    """As a test would say it, of the run that ended last."""
    row = shop.conn.execute(
        """
        SELECT state, reason, step
        FROM enrolment
        WHERE workspace_id = %s
        ORDER BY state = 'waiting' DESC, finished_at DESC, id DESC
        """,
        (shop.workspace,),
    ).fetchone()
    if row is None:
        asked = why_not.of_profile(shop.conn, shop.workspace, shop.person, definition.slug, shop.now).asked
        return End("not_entered", asked[-1].verdict.code if asked else TRIGGER)
    state, reason, step = row
    return {"completed": End("completed"), "exited": End("left", reason)}.get(state, End("waiting", step))
