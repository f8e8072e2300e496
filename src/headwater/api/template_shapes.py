"""The shapes of emails in the API: content, templates, versions, problems, previews. Used by several routers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Field, Schema

from headwater.api.calls import Moment, Name, Number
from headwater.content.document import Document
from headwater.content.template_list import Format

Source = Annotated[str, Field(max_length=500_000)]


class EmailContent(Schema):
    subject: Annotated[str, Field(max_length=1_000)]
    preview_text: Annotated[str, Field(max_length=1_000)] = ""
    mjml: Source
    """MJML, or a whole HTML page, with Liquid."""
    text: Source | None = None
    """null: derived from the HTML."""
    data: dict[str, Any] = {}
    """What it needs besides the person: coupon, item, feeds, reviews."""

    def document(self) -> Document:
        return Document(self.subject, self.mjml, self.preview_text, self.text, self.data)


class TemplateIn(EmailContent):
    name: Name
    transactional: bool = False
    """Needs no unsubscribe link and no postal address."""


class NewTemplateVersion(EmailContent):
    transactional: bool = False
    based_on: Number | None = None
    """The version that this edit began with. If the template shows another one by now, nothing is saved: 409."""


class TemplateRename(Schema):
    name: Name


class EmailUse(Schema):
    """A flow or a campaign that sends the template."""

    kind: Literal["flow", "campaign"]
    id: int | None
    """Of a campaign."""
    slug: str | None
    """Of a flow."""
    name: str
    status: str


class TemplateOut(Schema):
    id: int
    name: str
    subject: str
    preview_text: str
    format: Format
    current_version: int | None
    created_at: Moment
    updated_at: Moment
    archived_at: Moment | None
    used_by: list[EmailUse]


class TemplateContent(TemplateOut):
    transactional: bool
    """It lacks what marketing email must have, so it can only be sent as transactional email."""
    content: EmailContent


class TemplateVersionOut(Schema):
    id: int
    subject: str
    created_at: Moment


class TemplateVersionContent(Schema):
    id: int
    content: EmailContent


class EmailProblem(Schema):
    level: Literal["error", "warning"]
    """error: can't be sent; warning: can."""
    message: str
    field: str
    line: int | None


class EmailCheckIn(EmailContent):
    transactional: bool = False


class AsWhom(Schema):
    profile_id: Number | None = None
    """Whom to show it for; without one, a person of whom nothing is known."""
    event_id: Annotated[str, Field(max_length=36)] | None = None
    """An event of this person, as what would trigger the email."""
    event: dict[str, Any] | None = None
    """The properties of an event, instead of `event_id`."""


class TemplatePreviewIn(AsWhom):
    version_id: Number | None = None


class UnsavedEmailIn(AsWhom):
    content: EmailContent
    name: Annotated[str, Field(max_length=200)] = ""
    transactional: bool = False


class EmailLink(Schema):
    url: str
    words: str


class EmailMissing(Schema):
    name: str
    """As the email writes it: person.city."""
    field: str
    line: int
    known: bool
    """False: no email could ever have it."""


class EmailPreview(Schema):
    subject: str
    preview_text: str
    html: str
    text: str
    size_bytes: int
    """Of the HTML as it goes out; Gmail cuts what is longer than 102,400."""
    links: list[EmailLink]
    missing: list[EmailMissing]
    """What it asks for and this person or event does not have."""


class UnsavedEmailOut(Schema):
    preview: EmailPreview | None
    """null: it cannot be made; `problems` says why."""
    format: Format
    problems: list[EmailProblem]


class TestSendIn(AsWhom):
    content: EmailContent
    transactional: bool = False
    to: Annotated[list[Annotated[str, Field(min_length=3, max_length=320)]], Field(min_length=1, max_length=10)]
    """Addresses of people who work in this brand."""


class TestSendMessage(Schema):
    email: str
    message_id: int
    """What becomes of it: GET /messages/{message_id}."""


class TestSendOut(Schema):
    messages: list[TestSendMessage]


class EventChoice(Schema):
    """An event of a person, to show an email about."""

    id: str
    metric: str
    at: Moment
    properties: dict[str, Any]


class Sample(Schema):
    """Somebody, and what they did, that the email is likely to be about."""

    profile_id: int | None
    event_id: str | None
    metric: str | None
