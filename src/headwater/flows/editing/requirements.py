"""What must exist before a flow is published: its coupons, lists and segments, a sender, and calls that can be made.

A flow from files brings what it needs to run as it is: its coupons, the lists that people join it by or that it puts
people on, and segments that Headwater has ready-made. Whatever else it names must be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from headwater.accounts import brand
from headwater.audience import lists
from headwater.audience.lists import ListError
from headwater.catalog import coupons
from headwater.catalog.coupons import CouponError
from headwater.content.errors import TemplateError
from headwater.delivery.gates import wire_address
from headwater.flows.calls import rendering
from headwater.flows.definition import CouponPlan, FlowDefinition
from headwater.flows.editing.references import Reference, references, unreachable
from headwater.flows.errors import FlowError
from headwater.flows.reading.findings import Findings
from headwater.flows.steps import Notify, Webhook
from headwater.segments import live, ready_made
from headwater.segments.ready_made import ReadyMade


@dataclass(frozen=True)
class Made:
    """What was made because the flow needs it: names."""

    coupons: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()


def make(
    conn: Connection,
    workspace_id: int,
    definition: FlowDefinition,
    now: datetime,
    found: Findings,
    *,
    from_files: bool,
) -> Made:
    """Make the coupons that it brings unless they exist; for a flow from files, lists and ready-made segments too.

    What cannot be made is noted.
    """
    made: dict[str, list[str]] = {"coupon": [], "list": [], "segment": []}
    for plan in definition.coupons:
        if coupons.find(conn, workspace_id, plan.name) is None:
            found.attempt(None, _make_coupon, conn, workspace_id, plan, now)
            made["coupon"].append(plan.name)
    for one in references(definition) if from_files else ():
        if one.kind == "list" and one.begins and isinstance(one.named, str):
            if lists.find(conn, workspace_id, one.named) is None and _make_list(conn, workspace_id, one.named, now):
                made["list"].append(one.named)
        elif one.kind == "segment" and not _has_segment(conn, workspace_id, one.named):
            ready = _ready_made(one.named)
            if ready is not None:
                made["segment"].append(ready_made.install(conn, workspace_id, ready.slug, now).name)
    return Made(tuple(made["coupon"]), tuple(made["list"]), tuple(made["segment"]))


def check(
    conn: Connection,
    workspace_id: int,
    definition: FlowDefinition,
    paths: Mapping[str, str],
    found: Findings,
    *,
    whole: bool,
) -> None:
    """Notes what is missing or cannot work. `paths` says where each step is written, by id.

    `whole`: all of the definition could be read. Otherwise it has gaps, and nothing is said of who comes where.
    """
    for step_id in unreachable(definition) if whole else ():
        found.note(FlowError(paths.get(step_id, step_id), "is never reached: everybody has left before it", step_id))
    for one in references(definition):
        missing = _missing(conn, workspace_id, one)
        if missing is not None:
            where = f"{paths.get(one.step, one.step)}.{one.field}" if one.step else one.field
            found.note(FlowError(where, missing, one.step))
    for step in definition.steps.values():
        if isinstance(step, Webhook | Notify) and not found.at(paths.get(step.id, step.id)):
            found.attempt(None, _check_call, step, paths.get(step.id, step.id))
    if definition.emails and wire_address(brand.load(conn, workspace_id).from_email) is None:
        how = "set it with `headwater brand set --from-email hello@your-shop.com`, or PATCH /api/v1/brand"
        found.note(FlowError("brand.from_email", f"the brand needs an address that its emails come from; {how}"))


def need_coupons(conn: Connection, workspace_id: int, names: frozenset[str], path: str) -> None:
    """Raises FlowError where a coupon that an email shows does not exist."""
    for name in sorted(names):
        if coupons.find(conn, workspace_id, name) is None:
            raise FlowError(path, f"there is no coupon {name}")


def _missing(conn: Connection, workspace_id: int, one: Reference) -> str | None:
    """What to say where it does not exist."""
    if one.kind == "coupon":
        return None if coupons.find(conn, workspace_id, str(one.named)) else f"there is no coupon {one.named}"
    if one.kind == "segment":
        return None if _has_segment(conn, workspace_id, one.named) else _no_segment(one.named)
    if isinstance(one.named, int):
        return None if lists.exists(conn, workspace_id, one.named) else f"there is no list with the id {one.named}"
    return None if lists.find(conn, workspace_id, one.named) is not None else f"there is no list {one.named}"


# ── coupons, lists and segments ─────────────────────────────────────────────────────────────────────────────────────
def _make_coupon(conn: Connection, workspace_id: int, plan: CouponPlan, now: datetime) -> None:
    try:
        coupons.define(conn, workspace_id, plan.name, plan.kind, plan.code, plan.expires_after, None, now)
    except CouponError as error:
        raise FlowError(f"coupons.{plan.name}.{error.field}", str(error)) from None


def _make_list(conn: Connection, workspace_id: int, name: str, now: datetime) -> bool:
    """False: somebody else made it this moment."""
    try:
        lists.create(conn, workspace_id, name, now)
    except ListError:
        return False
    return True


def _has_segment(conn: Connection, workspace_id: int, named: int | str) -> bool:
    known = live.segments(conn, workspace_id)
    return named in known if isinstance(named, int) else any(_same(one.name, named) for one in known.values())


def _no_segment(named: int | str) -> str:
    ready = _ready_made(named)
    if ready is not None:
        return f"there is no segment {named} yet; install the ready-made one: headwater segments install {ready.slug}"
    return f"there is no segment {named}; ready-made ones are {', '.join(one.name for one in ready_made.shelf())}"


def _ready_made(named: int | str) -> ReadyMade | None:
    return next((one for one in ready_made.shelf() if _same(one.name, str(named))), None)


def _same(name: str, other: str) -> bool:
    return name.lower() == other.strip().lower()


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _check_call(step: Webhook | Notify, path: str) -> None:
    try:
        rendering.check(step.spec)
    except TemplateError as error:
        kind = "webhook" if isinstance(step, Webhook) else "notify"
        field = f".{error.field}" if error.field else ""
        raise FlowError(f"{path}.{kind}{field}", error.message, step.id) from None
