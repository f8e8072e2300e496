"""Who is told, in the same transaction, when something about people changes: properties, identifiers, lists, consent.

Higher rooms register; the functions that write call. Merging and erasing have registries of their own, where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from psycopg import Connection


class Listener(Protocol):
    """What a listener is told; it is called after the change is written."""

    def on_attributes(
        self, conn: Connection, workspace_id: int, changed: Mapping[int, Iterable[str]], now: datetime
    ) -> None:
        """Properties, by profile: the names of those that were written."""

    def on_known(
        self, conn: Connection, workspace_id: int, made: Sequence[int], identified: Sequence[int], now: datetime
    ) -> None:
        """Profiles made with an external id, address or phone, and older ones that were given, or lost, one."""

    def on_list(self, conn: Connection, workspace_id: int, list_id: int, profile_ids: Sequence[int]) -> None:
        """Profiles that joined a list or left it."""

    def on_lists(self, conn: Connection, workspace_id: int, now: datetime) -> None:
        """A list was renamed or taken out of use."""

    def on_consent(self, conn: Connection, workspace_id: int, profile_ids: Sequence[int]) -> None:
        """Profiles whose consent or suppressions changed."""


listeners: list[Listener] = []


def register(listener: Listener) -> None:
    """Have `listener` told of every change."""
    if listener not in listeners:
        listeners.append(listener)
