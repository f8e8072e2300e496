"""Every reason has words, and what the claim loads of a person, a brand and a message leads to the right one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.content.errors import RenderError
from headwater.delivery import gates
from headwater.delivery.outgoing import Outgoing
from headwater.delivery.reasons import Reason
from tests.delivery.ledger_builders import NOW, claim, new_source, people, plan, states, template


def test_every_reason_has_words_of_its_own() -> None:
    words = [reason.words for reason in Reason]
    assert all(words)
    assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("DELETE FROM profile WHERE workspace_id = %s", Reason.PERSON_DELETED),
        ("UPDATE profile SET email = NULL WHERE workspace_id = %s", Reason.MISSING_EMAIL),
        ("UPDATE profile SET email = 'nobody' WHERE workspace_id = %s", Reason.INVALID_ADDRESS),
        ("UPDATE message SET template_version_id = NULL WHERE workspace_id = %s", Reason.MESSAGE_DRAFT),
        ("UPDATE workspace SET require_consent = true WHERE id = %s", Reason.NOT_CONSENTED),
        ("UPDATE workspace SET from_email = '' WHERE id = %s", Reason.INVALID_FROM_ADDRESS),
    ],
)
def test_what_the_claim_finds_says_why_not(conn: Connection, workspace: int, change: str, reason: Reason) -> None:
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], template(conn, workspace))
    conn.execute(change, (workspace,))
    assert claim(conn, workspace).ready == []
    assert states(conn, workspace) == {person: ("skipped", reason)}


def test_a_message_that_waited_too_long_is_stale(conn: Connection, workspace: int) -> None:
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], template(conn, workspace))
    claim(conn, workspace, now=NOW + gates.MAX_LATENESS + timedelta(seconds=1))
    assert states(conn, workspace) == {person: ("skipped", Reason.STALE_EVENT)}


@pytest.mark.parametrize(
    "tried", [f"attempts = {gates.MOST_ATTEMPTS}", "attempts = 1, deadline = send_at - interval '1 second'"]
)
def test_a_message_that_was_tried_enough_is_given_up(conn: Connection, workspace: int, tried: str) -> None:
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], template(conn, workspace))
    conn.execute(f"UPDATE message SET {tried} WHERE workspace_id = %s", (workspace,))
    claim(conn, workspace)
    assert states(conn, workspace) == {person: ("failed", Reason.GAVE_UP)}


def test_the_templates_own_error_is_told_and_a_defect_of_ours_is_not() -> None:
    assert Outgoing.why_not(RenderError("It says too much.")) == (Reason.TEMPLATE_ERROR, "It says too much.")
    reason, detail = Outgoing.why_not(ZeroDivisionError("secret"))
    assert reason is Reason.UNEXPECTED
    assert "secret" not in detail
