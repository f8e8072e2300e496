"""/invitations: asking people into the brand, and the side of who holds a link."""

from __future__ import annotations

from typing import Annotated, Any

from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status
from psycopg import Connection

from headwater.accounts import invitation_mail, invitations, members, provision
from headwater.accounts.invitations import Invitation
from headwater.accounts.members import OwnBrand
from headwater.accounts.models import User
from headwater.accounts.roles import Role
from headwater.api.account import Address
from headwater.api.callers import Anyone, Person
from headwater.api.calls import Id, Moment, call
from headwater.api.errors import ApiError, NotFound
from headwater.api.me import WorkspaceOut
from headwater.core import clock, database

router = Router(tags=["People of the brand"])
Token = Annotated[str, Path(min_length=20, max_length=100)]


class InvitationOut(Schema):
    id: int
    email: str
    role: Role
    invited_by: str | None
    created_at: Moment
    expires_at: Moment


class InvitationIn(Schema):
    email: Annotated[Address, Field(min_length=3)]
    role: Role


class NewInvitation(InvitationOut):
    url: str
    """The link, to pass on by hand; it is not shown again."""
    email_sent: bool
    """false: the mail server did not take it; pass the link on."""


class InvitationSeen(Schema):
    brand: str
    email: str
    role: Role
    invited_by: str | None
    expires_at: Moment
    has_account: bool
    """Whether that address logs in already: then they log in and accept, else they sign up."""


class SignUp(Schema):
    name: Annotated[str, Field(max_length=200)] = ""
    password: Annotated[str, Field(max_length=1000)]


@router.get("/invitations", response=list[InvitationOut], summary="Invitations that nobody accepted yet")
def list_invitations(request: HttpRequest) -> Any:
    with call(request) as c:
        return invitations.open_ones(c.conn, c.workspace_id)


@router.post("/invitations", response={201: NewInvitation}, summary="Invite someone by email, or invite them anew")
def invite(request: HttpRequest, body: InvitationIn) -> Status[dict[str, Any]]:
    with call(request) as c:
        made, token = invitations.invite(c.conn, c.workspace_id, body.email, body.role, c.role, c.user_id, c.now)
    sent = invitation_mail.send(made, token)  # after the commit: a link that is mailed works
    return Status(201, {**made.__dict__, "url": invitation_mail.link(token), "email_sent": sent})


@router.delete("/invitations/{invitation_id}", response={204: None}, summary="Withdraw an invitation")
def withdraw(request: HttpRequest, invitation_id: Id) -> Status[None]:
    with call(request) as c:
        if not invitations.withdraw(c.conn, c.workspace_id, invitation_id):
            raise NotFound(f"open invitation {invitation_id}")
    return Status(204, None)


@router.get("/invitations/by-link/{token}", response=InvitationSeen, auth=Anyone(), summary="What a link invites to")
def see_invitation(request: HttpRequest, token: Token) -> dict[str, Any]:
    with database.transaction() as conn:
        found = _held(conn, token)
        return {**found.__dict__, "has_account": provision.person(conn, found.email) is not None}


@router.post(
    "/invitations/by-link/{token}/accept", response=WorkspaceOut, auth=Person(), summary="Accept, being logged in"
)
def accept(request: HttpRequest, token: Token) -> OwnBrand:
    with database.transaction() as conn:
        found = _held(conn, token, lock=True)
        invitations.accept(conn, found, request.auth.pk, clock.now(conn))
        return _entered(conn, request.auth.pk, found)


@router.post(
    "/invitations/by-link/{token}/sign-up",
    response={201: WorkspaceOut},
    auth=Anyone(),
    summary="Accept by making an account of the invited address, and be logged in",
)
def sign_up(request: HttpRequest, token: Token, body: SignUp) -> Status[OwnBrand]:
    with database.transaction() as conn:
        found = _held(conn, token, lock=True)
        if provision.person(conn, found.email) is not None:
            raise ApiError(409, f"{found.email} has an account: log in, then accept.")
        try:
            validate_password(body.password, User(email=found.email, name=body.name))
        except ValidationError as error:
            raise ApiError(400, " ".join(error.messages), "password") from None
        user_id = provision.create_person(conn, found.email, body.name.strip(), body.password)
        invitations.accept(conn, found, user_id, clock.now(conn))
        entered = _entered(conn, user_id, found)
    login(request, User.objects.get(pk=user_id))
    return Status(201, entered)


def _held(conn: Connection, token: str, *, lock: bool = False) -> Invitation:
    found = invitations.by_token(conn, token, clock.now(conn), lock=lock)
    if found is None:
        raise ApiError(404, "This invitation was accepted, withdrawn or has run out. Ask for a new one.")
    return found


def _entered(conn: Connection, user_id: int, invitation: Invitation) -> OwnBrand:
    return next(one for one in members.brands_of(conn, user_id) if one.id == invitation.workspace_id)
