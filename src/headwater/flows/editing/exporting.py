"""A live flow as files: flow.yaml and its emails, such that applying them changes nothing.

Comments and the layouts of the files that a flow came from are not kept: an email is written out whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml
from psycopg import Connection

from headwater.content import templates
from headwater.content.document import Document
from headwater.flows.editing import versions
from headwater.flows.errors import FlowError
from headwater.flows.reading import step_paths
from headwater.flows.reading import tree as trees

FLOW_FILE = "flow.yaml"
_WIDTH = 120
_SHORT = 40
"""Characters of a value that stands on one line with others."""

_ORDER = (
    "flow", "id", *trees.KINDS, "name", "description", "priority", "coupons", "trigger", "profile_filters", "entry",
    "exit_on", "send_window", "steps", "tests", "status", "smart_sending", "transactional", "share", "within",
    "count_past", "reset_on", "winner", "metric", "property", "list", "segment", "where", "count", "filters", "utm",
    "then", "else",
)  # fmt: skip
"""The database keeps no order of names: here they stand as one writes them."""

_LIKE_A_NUMBER = re.compile(r"[-+]?\.?[0-9]")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]*")


def export(conn: Connection, workspace_id: int, slug: str) -> dict[str, str]:
    """The text of each file, by its name within the flow's folder. Raises UnknownFlow, FlowError."""
    row = versions.find(conn, workspace_id, slug)
    tree = versions.definition(conn, workspace_id, row.id, row.version)
    if tree is None:
        raise FlowError("", f"the flow {slug} has not been published yet")
    names, files = _email_files(tree)
    current = templates.current_versions(conn, workspace_id, set(files.values()))
    documents = templates.version(conn, workspace_id, set(current.values()))
    found = {FLOW_FILE: _yaml(_ordered(_as_written(tree, names)))}
    for name, template_id in files.items():
        document = documents[current[template_id]]
        found[name] = _email(document)
        if document.text is not None:
            found[str(PurePosixPath(name).with_suffix(".txt"))] = document.text
    return found


# ── emails ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _email_files(tree: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, int]]:
    """The file that each email step names, by the step's path; and the template in each file.

    What a step names is kept where it can be the name of a file.
    """
    ids = step_paths.ids(tree)
    names: dict[str, str] = {}
    files: dict[str, int] = {}

    def note(node: trees.Node, path: str) -> trees.Node:
        if "email" in node:
            wanted = (node["email"] if _is_file(node["email"]) else "", f"{ids[path]}.mjml", f"{ids[path]}-email.mjml")
            template_id = node["template_id"]
            names[path] = next(name for name in wanted if name and files.get(name, template_id) == template_id)
            files[names[path]] = template_id
        return node

    trees.rewritten(tree["steps"], note)
    return names, files


def _as_written(tree: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The definition as a flow file says it: without the ids of templates."""

    def change(node: trees.Node, path: str) -> trees.Node:
        kept = {key: value for key, value in node.items() if key != "template_id"}
        return {**kept, "email": names[path]} if path in names else kept

    return {**tree, "steps": trees.rewritten(tree["steps"], change)}


def _is_file(name: str) -> bool:
    """A relative path within the folder, with the ending of an email."""
    parts = name.split("/")
    return name.endswith(".mjml") and all(_SAFE.fullmatch(part) for part in parts)


def _email(document: Document) -> str:
    head: dict[str, Any] = {"subject": document.subject}
    if document.preview_text:
        head["preview_text"] = document.preview_text
    if document.data:
        head["data"] = document.data
    body = document.mjml.lstrip("\n")
    return f"---\n{_yaml(head)}---\n{body}"


# ── YAML ────────────────────────────────────────────────────────────────────────────────────────────────────────────
class _Dumper(yaml.SafeDumper):
    """What looks like a number is quoted if it is text, whatever other YAML would make of it; long texts as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        node.flow_style = all(_is_short(part) for pair in node.value for part in pair)
        return node

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = all(_is_short(part) for part in node.value)
        return node


def _is_short(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style != "|" and len(node.value) <= _SHORT


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else '"' if _LIKE_A_NUMBER.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _yaml(value: Any) -> str:
    """Blocks, with what holds no further group on one line."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        place = {name: index for index, name in enumerate(_ORDER)}
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: place.get(key, len(_ORDER)))}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value
