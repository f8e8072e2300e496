"""`headwater flows`, as someone at a terminal sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import Connection
from typer.testing import CliRunner

from headwater.cli.flows import app

EMAIL = """---
subject: Hello
---
<mjml><mj-body><mj-section><mj-column><mj-text>
Hello <a href="{{ unsubscribe_link }}">Unsubscribe</a> {{ organization.full_address }}
</mj-text></mj-column></mj-section></mj-body></mjml>
"""
FLOW = """
name: A flow
trigger: {metric: Viewed Product}
steps:
  - email: hello.mjml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a-flow"
    made.mkdir()
    (made / "flow.yaml").write_text(FLOW)
    (made / "hello.mjml").write_text(EMAIL)
    return made


@pytest.fixture
def slug(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row is not None
    conn.commit()
    return str(row[0])


def run(*words: str, brand: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words, "--brand", brand] if brand else list(words))
    return result.exit_code, result.output


def test_a_flow_from_file_to_archive(slug: str, folder: Path) -> None:
    assert run("apply", str(folder), brand=slug) == (0, "a-flow  published and live\n")
    assert run("apply", str(folder), brand=slug) == (0, "a-flow  unchanged (version 1)\n")

    code, listed = run("list", brand=slug)
    assert (code, "a-flow" in listed, "live" in listed) == (0, True, True)
    assert "email “hello” (hello.mjml)" in run("show", "a-flow", brand=slug)[1]

    assert run("pause", "a-flow", brand=slug)[0] == 0
    assert "It stays paused" in run("apply", str(folder), brand=slug)[1]
    assert run("resume", "a-flow", brand=slug)[0] == 0
    assert run("archive", "a-flow", brand=slug)[0] == 0
    assert "No flows yet" in run("list", brand=slug)[1]


def test_what_is_wrong_is_said_without_a_traceback(slug: str, folder: Path) -> None:
    (folder / "flow.yaml").write_text(FLOW.replace("hello.mjml", "gone.mjml"))

    code, said = run("apply", str(folder), brand=slug)

    assert code == 1
    assert "steps[0].email: there is no file gone.mjml beside flow.yaml" in said
    assert "Traceback" not in said


def test_an_unknown_flow_recipe_or_brand_is_said(slug: str) -> None:
    assert "There is no flow nothing." in run("pause", "nothing", brand=slug)[1]
    assert run("install", "nothing", brand=slug)[0] == 2
    assert run("list", brand="no-such-brand")[0] == 2


def test_the_recipes_are_listed() -> None:
    code, said = run("recipes", brand="")

    assert code == 0
    assert "browse-abandonment" in said
    assert "Browse 4: the offer expires" in said
