"""What may stand in MAIL and RCPT, and what a server can't be asked at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.delivery.transports.envelope import commands
from headwater.delivery.transports.parcel import Parcel, Verdict, dot_stuffed
from headwater.delivery.transports.replies import Capabilities

PLAIN = Capabilities()
MODERN = Capabilities(smtputf8=True, eight_bit=True)


def parcel(rcpt: str, mail_from: str = "hello@juniper.example", size: int = 0) -> Parcel:
    return Parcel(1, mail_from, rcpt, (b"Subject: x\r\n\r\nhi",), size)


def test_an_ordinary_envelope() -> None:
    assert commands(parcel("ann@example.com"), PLAIN) == (
        b"MAIL FROM:<hello@juniper.example>\r\n",
        b"RCPT TO:<ann@example.com>\r\n",
    )


def test_the_null_sender() -> None:
    assert commands(parcel("ann@example.com", mail_from=""), PLAIN) == (
        b"MAIL FROM:<>\r\n",
        b"RCPT TO:<ann@example.com>\r\n",
    )


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "a b@example.com",
        "a@b\r\nRCPT TO:<c@d>",
        "a@b\0",
        "a@b>",
        "<a@b",
        "a@b\n",
        "x" * 250 + "@example.com",
    ],
)
def test_a_bad_recipient_is_refused_here(address: str) -> None:
    verdict = commands(parcel(address), MODERN)

    assert isinstance(verdict, Verdict)
    assert (verdict.outcome, verdict.enhanced, verdict.tried) == ("refused", "5.1.3", True)


def test_a_bad_sender_is_not_the_recipients_fault() -> None:
    verdict = commands(parcel("ann@example.com", mail_from="a@b\r\nDATA"), MODERN)

    assert isinstance(verdict, Verdict)
    assert verdict.enhanced == "5.1.7"


@given(st.text(), st.text())
def test_no_address_adds_a_command(sender: str, recipient: str) -> None:
    made = commands(parcel(recipient + "@example.com", sender + "@example.com"), MODERN)

    if not isinstance(made, Verdict):
        for command in made:
            assert command.count(b"\r") == command.count(b"\n") == 1
            assert b"\0" not in command


def test_a_foreign_domain_goes_as_an_a_label() -> None:
    made = commands(parcel("ann@bücher.example"), PLAIN)

    assert made == (b"MAIL FROM:<hello@juniper.example>\r\n", b"RCPT TO:<ann@xn--bcher-kva.example>\r\n")


def test_a_foreign_local_part_needs_smtputf8() -> None:
    refused = commands(parcel("ännä@example.com"), PLAIN)
    made = commands(parcel("ännä@example.com"), MODERN)

    assert isinstance(refused, Verdict)
    assert refused.enhanced == "5.6.7"
    assert made == (
        b"MAIL FROM:<hello@juniper.example> BODY=8BITMIME SMTPUTF8\r\n",
        "RCPT TO:<ännä@example.com>\r\n".encode(),
    )


def test_what_is_too_large_is_not_tried() -> None:
    verdict = commands(parcel("ann@example.com", size=1001), Capabilities(size=1000))

    assert isinstance(verdict, Verdict)
    assert (verdict.outcome, verdict.enhanced) == ("refused", "5.3.4")


@pytest.mark.parametrize(
    ("message", "stuffed"),
    [
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb"),
        (b".a\r\n", b"..a"),
        (b"a.b\r\n..\r\n", b"a.b\r\n..."),
        (b"", b""),
    ],
)
def test_dots_at_line_starts_are_doubled(message: bytes, stuffed: bytes) -> None:
    assert dot_stuffed(message) == stuffed
