"""What someone at a terminal reads of a flow: its schema, its numbers."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from psycopg import Connection
from typer.testing import CliRunner

from headwater.cli.flows import app
from headwater.core import clock
from headwater.flows import runner
from headwater.flows.reading.schema import schema
from tests.flows.flow_tables import people, publish
from tests.flows.test_numbers import happens


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    return result.exit_code, result.output


@pytest.fixture
def brand(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row is not None
    return str(row[0])


def test_the_schema_is_printed_as_json() -> None:
    code, said = run("schema")

    assert code == 0
    assert orjson.loads(said) == schema()


def test_the_numbers_are_a_table_of_the_steps(conn: Connection, workspace: int, brand: str) -> None:
    began = clock.now(conn) - timedelta(days=3)
    publish(conn, workspace, began, {"email": "a.mjml"}, {"delay": {"hours": 2}}, {"id": "b", "email": "b.mjml"})
    crowd = people(conn, workspace, began, 3)
    for one in crowd:
        happens(conn, workspace, one, "Viewed Product", began)
    runner.run_due(conn, workspace, began)
    conn.execute(
        """
        UPDATE message
        SET state = CASE WHEN profile_id = %(first)s THEN 'skipped' ELSE 'sent' END,
            reason = CASE WHEN profile_id = %(first)s THEN 'smart_sending' END,
            sent_at = %(at)s,
            opened_at = CASE WHEN profile_id = %(last)s THEN %(at)s::timestamptz END
        WHERE workspace_id = %(workspace)s
        """,
        {"workspace": workspace, "first": crowd[0], "last": crowd[2], "at": began},
    )
    conn.commit()

    code, said = run("numbers", "a-flow", "--brand", brand)

    assert code == 0
    assert "3 entered, 0 went through to the end, 3 waiting now" in said
    lines = [line.split() for line in said.splitlines()]
    assert ["a", "email", "“a”", "(a.mjml)", "3", "2", "50.0%", "0.0%", "0", "0.00", "0"] in lines
    assert ["b", "email", "“b”", "(b.mjml)", "0", "3"] in lines
    assert "a: 1 not sent: Got another email recently (smart sending)" in said
    assert "0 entered" in run("numbers", "a-flow", "--days", "1", "--brand", brand)[1]


def test_an_unknown_flow_is_said(conn: Connection, brand: str) -> None:
    conn.commit()

    assert run("numbers", "nothing", "--brand", brand) == (1, "error: There is no flow nothing.\n")
