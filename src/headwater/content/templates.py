"""Templates in the database: a name, and immutable versions of its document; the current one is what goes out next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from headwater.content import compiling
from headwater.content.document import Document
from headwater.content.errors import EditedMeanwhile, TemplateError


@dataclass(frozen=True)
class Template:
    id: int
    name: str
    current_version: int | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None


_COLUMNS = "id, name, current_version, created_at, updated_at, archived_at"


def save(
    conn: Connection,
    workspace_id: int,
    name: str,
    document: Document,
    now: datetime,
    *,
    transactional: bool = False,
) -> tuple[int, int]:
    """Make this document the current one of the template with this name; answers (template id, version id).

    The same content again is the same version. Raises TemplateError for what cannot be sent: marketing email needs an
    unsubscribe link and a postal address, transactional email does not.
    """
    if not name.strip():
        raise TemplateError("A template needs a name.", field="name")
    check(document, transactional=transactional)
    template_id = _row(conn, workspace_id, name.strip(), now)
    version_id = _same_version(conn, workspace_id, template_id, document)
    if version_id is None:
        version_id = _new_version(conn, workspace_id, template_id, document, now)
    # The name's template shows this version from now on. Index: primary key.
    conn.execute(
        """
        UPDATE template
        SET current_version = %(version)s,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(template)s
          AND current_version IS DISTINCT FROM %(version)s
        """,
        {"workspace": workspace_id, "template": template_id, "version": version_id, "now": now},
    )
    return template_id, version_id


def save_over(
    conn: Connection,
    workspace_id: int,
    template_id: int,
    document: Document,
    now: datetime,
    *,
    based_on: int | None = None,
    transactional: bool = False,
) -> None:
    """Make this document the current one of the template, if that still shows the version that it is based on.

    Without `based_on` whatever is there is replaced. Raises EditedMeanwhile, TemplateError, LookupError.
    """
    # Locks the template, so that of two who save at once the second one sees the first. Index: primary key.
    row = conn.execute(
        """
        SELECT name, current_version
        FROM template
        WHERE workspace_id = %(workspace)s
          AND id = %(template)s
          AND archived_at IS NULL
        FOR UPDATE
        """,
        {"workspace": workspace_id, "template": template_id},
    ).fetchone()
    if row is None:
        raise LookupError(f"No template {template_id}.")
    name, current = row
    if based_on is not None and current is not None and based_on != current:
        raise EditedMeanwhile(current)
    save(conn, workspace_id, name, document, now, transactional=transactional)


def keep_trial(conn: Connection, workspace_id: int, template_id: int, document: Document, now: datetime) -> int:
    """A version for a test send alone: the template and its history stay as they are. Raises TemplateError."""
    compiling.compile(document)
    return _new_version(conn, workspace_id, template_id, document, now, trial=True)


def check(document: Document, *, transactional: bool = False) -> None:
    """Raises TemplateError with the first thing that keeps the document from being sent."""
    if transactional:
        compiling.compile(document)
        return
    for problem in compiling.lint(document):
        if problem.level == "error":
            raise TemplateError(problem.message, line=problem.line, field=problem.field)


def _row(conn: Connection, workspace_id: int, name: str, now: datetime) -> int:
    """The template's id; made, or kept as it is. Locks it. Index: template_name."""
    row = conn.execute(
        """
        INSERT INTO template (workspace_id, name, created_at, updated_at)
        VALUES (%(workspace)s, %(name)s, %(now)s, %(now)s)
        ON CONFLICT (workspace_id, lower(name)) WHERE archived_at IS NULL
        DO UPDATE SET name = template.name
        RETURNING id
        """,
        {"workspace": workspace_id, "name": name, "now": now},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _same_version(conn: Connection, workspace_id: int, template_id: int, document: Document) -> int | None:
    """The newest version with exactly this content. A template has few versions; index: by its foreign key."""
    row = conn.execute(
        """
        SELECT id
        FROM template_version
        WHERE workspace_id = %(workspace)s
          AND template_id = %(template)s
          AND subject = %(subject)s
          AND preview_text = %(preview_text)s
          AND mjml = %(mjml)s
          AND text IS NOT DISTINCT FROM %(text)s
          AND data = %(data)s
          AND NOT trial
        ORDER BY id DESC
        LIMIT 1
        """,
        {"workspace": workspace_id, "template": template_id, **_columns(document)},
    ).fetchone()
    return int(row[0]) if row else None


def _new_version(
    conn: Connection, workspace_id: int, template_id: int, document: Document, now: datetime, *, trial: bool = False
) -> int:
    row = conn.execute(
        """
        INSERT INTO template_version (workspace_id, template_id, subject, preview_text, mjml, text, data, created_at,
                                      trial)
        VALUES (%(workspace)s, %(template)s, %(subject)s, %(preview_text)s, %(mjml)s, %(text)s, %(data)s, %(now)s,
                %(trial)s)
        RETURNING id
        """,
        {"workspace": workspace_id, "template": template_id, "now": now, "trial": trial, **_columns(document)},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _columns(document: Document) -> dict[str, object]:
    return {
        "subject": document.subject,
        "preview_text": document.preview_text,
        "mjml": document.mjml,
        "text": document.text,
        "data": Jsonb(document.data),
    }


def find(conn: Connection, workspace_id: int, name: str) -> Template | None:
    """The template with this name, in any case. Index: template_name."""
    with conn.cursor(row_factory=class_row(Template)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS}
            FROM template
            WHERE workspace_id = %(workspace)s
              AND lower(name) = lower(%(name)s)
              AND archived_at IS NULL
            """,  # noqa: S608  constant columns
            {"workspace": workspace_id, "name": name.strip()},
        ).fetchone()


def get(conn: Connection, workspace_id: int, template_id: int) -> Template | None:
    with conn.cursor(row_factory=class_row(Template)) as cursor:
        return cursor.execute(
            f"""
            SELECT {_COLUMNS}
            FROM template
            WHERE workspace_id = %(workspace)s
              AND id = %(template)s
            """,  # noqa: S608  constant columns
            {"workspace": workspace_id, "template": template_id},
        ).fetchone()


def archive(conn: Connection, workspace_id: int, template_id: int, now: datetime) -> bool:
    """Out of sight, its name free again; what was sent from it keeps its versions."""
    return (
        conn.execute(
            """
            UPDATE template
            SET archived_at = %(now)s,
                updated_at = %(now)s
            WHERE workspace_id = %(workspace)s
              AND id = %(template)s
              AND archived_at IS NULL
            """,
            {"workspace": workspace_id, "template": template_id, "now": now},
        ).rowcount
        == 1
    )


def version(conn: Connection, workspace_id: int, version_ids: Collection[int]) -> dict[int, Document]:
    """Documents by version id; unknown ids are left out. Index: primary key."""
    rows = conn.execute(
        """
        SELECT id, subject, mjml, preview_text, text, data
        FROM template_version
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(versions)s)
        """,
        {"workspace": workspace_id, "versions": list(version_ids)},
    ).fetchall()
    return {row[0]: Document(*row[1:]) for row in rows}


def current_versions(conn: Connection, workspace_id: int, template_ids: Collection[int]) -> dict[int, int]:
    """What each template shows next, by template id. Index: primary key."""
    rows = conn.execute(
        """
        SELECT id, current_version
        FROM template
        WHERE workspace_id = %(workspace)s
          AND id = ANY(%(templates)s)
          AND current_version IS NOT NULL
        """,
        {"workspace": workspace_id, "templates": list(template_ids)},
    ).fetchall()
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Version:
    """A version as lists show it."""

    id: int
    subject: str
    created_at: datetime


def versions(
    conn: Connection, workspace_id: int, template_id: int, *, before: int | None = None, limit: int = 100
) -> list[Version]:
    """A template's versions, the newest first, from before the given one. A template has few; index: primary key."""
    with conn.cursor(row_factory=class_row(Version)) as cursor:
        return cursor.execute(
            """
            SELECT id, subject, created_at
            FROM template_version
            WHERE workspace_id = %(workspace)s
              AND template_id = %(template)s
              AND NOT trial
              AND (%(before)s::bigint IS NULL OR id < %(before)s)
            ORDER BY id DESC
            LIMIT %(limit)s
            """,
            {"workspace": workspace_id, "template": template_id, "before": before, "limit": limit},
        ).fetchall()
