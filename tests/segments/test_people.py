"""The table of people: search, filters, sorts, and pages in both directions, by walking and by gathering alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from psycopg import Connection

from headwater.audience import consent, lists, profiles
from headwater.events import metrics
from headwater.segments import people, people_query, people_rows
from headwater.segments.people_query import Filters, SortBy
from tests.audience.people import person

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NAMES = ("Ada", "Ben", "Chloe", "David", "Emma", "Felix", "Grace")


@pytest.fixture(params=["walked", "gathered"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to a page answer the same."""
    if request.param == "gathered":
        monkeypatch.setattr(people, "_walk", lambda conn, asked: None)


@pytest.fixture
def crowd(conn: Connection, workspace: int) -> dict[str, int]:
    """Seven people, an hour apart; three ordered, two of them for the same. And a browser that nobody has named."""
    made = {}
    for number, name in enumerate(NAMES):
        at = NOW + timedelta(hours=number)
        made[name] = person(conn, workspace, at, email=f"{name.lower()}@example.com", external_id=f"c-{number}")
        facts = {"first_name": name, "last_name": "Miller", "country": "DE" if number % 2 else "FR"}
        profiles.write(conn, workspace, {made[name]: facts}, at)
    person(conn, workspace, anonymous_id="browser")
    for name, count, total in (("Ben", 1, 40), ("Emma", 3, 25), ("Grace", 1, 40)):
        happened(conn, workspace, made[name], metrics.PLACED_ORDER, count, total)
    conn.commit()
    return made


def happened(conn: Connection, workspace: int, profile_id: int, metric: str, count: int, total: int) -> None:
    kind = metrics.ids(conn, workspace, [metric], NOW)[metric]
    conn.execute(
        "INSERT INTO profile_metric (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (workspace, profile_id, kind, count, total, NOW, NOW + timedelta(days=count)),
    )


@pytest.fixture
def names(conn: Connection, workspace: int, crowd: dict[str, int]) -> Callable[..., list[str]]:
    """The first names of a page's people."""
    called = {profile_id: name for name, profile_id in crowd.items()}

    def found(by: SortBy = "created", falling: bool = True, **filters: object) -> list[str]:
        asked = Filters(**filters)  # type: ignore[arg-type]
        return [called[one] for one in people.page(conn, workspace, asked, by=by, falling=falling).ids]

    return found


@pytest.mark.usefixtures("way")
def test_search_finds_parts_of_what_people_are_known_by(names: Callable[..., list[str]]) -> None:
    assert names(q="mil") == list(reversed(NAMES))
    assert names(q="MMA@exam") == ["Emma"]
    assert names(q="miller  chlo") == ["Chloe"]
    assert names(q="c-3") == ["David"]
    assert names(q="fe") == ["Felix"]
    assert names(q="lo") == []  # too short to be looked for inside a word
    assert names(q="100%") == []
    assert names(q="_da") == []


def test_a_phone_number_is_found_however_it_is_written(conn: Connection, workspace: int) -> None:
    found = person(conn, workspace, phone="+491712345678")
    for written in ("+49 171 2345678", "0171 2345678", "(0171) 23-45", "1712345"):
        assert people.page(conn, workspace, Filters(q=written)).ids == [found], written


@pytest.mark.usefixtures("way")
def test_filters(conn: Connection, workspace: int, crowd: dict[str, int], names: Callable[..., list[str]]) -> None:
    later = NOW + timedelta(days=1)
    consent.subscribe(conn, workspace, [crowd["Ada"], crowd["Ben"]], at=later, now=later, method="api")
    consent.unsubscribe(conn, workspace, [crowd["Ben"]], at=later, now=later, method="api")
    consent.suppress(conn, workspace, [crowd["Chloe"]], "hard_bounce", at=later)
    chosen = lists.create(conn, workspace, "News", later)
    lists.add(conn, workspace, chosen, [crowd["David"]], later, "api")
    assert names(consent="subscribed") == ["Ada"]
    assert names(consent="unsubscribed") == ["Ben"]
    assert names(consent="never_subscribed", country="FR") == ["Grace", "Emma", "Chloe"]
    assert names(suppressed=True) == ["Chloe"]
    assert len(names(suppressed=False)) == 6
    assert names(list_id=chosen) == ["David"]
    assert names(created_since=NOW + timedelta(hours=5)) == ["Grace", "Felix"]
    assert names(created_since=NOW + timedelta(hours=5), q="felix", country="DE") == ["Felix"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("by", "rising"),
    [
        ("created", list(NAMES)),
        ("email", list(NAMES)),
        ("name", list(NAMES)),
        ("orders", ["Ada", "Chloe", "David", "Felix", "Ben", "Grace", "Emma"]),
        ("value", ["Ada", "Chloe", "David", "Felix", "Emma", "Ben", "Grace"]),
    ],
)
def test_every_sort_in_pages_forwards_and_back(
    conn: Connection, workspace: int, crowd: dict[str, int], by: SortBy, rising: list[str]
) -> None:
    called = {profile_id: name for name, profile_id in crowd.items()}
    for falling, expected in ((False, rising), (True, rising[::-1])):
        cursor: str | None = None
        seen: list[list[str]] = []
        while True:
            page = people.page(conn, workspace, Filters(), by=by, falling=falling, cursor=cursor, limit=3)
            seen.append([called[one] for one in page.ids])
            if page.next is None:
                break
            cursor = page.next
        assert seen == [expected[:3], expected[3:6], expected[6:]]
        back = people.page(conn, workspace, Filters(), by=by, falling=falling, cursor=page.previous, limit=3)
        assert [called[one] for one in back.ids] == expected[3:6]
        first = people.page(conn, workspace, Filters(), by=by, falling=falling, cursor=back.previous, limit=3)
        assert [called[one] for one in first.ids] == expected[:3]
        assert first.previous is None
        again = people.page(conn, workspace, Filters(), by=by, falling=falling, cursor=first.next, limit=3)
        assert again.ids == back.ids


def test_a_walk_that_finds_too_few_gathers(
    conn: Connection, workspace: int, crowd: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "WALK", 3)
    page = people.page(conn, workspace, Filters(q="ada"))
    assert (page.ids, page.total, page.exact) == ([crowd["Ada"]], 1, True)


def test_the_total_is_exact_where_it_is_cheap(
    conn: Connection, workspace: int, crowd: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = people.page(conn, workspace, Filters(q="miller"), limit=2)
    assert (page.total, page.exact) == (7, True)
    monkeypatch.setattr(people, "WALK", 4)
    assert people.page(conn, workspace, Filters(), limit=2).exact is False


def test_a_cursor_of_another_sort_is_refused(conn: Connection, workspace: int, crowd: dict[str, int]) -> None:
    page = people.page(conn, workspace, Filters(), limit=2)
    for by, falling, cursor in (("email", True, page.next), ("created", False, page.next), ("created", True, "x")):
        with pytest.raises(ValueError, match="cursor"):
            people.page(conn, workspace, Filters(), by=by, falling=falling, cursor=cursor)  # type: ignore[arg-type]


def test_rows_say_what_people_did(conn: Connection, workspace: int, crowd: dict[str, int]) -> None:
    happened(conn, workspace, crowd["Emma"], metrics.ENTERED_SEGMENT, 30, 0)
    consent.suppress(conn, workspace, [crowd["Emma"]], "hard_bounce", at=NOW)
    emma, ada = people_rows.rows(conn, workspace, [crowd["Emma"], crowd["Ada"], 999_999_999])
    assert (emma.orders, emma.value, emma.last_active_at) == (3, Decimal(25), NOW + timedelta(days=3))
    assert (emma.suppressed, emma.consent) == (["hard_bounce"], "never_subscribed")
    assert (ada.orders, ada.value, ada.last_active_at, ada.suppressed) == (0, Decimal(0), None, [])


def test_each_way_goes_by_its_index(conn: Connection, workspace: int) -> None:
    """The expressions of the queries are those of the indexes, or a million people would be read."""
    conn.execute(
        """
        INSERT INTO profile (workspace_id, email, first_name, created_at, updated_at)
        SELECT %(workspace)s, md5(n::text) || '@example.com', md5('name' || n), %(now)s, %(now)s
        FROM generate_series(1, 5000) AS n
        """,
        {"workspace": workspace, "now": NOW},
    )
    conn.execute("SELECT gin_clean_pending_list('profile_search')")
    conn.execute("ANALYZE profile")
    conn.execute("SET LOCAL enable_seqscan = off")  # five thousand people are read as fast
    search, values = people_query.conditions(Filters(q="abcdef"), people_query.semi_join)
    keys = {by: people_query.SORTS[by].key for by in ("created", "email", "name")}  # type: ignore[index]
    for where, index in (
        (search, "profile_search"),
        *((f"{people_query.KNOWN} ORDER BY {key}, p.id LIMIT 10", f"profile_{by}") for by, key in keys.items()),
    ):
        plan = conn.execute(
            f"EXPLAIN SELECT p.id FROM profile p WHERE p.workspace_id = %(workspace)s AND {where}",
            {"workspace": workspace, **values},
        ).fetchall()
        assert any(index in row[0] for row in plan), plan
