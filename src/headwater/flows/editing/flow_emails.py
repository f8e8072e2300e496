"""A flow's emails: files beside flow.yaml, which become templates of its own, or templates that were saved before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from headwater.content import files as content_files
from headwater.content import templates
from headwater.content.document import Document, needs
from headwater.content.errors import TemplateError
from headwater.flows.editing.requirements import need_coupons
from headwater.flows.errors import FlowError
from headwater.flows.reading import files
from headwater.flows.reading import tree as trees
from headwater.flows.reading.findings import Findings
from headwater.segments.language import DefinitionError

TemplateOf = Callable[[Mapping[str, Any], str], int]
"""(an email step as written, its path) → template id."""


def file_of(path: Path) -> Path:
    """The flow file in a folder, or the file itself. Raises FlowError."""
    found = path / "flow.yaml" if path.is_dir() else path
    if not found.is_file():
        raise FlowError(str(path), "is not a flow: there is no flow.yaml")
    return found.resolve()


def read(path: Path) -> Any:
    """The data of a flow file. Raises FlowError with the file's name."""
    try:
        return files.read(path.read_text(encoding="utf-8"))
    except DefinitionError as error:
        raise FlowError(path.name, error.message) from None
    except UnicodeDecodeError:
        raise FlowError(path.name, "is not UTF-8 text") from None


def template_name(slug: str, folder: Path, file: Path) -> str:
    """The name of the template that a flow's file is saved as."""
    return saved_name(slug, str(file.relative_to(folder)))


def saved_name(slug: str, written: str) -> str:
    """The same, of the file as a step names it."""
    return f"{slug}/{Path(written).with_suffix('')}"


def beside(
    conn: Connection, workspace_id: int, folder: Path, slug: str, changed: list[str], now: datetime
) -> TemplateOf:
    """Saves the file that a step names; `changed` gathers those with new content."""

    def save(step: Mapping[str, Any], path: str) -> int:
        written = step["email"]
        file = (folder / written).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            raise FlowError(f"{path}.email", f"there is no file {written} beside flow.yaml")
        try:
            document = content_files.read(file)
            need_coupons(conn, workspace_id, needs(document).coupons, written)
            name = template_name(slug, folder, file)
            template_id, new = _save(conn, workspace_id, name, document, bool(step.get("transactional", False)), now)
        except TemplateError as error:
            raise FlowError(written, str(error)) from None
        if new:
            changed.append(written)
        return template_id

    return save


def saved(conn: Connection, workspace_id: int, before: Mapping[str, Any] | None) -> TemplateOf:
    """Finds the saved template that a step names. What the flow shows before, unchanged, keeps its template."""
    kept = _shown(before)

    def find(step: Mapping[str, Any], path: str) -> int:
        known = step.get("template_id")
        found = templates.get(conn, workspace_id, known) if known and (step["email"], known) in kept else None
        found = found or templates.find(conn, workspace_id, step["email"])
        if found is None and known is not None:  # of another flow's definition
            found = templates.get(conn, workspace_id, known)
        if found is None or found.current_version is None:
            raise FlowError(f"{path}.email", f"there is no template named {step['email']}")
        try:
            document = templates.version(conn, workspace_id, [found.current_version])[found.current_version]
            templates.check(document, transactional=bool(step.get("transactional", False)))
            need_coupons(conn, workspace_id, needs(document).coupons, f"{path}.email")
        except TemplateError as error:
            raise FlowError(f"{path}.email", f"{step['email']}: {error}") from None
        return found.id

    return find


def resolved(
    tree: Mapping[str, Any], template_of: TemplateOf, ids: Mapping[str, str], found: Findings
) -> dict[str, Any]:
    """The definition as it is stored: every email with the id of its template. `ids` are those of its steps by path.

    An email that cannot be had is noted, with its step. What could not be read stays as it is.
    """

    def change(node: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        unread = path not in ids or found.at(f"{path}.email") or found.at(f"{path}.template_id")
        if unread or not isinstance(node.get("email"), str):
            return node
        try:
            return {**node, "template_id": template_of(node, path)}
        except FlowError as error:
            error.step = ids[path]
            found.note(error)
            return node

    return {**tree, "steps": trees.rewritten(tree.get("steps"), change)}


def _save(
    conn: Connection, workspace_id: int, name: str, document: Document, transactional: bool, now: datetime
) -> tuple[int, bool]:
    """(template id, whether it shows something new)"""
    found = templates.find(conn, workspace_id, name)
    before = found.current_version if found is not None else None
    if found is not None and before is not None:
        current = templates.version(conn, workspace_id, [before])[before]
        if _says(current) == _says(document):
            templates.check(document, transactional=transactional)
            return found.id, False
    template_id, version_id = templates.save(conn, workspace_id, name, document, now, transactional=transactional)
    return template_id, version_id != before


def _says(document: Document) -> Document:
    """Without the blank lines that stand for the head of its file, so that mistakes are told by their line in it."""
    return replace(document, mjml=document.mjml.lstrip("\n"))


def _shown(tree: Mapping[str, Any] | None) -> set[tuple[str, int]]:
    """(what a step names, the id of its template) of a stored definition."""
    found: set[tuple[str, int]] = set()

    def note(node: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        if "email" in node:
            found.add((node["email"], node.get("template_id", 0)))
        return node

    trees.rewritten(tree["steps"] if tree is not None else [], note)
    return found
