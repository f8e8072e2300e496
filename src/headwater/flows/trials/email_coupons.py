"""Which coupons a flow's emails show, by their step: what a simulation issues when one of them goes out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psycopg import Connection

from headwater.content import files, templates
from headwater.content.document import needs
from headwater.flows.definition import FlowDefinition

Issues = Mapping[str, frozenset[str]]
"""Names of coupons by the id of the email's step."""


def of_folder(folder: Path, definition: FlowDefinition) -> Issues:
    """By the heads and the text of the emails beside a flow file. Raises TemplateError, OSError."""
    found = {email.id: needs(files.read(folder / email.template)).coupons for email in definition.emails}
    return {step: coupons for step, coupons in found.items() if coupons}


def of_templates(conn: Connection, workspace_id: int, definition: FlowDefinition) -> Issues:
    """By the present versions of saved templates; an email without one shows none."""
    wanted = {email.id: email.template_id for email in definition.emails if email.template_id is not None}
    for email in definition.emails:
        named = templates.find(conn, workspace_id, email.template) if email.template_id is None else None
        if named is not None:
            wanted[email.id] = named.id
    current = templates.current_versions(conn, workspace_id, set(wanted.values()))
    documents = templates.version(conn, workspace_id, set(current.values()))
    found = {
        step: needs(documents[current[template_id]]).coupons
        for step, template_id in wanted.items()
        if template_id in current
    }
    return {step: coupons for step, coupons in found.items() if coupons}
