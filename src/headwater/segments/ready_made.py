"""Ready-made segments: the definitions in `shelf/`, which a brand takes over as segments of its own.

A file a segment, named for its slug: name, description and definition. Once installed, it is a segment like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml
from psycopg import Connection

from headwater.segments import saved
from headwater.segments.conditions import Condition
from headwater.segments.language import parse
from headwater.segments.saved import Segment

SHELF = Path(__file__).parent / "shelf"


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A segment to take over. `description` is for marketers; `definition` is as people write it, as JSON."""

    slug: str
    name: str
    description: str
    definition: Any
    condition: Condition


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    description: str
    definition: Any


@lru_cache(maxsize=1)
def shelf() -> tuple[ReadyMade, ...]:
    """Every ready-made segment, by slug; engaged-60 stands before engaged-180. Read once a process."""
    return tuple(sorted((_read(path) for path in SHELF.glob("*.yaml")), key=_place))


def find(slug: str) -> ReadyMade:
    """The ready-made segment of this slug. Raises LookupError."""
    for one in shelf():
        if one.slug == slug:
            return one
    raise LookupError(f"There is no ready-made segment {slug}.")


def install(conn: Connection, workspace_id: int, slug: str, now: datetime, name: str | None = None) -> Segment:
    """The brand's segment of that name (None: the shelf's own), made if there is none; one that exists stays as it is.

    Raises LookupError for an unknown slug, SegmentError for a name that cannot be.
    """
    chosen = find(slug)
    name = (name if name is not None else chosen.name).strip()
    existing = saved.find(conn, workspace_id, name)
    if existing is not None:
        return existing
    try:
        return saved.create(conn, workspace_id, name, chosen.definition, now)
    except saved.SegmentError:
        made_meanwhile = saved.find(conn, workspace_id, name)
        if made_meanwhile is None:
            raise
        return made_meanwhile


def _read(path: Path) -> ReadyMade:
    file = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _File)
    return ReadyMade(
        path.stem, file.name, file.description, file.definition, parse(file.definition, path=f"{path.name}: definition")
    )


def _place(one: ReadyMade) -> str:
    return re.sub(r"\d+", lambda number: number[0].zfill(6), one.slug)
