"""The first thing that is wrong with a draft by itself, without asking what it would meet when it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.flows.errors import FlowError
from headwater.flows.reading import parse
from headwater.segments.language import DefinitionError


def first_problem(tree: Mapping[str, Any], slug: str) -> str | None:
    """In words, or None: it reads well."""
    try:
        parse(tree, slug=slug)
    except (DefinitionError, FlowError) as error:
        return str(error)
    return None
