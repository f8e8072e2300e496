"""/properties: what people and events carry, for editors of conditions to suggest."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from headwater.api.calls import call
from headwater.audience import property_values as of_people
from headwater.core.property_shapes import Kind
from headwater.events import property_values as of_events

router = Router(tags=["Segments"])


class PropertyValue(Schema):
    value: str | int | float | bool
    count: int
    """So often among the newest."""


class PropertyOut(Schema):
    path: str
    """As conditions write it: location.city, items[].category; $value is an event's value."""
    kind: Kind
    """Of most of its values."""
    held: int
    """So many of the newest have it."""
    values: list[PropertyValue]
    """The most frequent ones, where some are."""


@router.get(
    "/properties", response=list[PropertyOut], summary="Which properties people have, and their frequent values"
)
def profile_properties(request: HttpRequest) -> Any:
    """Read from the newest 500 profiles."""
    with call(request) as c:
        return of_people.of_people(c.conn, c.workspace_id)


@router.get(
    "/properties/events",
    response=list[PropertyOut],
    summary="Which properties a metric's events carry, and their values",
)
def event_properties(request: HttpRequest, metric: Annotated[str, Query(min_length=1, max_length=255)]) -> Any:
    """Read from the newest 500 events of the metric."""
    with call(request) as c:
        return of_events.of_metric(c.conn, c.workspace_id, metric)
