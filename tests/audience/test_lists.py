"""Lists: who is on them, and what joining one starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from psycopg import Connection

from headwater.audience import lists
from tests.audience.people import NOW, person


def test_joining_answers_and_announces_only_the_new(
    conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[list[int]] = []

    def listener(conn: Connection, of: int, list_id: int, profile_ids: Sequence[int], now: datetime) -> None:
        heard.append(sorted(profile_ids))

    monkeypatch.setattr(lists, "_joined", [])
    lists.on_join(listener)
    lists.on_join(listener)  # composed twice, heard once
    news = lists.create(conn, workspace, "News", NOW)
    ann, bob = person(conn, workspace, email="ann@example.com"), person(conn, workspace, email="bob@example.com")

    assert lists.add(conn, workspace, news, [ann], NOW, "api") == [ann]
    assert sorted(lists.add(conn, workspace, news, [ann, bob, bob + 10**6], NOW, "api")) == [bob]
    assert lists.add(conn, workspace, news, [ann, bob], NOW, "api") == []
    assert heard == [[ann], [bob]]


def test_a_historical_import_starts_nothing(conn: Connection, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    monkeypatch.setattr(lists, "_joined", [lambda conn, of, list_id, profile_ids, now: heard.extend(profile_ids)])
    news = lists.create(conn, workspace, "News", NOW)
    ann = person(conn, workspace, email="ann@example.com")

    lists.add(conn, workspace, news, [ann], NOW, "import", historical=True, at=NOW - timedelta(days=400))

    assert heard == []
    assert lists.members(conn, workspace, news) == [(ann, NOW - timedelta(days=400))]


def test_members_come_in_pages(conn: Connection, workspace: int) -> None:
    news = lists.create(conn, workspace, "News", NOW)
    people = [person(conn, workspace, email=f"p{n}@example.com") for n in range(5)]
    lists.add(conn, workspace, news, people, NOW, "api")

    first = lists.members(conn, workspace, news, limit=3)
    rest = lists.members(conn, workspace, news, after=first[-1][0], limit=3)

    assert [one[0] for one in first + rest] == people
    assert lists.remove(conn, workspace, news, people[:2]) == 2
    assert [one.members for one in lists.all_lists(conn, workspace)] == [3]


def test_names_are_taken_once_whatever_their_case(conn: Connection, workspace: int) -> None:
    news = lists.create(conn, workspace, "News", NOW)
    assert lists.find(conn, workspace, " news ") == news
    with pytest.raises(lists.ListError, match="already"):
        lists.create(conn, workspace, "NEWS", NOW)
    with pytest.raises(lists.ListError, match="name"):
        lists.create(conn, workspace, "  ", NOW)

    assert lists.archive(conn, workspace, news, NOW)
    assert lists.find(conn, workspace, "News") is None
    assert lists.create(conn, workspace, "News", NOW) != news


def test_an_archived_list_takes_nobody(conn: Connection, workspace: int) -> None:
    news = lists.create(conn, workspace, "News", NOW)
    lists.archive(conn, workspace, news, NOW)
    assert lists.add(conn, workspace, news, [person(conn, workspace, email="ann@example.com")], NOW, "api") == []
