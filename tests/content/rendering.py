"""Builders for the content tests: a document, a person's context, an envelope, and the received message parsed back."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from headwater.content import compiling
from headwater.content.compiling import CompiledEmail, Envelope, Rendered, Tracking
from headwater.content.document import Document

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE = "https://mail.juniper.example"


def mjml(inside: str, head: str = "") -> str:
    """A whole MJML document around what goes into one text, with the footer."""
    return (
        f"<mjml><mj-head>{head}</mj-head><mj-body>\n<mj-section><mj-column><mj-text>{inside}</mj-text></mj-column>"
        "</mj-section>\n{% footer %}</mj-body></mjml>"
    )


def document(inside: str = "Hello", **fields: Any) -> Document:
    return Document(**({"subject": "News", "mjml": mjml(inside)} | fields))


def compiled(inside: str = "Hello", *, tracking: Tracking | None = None, **fields: Any) -> CompiledEmail:
    return compiling.compile(document(inside, **fields), tracking=tracking)


def context(**names: Any) -> dict[str, Any]:
    person = {"first_name": "Ada", "timezone": "America/New_York"} | names.pop("person", {})
    return {
        "person": person,
        "first_name": person["first_name"],
        "organization": {"name": "Juniper", "full_address": "1 Main St, Springfield", "currency": "USD"},
        **names,
    }


def envelope(**fields: Any) -> Envelope:
    return Envelope(
        **(
            {
                "workspace_id": 7,
                "message_id": 8,
                "profile_id": 9,
                "to_email": "ada@example.com",
                "to_name": "Ada",
                "from_name": "Juniper",
                "from_email": "hello@juniper.example",
                "reply_to": "",
                "date": NOW,
                "base_url": BASE,
            }
            | fields
        )
    )


def wire(rendered: Rendered) -> bytes:
    return b"".join(rendered.chunks)


def received(rendered: Rendered) -> EmailMessage:
    """What a mailbox makes of the bytes, the dot-stuffing undone as a server does. Checks the wire on the way."""
    raw = wire(rendered)
    assert len(raw) == rendered.size
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert not raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    for line in lines:
        assert not line.startswith(b".") or line.startswith(b"..")
    unstuffed = b"\r\n".join(line[1:] if line.startswith(b"..") else line for line in lines)
    message = email.message_from_bytes(unstuffed, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert not part.defects, part.defects
        for value in part.values():
            assert not value.defects, (value, value.defects)  # type: ignore[attr-defined]
    return message


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.words: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        if tag == "img":
            self.images.append(found)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(html: str) -> _Page:
    parser = _Page()
    parser.feed(html)
    return parser
