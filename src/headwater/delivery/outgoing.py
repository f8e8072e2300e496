"""From a claimed message to the bytes that travel: compiled templates kept by version, and one person's rendering.

Rendering happens when a connection is free, in the event loop, so it touches no database: the claim brought everything.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Connection

from headwater.accounts.brand import Brand
from headwater.audience.profiles import Profile
from headwater.content import compiling, context, templates
from headwater.content.compiling import CompiledEmail, Envelope, Rendered, Tracking
from headwater.content.document import Needs
from headwater.content.errors import RenderError, TemplateError
from headwater.core import settings
from headwater.delivery.claims import Key
from headwater.delivery.materials import Material
from headwater.delivery.reasons import Reason
from headwater.delivery.sources import Brief


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled template version, or why it cannot be compiled."""

    version_id: int
    compiled: CompiledEmail | None
    needs: Needs
    error: str | None = None


class Templates:
    """Compiled versions of a process. A version never changes, so nothing is ever stale."""

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[int, int], Prepared] = OrderedDict()

    def prepare(self, conn: Connection, workspace_id: int, version_ids: Collection[int]) -> None:
        """Load and compile what is not here yet."""
        missing = [version for version in version_ids if (workspace_id, version) not in self._kept]
        if not missing:
            return
        documents = templates.version(conn, workspace_id, missing)
        for version in missing:
            document = documents.get(version)
            if document is None:
                prepared = Prepared(version, None, Needs(), "The template version does not exist.")
            else:
                prepared = _compile(version, document)
            self._kept[(workspace_id, version)] = prepared
        while len(self._kept) > max(self._most, len(version_ids)):
            self._kept.popitem(last=False)

    def get(self, workspace_id: int, version_id: int) -> Prepared:
        found = self._kept[(workspace_id, version_id)]
        self._kept.move_to_end((workspace_id, version_id))
        return found
