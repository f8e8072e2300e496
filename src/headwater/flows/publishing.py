"""Publishing a flow: check it whole, save its emails and coupons, and make a new immutable version if it changed.

Everything happens in the caller's transaction: a flow with one broken email changes nothing at all. Applying the same
files again changes nothing either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from psycopg import Connection
from psycopg.types.json import Jsonb

from headwater.catalog import coupons
from headwater.content import files as content_files
from headwater.content import templates
from headwater.content.document import needs
from headwater.content.errors import TemplateError
from headwater.delivery import ledger
from headwater.delivery.reasons import Reason
from headwater.flows import files
from headwater.flows.definition import Countdown, FlowDefinition
from headwater.flows.reading import parse
from headwater.segments.language import DefinitionError

SOURCE = "flow"
RECIPES = Path(__file__).parent / "recipes"
STATUSES = ("draft", "live", "paused", "archived")


class FlowError(ValueError):
    """A flow that cannot be published or changed like this; `path` names the step and field, or the file."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


@dataclass(frozen=True)
class Applied:
    """What applying a flow did."""

    id: int
    slug: str
    name: str
    version: int
    status: str
    created: bool
    changed: bool
    """There is a new version. New content of an email shows with its next send, without a new version of the flow."""
    emails_changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """A flow as lists show it."""

    id: int
    slug: str
    name: str
    status: str
    version: int | None
    waiting: int
    completed: int
    exited: int
    updated_at: datetime


@dataclass(frozen=True)
class Recipe:
    slug: str
    name: str
    description: str
    emails: tuple[str, ...]
    folder: Path


_TemplateOf = Callable[[Mapping[str, Any], str], int]
"""(an email step as written, its path) → template id."""


def apply(conn: Connection, workspace_id: int, what: Path | str | Mapping[str, Any], now: datetime) -> Applied:
    """Publish a flow from a folder, a file or plain data, and set it live. A paused flow stays paused.

    In a folder or file, `email:` names a file beside it; in plain data, a saved template.
    Raises DefinitionError or FlowError.
    """
    changed: list[str] = []
    if isinstance(what, Mapping):
        tree, definition = what, parse(what)
        template_of = _saved(conn, workspace_id)
    else:
        path = _file(Path(what))
        tree = _read(path)
        definition = parse(tree, slug=path.parent.name)
        template_of = _beside(conn, workspace_id, path.parent, definition.slug, changed, now)
    _make_coupons(conn, workspace_id, definition, now)
    resolved = {**_resolved(tree, template_of), "flow": definition.slug}
    parse(resolved)
    return _publish(conn, workspace_id, definition, resolved, tuple(changed), now)


def set_status(conn: Connection, workspace_id: int, slug: str, status: str, now: datetime) -> str:
    """Pause (people stay where they are), make live again, or archive (what is planned is cancelled).

    Answers the status before. Raises LookupError for an unknown flow, FlowError for one that was never published.
    """
    if status not in STATUSES:
        raise FlowError("status", f"must be one of {', '.join(STATUSES)}")
    row = conn.execute(
        "SELECT id, status, live_version FROM flow WHERE workspace_id = %(workspace)s AND slug = %(slug)s FOR UPDATE",
        {"workspace": workspace_id, "slug": slug},
    ).fetchone()
    if row is None:
        raise LookupError(f"There is no flow {slug}.")
    flow_id, before, version = row
    if status == "live" and version is None:
        raise FlowError("status", "the flow has not been published yet; apply it first")
    conn.execute(
        "UPDATE flow SET status = %(status)s, updated_at = %(now)s WHERE workspace_id = %(workspace)s AND id = %(id)s",
        {"workspace": workspace_id, "id": flow_id, "status": status, "now": now},
    )
    if status == "archived":
        _archive(conn, workspace_id, flow_id, now)
    return str(before)


def summaries(conn: Connection, workspace_id: int, *, archived: bool = False) -> list[Summary]:
    """The flows of a workspace with how many people wait in them, went through, and left."""
    # For the list of flows. Counts by an index-only walk of the flow's enrolments: for people, not for hot paths.
    rows = conn.execute(
        """
        SELECT f.id, f.slug, f.name, f.status, f.live_version,
               count(e.id) FILTER (WHERE e.state = 'waiting'),
               count(e.id) FILTER (WHERE e.state = 'completed'),
               count(e.id) FILTER (WHERE e.state = 'exited'),
               f.updated_at
        FROM flow f
        LEFT JOIN enrolment e
               ON e.workspace_id = f.workspace_id
              AND e.flow_id = f.id
        WHERE f.workspace_id = %(workspace)s
          AND (%(archived)s OR f.status <> 'archived')
        GROUP BY f.id, f.slug, f.name, f.status, f.live_version, f.updated_at
        ORDER BY f.slug
        """,
        {"workspace": workspace_id, "archived": archived},
    ).fetchall()
    return [Summary(*row) for row in rows]


def published(conn: Connection, workspace_id: int, slug: str) -> tuple[Summary, Mapping[str, Any] | None]:
    """One flow with the tree of its live version. Raises LookupError."""
    found = [summary for summary in summaries(conn, workspace_id, archived=True) if summary.slug == slug]
    if not found:
        raise LookupError(f"There is no flow {slug}.")
    row = conn.execute(
        """
        SELECT definition
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "flow": found[0].id, "version": found[0].version},
    ).fetchone()
    return found[0], row[0] if row else None


def recipes() -> list[Recipe]:
    """The ready-made flows that come with Headwater."""
    found = []
    for path in sorted(RECIPES.glob("*/flow.yaml")):
        definition = parse(_read(path), slug=path.parent.name)
        emails = tuple(email.name for email in definition.emails)
        found.append(Recipe(definition.slug, definition.name, definition.description, emails, path.parent))
    return found


# ── files and templates ─────────────────────────────────────────────────────────────────────────────────────────────
def _file(path: Path) -> Path:
    found = path / "flow.yaml" if path.is_dir() else path
    if not found.is_file():
        raise FlowError(str(path), "is not a flow: there is no flow.yaml")
    return found.resolve()


def _read(path: Path) -> Any:
    try:
        return files.read(path.read_text(encoding="utf-8"))
    except DefinitionError as error:
        raise FlowError(path.name, error.message) from None
    except UnicodeDecodeError:
        raise FlowError(path.name, "is not UTF-8 text") from None


def _beside(
    conn: Connection, workspace_id: int, folder: Path, slug: str, changed: list[str], now: datetime
) -> _TemplateOf:
    """Saves the file that a step names as the template "<flow>/<file>"."""

    def save(step: Mapping[str, Any], path: str) -> int:
        written = step["email"]
        file = (folder / written).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            raise FlowError(f"{path}.email", f"there is no file {written} beside flow.yaml")
        name = f"{slug}/{file.relative_to(folder).with_suffix('')}"
        before = _current(conn, workspace_id, name)
        try:
            document = content_files.read(file)
            _need_coupons(conn, workspace_id, needs(document).coupons, written)
            transactional = bool(step.get("transactional", False))
            template_id, version_id = templates.save(
                conn, workspace_id, name, document, now, transactional=transactional
            )
        except TemplateError as error:
            raise FlowError(written, str(error)) from None
        if version_id != before:
            changed.append(written)
        return int(template_id)

    return save


def _saved(conn: Connection, workspace_id: int) -> _TemplateOf:
    """Finds the saved template that a step names."""

    def find(step: Mapping[str, Any], path: str) -> int:
        found = templates.find(conn, workspace_id, step["email"])
        if found is None and "template_id" in step:  # a published definition, read and applied again
            found = templates.get(conn, workspace_id, step["template_id"])
        if found is None:
            raise FlowError(f"{path}.email", f"there is no template named {step['email']}")
        return found.id

    return find


def _current(conn: Connection, workspace_id: int, name: str) -> int | None:
    found = templates.find(conn, workspace_id, name)
    return found.current_version if found is not None else None


def _resolved(tree: Mapping[str, Any], template_of: _TemplateOf) -> dict[str, Any]:
    """The definition as it is stored: every email with the id of its template."""

    def steps(nodes: Any, path: str) -> list[Any]:
        return [step(node, f"{path}[{index}]") for index, node in enumerate(nodes or [])]

    def step(node: Any, path: str) -> Any:
        if not isinstance(node, Mapping):
            return node
        made = dict(node)
        if "email" in made:
            made["template_id"] = template_of(made, path)
        for branch in ("then", "else"):
            if branch in made:
                made[branch] = steps(made[branch], f"{path}.{branch}")
        return made

    return {**tree, "steps": steps(tree["steps"], "steps")}


def _make_coupons(conn: Connection, workspace_id: int, definition: FlowDefinition, now: datetime) -> None:
    """Define the coupons that the flow brings, unless they exist, and check those that it waits for."""
    for plan in definition.coupons:
        if coupons.find(conn, workspace_id, plan.name) is None:
            coupons.define(conn, workspace_id, plan.name, plan.kind, plan.code, plan.expires_after, None, now)
    for step in definition.steps.values():
        if isinstance(step, Countdown):
            _need_coupons(conn, workspace_id, [step.coupon], f"{step.id}.delay.expiry_of")


def _need_coupons(conn: Connection, workspace_id: int, names: Iterable[str], path: str) -> None:
    for name in sorted(names):
        if coupons.find(conn, workspace_id, name) is None:
            raise FlowError(path, f"there is no coupon {name}")


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _publish(
    conn: Connection,
    workspace_id: int,
    definition: FlowDefinition,
    tree: Mapping[str, Any],
    emails_changed: tuple[str, ...],
    now: datetime,
) -> Applied:
    flow_id, status, version, created = _lock(conn, workspace_id, definition, now)
    tree = orjson.loads(orjson.dumps(tree))
    status = "paused" if status == "paused" else "live"
    changed = version is None or not _is_version(conn, workspace_id, flow_id, version, tree)
    if changed:
        version = _add_version(conn, workspace_id, flow_id, tree, now)
    assert version is not None
    # For the one flow being published. Primary key. What is unchanged stays untouched.
    conn.execute(
        """
        UPDATE flow
        SET live_version = %(version)s,
            name = %(name)s,
            status = %(status)s,
            updated_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND id = %(flow)s
          AND (live_version, name, status) IS DISTINCT FROM (%(version)s::int, %(name)s, %(status)s)
        """,
        {
            "workspace": workspace_id,
            "flow": flow_id,
            "version": version,
            "name": definition.name,
            "status": status,
            "now": now,
        },
    )
    return Applied(flow_id, definition.slug, definition.name, version, status, created, changed, emails_changed)


def _lock(
    conn: Connection, workspace_id: int, definition: FlowDefinition, now: datetime
) -> tuple[int, str, int | None, bool]:
    """The flow's row, locked, so that two people who publish at once take turns: (id, status, version, created)."""
    made = conn.execute(
        """
        INSERT INTO flow (workspace_id, slug, name, created_at, updated_at)
        VALUES (%(workspace)s, %(slug)s, %(name)s, %(now)s, %(now)s)
        ON CONFLICT (workspace_id, slug) DO NOTHING
        """,
        {"workspace": workspace_id, "slug": definition.slug, "name": definition.name, "now": now},
    )
    row = conn.execute(
        "SELECT id, status, live_version FROM flow WHERE workspace_id = %(workspace)s AND slug = %(slug)s FOR UPDATE",
        {"workspace": workspace_id, "slug": definition.slug},
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2], made.rowcount > 0


def _is_version(conn: Connection, workspace_id: int, flow_id: int, version: int, tree: Any) -> bool:
    row = conn.execute(
        """
        SELECT definition = %(tree)s
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND version = %(version)s
        """,
        {"workspace": workspace_id, "flow": flow_id, "version": version, "tree": Jsonb(tree)},
    ).fetchone()
    return bool(row and row[0])


def _add_version(conn: Connection, workspace_id: int, flow_id: int, tree: Any, now: datetime) -> int:
    row = conn.execute(
        """
        INSERT INTO flow_version (workspace_id, flow_id, version, definition, published_at)
        SELECT %(workspace)s, %(flow)s, COALESCE(max(version), 0) + 1, %(tree)s, %(now)s
        FROM flow_version
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
        RETURNING version
        """,
        {"workspace": workspace_id, "flow": flow_id, "tree": Jsonb(tree), "now": now},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _archive(conn: Connection, workspace_id: int, flow_id: int, now: datetime) -> None:
    """Nobody goes on: those who wait leave, and what they planned is cancelled."""
    # Index enrolment_due.
    conn.execute(
        """
        UPDATE enrolment
        SET state = 'exited',
            reason = 'flow_archived',
            wake_at = NULL,
            finished_at = %(now)s
        WHERE workspace_id = %(workspace)s
          AND flow_id = %(flow)s
          AND state = 'waiting'
        """,
        {"workspace": workspace_id, "flow": flow_id, "now": now},
    )
    ledger.cancel(conn, workspace_id, SOURCE, flow_id, Reason.FLOW_ARCHIVED, now)
