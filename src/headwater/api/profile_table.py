"""/profiles/table: everybody the brand knows, to look at: search, filters, sort, pages in both directions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from headwater.api.calls import MOST, Call, Moment, Money, call
from headwater.api.errors import ApiError, NotFound
from headwater.audience import lists
from headwater.segments import people, people_rows, saved
from headwater.segments.people_query import Consent, Filters, SortBy

router = Router(tags=["Profiles"])

MaybeId = Annotated[int | None, Query(ge=1, le=MOST)]


class TableRow(Schema):
    id: int
    email: str | None
    external_id: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    city: str | None
    region: str | None
    country: str | None
    consent: Consent
    suppressed: list[str]
    """Why nothing is sent to them; empty: they are not suppressed."""
    created_at: Moment
    last_active_at: Moment | None
    """When they last did something: a visit, an order, an opened email."""
    orders: int
    value: Money
    """What they ordered for, of all time, in the brand's currency."""


class ProfileTable(Schema):
    data: list[TableRow]
    next: str | None
    """Pass as `cursor` for the page after this one,"""
    previous: str | None
    """and for the one before."""
    total: int
    exact: bool
    """false: `total` is an estimate."""


@router.get("/profiles/table", response=ProfileTable, summary="People by search, filter and sort")
def profile_table(
    request: HttpRequest,
    q: Annotated[str | None, Query(max_length=200)] = None,
    consent: Consent | None = None,
    list_id: MaybeId = None,
    segment_id: MaybeId = None,
    country: Annotated[str | None, Query(max_length=255)] = None,
    suppressed: bool | None = None,
    created_since: Moment | None = None,
    sort: SortBy = "created",
    order: Literal["asc", "desc"] = "desc",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """`q`: parts of the address, the name, the external id or the phone number; words shorter than three letters count
    where a word begins. Browsers that nobody has named are not among them."""
    with call(request) as c:
        filters = Filters(
            q=q.strip() or None if q else None,
            consent=consent,
            list_id=_list(c, list_id),
            segment=_segment(c, segment_id),
            country=country or None,
            suppressed=suppressed,
            created_since=created_since,
        )
        try:
            found = people.page(
                c.conn, c.workspace_id, filters, by=sort, falling=order == "desc", cursor=cursor, limit=limit
            )
        except ValueError as error:
            raise ApiError(400, str(error), "cursor") from None
        rows = people_rows.rows(c.conn, c.workspace_id, found.ids)
    return {
        "data": [{name: getattr(row, name) for name in TableRow.model_fields} for row in rows],
        "next": found.next,
        "previous": found.previous,
        "total": found.total,
        "exact": found.exact,
    }


def _list(c: Call, list_id: int | None) -> int | None:
    if list_id is not None and not lists.exists(c.conn, c.workspace_id, list_id):
        raise NotFound(f"list {list_id}")
    return list_id


def _segment(c: Call, segment_id: int | None) -> tuple[int, int] | None:
    """(id, the version of its membership that stands)."""
    if segment_id is None:
        return None
    found = saved.get(c.conn, c.workspace_id, [segment_id]).get(segment_id)
    if found is None or found.archived_at is not None:
        raise NotFound(f"segment {segment_id}")
    if found.live_version is None:
        raise ApiError(409, f"The segment {found.name} is still being built.", "segment_id")
    return segment_id, found.live_version
