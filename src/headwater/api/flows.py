"""/flows: the automations of a workspace: drafts, plans, versions, pause and review, and how many people are where."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Body, Router, Schema, Status

from headwater.api.calls import Call, Limit, Moment, Number, Page, after, before, call, page
from headwater.api.errors import ApiError, NotFound
from headwater.api.flow_words import FlowWords, words_of
from headwater.delivery import ledger
from headwater.flows.editing import changes, drafts, pausing, publishing, reviewing, undoing, versions
from headwater.flows.editing.publishing import Applied as Published
from headwater.flows.errors import UnknownFlow
from headwater.flows.reading import parse

router = Router(tags=["Flows"])
Definition = Annotated[dict[str, Any], Body()]


class FlowOut(Schema):
    id: int
    slug: str
    name: str
    status: str
    """draft (never published), live, paused or archived."""
    version: int | None
    waiting: int
    """People on their way."""
    in_review: int
    """Of them, held until somebody decides."""
    completed: int
    exited: int
    updated_at: Moment
    has_draft: bool


class ProblemOut(Schema):
    field: str
    step: str
    """Empty: in the head of the flow."""
    detail: str


class FlowDetail(FlowOut):
    definition: dict[str, Any] | None
    """Of the live version."""
    draft: dict[str, Any] | None
    """Being written, beside the version that runs."""
    revision: str
    """Of what an edit begins with: for `based_on`."""
    problem: ProblemOut | None
    """What first would keep the draft from being published now; null: nothing, or there is none."""
    problems: list[ProblemOut]
    """All of it, in the order written."""


class DraftOut(Schema):
    slug: str
    status: str
    version: int | None
    revision: str
    """Of the draft as it is now: `based_on` of the next save."""
    updated_at: Moment
    problem: ProblemOut | None
    """What first would keep it from being published now; null: nothing."""
    problems: list[ProblemOut]
    """All of it, in the order written."""


class MadeOut(Schema):
    coupons: list[str]
    lists: list[str]
    segments: list[str]


class Applied(Schema):
    id: int
    slug: str
    name: str
    version: int
    status: str
    created: bool
    changed: bool
    made: MadeOut
    """What the flow brought with it."""
    moved: int
    """People who were moved as it was chosen for their step."""
    retimed: int
    put_back: int


class ChangeOut(Schema):
    kind: str
    """added, removed, moved or changed."""
    step: str
    """Empty: the head of the flow."""
    step_kind: str
    field: str
    before: Any
    after: Any
    words: str


class StandingOut(Schema):
    step: str
    words: str
    people: int
    in_review: int
    fate: str
    """stays, moved or removed."""
    goes_to: str | None
    """Where they wait afterwards unless told otherwise; null: nothing is left, and they leave."""
    needs_choice: bool


class RetimableOut(Schema):
    delay: str
    people: int


class EffectOut(Schema):
    standing: list[StandingOut]
    retimable: list[RetimableOut]
    """Delays that changed. People who wait by them keep their time unless `retime` names the delay."""
    pinned: int
    """People who finish on an earlier version."""


class PlanOut(Schema):
    version: int | None
    changes: list[ChangeOut]
    effect: EffectOut
    made: MadeOut


class ContinueAt(Schema):
    continue_at: str


class PublishIn(Schema):
    definition: dict[str, Any] | None = None
    """null: the draft."""
    people: dict[str, Literal["finish", "exit"] | ContinueAt] = {}
    """By step: what becomes of those who wait there. finish: on the version that is live now."""
    retime: list[str] = []
    based_on: int | None = None
    """The version that was looked at. If another one is live by now: 409, and nothing is published."""


class VersionOut(Schema):
    version: int
    published_at: Moment
    published_by: str | None
    """Their name, or else their address; null: a key, the command line, or somebody who is gone."""
    undoes: int | None
    changes: list[ChangeOut]
    """Since the version before."""


class VersionDetail(VersionOut):
    definition: dict[str, Any]
    words: FlowWords


class OverdueOut(Schema):
    people: int
    """Whose step came due while the flow was paused."""
    messages: int
    """Emails that were planned before and have not gone."""


class ResumeIn(Schema):
    overdue: Literal["send", "skip", "exit"] | None = None
    """null: emails that are more than 24 hours late are skipped."""


class Resumed(FlowOut):
    overdue: OverdueOut
    """What `overdue` concerned."""


class HeldOut(Schema):
    step: str
    profile_id: int
    email: str | None
    first_name: str | None
    last_name: str | None
    event: dict[str, Any]
    """The properties of what started it for them, as emails see them."""
    since: Moment


class ReviewIn(Schema):
    step: str
    action: Literal["send", "cancel"]
    profiles: list[Number] | Literal["all"]


class Decided(Schema):
    decided: int


class StepChange(Schema):
    status: Literal["draft", "manual", "live"]


class FlowReport(Schema):
    waiting: int
    completed: int
    exited: int
    messages: int
    states: dict[str, int]
    reasons: dict[str, int]
    opened: int
    clicked: int


# ── definitions ─────────────────────────────────────────────────────────────────────────────────────────────────────
@router.get("/flows", response=list[FlowOut], summary="All flows")
def list_flows(request: HttpRequest, archived: bool = False) -> Any:
    with call(request) as c:
        return publishing.summaries(c.conn, c.workspace_id, archived=archived)


@router.post("/flows", response={201: DraftOut}, summary="Begin a flow: a draft, which may be unfinished")
def create_flow(request: HttpRequest, definition: Definition) -> Any:
    """`flow:` in the definition is its short name."""
    with call(request) as c:
        try:
            versions.find(c.conn, c.workspace_id, str(definition.get("flow")))
        except UnknownFlow:
            return Status(201, drafts.save(c.conn, c.workspace_id, definition, c.now))
    raise ApiError(409, f"There is a flow {definition['flow']} already.", "flow")


@router.get("/flows/{slug}", response=FlowDetail, summary="Get a flow with its definition and its draft")
def get_flow(request: HttpRequest, slug: str) -> dict[str, Any]:
    with call(request) as c:
        summary, definition = publishing.published(c.conn, c.workspace_id, slug)
        row = versions.find(c.conn, c.workspace_id, slug)
        problems = drafts.problems(c.conn, c.workspace_id, row.draft, c.now) if row.draft is not None else ()
    return summary.__dict__ | {
        "definition": definition,
        "draft": row.draft,
        "revision": drafts.revision(row),
        "problem": problems[0] if problems else None,
        "problems": problems,
    }


@router.put("/flows/{slug}", response=Applied | DraftOut, summary="Publish a definition, and set the flow live")
def apply_flow(
    request: HttpRequest, slug: str, definition: Definition, publish: bool = True, based_on: str | None = None
) -> Any:
    """The same definition as in a flow's YAML file; `email:` names a saved template. A paused flow stays paused.

    With `publish=false` it is kept as a draft, beside the version that runs. `based_on`: the `revision` that the edit
    began with. If somebody has changed the draft or published since: 409, and nothing is saved.
    """
    tree = {**definition, "flow": slug}
    with call(request) as c:
        if based_on is not None and based_on != drafts.revision(versions.find(c.conn, c.workspace_id, slug, lock=True)):
            raise ApiError(409, "Somebody else has changed this flow meanwhile. Nothing was saved.", "query.based_on")
        if publish:
            return _signed(c, publishing.apply(c.conn, c.workspace_id, tree, c.now))
        return drafts.save(c.conn, c.workspace_id, tree, c.now)


@router.delete("/flows/{slug}/draft", response={204: None}, summary="Discard the draft")
def discard_draft(request: HttpRequest, slug: str) -> Any:
    with call(request) as c:
        drafts.discard(c.conn, c.workspace_id, slug, c.now)
    return Status(204, None)


@router.post("/flows/{slug}/plan", response=PlanOut, summary="What publishing a definition would change, and for whom")
def plan_flow(request: HttpRequest, slug: str, definition: Definition) -> Any:
    """Nothing is written. An empty definition stands for the draft."""
    with call(request) as c:
        row = versions.find(c.conn, c.workspace_id, slug)
        return publishing.plan(c.conn, c.workspace_id, {**(definition or row.draft or {}), "flow": slug}, c.now)


@router.post("/flows/{slug}/publish", response=Applied, summary="Publish, and say what becomes of the people inside")
def publish_flow(request: HttpRequest, slug: str, payload: PublishIn) -> Any:
    people: dict[str, Any] = payload.dict()["people"]
    with call(request) as c:
        row = versions.find(c.conn, c.workspace_id, slug, lock=True)
        if payload.based_on is not None and payload.based_on != row.version:
            raise ApiError(409, f"Version {row.version} is live by now; plan again.", "based_on")
        if payload.definition is None:
            done = drafts.publish(c.conn, c.workspace_id, slug, c.now, people=people, retime=payload.retime)
            return _signed(c, done)
        tree = {**payload.definition, "flow": slug}
        done = publishing.apply(c.conn, c.workspace_id, tree, c.now, people=people, retime=payload.retime)
        return _signed(c, done)


@router.post("/flows/{slug}/undo", response=Applied, summary="Undo the last publish")
def undo(request: HttpRequest, slug: str) -> Any:
    """The version before becomes a new version; whom the publish moved goes back, unless they have gone on since."""
    with call(request) as c:
        return _signed(c, undoing.undo(c.conn, c.workspace_id, slug, c.now))


def _signed(c: Call, done: Published) -> Published:
    """With the name of who published it, where a person did."""
    if done.changed and c.user_id is not None:
        versions.sign(c.conn, c.workspace_id, done.id, done.version, c.user_id)
    return done


@router.get("/flows/{slug}/versions", response=Page[VersionOut], summary="Versions of a flow, newest first")
def list_versions(request: HttpRequest, slug: str, limit: Limit = 100, cursor: str | None = None) -> Any:
    with call(request) as c:
        row = versions.find(c.conn, c.workspace_id, slug)
        earlier = before(cursor)
        found = versions.history(c.conn, c.workspace_id, row.id, before=earlier, limit=limit + 1)
    trees = [one.definition for one in found]
    told = [changes.diff(old, new) for new, old in pairwise((*trees, None)) if new is not None]
    rows = [one.__dict__ | {"changes": said} for one, said in zip(found, told, strict=True)]
    return page(rows, limit, lambda one: one["version"])


@router.get("/flows/{slug}/versions/{version}", response=VersionDetail, summary="A version, and what it changed")
def get_version(request: HttpRequest, slug: str, version: int) -> dict[str, Any]:
    with call(request) as c:
        row = versions.find(c.conn, c.workspace_id, slug)
        found = versions.history(c.conn, c.workspace_id, row.id, before=min(version, 2**31 - 2) + 1, limit=2)
    if not found or found[0].version != version:
        raise NotFound(f"version {version} of the flow {slug}")
    earlier = found[1].definition if len(found) > 1 else None
    now = found[0].definition
    return found[0].__dict__ | {"changes": changes.diff(earlier, now), "words": words_of(parse(now))}


# ── running ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@router.get("/flows/{slug}/report", response=FlowReport, summary="People and messages of a flow")
def report(request: HttpRequest, slug: str) -> dict[str, Any]:
    with call(request) as c:
        summary, _ = publishing.published(c.conn, c.workspace_id, slug)
        progress = ledger.progress(c.conn, c.workspace_id, publishing.SOURCE, summary.id)
    return {
        "waiting": summary.waiting,
        "completed": summary.completed,
        "exited": summary.exited,
        "messages": progress.total,
        "states": progress.states,
        "reasons": progress.reasons,
        "opened": progress.opened,
        "clicked": progress.clicked,
    }


@router.post("/flows/{slug}/pause", response=FlowOut, summary="Pause: everyone stays where they are")
def pause(request: HttpRequest, slug: str) -> Any:
    with call(request) as c:
        pausing.pause(c.conn, c.workspace_id, slug, c.now)
        return publishing.published(c.conn, c.workspace_id, slug)[0]


@router.get("/flows/{slug}/overdue", response=OverdueOut, summary="What came due while the flow was paused")
def overdue(request: HttpRequest, slug: str) -> Any:
    with call(request) as c:
        return pausing.overdue(c.conn, c.workspace_id, slug, c.now)


@router.post("/flows/{slug}/resume", response=Resumed, summary="Make it live again")
def resume(request: HttpRequest, slug: str, payload: ResumeIn | None = None) -> dict[str, Any]:
    """`overdue`: what came due meanwhile is sent now, skipped, or leaves the flow."""
    with call(request) as c:
        concerned = pausing.resume(c.conn, c.workspace_id, slug, c.now, payload.overdue if payload else None)
        summary, _ = publishing.published(c.conn, c.workspace_id, slug)
    return summary.__dict__ | {"overdue": concerned}


@router.post("/flows/{slug}/archive", response=FlowOut, summary="Archive: what is planned is cancelled")
def archive(request: HttpRequest, slug: str) -> Any:
    with call(request) as c:
        pausing.archive(c.conn, c.workspace_id, slug, c.now)
        return publishing.published(c.conn, c.workspace_id, slug)[0]


@router.patch("/flows/{slug}/steps/{step}", response=Applied, summary="Set a step draft, manual or live")
def change_step(request: HttpRequest, slug: str, step: str, payload: StepChange) -> Any:
    """Publishes a version that differs in that only."""
    with call(request) as c:
        return _signed(c, publishing.set_step_status(c.conn, c.workspace_id, slug, step, payload.status, c.now))


@router.get("/flows/{slug}/review", response=Page[HeldOut], summary="Who is held at a manual step")
def list_held(
    request: HttpRequest, slug: str, step: str | None = None, limit: Limit = 100, cursor: str | None = None
) -> Any:
    with call(request) as c:
        first = after(cursor)
        found = reviewing.waiting(c.conn, c.workspace_id, slug, step=step, after=first, limit=limit + 1)
    return page(found, limit, lambda one: one.enrolment_id)


@router.post("/flows/{slug}/review", response=Decided, summary="Send a held step, or cancel it: they go on")
def review(request: HttpRequest, slug: str, payload: ReviewIn) -> dict[str, int]:
    chosen = None if payload.profiles == "all" else payload.profiles
    with call(request) as c:
        decided = reviewing.decide(c.conn, c.workspace_id, slug, payload.step, payload.action, chosen, c.now)
    return {"decided": decided}
