"""/members: the people of a brand and their roles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from headwater.accounts import members
from headwater.accounts.members import Member
from headwater.accounts.roles import Role
from headwater.api.calls import Id, Moment, call
from headwater.api.errors import NotFound

router = Router(tags=["People of the brand"])


class MemberOut(Schema):
    id: int
    user_id: int
    email: str
    name: str
    role: Role
    two_factor: bool
    """They log in with a second factor or a passkey."""
    last_login: Moment | None


class MemberChange(Schema):
    role: Role


@router.get("/members", response=list[MemberOut], summary="The people of the brand")
def list_members(request: HttpRequest) -> Any:
    with call(request) as c:
        return members.of_brand(c.conn, c.workspace_id)


@router.patch("/members/{member_id}", response=MemberOut, summary="Give someone another role")
def change_member(request: HttpRequest, member_id: Id, body: MemberChange) -> Member:
    with call(request) as c:
        try:
            return members.change_role(c.conn, c.workspace_id, member_id, body.role, c.role)
        except LookupError:
            raise NotFound(f"member {member_id}") from None


@router.delete("/members/{member_id}", response={204: None}, summary="Take someone out of the brand")
def remove_member(request: HttpRequest, member_id: Id) -> Status[None]:
    with call(request) as c:
        try:
            members.remove(c.conn, c.workspace_id, member_id, c.role)
        except LookupError:
            raise NotFound(f"member {member_id}") from None
    return Status(204, None)
