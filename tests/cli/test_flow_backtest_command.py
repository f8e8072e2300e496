"""`headwater flows backtest`: what would have happened, as a table, beside the live version, or as JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import Connection
from typer.testing import CliRunner

from headwater.cli.flows import app
from headwater.core import clock
from headwater.flows.editing import publishing
from tests.events.stored_history import History
from tests.flows.flow_people import RECIPES


@pytest.fixture
def brand(conn: Connection, workspace: int) -> str:
    """Somebody looked at a product ten days ago, and thirty days ago; browse abandonment is live."""
    now = clock.now(conn)
    history = History(conn, workspace, now - timedelta(days=300))
    [person] = history.people(1)
    for days in (10, 30):
        history.did(person, "Viewed Product", now - timedelta(days=days), price=89)
    publishing.apply(conn, workspace, RECIPES / "browse-abandonment", now)
    conn.commit()
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row is not None
    return str(row[0])


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["backtest", *words])
    return done.exit_code, done.output


def test_a_live_flow_is_replayed(brand: str) -> None:
    code, said = run("browse-abandonment", "--brand", brand)

    assert code == 0, said
    assert "came in                        2" in said
    assert "2 did not: what they came for was worth 178.00." in said
    assert [line.split()[-1] for line in said.splitlines() if line.startswith("Browse")] == ["2", "2", "1", "1"]


def test_a_folder_is_replayed_over_some_days_beside_the_live_version(brand: str, tmp_path: Path) -> None:
    for file in (RECIPES / "browse-abandonment").iterdir():
        text = file.read_text().replace("again: {after: {days: 14}}", "again: never")
        (tmp_path / file.name).write_text(text)
    (tmp_path.parent / "layouts").mkdir()
    (tmp_path.parent / "layouts" / "shop.mjml").write_text((RECIPES / "layouts" / "shop.mjml").read_text())

    code, said = run(str(tmp_path), "--brand", brand, "--compare", "--json")

    assert code == 0, said
    assert [report["entries"] for report in json.loads(said)] == [1, 2]
    code, said = run(str(tmp_path), "--brand", brand, "--days", "15", "--compare")
    assert "came in                                 1     1" in said, said


def test_a_mistake_is_said_without_a_traceback(brand: str) -> None:
    for words, said in (
        (("nothing-such",), "error: There is no flow nothing-such."),
        (("browse-abandonment", "--from", "yesterday"), "error: yesterday is not a day: write it like 2026-01-31"),
        (("browse-abandonment", "--from", "2026-02-02", "--to", "2026-02-01"), "error: A backtest needs a span"),
        ((str(RECIPES / "price-drop"),), "error: trigger: cannot be backtested"),
    ):
        code, told = run(*words, "--brand", brand)

        assert code == 1
        assert said in told
