"""The emails about accounts leave by the instance's own SMTP server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import django
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

django.setup()

from django.core.mail import EmailMessage  # noqa: E402

from headwater.core import settings  # noqa: E402
from headwater.delivery.transports import account_mail  # noqa: E402


class _Server:
    def __init__(self) -> None:
        self.mail: list[bytes] = []
        self.passwords: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mail.append(envelope.content)
        return "250 OK"

    def authenticate(self, *given: Any) -> AuthResult:
        data = given[-1]
        assert isinstance(data, LoginPassword)
        self.passwords.append(data.password)
        return AuthResult(success=True)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """A server on a free port, which HEADWATER_SMTP_URL names with a user and a password."""
    handler = _Server()
    given = {"authenticator": handler.authenticate, "auth_require_tls": False}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=10, **given)
    controller.start()
    changed = replace(settings.current(), smtp_url=f"smtp://me:s%40cret@127.0.0.1:{port}")
    monkeypatch.setattr(account_mail.settings, "current", lambda: changed)
    yield handler
    controller.stop()


def test_it_is_handed_to_the_server_of_the_settings_with_its_password(server: _Server) -> None:
    message = EmailMessage("Set a new password", "Here.", to=["ada@people.example"])
    message.connection = account_mail.AccountMail()
    assert message.send() == 1
    assert b"Subject: Set a new password" in server.mail[0]
    assert b"From: Headwater <no-reply@headwater.local>" in server.mail[0]
    assert server.passwords == [b"s@cret"]


@pytest.mark.parametrize(
    ("url", "tls", "implicit"),
    [
        ("smtp://mail.example", False, False),
        ("smtp://me:secret@mail.example", True, False),
        ("smtp+starttls://mail.example", True, False),
        ("smtps://mail.example", False, True),
    ],
)
def test_it_is_protected_as_marketing_mail_is(
    monkeypatch: pytest.MonkeyPatch, url: str, tls: bool, implicit: bool
) -> None:
    changed = replace(settings.current(), smtp_url=url)
    monkeypatch.setattr(account_mail.settings, "current", lambda: changed)
    way = account_mail.AccountMail()
    assert (way.use_tls, way.use_ssl) == (tls, implicit)
