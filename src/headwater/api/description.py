"""The API's OpenAPI description, in which every operation also says what its errors look like."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from headwater.api.errors import Problem


class DescribedApi(NinjaAPI):
    """An API whose errors are described once for all: any status that an operation does not name is a Problem."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        described = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        problem = Problem.model_json_schema(ref_template=REF_TEMPLATE)
        described["components"]["schemas"] |= problem.pop("$defs", {}) | {Problem.__name__: problem}
        refused = {
            "description": "It was refused, or went wrong",
            "content": {"application/json": {"schema": {"$ref": REF_TEMPLATE.format(model=Problem.__name__)}}},
        }
        for operations in described["paths"].values():
            for operation in operations.values():
                # Statuses as text, as JSON has them: only so can they be put in order beside "default".
                named = {str(status): answer for status, answer in operation["responses"].items()}
                operation["responses"] = {"default": refused} | named
        return described
