"""/content: what whoever writes an email chooses from: names to show, filters, tags, emails to start from, events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from headwater.api.calls import MOST, call
from headwater.api.errors import NotFound
from headwater.api.template_shapes import EmailContent, EventChoice
from headwater.audience import profiles, property_values
from headwater.content import files, starters, variables
from headwater.content.document import Document
from headwater.content.liquid import wording
from headwater.content.liquid.wording import Words
from headwater.events import property_names as of_events
from headwater.events import timeline
from headwater.flows.recipes import Recipe, recipes

router = Router(tags=["Content"])

_EVENTS = 100


class VariableOut(Schema):
    path: str
    """As an email writes it between {{ and }}."""
    words: str
    group: str
    metric: str | None = None
    """Only events of this metric have it."""


class WordsOut(Schema):
    name: str
    use: str
    words: str


class VariablesOut(Schema):
    variables: list[VariableOut]
    filters: list[WordsOut]
    tags: list[WordsOut]


class StarterOut(Schema):
    slug: str
    kind: Literal["layout", "recipe"]
    name: str
    words: str


@router.get("/content/variables", response=VariablesOut, summary="What an email can show, and its filters and tags")
def list_variables(request: HttpRequest) -> dict[str, Any]:
    """What people and events carry is read from the newest of them."""
    with call(request) as c:
        people = property_values.of_people(c.conn, c.workspace_id)
        events = of_events.seen(c.conn, c.workspace_id)
    found = [one._asdict() for one in variables.ALWAYS]
    always = {one.path.removeprefix("person.") for one in variables.ALWAYS} | {"created_at"}
    found += [
        {
            "path": _path("person", *one.path.split(".")),
            "words": _for_example(str(one.values[0].value) if one.values else ""),
            "group": "person",
        }
        for one in people
        if one.path not in always and "[]" not in one.path
    ]
    found += [
        {
            "path": _path("event", *one.path.split(".")) if ".0." in one.path else _path("event", one.path),
            "words": _for_example(one.example),
            "group": "event",
            "metric": one.metric,
        }
        for one in events
    ]
    return {"variables": found, "filters": _listed(wording.FILTERS), "tags": _listed(wording.TAGS)}


@router.get("/content/starters", response=list[StarterOut], summary="Emails to start from")
def list_starters(request: HttpRequest) -> list[dict[str, str]]:
    """Layouts first, then the emails of the ready-made flows."""
    layouts = [{"slug": one.slug, "kind": "layout", "name": one.name, "words": one.words} for one in starters.ALL]
    emails = [
        {
            "slug": f"{recipe.slug}/{file}",
            "kind": "recipe",
            "name": f"{recipe.name}: {file.replace('-', ' ')}",
            "words": recipe.description,
        }
        for recipe in recipes()
        for file in _files(recipe)
    ]
    return layouts + emails


@router.get("/content/starters/{path:slug}", response=EmailContent, summary="An email to start from")
def get_starter(request: HttpRequest, slug: str) -> Document:
    document = starters.document(slug)
    folder, _, file = slug.partition("/")
    if document is None and file:
        recipe = next((one for one in recipes() if one.slug == folder), None)
        if recipe is not None and file in _files(recipe):
            read = files.read(recipe.folder / f"{file}.mjml")
            document = replace(read, mjml=read.mjml.lstrip("\n"))
    if document is None:
        raise NotFound(f"starter {slug}")
    return document


@router.get(
    "/content/people/{profile_id}/events",
    response=list[EventChoice],
    summary="The latest events of a person, to show an email about",
)
def list_events(
    request: HttpRequest, profile_id: int = Path(ge=1, le=MOST), metric: str | None = Query(None, max_length=255)
) -> list[dict[str, Any]]:
    with call(request) as c:
        if profile_id not in profiles.get(c.conn, c.workspace_id, [profile_id]):
            raise NotFound(f"profile {profile_id}")
        if metric is not None:
            last = timeline.last_of_metric(c.conn, c.workspace_id, profile_id, metric, _EVENTS)
            return [{"id": str(e.id), "metric": metric, "at": e.ts, "properties": e.properties} for e in last]
        seen = timeline.of_profile(c.conn, c.workspace_id, profile_id, _EVENTS)
        return [{"id": str(e.id), "metric": e.metric, "at": e.ts, "properties": e.properties} for e in seen]


def _files(recipe: Recipe) -> list[str]:
    return sorted(path.stem for path in recipe.folder.glob("*.mjml"))


def _listed(words: Mapping[str, Words]) -> list[dict[str, str]]:
    return [{"name": name, "use": one.use, "words": one.words} for name, one in words.items()]


def _for_example(example: str) -> str:
    return f"For example {example}" if example else ""


def _path(*parts: str) -> str:
    """The parts as Liquid writes them: those that are no plain names in brackets."""
    written = parts[0]
    for part in parts[1:]:
        plain = part.replace("-", "_").isidentifier() or part.isdigit()
        written += f".{part}" if plain and part.isascii() else f"['{part}']" if "'" not in part else f'["{part}"]'
    return written
