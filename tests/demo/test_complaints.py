"""A reader's complaint in the demo comes to the brand as a mailbox provider's report does, and ends their mail."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Any, cast

from psycopg import Connection

from headwater.core.signing import MessageToken
from headwater.demo.bustle import Bustle
from headwater.intake import processor
from tests.delivery.ledger_builders import NOW, claim, new_source, people, plan, settle, template


class Angry:
    """Readers of whom one has pressed “spam”."""

    def __init__(self, about: MessageToken) -> None:
        self.complaints = [about]

    def turn(self, now: datetime) -> list[Any]:
        return []


class Shut:
    def say(self, batch: list[Any]) -> None:
        assert batch == []


def test_it_is_on_the_message_and_suppresses_its_reader(conn: Connection, workspace: int) -> None:
    name, _ = new_source()
    (profile,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [profile], template(conn, workspace))
    (ready,) = claim(conn, workspace).ready
    settle(conn, workspace, [ready])
    conn.commit()
    angry = Angry(MessageToken(workspace, ready.key.id, profile))

    Bustle(workspace, cast(Any, Shut()), cast(Any, angry), deque(), deque()).turn(NOW)

    assert angry.complaints == []
    assert processor.process(conn, workspace, NOW) == 1
    assert conn.execute("SELECT state FROM message WHERE workspace_id = %s", (workspace,)).fetchone() == ("complained",)
    found = conn.execute("SELECT profile_id, reason FROM suppression WHERE workspace_id = %s", (workspace,)).fetchone()
    assert found == (profile, "spam_complaint")
