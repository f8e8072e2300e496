"""What every view needs: who calls, one transaction, the instance's time, and pages of a list with a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from ninja import Path, Query, Schema
from psycopg import Connection
from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer

from headwater.accounts.roles import Caller, Role
from headwater.api.errors import ApiError
from headwater.core import clock, database

MOST = 2**63 - 1

Id = Annotated[int, Path(ge=1, le=MOST)]
"""An id in the address."""
Number = Annotated[int, Field(ge=1, le=MOST)]
"""An id in a body."""
Money = Annotated[Decimal, Field(max_digits=20, decimal_places=6), PlainSerializer(float, return_type=float)]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""ISO 8601 with an offset."""
Limit = Annotated[int, Query(ge=1, le=1000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True)
class Call:
    """One API call's transaction; it commits before the answer leaves."""

    conn: Connection
    workspace_id: int
    now: datetime
    role: Role
    user_id: int | None
    """The person who calls; None: a private key."""


@contextmanager
def call(request: HttpRequest) -> Iterator[Call]:
    """The transaction of this request, in the workspace of its key or its session."""
    caller: Caller = request.auth
    with database.transaction() as conn:
        yield Call(conn, caller.workspace_id, clock.now(conn), caller.role, caller.user_id)


T = TypeVar("T")


class Page(Schema, Generic[T]):
    """Part of a list. Pass `next` as `cursor` for the following part; null: this was the last."""

    data: list[T]
    next: str | None = None


def page(found: Sequence[Any], limit: int, cursor: Callable[[Any], object] = lambda row: row.id) -> dict[str, Any]:
    """A Page of what was found with `limit` + 1."""
    more = len(found) > limit
    return {"data": list(found[:limit]), "next": str(cursor(found[limit - 1])) if more else None}


def after(cursor: str | None) -> int:
    """The id in a cursor; 0 for the beginning."""
    if cursor is None or cursor == "":
        return 0
    if not cursor.isascii() or not cursor.isdigit() or int(cursor) > MOST:
        raise ApiError(400, "This cursor was not made by this list.", "cursor")
    return int(cursor)


def before(cursor: str | None) -> int | None:
    """The id in a cursor of a list that runs backwards; None for the beginning."""
    return after(cursor) or None
