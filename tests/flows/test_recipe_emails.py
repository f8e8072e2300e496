"""Every email that comes with Headwater is fit to send: it compiles, has nothing to put right, and reads well."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from headwater import demo
from headwater.audience import lists
from headwater.content import compiling, files
from headwater.content.document import needs
from headwater.content.message import Envelope
from headwater.flows.editing import publishing

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEMO = Path(demo.__file__).parent / "templates"
FOLDERS = [path.parent for path in publishing.RECIPES.glob("*/flow.yaml")]
EMAILS = sorted(path for folder in (*FOLDERS, DEMO) for path in folder.glob("*.mjml"))


def product(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": str(number), "title": f"Jam no. {number}", "category": "Preserves", "price": 4.5, **fields}


def everything() -> dict[str, Any]:
    """All that an email can show."""
    lines = [{"product_id": "1", "title": "Jam no. 1", "quantity": 2, "price": 4.5}]
    return {
        "person": {"first_name": "Ada", "timezone": "America/New_York"},
        "first_name": "Ada",
        "organization": {
            "name": "Juniper & Co",
            "full_address": "1 Main St, Springfield",
            "url": "https://juniper.example",
            "timezone": "America/New_York",
            "currency": "USD",
        },
        "event": {"product_id": "1", "checkout_url": "https://juniper.example/back", "value": 9.0, "items": lines},
        "item": product(1, url="https://juniper.example/1", image_url="https://juniper.example/1.png"),
        "coupon": {"code": "FIRST-7QK2", "expires_at": NOW + timedelta(days=2, hours=4), "assigned_at": NOW},
        "feeds": {"popular": [product(number) for number in range(2, 8)]},
        "reviews": [{"rating": 4, "author": "Bea", "body": "The whole jar in a week.", "product_id": "1"}],
    }


def nothing() -> dict[str, Any]:
    """The least that an email can know: a brand without a website, a person without a name."""
    return {
        "person": {},
        "organization": {"name": "Juniper", "full_address": "1 Main St, Springfield"},
        "coupon": {"code": "FIRST-7QK2", "expires_at": None},
        "event": {},
        "item": {"title": "Jam no. 1"},
    }


def received(path: Path, context: dict[str, Any]) -> EmailMessage:
    envelope = Envelope(
        workspace_id=7,
        message_id=8,
        profile_id=9,
        to_email="ada@example.com",
        to_name="",
        from_name="Juniper",
        from_email="hello@juniper.example",
        reply_to="",
        date=NOW,
        base_url="https://mail.juniper.example",
    )
    wire = b"".join(compiling.compile(files.read(path)).render(context, envelope).chunks)
    message = email.message_from_bytes(wire, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", EMAILS, ids=named)
def test_nothing_to_put_right(path: Path) -> None:
    assert compiling.lint(files.read(path)) == []


@pytest.mark.parametrize("path", EMAILS, ids=named)
def test_it_shows_what_it_asks_for(path: Path) -> None:
    asked = needs(files.read(path))

    message = received(path, everything())
    html, text = part(message, "html"), part(message, "plain")

    assert message["Subject"]
    assert "{" not in str(message["Subject"])
    for shown in (html, text):
        assert "1 Main St, Springfield" in shown
        assert "https://mail.juniper.example/u/" in shown
        assert ("FIRST-7QK2" in shown) == bool(asked.coupons)
        assert ("Jam no. 2" in shown) == bool(asked.feeds)
        assert ("The whole jar in a week." in shown) == bool(asked.reviews)
    if asked.item is not None:
        assert "Jam no. 1" in html


@pytest.mark.parametrize("path", EMAILS, ids=named)
def test_it_reads_well_when_little_is_known(path: Path) -> None:
    message = received(path, nothing())
    words = f"{message['Subject']} {part(message, 'plain')}"

    for flaw in ("{{", "{%", "None", " ,", " .", " !", "Good until", "  "):
        assert flaw not in " ".join(line.strip() for line in words.splitlines() if line.strip())


@pytest.mark.parametrize("recipe", [found.slug for found in publishing.recipes()])
def test_a_recipe_installs_live_with_its_emails(conn: Connection, workspace: int, recipe: str) -> None:
    lists.create(conn, workspace, "Newsletter", NOW)

    applied = publishing.apply(conn, workspace, publishing.RECIPES / recipe, NOW)

    used = {path.name for path in (publishing.RECIPES / recipe).glob("*.mjml")}
    assert applied.status == "live"
    assert set(applied.emails_changed) == used
