"""`headwater flows test`: a line a test, the difference where one fails, and an exit code to rely on. No database."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from headwater.cli.flows import app
from tests.flows.flow_people import RECIPES

FLOW = """
flow: hello
trigger: {metric: Viewed Product}
steps: [{email: hi.mjml}, {delay: {days: 1}}, {email: more.mjml}]
tests:
  - name: Both go
    events: [{at: "2026-03-02 12:00", metric: Viewed Product}]
    expect: [{email: hi}, {email: more, after: {days: 1}}, {completed: true}]
  - name: The second goes at once
    events: [{at: "2026-03-02 12:00", metric: Viewed Product}]
    expect: [{email: hi}, {email: more, after: {hours: 1}}]
"""


def flow_folder(folder: Path, text: str) -> Path:
    (folder / "flow.yaml").write_text(text)
    for name in ("hi", "more"):
        (folder / f"{name}.mjml").write_text("---\nsubject: Hi\n---\n<mjml></mjml>\n")
    return folder


def test_recipes_pass() -> None:
    done = CliRunner().invoke(
        app, ["test", str(RECIPES / "browse-abandonment"), str(RECIPES / "birthday" / "flow.yaml")]
    )

    assert done.exit_code == 0
    assert "browse-abandonment\n  ✓ A new visitor gets four emails\n" in done.output
    assert "✗" not in done.output


def test_a_failure_shows_the_difference_and_ends_with_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["test", str(flow_folder(tmp_path, FLOW))])

    assert done.exit_code == 1
    assert "  ✓ Both go\n  ✗ The second goes at once\n" in done.output
    assert "      - more at Mon 2 Mar 2026 13:00\n      + more at Tue 3 Mar 2026 12:00\n" in done.output


def test_a_mistake_is_told_and_the_other_flows_are_tested_all_the_same(tmp_path: Path) -> None:
    broken = flow_folder(
        tmp_path, FLOW.replace("email: hi}, {email: more, after: {hours", "email: hi}, {email: no, after: {hours")
    )

    done = CliRunner().invoke(app, ["test", str(broken), str(tmp_path / "nowhere"), str(RECIPES / "vip")])

    assert done.exit_code == 1
    assert "tests[1].expect[1].email: no is not the id of an email in this flow" in done.output
    assert "is not a flow: there is no flow.yaml" in done.output
    assert "vip\n  ✓" in done.output
