"""Reading SMTP URLs: what protects the connection, and that the password stays out of sight."""

from __future__ import annotations

import ssl

import pytest

from headwater.delivery.transports.target import SmtpTarget, TargetError


@pytest.mark.parametrize(
    ("url", "port", "protection", "requires_tls"),
    [
        ("smtp://mail.example", 25, "opportunistic", False),
        ("smtp://mail.example:2525", 2525, "opportunistic", False),
        ("smtp://u:p@mail.example:2525", 2525, "opportunistic", True),
        ("smtp://u:p@localhost:2525", 2525, "opportunistic", False),
        ("smtp+starttls://mail.example", 587, "starttls", True),
        ("smtps://u:p@mail.example", 465, "implicit", True),
    ],
)
def test_the_scheme_decides_port_and_protection(url: str, port: int, protection: str, requires_tls: bool) -> None:
    target = SmtpTarget.from_url(url)

    assert (target.host.endswith(("example", "localhost")), target.port, target.protection) == (True, port, protection)
    assert target.requires_tls is requires_tls
    assert (target.tls_context().verify_mode is ssl.CERT_REQUIRED) is requires_tls


def test_user_and_password_are_percent_decoded_and_never_shown() -> None:
    target = SmtpTarget.from_url("smtps://ann%40shop.example:p%2Fs%3As@mail.example")

    assert (target.user, target.password) == ("ann@shop.example", "p/s:s")
    assert "p/s:s" not in repr(target) + str(target)


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "smtp://user@mail.example",
        "smtp://mail.example:99999",
        "smtps://m.example?x=1",
    ],
)
def test_a_wrong_url_is_an_error(url: str) -> None:
    with pytest.raises(TargetError):
        SmtpTarget.from_url(url)


def test_the_error_does_not_show_the_password() -> None:
    with pytest.raises(TargetError) as caught:
        SmtpTarget.from_url("ftp://user:geheim@mail.example:70000")

    assert "geheim" not in str(caught.value)
