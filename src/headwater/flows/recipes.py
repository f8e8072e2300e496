"""The ready-made flows that come with Headwater: the folders in `recipes/`. Read once a process: they never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from headwater.flows.definition import FlowDefinition
from headwater.flows.editing import flow_emails
from headwater.flows.reading import parse

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    slug: str
    name: str
    description: str
    emails: tuple[str, ...]
    folder: Path
    tree: Mapping[str, Any]
    """As its file has it."""
    definition: FlowDefinition


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every ready-made flow, by short name."""
    return tuple(_read(path) for path in sorted(RECIPES.glob("*/flow.yaml")))


def _read(path: Path) -> Recipe:
    tree = flow_emails.read(path)
    definition = parse(tree, slug=path.parent.name)
    emails = tuple(email.name for email in definition.emails)
    return Recipe(definition.slug, definition.name, definition.description, emails, path.parent, tree, definition)
