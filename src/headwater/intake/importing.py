"""Bulk loading of history, through the same code as live intake: the demo brand, and later every import.

The caller gives items in the order of their time, which keeps a chunk inside few partitions. Loading again what was
loaded before stores nothing new.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice

from msgspec import structs

from headwater.audience import identity
from headwater.core import collector, database
from headwater.intake.items import Item
from headwater.intake.processor import Arrived, apply

CHUNK = 10_000


def load(
    workspace_id: int,
    items: Iterable[Item],
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[int, int]:
    """Load items as history, a transaction per chunk; answers (items read, events that were new).

    None of them triggers a flow, whatever its time. `progress(read, new)` is called after each chunk has committed.
    """
    collector.relax()
    read = new = 0
    for chunk in _ahead(_chunks(items)):
        with database.transaction() as conn:
            identity.lock(conn, workspace_id)
            new += len(apply(conn, workspace_id, [Arrived(_past(item), now) for item in chunk], now))
        read += len(chunk)
        if progress:
            progress(read, new)
    return read, new


def _past(item: Item) -> Item:
    return item if item.history else structs.replace(item, history=True)


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _ahead(chunks: Iterator[list[Item]]) -> Iterator[list[Item]]:
    """The same chunks, the next one made in a thread while the database works on this one."""
    patience = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # whoever has the database's answer must not wait long for the interpreter
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as thread:
            coming = thread.submit(next, chunks, None)
            while (chunk := coming.result()) is not None:
                coming = thread.submit(next, chunks, None)
                yield chunk
    finally:
        sys.setswitchinterval(patience)
