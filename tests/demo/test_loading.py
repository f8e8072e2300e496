"""The demo brand loads once, through the imports' own code, and finds everything there the second time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.audience import consent, lists
from headwater.campaigns import campaigns
from headwater.catalog import popularity
from headwater.demo import bustle, loading, passers_by, showcase
from headwater.demo.shop import Shop
from tests.demo.small_shop import BASKETS, HOUSEHOLDS, SmallShop

NOW = datetime(2018, 1, 2, 14, tzinfo=UTC)


class Silent:
    def begin(self, label: str, total: int) -> None: ...
    def advance(self, done: int, new: int) -> None: ...
    def end(self) -> None: ...


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return SmallShop(tmp_path_factory.mktemp("data"))


@pytest.fixture
def loaded(conn: Connection, small: Shop, monkeypatch: pytest.MonkeyPatch) -> loading.Loaded:
    monkeypatch.setattr(loading, "SLUG", f"juniper-{id(monkeypatch)}")
    return loading.load(small, NOW, Silent())


def count(conn: Connection, table: str, workspace_id: int) -> int:
    row = conn.execute(f"SELECT count(*) FROM {table} WHERE workspace_id = %s", (workspace_id,)).fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


def test_everything_is_there(conn: Connection, loaded: loading.Loaded) -> None:
    found = {part.label: (part.count, part.new) for part in loaded.parts}

    assert loaded.created
    assert found["Customers"] == (HOUSEHOLDS, HOUSEHOLDS)
    assert found["Products"] == (8, 8)
    assert found["Orders"] == (BASKETS, BASKETS)
    assert found["Flows"] == (len(loading.FLOWS), len(loading.FLOWS))
    assert count(conn, "event", loaded.workspace_id) == BASKETS + found["Browsing"][1]


def test_public_pages_are_in_the_colour_of_the_brand_s_emails(conn: Connection, loaded: loading.Loaded) -> None:
    brand = brands.load(conn, loaded.workspace_id)
    sale = (Path(showcase.__file__).parent / "templates" / "sale-launch.mjml").read_text("utf-8")

    assert f'<mj-button background-color="{brand.brand_color}"' in sale


def test_history_starts_no_flow_and_sends_nothing(conn: Connection, loaded: loading.Loaded) -> None:
    assert count(conn, "enrolment", loaded.workspace_id) == 0
    assert count(conn, "message", loaded.workspace_id) == 0


def test_most_customers_read_the_newsletter_with_proof(conn: Connection, loaded: loading.Loaded) -> None:
    newsletter = lists.find(conn, loaded.workspace_id, loading.NEWSLETTER)
    assert newsletter is not None
    readers = [member for member, _ in lists.members(conn, loaded.workspace_id, newsletter, limit=1000)]

    agreed = consent.of_profiles(conn, loaded.workspace_id, readers)

    assert HOUSEHOLDS // 2 < len(readers) < HOUSEHOLDS
    assert {one["state"] for one in agreed.values()} == {"subscribed"}
    assert count(conn, "consent_record", loaded.workspace_id) == len(readers)


def test_what_is_not_sold_online_is_no_best_seller(conn: Connection, loaded: loading.Loaded) -> None:
    best = popularity.best_sellers(conn, loaded.workspace_id, [None], 10)[None]

    assert len(best) == 7
    assert "8" not in {product.id for product in best}


def test_a_second_load_finds_nothing_new(conn: Connection, loaded: loading.Loaded, small: Shop) -> None:
    tables = ("profile", "event", "consent_record", "product", "review", "flow_version", "list_member", "api_key")
    before = [count(conn, table, loaded.workspace_id) for table in tables]
    conn.commit()

    again = loading.load(small, NOW, Silent())

    assert not again.created
    assert again.new == 0
    assert again.write_key == loaded.write_key
    assert [count(conn, table, loaded.workspace_id) for table in tables] == before


def test_a_load_that_stopped_early_goes_on(conn: Connection, small: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "SLUG", f"juniper-half-{id(monkeypatch)}")
    half = loading.load(small, NOW, Silent(), orders=BASKETS // 2)

    whole = loading.load(small, NOW, Silent())

    news = {part.label: part.new for part in whole.parts}
    assert {part.label: part.new for part in half.parts}["Orders"] == BASKETS // 2
    assert news["Orders"] == BASKETS - BASKETS // 2
    assert news["Customers"] == 0


def test_the_sale_is_planned_with_vips_first(conn: Connection, loaded: loading.Loaded) -> None:
    planned = showcase.plan_campaigns(conn, loaded.workspace_id, NOW)

    found = campaigns.get(conn, loaded.workspace_id, planned)
    times = [found[one].send_at for one in planned]
    assert times == sorted(times)  # type: ignore[type-var]
    assert {one.status for one in found.values()} == {"scheduled"}
    assert [found[one].position for one in planned] == [None, 1, 2, 3]


def test_who_signs_up_during_the_show_consents_and_is_welcomed(conn: Connection, loaded: loading.Loaded) -> None:
    new = passers_by.sign_ups(NOW, NOW + timedelta(days=6), "seed")[:3]

    ids = bustle.sign_up(conn, loaded.workspace_id, new, NOW)

    agreed = consent.of_profiles(conn, loaded.workspace_id, ids)
    assert [one["state"] for one in agreed.values()] == ["subscribed"] * 3
    welcomed = conn.execute(
        """
        SELECT flow.slug, enrolment.profile_id
        FROM enrolment
        JOIN flow
          ON flow.workspace_id = enrolment.workspace_id
         AND flow.id = enrolment.flow_id
        WHERE enrolment.workspace_id = %s
        """,
        (loaded.workspace_id,),
    ).fetchall()
    assert sorted(welcomed) == sorted(("welcome-series", one) for one in ids)
