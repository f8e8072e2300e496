"""Drafts: a definition that is being written, kept beside the version that runs until it is published.

A draft may be unfinished. What would keep it from being published is said when it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from psycopg import Connection

from headwater.flows.editing import publishing, versions
from headwater.flows.editing.moves import Choice
from headwater.flows.editing.publishing import Applied
from headwater.flows.editing.versions import FlowRow
from headwater.flows.errors import FlowError, Problem, problems_of
from headwater.flows.reading.files import LIMIT
from headwater.flows.reading.parts import slug_of
from headwater.segments.language import DefinitionError


@dataclass(frozen=True)
class Saved:
    slug: str
    status: str
    """draft: it was never published."""
    version: int | None
    """The one that runs meanwhile."""
    revision: str
    updated_at: datetime
    problems: tuple[Problem, ...]
    """What keeps it from being published, in the order written."""

    @property
    def problem(self) -> Problem | None:
        """The first of them."""
        return self.problems[0] if self.problems else None


def revision(row: FlowRow) -> str:
    """What an edit begins with: another one after each change to the draft, and after each publish."""
    return sha256(orjson.dumps([row.version, row.draft], option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def save(conn: Connection, workspace_id: int, tree: Mapping[str, Any], now: datetime) -> Saved:
    """Keep a definition as the draft of the flow that it names, which is made unless it exists.

    Raises DefinitionError for a name that cannot be, FlowError for what is too long.
    """
    slug = slug_of(tree.get("flow"), "flow")
    if len(orjson.dumps(tree)) > LIMIT:
        raise FlowError("", "a definition is at most 1 MB")
    name = tree.get("name")
    row, _ = versions.begin(conn, workspace_id, slug, name if isinstance(name, str) and name else slug, now)
    versions.set_draft(conn, workspace_id, row.id, tree, now)
    kept = versions.find(conn, workspace_id, slug)
    return Saved(slug, row.status, row.version, revision(kept), now, problems(conn, workspace_id, tree, now))


def problems(conn: Connection, workspace_id: int, tree: Mapping[str, Any], now: datetime) -> tuple[Problem, ...]:
    """Everything that would keep this definition from being published now."""
    try:
        publishing.plan(conn, workspace_id, tree, now)
    except (DefinitionError, FlowError) as error:
        return problems_of(error)
    return ()


def publish(
    conn: Connection,
    workspace_id: int,
    slug: str,
    now: datetime,
    *,
    people: Mapping[str, Choice],
    retime: Sequence[str] = (),
) -> Applied:
    """Set the draft live; it is no longer a draft then. Raises UnknownFlow, DefinitionError, FlowError."""
    row = versions.find(conn, workspace_id, slug, lock=True)
    if row.draft is None:
        raise FlowError("draft", "there is no draft to publish")
    applied = publishing.apply(conn, workspace_id, row.draft, now, people=people, retime=retime)
    versions.set_draft(conn, workspace_id, row.id, None, now)
    return applied


def discard(conn: Connection, workspace_id: int, slug: str, now: datetime) -> None:
    """Forget the draft; what runs goes on. Raises UnknownFlow."""
    row = versions.find(conn, workspace_id, slug, lock=True)
    versions.set_draft(conn, workspace_id, row.id, None, now)
