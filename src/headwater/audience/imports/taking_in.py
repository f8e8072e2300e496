"""The role that takes files of people in: a part a turn, in one transaction with how far the import is.

A worker that is killed loses the part in hand and takes it again; no row counts twice. Who unsubscribed or is
suppressed is never subscribed by a file, and an address that was erased is not taken in again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from psycopg import Connection

from headwater.audience import consent, identifiers, identity, joining, profiles
from headwater.audience.identity import Claim
from headwater.audience.imports import jobs
from headwater.audience.imports.jobs import Import
from headwater.audience.imports.mapping import Given, RowRefused, read
from headwater.audience.joining import Wish
from headwater.core import arrays

METHOD = "import"
"""Of the consent and the memberships that an import brings."""
DRAFTS_KEPT = timedelta(days=7)
ERRORS_KEPT = timedelta(days=30)


def workspaces_with_work(conn: Connection, now: datetime) -> list[int]:
    """Workspaces with imports that are running, or with rows that are to be removed."""
    # Index profile_import_running; imports are few, and those with rows left fewer.
    rows = conn.execute(
        """
        SELECT workspace_id
        FROM profile_import
        WHERE state = 'running'
        UNION
        SELECT workspace_id
        FROM profile_import
        WHERE parts > 0
          AND (state NOT IN ('draft', 'running') OR state = 'draft' AND created_at <= %(old)s)
        UNION
        SELECT workspace_id
        FROM profile_import
        WHERE refused + noted > 0
          AND finished_at <= %(errors_old)s
          AND EXISTS (
              SELECT FROM profile_import_error e
              WHERE e.workspace_id = profile_import.workspace_id
                AND e.import_id = profile_import.id
          )
        """,
        {"old": now - DRAFTS_KEPT, "errors_old": now - ERRORS_KEPT},
    ).fetchall()
    return [row[0] for row in rows]


def turn(conn: Connection, workspace_id: int, now: datetime) -> int:
    """The next part of an import, or the removal of what is not needed. 0: nothing to do, or someone else is at it."""
    return _continue(conn, workspace_id, now) or _clear(conn, workspace_id, now)


@dataclass(slots=True)
class _Part:
    """The rows of a part as they are sorted out."""

    rows: list[tuple[int, list[str], Given]] = field(default_factory=list)
    refused: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    """By row: why, and its cells."""
    noted: dict[int, tuple[str, list[str]]] = field(default_factory=dict)
    skipped: int = 0


def _continue(conn: Connection, workspace_id: int, now: datetime) -> int:
    taken = _take(conn, workspace_id)
    if taken is None:
        return 0
    found, number, lines = taken
    if found.list_id is not None and not _list_stands(conn, workspace_id, found.list_id):
        _fail(conn, workspace_id, found.id, "The list was taken out of use before everybody was on it.", now)
        return 1
    part = _read(lines, found)
    identity.lock(conn, workspace_id)
    _refuse_erased(conn, workspace_id, part)
    counts = _take_in(conn, workspace_id, found, part, now)
    _note(conn, workspace_id, found.id, part)
    _count(conn, workspace_id, found.id, number, counts, now)
    return max(len(lines), 1)


def _take(conn: Connection, workspace_id: int) -> tuple[Import, int, list[bytes]] | None:
    """The oldest import that no other worker is at, with its next part."""
    # Index profile_import_running, then the part's primary key.
    row = conn.execute(
        """
        SELECT i.id, p.number, p.rows
        FROM profile_import i
        JOIN profile_import_part p
          ON p.workspace_id = i.workspace_id
         AND p.import_id = i.id
         AND p.number = i.parts_done + 1
        WHERE i.workspace_id = %(workspace)s
          AND i.state = 'running'
        ORDER BY i.id
        LIMIT 1
        FOR UPDATE OF i SKIP LOCKED
        """,
        {"workspace": workspace_id},
    ).fetchone()
    found = jobs.get(conn, workspace_id, row[0]) if row is not None else None
    return (found, row[1], bytes(row[2]).split(b"\n")) if row is not None and found is not None else None


def _read(lines: Sequence[bytes], found: Import) -> _Part:
    part = _Part()
    mapping = found.read_mapping
    for line in lines:
        row, cells = orjson.loads(line)
        try:
            given = read(cells, mapping)
        except RowRefused as refusal:
            part.refused[row] = (str(refusal), cells)
        else:
            part.rows.append((row, cells, given))
            if given.notes:
                part.noted[row] = (" ".join(given.notes), cells)
    return part


def _refuse_erased(conn: Connection, workspace_id: int, part: _Part) -> None:
    erased = profiles.erased(conn, workspace_id, [given.email for _, _, given in part.rows if given.email])
    for row, cells, given in part.rows:
        if given.email in erased:
            part.refused[row] = ("This person's data was erased, so the address is not taken in again.", cells)
            part.noted.pop(row, None)
    part.rows = [one for one in part.rows if one[0] not in part.refused]


def _take_in(conn: Connection, workspace_id: int, found: Import, part: _Part, now: datetime) -> dict[str, int]:
    """Write the part's people; how many rows and people became what."""
    before = _known(conn, workspace_id, part)
    if found.existing == "skip":
        part.skipped = sum(before)
        for (row, _, _), known in zip(part.rows, before, strict=True):
            if known:
                part.noted.pop(row, None)
        part.rows = [one for one, known in zip(part.rows, before, strict=True) if not known]
        before = [False] * len(part.rows)
    claims = [Claim(given.external_id, given.email, given.phone) for _, _, given in part.rows]
    people = identity.resolve(conn, workspace_id, claims, now)
    attributes: dict[int, dict[str, Any]] = {}
    for profile_id, (_, _, given) in zip(people, part.rows, strict=True):
        attributes.setdefault(profile_id, {}).update(given.attributes)
    profiles.write(conn, workspace_id, attributes, now)
    made = {profile_id for profile_id, known in zip(people, before, strict=True) if not known}
    changed = _changed(conn, workspace_id, [one for one in attributes if one not in made], now)
    return {
        "made": len(made),
        "changed": len(changed),
        "same": len(people) - len(made) - len(changed),
        "skipped": part.skipped,
        "refused": len(part.refused),
        "noted": len(part.noted),
        **_agree(conn, workspace_id, found, list(attributes), now),
    }


def _known(conn: Connection, workspace_id: int, part: _Part) -> list[bool]:
    """Of each row: whether anybody has one of its identifiers already."""
    wanted: list[tuple[str, str]] = []
    of: list[int] = []
    for index, (_, _, given) in enumerate(part.rows):
        for kind in identifiers.COLUMNS:
            value = getattr(given, kind)
            if value is not None:
                wanted.append((kind, value))
                of.append(index)
    known = [False] * len(part.rows)
    for index, owner in zip(of, identifiers.find(conn, workspace_id, wanted), strict=True):
        known[index] |= owner is not None
    return known


def _changed(conn: Connection, workspace_id: int, profile_ids: Sequence[int], now: datetime) -> list[int]:
    """Those of these whom this turn changed: it alone writes at `now`, with the lock of identities. Primary key."""
    rows = conn.execute(
        "SELECT id FROM profile WHERE workspace_id = %s AND id = ANY(%s) AND updated_at = %s",
        (workspace_id, list(profile_ids), now),
    ).fetchall()
    return [row[0] for row in rows]


def _agree(
    conn: Connection, workspace_id: int, found: Import, profile_ids: Sequence[int], now: datetime
) -> dict[str, int]:
    """Consent and the list, as the import says."""
    counts = {"subscribed": 0, "kept_out": 0, "joined": 0}
    proof = {"import": found.id, "file": found.name, "source": found.consent_source}
    if found.consented_at is not None and found.consent_source is not None:
        states = consent.of_profiles(conn, workspace_id, profile_ids)
        stopped = [one for one, it in states.items() if it["state"] == "unsubscribed" or it["suppressions"]]
        fresh = [one for one, it in states.items() if it["state"] == "never_subscribed" and not it["suppressions"]]
        if fresh:
            consent.subscribe(
                conn, workspace_id, fresh, at=found.consented_at, now=now, method=METHOD, list_id=found.list_id,
                detail=proof,
            )  # fmt: skip
        counts |= {"subscribed": len(fresh), "kept_out": len(stopped)}
    if found.list_id is not None:
        wish = Wish(METHOD, proof, confirmed=True, historical=not found.starts_flows)
        counts["joined"] = len(joining.join(conn, workspace_id, found.list_id, profile_ids, now, wish).added)
    return counts


def _list_stands(conn: Connection, workspace_id: int, list_id: int) -> bool:
    row = conn.execute(
        "SELECT archived_at IS NULL FROM list WHERE workspace_id = %s AND id = %s FOR SHARE", (workspace_id, list_id)
    ).fetchone()
    return row == (True,)


# ── keeping account ─────────────────────────────────────────────────────────────────────────────────────────────────
def _note(conn: Connection, workspace_id: int, import_id: int, part: _Part) -> None:
    told = [(row, True, *why) for row, why in part.refused.items()]
    told += [(row, False, *why) for row, why in part.noted.items()]
    # Cells are of different number, so they travel as JSON.
    conn.execute(
        """
        INSERT INTO profile_import_error (workspace_id, import_id, row, refused, reason, cells)
        SELECT %(workspace)s, %(id)s, row, refused, reason, ARRAY(SELECT jsonb_array_elements_text(cells))
        FROM unnest(%(rows)s::bigint[], %(refused)s::boolean[], %(reasons)s::text[], %(cells)s::jsonb[])
             AS told (row, refused, reason, cells)
        """,
        {
            "workspace": workspace_id,
            "id": import_id,
            "rows": arrays.plain([one[0] for one in told]),
            "refused": [one[1] for one in told],
            "reasons": [one[2].replace("\x00", "") for one in told],
            "cells": [orjson.dumps([cell.replace("\x00", "") for cell in one[3]]).decode() for one in told],
        },
    )


_COUNTS = ("made", "changed", "same", "skipped", "refused", "noted", "subscribed", "kept_out", "joined")
_ADD = ",\n        ".join(f"{name} = {name} + %({name})s" for name in _COUNTS)


def _count(
    conn: Connection, workspace_id: int, import_id: int, number: int, counts: dict[str, int], now: datetime
) -> None:
    # The row is this transaction's. Primary key.
    conn.execute(
        f"""
        UPDATE profile_import
        SET parts_done = %(number)s,
            state = CASE WHEN %(number)s = parts THEN 'done' ELSE state END,
            finished_at = CASE WHEN %(number)s = parts THEN %(now)s ELSE finished_at END,
            {_ADD}
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,  # noqa: S608 - the names are constants
        {"workspace": workspace_id, "id": import_id, "number": number, "now": now, **counts},
    )
    conn.execute(
        "DELETE FROM profile_import_part WHERE workspace_id = %s AND import_id = %s AND number = %s AND number > 1",
        (workspace_id, import_id, number),
    )


def _fail(conn: Connection, workspace_id: int, import_id: int, error: str, now: datetime) -> None:
    conn.execute(
        """
        UPDATE profile_import
        SET state = 'failed',
            error = %(error)s,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(id)s
        """,
        {"workspace": workspace_id, "id": import_id, "error": error, "now": now},
    )


# ── pruning ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _clear(conn: Connection, workspace_id: int, now: datetime) -> int:
    """Remove the rows of a file that has ended or was never started, and errors that are old. Answers how many."""
    # Imports are few; rows go by primary key.
    ended = conn.execute(
        """
        UPDATE profile_import
        SET parts = 0,
            state = CASE WHEN state = 'draft' THEN 'cancelled' ELSE state END,
            finished_at = COALESCE(finished_at, %(now)s)
        WHERE workspace_id = %(workspace)s
          AND parts > 0
          AND (state NOT IN ('draft', 'running') OR state = 'draft' AND created_at <= %(old)s)
        RETURNING id
        """,
        {"workspace": workspace_id, "now": now, "old": now - DRAFTS_KEPT},
    ).fetchall()
    gone = conn.execute(
        "DELETE FROM profile_import_part WHERE workspace_id = %s AND import_id = ANY(%s)",
        (workspace_id, [row[0] for row in ended]),
    ).rowcount
    forgotten = conn.execute(
        """
        DELETE FROM profile_import_error
        USING profile_import i
        WHERE i.workspace_id = %(workspace)s
          AND i.finished_at <= %(old)s
          AND profile_import_error.workspace_id = i.workspace_id
          AND profile_import_error.import_id = i.id
        """,
        {"workspace": workspace_id, "old": now - ERRORS_KEPT},
    ).rowcount
    return len(ended) + gone + forgotten
