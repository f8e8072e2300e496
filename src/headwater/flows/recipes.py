"""The ready-made flows that come with Headwater: the folders in `recipes/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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


def recipes() -> list[Recipe]:
    """Every ready-made flow, by short name."""
    found = []
    for path in sorted(RECIPES.glob("*/flow.yaml")):
        definition = parse(flow_emails.read(path), slug=path.parent.name)
        emails = tuple(email.name for email in definition.emails)
        found.append(Recipe(definition.slug, definition.name, definition.description, emails, path.parent))
    return found
