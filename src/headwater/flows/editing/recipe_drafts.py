"""Begins a flow from a recipe: its emails saved as templates of the new flow, what it needs made, the rest a draft."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from headwater.flows.editing import drafts, flow_emails, requirements, versions
from headwater.flows.editing.drafts import Saved
from headwater.flows.errors import FlowError, UnknownFlow
from headwater.flows.reading import parse, step_paths
from headwater.flows.reading import tree as trees
from headwater.flows.reading.findings import Findings
from headwater.flows.recipes import Recipe


def begin(conn: Connection, workspace_id: int, recipe: Recipe, slug: str, name: str, now: datetime) -> Saved:
    """A draft under this short name. Raises FlowError where a flow has it already, DefinitionError for a bad name."""
    tree = {**recipe.tree, "flow": slug, "name": name}
    definition = parse(tree)
    try:
        versions.find(conn, workspace_id, definition.slug, lock=True)
    except UnknownFlow:
        pass
    else:
        raise FlowError("as", f"there is a flow {definition.slug} already; choose another short name")
    found = Findings()
    requirements.make(conn, workspace_id, definition, now, found, from_files=True)
    template_of = flow_emails.beside(conn, workspace_id, recipe.folder.resolve(), definition.slug, [], now)
    saved = flow_emails.resolved(tree, template_of, step_paths.ids(tree), found)
    if found.errors:
        raise step_paths.refusal(tree, found.errors)
    return drafts.save(conn, workspace_id, {**saved, "steps": _named(saved, definition.slug)}, now)


def _named(tree: Mapping[str, Any], slug: str) -> Any:
    """The steps, their emails called as their templates are."""

    def change(node: trees.Node, path: str) -> trees.Node:
        return {**node, "email": flow_emails.saved_name(slug, node["email"])} if "email" in node else node

    return trees.rewritten(tree["steps"], change)
