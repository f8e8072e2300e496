"""What starts each flow of a workspace, in words: of its live version, or of its draft where it was never published."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from headwater.flows.reading.triggers import trigger_of
from headwater.flows.wording import trigger_words
from headwater.segments.language import DefinitionError


def of_flows(conn: Connection, workspace_id: int) -> dict[int, str]:
    """By the flow's id; "": nothing that can be read stands there yet."""
    # For the list of flows. Their triggers alone, by flow's index of the workspace and flow_version's primary key.
    rows = conn.execute(
        """
        SELECT flow.id, COALESCE(version.definition -> 'trigger', flow.draft -> 'trigger')
        FROM flow
        LEFT JOIN flow_version AS version
               ON version.workspace_id = flow.workspace_id
              AND version.flow_id = flow.id
              AND version.version = flow.live_version
        WHERE flow.workspace_id = %(workspace)s
        """,
        {"workspace": workspace_id},
    ).fetchall()
    return {flow_id: _words(trigger) for flow_id, trigger in rows}


def _words(tree: Any) -> str:
    try:
        return trigger_words(trigger_of(tree, "trigger"))
    except DefinitionError:
        return ""
