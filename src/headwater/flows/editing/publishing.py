"""Publishing a flow: check it whole, save its emails, make a new version if it changed, move people as was chosen.

Everything happens in the caller's transaction: a flow with one broken email changes nothing at all. Applying the same
files again changes nothing either. `plan` says what publishing would do, and does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from psycopg import Connection

from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import changes, flow_emails, moves, publish_effects, requirements, retiming, versions
from headwater.flows.editing.changes import Change
from headwater.flows.editing.moves import Choice, Publish
from headwater.flows.editing.publish_effects import Effect
from headwater.flows.editing.requirements import Made
from headwater.flows.editing.versions import SOURCE, FlowRow
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.flows.reading import parse, read, step_paths
from headwater.flows.reading import tree as trees
from headwater.flows.recipes import RECIPES, Recipe, recipes
from headwater.flows.steps import STATUSES
from headwater.flows.summaries import Summary, published, summaries

__all__ = [
    "RECIPES", "SOURCE", "Applied", "Effect", "FlowError", "Plan", "Recipe", "Summary", "UnknownFlow", "apply", "plan",
    "publish_stored", "published", "recipes", "set_step_status", "summaries",
]  # fmt: skip

What = Path | str | Mapping[str, Any]
"""A folder with a flow.yaml, such a file, or plain data."""

_NOBODY: Mapping[str, Choice] = {}


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
    made: Made = Made()
    moved: int = 0
    """People who were moved as it was chosen for their step,"""
    retimed: int = 0
    """and by a delay that changed."""
    put_back: int = 0
    """By undoing the version before."""


@dataclass(frozen=True)
class Plan:
    """What publishing would do now."""

    definition: FlowDefinition
    version: int | None
    """The one that is live."""
    changes: tuple[Change, ...]
    effect: Effect
    emails_changed: tuple[str, ...]
    made: Made


@dataclass(frozen=True)
class _Ready:
    """A flow that can be published, its emails saved, its row locked."""

    row: FlowRow
    created: bool
    before: Mapping[str, Any] | None
    tree: Mapping[str, Any]
    definition: FlowDefinition
    emails_changed: tuple[str, ...]
    made: Made


def apply(
    conn: Connection,
    workspace_id: int,
    what: What,
    now: datetime,
    *,
    people: Mapping[str, Choice] = _NOBODY,
    retime: Sequence[str] = (),
) -> Applied:
    """Publish a flow from a folder, a file or plain data, and set it live. A paused flow stays paused.

    In a folder or file, `email:` names a file beside it; in plain data, a saved template. `people` says by step what
    becomes of those who wait there: finish (on the version they are on), exit, or {continue_at: step}; others follow
    the new version. `retime` names delays whose people wait as they are now. Raises DefinitionError or FlowError, with
    everything that is wrong.
    """
    return _publish(conn, workspace_id, _ready(conn, workspace_id, what, now), now, people=people, retime=retime)


def plan(conn: Connection, workspace_id: int, what: What, now: datetime) -> Plan:
    """What `apply` would change, and what it would mean for the people inside. Raises as `apply` does."""
    with conn.transaction(force_rollback=True):
        ready = _ready(conn, workspace_id, what, now)
    effect = Effect()
    if ready.before is not None:
        moved = changes.moved(ready.before, ready.tree)
        old = parse(ready.before)
        effect = publish_effects.effect(conn, workspace_id, ready.row.id, old, ready.definition, moved)
    found = changes.diff(ready.before, ready.tree)
    return Plan(ready.definition, ready.row.version, found, effect, ready.emails_changed, ready.made)


def set_step_status(conn: Connection, workspace_id: int, slug: str, step: str, status: str, now: datetime) -> Applied:
    """Set one step draft, manual or live: a version that differs in that only. Raises UnknownFlow or FlowError.

    Who is held for review stays so until somebody decides. Who comes to a draft is passed on.
    """
    if status not in STATUSES:
        raise FlowError("status", f"must be one of {', '.join(STATUSES)}", step)
    row = versions.find(conn, workspace_id, slug, lock=True)
    tree = versions.definition(conn, workspace_id, row.id, row.version)
    if tree is None:
        raise FlowError("status", "the flow has not been published yet", step)
    known = step_paths.ids(tree)
    if step not in known.values():
        raise FlowError("step", f"there is no step {step}", step)
    if not hasattr(parse(tree).steps[step], "status"):
        raise FlowError("step", f"{step} neither sends nor changes anything: it has no status", step)

    def change(node: trees.Node, path: str) -> trees.Node:
        if known.get(path) != step:
            return node
        kept = {key: value for key, value in node.items() if key != "status"}
        return kept if status == "live" else {**kept, "status": status}

    changed = {**tree, "steps": trees.rewritten(tree["steps"], change)}
    return publish_stored(conn, workspace_id, row, tree, changed, now)


def publish_stored(
    conn: Connection,
    workspace_id: int,
    row: FlowRow,
    before: Mapping[str, Any],
    tree: Mapping[str, Any],
    now: datetime,
    *,
    undoes: int | None = None,
) -> Applied:
    """Publish a definition as it is stored, whose emails are known already. The caller holds the flow's lock.

    `undoes`: it takes back the version that is live, and puts back whom that one moved.
    """
    ready = _Ready(row, False, before, tree, parse(tree), (), Made())
    return _publish(conn, workspace_id, ready, now, undoes=undoes)


# ── making ready ────────────────────────────────────────────────────────────────────────────────────────────────────
def _ready(conn: Connection, workspace_id: int, what: What, now: datetime) -> _Ready:
    file = None if isinstance(what, Mapping) else flow_emails.file_of(Path(what))
    tree = what if isinstance(what, Mapping) else flow_emails.read(flow_emails.file_of(Path(what)))
    reading = read(tree, slug=file.parent.name if file is not None else None)
    definition, found = reading.definition, reading.found
    whole = not found.errors
    row, created = versions.begin(conn, workspace_id, definition.slug, definition.name, now)
    before = versions.definition(conn, workspace_id, row.id, row.version)
    made = requirements.make(conn, workspace_id, definition, now, found, from_files=file is not None)
    changed: list[str] = []
    if file is not None:
        template_of = flow_emails.beside(conn, workspace_id, file.parent, definition.slug, changed, now)
    else:
        template_of = flow_emails.saved(conn, workspace_id, before)
    ids = {path: step_id for path, step_id in step_paths.ids(tree).items() if step_id in definition.steps}
    resolved = {**flow_emails.resolved(tree, template_of, ids, found), "flow": definition.slug}
    paths = {step_id: path for path, step_id in ids.items()}
    requirements.check(conn, workspace_id, definition, paths, found, whole=whole)
    if found.errors:
        raise step_paths.refusal(tree, found.errors)
    stored = orjson.loads(orjson.dumps(resolved))
    return _Ready(row, created, before, stored, parse(stored), tuple(changed), made)


def _publish(
    conn: Connection,
    workspace_id: int,
    ready: _Ready,
    now: datetime,
    *,
    people: Mapping[str, Choice] = _NOBODY,
    retime: Sequence[str] = (),
    undoes: int | None = None,
) -> Applied:
    row, before = ready.row, ready.row.version
    changed = before is None or not versions.is_same(conn, workspace_id, row.id, before, ready.tree)
    if changed or undoes is not None:
        version = versions.add(conn, workspace_id, row.id, ready.tree, undoes, now)
    else:
        assert before is not None
        version = before
    status = "paused" if row.status == "paused" else "live"
    versions.set_live(conn, workspace_id, row.id, version, ready.definition.name, status, now)
    moved = retimed = put_back = 0
    if before is not None and ready.before is not None:
        publish = Publish(row.id, before, version, parse(ready.before), ready.definition)
        if undoes is not None:
            put_back = moves.put_back(conn, workspace_id, publish, now)
        moved = moves.carry_out(conn, workspace_id, publish, people, now)
        retimed = retiming.retime(conn, workspace_id, publish, retime, now)
        moves.let_go(conn, workspace_id, publish, now)
        moves.forget_earlier(conn, workspace_id, publish)
    else:
        moves.check(people, ready.definition)
    return Applied(
        row.id,
        row.slug,
        ready.definition.name,
        version,
        status,
        ready.created,
        changed,
        ready.emails_changed,
        ready.made,
        moved,
        retimed,
        put_back,
    )
