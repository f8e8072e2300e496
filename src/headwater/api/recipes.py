"""/flows/recipes: the ready-made flows to start from, what each does in words, and beginning a flow from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from headwater.api.calls import Call, Name, call
from headwater.api.errors import NotFound
from headwater.api.flow_words import FlowWords, words_of
from headwater.api.flows import DraftOut
from headwater.content import files
from headwater.flows.editing import drafts, recipe_drafts, versions
from headwater.flows.glance import Glance, all_flows
from headwater.flows.recipes import Recipe, recipes
from headwater.flows.trials import email_coupons
from headwater.flows.trials.file_tests import run_tests

router = Router(tags=["Flows"])


class RecipeOut(Schema):
    slug: str
    name: str
    description: str
    emails: int
    trigger: str
    stops: list[str]
    installed: str | None
    """The status of the brand's flow of this short name; null: there is none."""
    definition: dict[str, Any]


class RecipeEmail(Schema):
    step: str
    name: str
    starter: str
    """What `GET /content/starters/…` gives its content by."""
    subject: str
    preview_text: str


class FileTestOut(Schema):
    name: str
    passed: bool
    difference: list[str]
    """Lines: "  " as expected, "- " expected and missing, "+ " not expected, "? " what explains it."""


class RecipeDetail(RecipeOut):
    words: FlowWords
    mails: list[RecipeEmail]
    tests: list[FileTestOut]


class InstallIn(Schema):
    publish: bool = False
    """Set it live at once."""
    as_: Annotated[Name | None, Field(alias="as")] = None
    """Another short name than the recipe's."""
    name: Name | None = None


@router.get("/flows/recipes", response=list[RecipeOut], summary="Ready-made flows to start from")
def list_recipes(request: HttpRequest) -> list[dict[str, Any]]:
    with call(request) as c:
        known = _known(c)
    return [_shown(one, known) for one in recipes()]


@router.get("/flows/recipes/{recipe}", response=RecipeDetail, summary="A ready-made flow, its emails and its tests")
def get_recipe(request: HttpRequest, recipe: str) -> dict[str, Any]:
    found = _find(recipe)
    definition = found.definition
    with call(request) as c:
        known = _known(c)
    issues = email_coupons.of_folder(found.folder, definition)
    return _shown(found, known) | {
        "words": words_of(definition),
        "mails": [_email(found, step.id, step.name, step.template) for step in definition.emails],
        "tests": run_tests(definition, issues),
    }


@router.post(
    "/flows/recipes/{recipe}/install",
    response={201: DraftOut},
    summary="Begin a flow from a ready-made one: a draft, unless it is to be published",
)
def install_recipe(request: HttpRequest, recipe: str, body: InstallIn | None = None) -> Any:
    """Its emails become templates of the flow; its coupons, lists and ready-made segments are made where missing."""
    asked = body or InstallIn()
    found = _find(recipe)
    with call(request) as c:
        saved = recipe_drafts.begin(
            c.conn, c.workspace_id, found, asked.as_ or found.slug, asked.name or found.name, c.now
        )
        if asked.publish:
            drafts.publish(c.conn, c.workspace_id, saved.slug, c.now, people={}, retime=[])
            row = versions.find(c.conn, c.workspace_id, saved.slug)
            now = {"status": row.status, "version": row.version, "revision": drafts.revision(row), "problem": None}
            return Status(201, asdict(saved) | now)
    return Status(201, saved)


def _find(slug: str) -> Recipe:
    found = next((one for one in recipes() if one.slug == slug), None)
    if found is None:
        raise NotFound(f"recipe {slug}")
    return found


def _known(c: Call) -> Mapping[str, Glance]:
    return {one.slug: one for one in all_flows(c.conn, c.workspace_id)}


def _shown(recipe: Recipe, known: Mapping[str, Glance]) -> dict[str, Any]:
    words = words_of(recipe.definition)
    mine = known.get(recipe.slug)
    return {
        "slug": recipe.slug,
        "name": recipe.name,
        "description": recipe.description,
        "emails": len(recipe.emails),
        "trigger": words["trigger"],
        "stops": words["stops"],
        "installed": mine.status if mine is not None else None,
        "definition": {name: value for name, value in recipe.tree.items() if name != "tests"} | {"flow": recipe.slug},
    }


def _email(recipe: Recipe, step: str, name: str, file: str) -> dict[str, str]:
    document = files.read(recipe.folder / file)
    return {
        "step": step,
        "name": name,
        "starter": f"{recipe.slug}/{file.removesuffix('.mjml')}",
        "subject": document.subject,
        "preview_text": document.preview_text,
    }
