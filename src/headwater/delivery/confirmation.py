"""Double opt-in by email: the message that asks a person to confirm that they want a list, and its link.

The email is an ordinary template that the brand may change; it is made the first time that somebody is asked. The link
names the message by a signed token. `pages` shows what is behind it: looking changes nothing, its button confirms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from psycopg import Connection

from headwater.audience import identity, joining
from headwater.content import files, templates
from headwater.content.document import Document
from headwater.core import settings, signing
from headwater.delivery import ledger
from headwater.delivery.claims import Claimed
from headwater.delivery.ledger import Intent
from headwater.delivery.sources import Brief

SOURCE = "confirmation"
TEMPLATE = "Confirmation (double opt-in)"
"""The name of the template. It sees `event.list`, `event.confirm_link` and `event.days`, how long the link works."""
_LINK = "confirm_link"
_BUILT_IN = Path(__file__).parent / "emails" / "confirmation.mjml"


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def ask(conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int], now: datetime) -> None:
    """Intend the email that asks these people to confirm. Registered with `audience.joining.on_ask`."""
    version = _version(conn, workspace_id, now)
    intents = [Intent(SOURCE, list_id, "", profile_id, 0, now, now, version) for profile_id in profile_ids]
    ledger.intend(conn, workspace_id, intents, now)


def _version(conn: Connection, workspace_id: int, now: datetime) -> int:
    """The brand's own email; the built-in one where there is none, or one without the link, which nobody could use."""
    own = templates.find(conn, workspace_id, TEMPLATE)
    if own is not None and own.current_version is not None:
        document = templates.version(conn, workspace_id, [own.current_version])[own.current_version]
        if _LINK in document.mjml:
            return own.current_version
    return templates.save(conn, workspace_id, TEMPLATE, _built_in(), now, transactional=True)[1]


@lru_cache(maxsize=1)
def _built_in() -> Document:
    return files.read(_BUILT_IN)


class ConfirmationSource:
    """Answers for the messages whose source is "confirmation". Registered with `delivery.sources`."""

    def brief(
        self, conn: Connection, workspace_id: int, messages: Sequence[Claimed], now: datetime
    ) -> Mapping[int, Brief]:
        """A Brief for each message whose wish still waits; who confirmed or was taken off meanwhile is not asked."""
        # For the claim. Indexes: the primary keys of list_pending and list.
        rows = conn.execute(
            """
            SELECT asked.message_id, list.name
            FROM unnest(%(messages)s::bigint[], %(lists)s::bigint[], %(profiles)s::bigint[])
                 AS asked (message_id, list_id, profile_id)
            JOIN list_pending
              ON list_pending.workspace_id = %(workspace)s
             AND list_pending.list_id = asked.list_id
             AND list_pending.profile_id = asked.profile_id
            JOIN list
              ON list.workspace_id = %(workspace)s
             AND list.id = asked.list_id
             AND list.archived_at IS NULL
            """,
            {
                "workspace": workspace_id,
                "messages": [message.id for message in messages],
                "lists": [message.source_id for message in messages],
                "profiles": [message.profile_id for message in messages],
            },
        ).fetchall()
        names: dict[int, str] = dict(rows)
        return {
            message.id: _brief(workspace_id, message, names[message.id]) for message in messages if message.id in names
        }


def _brief(workspace_id: int, message: Claimed, list_name: str) -> Brief:
    token = signing.message_token("confirm", workspace_id, message.id, message.profile_id)
    return Brief(
        smart_sending=False,
        transactional=True,
        message_name=f"Confirmation for {list_name}",
        event={
            "list": list_name,
            _LINK: f"{settings.current().base_url}/confirm/{token}",
            "days": joining.LIFE.days,
        },
    )


# ── confirming ──────────────────────────────────────────────────────────────────────────────────────────────────────
State = Literal["waiting", "on_list", "over"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks, and of whom."""

    workspace_id: int
    message_id: int
    list_id: int
    list_name: str
    profile_id: int
    address: str
    """Where the email went."""
    state: State
    """on_list: confirmed already. over: too old, taken back, or the person has gone their ways since."""


def find(conn: Connection, named: signing.MessageToken, now: datetime) -> Question | None:
    """The question of a link; None if its message, person or list is gone.

    A merged profile leads to its survivor. A link counts only for whoever still has the address that it was sent to.
    """
    entry = ledger.get(conn, named.workspace_id, named.message_id)
    profile_id = identity.follow(conn, named.workspace_id, [named.profile_id]).get(named.profile_id)
    if entry is None or entry.source != SOURCE or profile_id is None:
        return None
    # For one person, by primary keys.
    row = conn.execute(
        """
        SELECT list.name,
               EXISTS (
                   SELECT FROM profile_identifier
                   WHERE profile_identifier.workspace_id = %(workspace)s
                     AND profile_identifier.kind = 'email'
                     AND profile_identifier.value = %(address)s
                     AND profile_identifier.profile_id = %(profile)s
               ),
               EXISTS (
                   SELECT FROM list_member
                   JOIN consent
                     ON consent.workspace_id = list_member.workspace_id
                    AND consent.profile_id = list_member.profile_id
                    AND consent.channel = 'email'
                    AND consent.state = 'subscribed'
                   WHERE list_member.workspace_id = %(workspace)s
                     AND list_member.list_id = %(list)s
                     AND list_member.profile_id = %(profile)s
               )
        FROM list
        WHERE list.workspace_id = %(workspace)s
          AND list.id = %(list)s
          AND list.archived_at IS NULL
        """,
        {
            "workspace": named.workspace_id,
            "list": entry.source_id,
            "profile": profile_id,
            "address": identity.normalise_email(entry.address),
        },
    ).fetchone()
    if row is None:
        return None
    name, reaches, on_list = row
    state: State = "on_list" if on_list else "over"
    fresh = now - entry.planned_at < joining.LIFE
    if fresh and reaches and joining.is_pending(conn, named.workspace_id, entry.source_id, profile_id, now):
        state = "waiting"
    return Question(named.workspace_id, entry.id, entry.source_id, name, profile_id, entry.address or "", state)


def confirm(conn: Connection, question: Question, proof: Mapping[str, Any], now: datetime) -> bool:
    """The person pressed the button. False if somebody was faster. The caller holds `identity.lock`."""
    done = joining.confirm(
        conn,
        question.workspace_id,
        question.list_id,
        question.profile_id,
        now,
        {"message_id": question.message_id, "address": question.address, **proof},
    )
    if done:
        _free_timer(conn, question)
    return done


def _free_timer(conn: Connection, question: Question) -> None:
    """The email that asked shall not hold up the welcome that its confirmation starts (smart sending)."""
    # For one person. Indexes: the primary keys of smart_sending and message.
    conn.execute(
        """
        DELETE FROM smart_sending
        USING message
        WHERE smart_sending.workspace_id = %(workspace)s
          AND smart_sending.profile_id = %(profile)s
          AND message.workspace_id = smart_sending.workspace_id
          AND message.id = smart_sending.message_id
          AND message.source = %(source)s
        """,
        {"workspace": question.workspace_id, "profile": question.profile_id, "source": SOURCE},
    )
