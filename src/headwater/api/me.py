"""/me and /workspaces: who is logged in, where they work, what this instance is. For sessions: a key is no person."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import AfterValidator

from headwater import __version__
from headwater.accounts import members, provision, sign_up, two_factor
from headwater.accounts.members import OwnBrand
from headwater.accounts.models import User
from headwater.accounts.roles import Role, reaches
from headwater.api.account import Address, zone_name
from headwater.api.callers import Person
from headwater.api.calls import Name
from headwater.api.errors import ApiError
from headwater.core import clock, database, settings

router = Router(tags=["You"], auth=Person())


class FactorsOut(Schema):
    totp: bool
    passkeys: int
    recovery_codes: bool


class UserOut(Schema):
    id: int
    email: str
    name: str
    has_password: bool
    may_make_brands: bool
    two_factor: FactorsOut


class WorkspaceOut(Schema):
    id: int
    slug: str
    name: str
    role: Role
    timezone: str
    currency: str


class InstanceOut(Schema):
    mailbox_url: str | None
    """The page of the local mailbox; null: mail goes to a server of its own."""
    signup_open: bool
    version: str


class MeOut(Schema):
    user: UserOut
    workspaces: list[WorkspaceOut]
    instance: InstanceOut


class MeChange(Schema):
    name: Annotated[str, Field(max_length=200)]


class WorkspaceIn(Schema):
    name: Name
    timezone: Annotated[str, AfterValidator(zone_name)] = "UTC"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    website_url: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    from_name: Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")] = ""
    from_email: Address = ""


class NewWorkspace(WorkspaceOut):
    write_key: str
    private_key: str
    """Keep it now: it is not shown again."""


@router.get("/me", response=MeOut, summary="Who is logged in, and their brands")
def get_me(request: HttpRequest) -> Any:
    return _me(request.auth)


@router.patch("/me", response=MeOut, summary="Change one's own name")
def change_me(request: HttpRequest, body: MeChange) -> Any:
    user: User = request.auth
    user.name = body.name.strip()
    user.save(update_fields=["name"])
    return _me(user)


@router.get("/workspaces", response=list[WorkspaceOut], summary="The brands one works in")
def list_workspaces(request: HttpRequest) -> Any:
    with database.transaction() as conn:
        return members.brands_of(conn, request.auth.pk)


@router.post("/workspaces", response={201: NewWorkspace}, summary="Make a brand, and own it")
def create_workspace(request: HttpRequest, body: WorkspaceIn) -> Status[dict[str, Any]]:
    """For who runs the instance, and for owners and admins of any brand."""
    user: User = request.auth
    with database.transaction() as conn:
        if not _may_make_brands(user, members.brands_of(conn, user.pk)):
            raise ApiError(403, "Only owners and admins of a brand make another.")
        given = body.model_dump()
        slug = provision.free_slug(conn, body.name)
        made = provision.create_workspace(conn, now=clock.now(conn), slug=slug, **given)
        members.join(conn, made.workspace_id, user.pk, "owner")
        provision.admit_owners(conn, made.workspace_id)
        own = next(one for one in members.brands_of(conn, user.pk) if one.id == made.workspace_id)
    return Status(201, {**own.__dict__, "write_key": made.write_key, "private_key": made.private_key})


def _may_make_brands(user: User, brands: list[OwnBrand]) -> bool:
    return user.is_superuser or any(reaches(brand.role, "admin") for brand in brands)


def _me(user: User) -> dict[str, Any]:
    with database.transaction() as conn:
        brands = members.brands_of(conn, user.pk)
    return {
        "user": {
            "id": user.pk,
            "email": user.email,
            "name": user.name,
            "has_password": user.has_usable_password(),
            "may_make_brands": _may_make_brands(user, brands),
            "two_factor": two_factor.of(user.pk),
        },
        "workspaces": brands,
        "instance": {
            "mailbox_url": settings.current().mailbox_url,
            "signup_open": sign_up.is_open(),
            "version": __version__,
        },
    }
