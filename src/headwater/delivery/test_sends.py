"""Test sends: members of the brand get an email as one person would, through the ledger and the wire like any other.

The message is the member's own, so that whatever its links, bounces or opens change is the member's; the data it is
filled in with is that of the person it is shown as. Coupons show samples: a test gives nothing out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.audience import identity, profiles
from headwater.audience.identity import Claim
from headwater.audience.profiles import Profile
from headwater.content import templates
from headwater.content.document import Document, needs
from headwater.delivery import ledger, preview
from headwater.delivery.claims import Claimed
from headwater.delivery.ledger import Intent
from headwater.delivery.materials import Material
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief

SOURCE = "test"


@dataclass(frozen=True)
class Trial:
    """What is tried: the content as it stands in the editor, as whom, about which event."""

    template_id: int
    name: str
    document: Document
    shown_as: Profile | None = None
    event: Mapping[str, Any] | None = None


def send(conn: Connection, workspace_id: int, trial: Trial, addresses: Sequence[str], now: datetime) -> dict[str, int]:
    """Intend the email to each of these addresses; answers the messages' ids by address. Raises TemplateError."""
    version = templates.keep_trial(conn, workspace_id, trial.template_id, trial.document, now)
    test_id = _note(conn, workspace_id, trial, version, now)
    identity.lock(conn, workspace_id)
    people = identity.resolve(conn, workspace_id, [Claim(email=address) for address in addresses], now)
    intents = [Intent(SOURCE, test_id, "", person, 0, now, now, version) for person in dict.fromkeys(people)]
    ledger.intend(conn, workspace_id, intents, now)
    codes = preview.samples(conn, workspace_id, needs(trial.document), trial.shown_as, now)
    messages = _give_codes(conn, workspace_id, test_id, Material(coupons=codes))
    return {address: messages[person] for address, person in zip(addresses, people, strict=True)}


def _note(conn: Connection, workspace_id: int, trial: Trial, version: int, now: datetime) -> int:
    row = conn.execute(
        """
        INSERT INTO test_send (workspace_id, template_version_id, shown_as, event, message_name, created_at)
        VALUES (%(workspace)s, %(version)s, %(shown_as)s, %(event)s, %(name)s, %(now)s)
        RETURNING id
        """,
        {
            "workspace": workspace_id,
            "version": version,
            "shown_as": trial.shown_as.id if trial.shown_as is not None else None,
            "event": Jsonb(dict(trial.event)) if trial.event is not None else None,
            "name": trial.name,
            "now": now,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def _give_codes(conn: Connection, workspace_id: int, test_id: int, material: Material) -> dict[int, int]:
    """Leave the sample codes with the messages, as if an earlier attempt had shown them; ids by profile."""
    kept = material.kept()
    # For a handful of messages. Index: the unique key's first columns.
    rows = conn.execute(
        """
        UPDATE message
        SET context = %(context)s::jsonb
        WHERE workspace_id = %(workspace)s
          AND source = %(source)s
          AND source_id = %(test)s
        RETURNING profile_id, id
        """,
        {
            "workspace": workspace_id,
            "source": SOURCE,
            "test": test_id,
            "context": orjson.dumps(kept).decode() if kept else None,
        },
    ).fetchall()
    return dict(rows)


class TestSource:
    """Answers for the messages whose source is "test". Registered with `delivery.sources`."""

    __test__ = False  # its name looks like a test's

    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        """A Brief by message: who it is shown as, and about which event. Nothing but a bad mailbox stops a test."""
        # Index: primary key.
        rows = conn.execute(
            """
            SELECT id, template_version_id, shown_as, event, message_name
            FROM test_send
            WHERE workspace_id = %(workspace)s
              AND id = ANY(%(tests)s::bigint[])
            """,
            {"workspace": workspace_id, "tests": [message.source_id for message in messages]},
        ).fetchall()
        people = profiles.get(conn, workspace_id, {row[2] for row in rows if row[2] is not None})
        briefs = {row[0]: _brief(row, people) for row in rows}
        return {message.id: briefs[message.source_id] for message in messages if message.source_id in briefs}


def _brief(row: tuple[Any, ...], people: Mapping[int, Profile]) -> Brief:
    _, version, shown_as, event, name = row
    if shown_as is not None and shown_as not in people:
        return Brief(refuse=Reason.PERSON_DELETED, detail="the person it was to be shown as is gone")
    return Brief(
        template_version_id=version,
        smart_sending=False,
        transactional=True,
        event=event,
        message_name=name,
        shown_as=people[shown_as] if shown_as is not None else Profile(id=0),
    )
