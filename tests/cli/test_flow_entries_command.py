"""`headwater flows add` and `backfill`, as someone at a terminal sees them."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import Connection
from typer.testing import CliRunner

from headwater.audience import identity
from headwater.audience.identity import Claim
from headwater.cli.flows import app
from headwater.core import clock
from headwater.flows.arrivals import adding
from tests.flows.flow_tables import enrolments, publish
from tests.segments.segment_people import a_list, a_segment, in_segment, on_list

STEPS: list[Any] = [{"delay": {"days": 1}}, {"email": "a.mjml"}]


@pytest.fixture
def slug(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row is not None
    conn.commit()
    return str(row[0])


@pytest.fixture
def person(conn: Connection, workspace: int) -> int:
    """On the list News, and in the segment VIP."""
    now = clock.now(conn)
    [made] = identity.resolve(conn, workspace, [Claim(email="a@example.com")], now)
    on_list(conn, workspace, a_list(conn, workspace, "News", now), made, now)
    in_segment(conn, workspace, a_segment(conn, workspace, "VIP", now), made, now)
    conn.commit()
    return made


def run(*words: str, brand: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words, "--brand", brand])
    return result.exit_code, result.output


def flow(conn: Connection, workspace: int, trigger: Any) -> None:
    publish(conn, workspace, clock.now(conn), *STEPS, trigger=trigger)
    conn.commit()


@pytest.mark.parametrize("whom", [("--profile", "A@example.com"), ("--segment", "vip"), ("--list", "news")])
def test_people_are_added_by_hand(
    conn: Connection, workspace: int, slug: str, person: int, whom: tuple[str, str]
) -> None:
    flow(conn, workspace, {"manual": {}})

    code, said = run("add", "a-flow", *whom, brand=slug)
    while adding.turn(conn, workspace, clock.now(conn)):
        conn.commit()

    assert code == 0, said
    assert "the worker goes through" in said
    assert [one["profile_id"] for one in enrolments(conn, workspace)] == [person]


def test_a_flow_is_filled_from_the_past(conn: Connection, workspace: int, slug: str) -> None:
    flow(conn, workspace, {"metric": "Viewed Product"})

    code, said = run("backfill", "a-flow", "--days", "3", brand=slug)

    assert code == 0, said
    assert "the worker goes through what happened before" in said
    row = conn.execute("SELECT kind, by FROM flow_adding WHERE workspace_id = %s", (workspace,)).fetchone()
    assert row == ("backfill", "command line")


def test_what_is_wrong_is_said_without_a_traceback(conn: Connection, workspace: int, slug: str, person: int) -> None:
    flow(conn, workspace, {"metric": "Viewed Product"})

    for words, reason in (
        (("add", "nowhere", "--list", "News"), "There is no flow nowhere"),
        (("add", "a-flow", "--list", "Nowhere"), "there is no list Nowhere"),
        (("add", "a-flow", "--profile", "b@example.com"), "nobody with the address b@example.com"),
        (("add", "a-flow", "--profile", "a@example.com"), "nobody is added to it by hand"),
        (("backfill", "a-flow", "--from", "now"), "counts from when it happened"),
    ):
        code, said = run(*words, brand=slug)
        assert code == 1
        assert reason in said
    assert run("add", "a-flow", brand=slug)[0] == 2
    assert run("add", "a-flow", "--list", "News", "--segment", "VIP", brand=slug)[0] == 2
