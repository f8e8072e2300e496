"""/flows/schema: the JSON Schema of flow files, for editors, generators and checks before anything is sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from headwater.flows.reading.schema import schema

router = Router(tags=["Flows"])


@router.get("/flows/schema", response=dict[str, Any], summary="The JSON Schema of a whole flow file")
def file_schema(request: HttpRequest) -> dict[str, Any]:
    return schema()
