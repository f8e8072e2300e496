"""`headwater segments`, as someone at a terminal sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import Connection
from typer.testing import CliRunner

from headwater.cli.segments import app
from tests.segments.shop import Shop


@pytest.fixture
def shop(conn: Connection, workspace: int) -> Shop:
    made = Shop(conn, workspace)
    made.person("ann", email="ann@example.com")
    made.person("bob", email="bob@example.com")
    made.says("ann", tier="gold")
    conn.commit()
    return made


def run(shop: Shop, *words: str, given: str | None = None) -> str:
    row = shop.conn.execute("SELECT slug FROM workspace WHERE id = %s", (shop.workspace,)).fetchone()
    assert row is not None
    shop.conn.commit()
    done = CliRunner().invoke(app, [*words, "--brand", row[0]], input=given)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_segment_is_saved_from_a_file_counted_shown_and_explained(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "gold.yaml"
    file.write_text("property: tier\nequals: gold\n")

    assert "No segments yet" in run(shop, "list")
    counted = run(shop, "count", str(file))
    assert "tier is “gold”" in counted
    assert "1 person" in counted
    assert "Saved" in run(shop, "save", "Gold", str(file))
    shop.build()

    listed = run(shop, "list")
    assert "Gold" in listed
    assert "live" in listed
    assert "tier is “gold”" in run(shop, "show", "gold")
    assert "ann@example.com" in run(shop, "members", "Gold")
    told = run(shop, "why", "Gold", "bob@example.com")
    assert "is not in" in told
    assert "tier: not set" in told
    out = tmp_path / "gold.csv"
    run(shop, "export", "Gold", "--to", str(out), "--columns", "email,properties.tier")
    assert out.read_bytes().decode().splitlines() == ["email,properties.tier", "ann@example.com,gold"]


def test_ready_made_segments_are_listed_and_installed(shop: Shop) -> None:
    listed = CliRunner().invoke(app, ["ready-made"]).output
    assert "never-bought" in listed

    assert "building" in run(shop, "install", "never-bought")
    shop.build()

    assert "live" in run(shop, "list")
    assert "is in" in run(shop, "why", "never-bought", "ann@example.com")


def test_what_is_wrong_is_said_in_one_line(shop: Shop) -> None:
    row = shop.conn.execute("SELECT slug FROM workspace WHERE id = %s", (shop.workspace,)).fetchone()
    assert row is not None
    shop.conn.commit()

    done = CliRunner().invoke(app, ["save", "Wrong", "-", "--brand", row[0]], input='{"metric": "A", "count": 3}')

    assert done.exit_code == 1
    assert "error: count: must be an object" in done.output
