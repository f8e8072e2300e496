"""The schema of flow files, over the API: before any flow of that name."""

from __future__ import annotations

from headwater.flows.reading.schema import schema
from tests.api.api_client import Api


def test_the_schema_is_not_taken_for_a_flow(api: Api) -> None:
    answer = api.get("/flows/schema")

    assert answer.status == 200
    assert answer.body == schema()
    assert api.call("GET", "/flows/schema", key="wrong").status == 401
