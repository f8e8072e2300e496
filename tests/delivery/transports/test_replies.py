"""What servers' replies say: lines, status codes and capabilities."""

from __future__ import annotations

import pytest

from headwater.delivery.transports import replies


@pytest.mark.parametrize(
    ("line", "expected"),
    [(b"250 ok\r", (250, False)), (b"250-ok\r", (250, True)), (b"250", (250, False)), (b"421\r", (421, False))],
)
def test_a_reply_line_has_a_code_and_says_whether_more_follows(line: bytes, expected: tuple[int, bool]) -> None:
    assert replies.parse_line(line) == expected


@pytest.mark.parametrize(
    "line", [b"", b"25", b"HTTP/1.1 400 Bad Request", b"650 x", b"100 x", b"2500 ok", b"\xff\xfe\x00"]
)
def test_anything_else_is_garbled(line: bytes) -> None:
    with pytest.raises(replies.GarbledReply):
        replies.parse_line(line)


def test_a_reply_of_many_lines_reads_as_their_words() -> None:
    assert replies.text_of(b"550-5.1.1 Gone\r\n550 5.1.1 for good\r") == "5.1.1 Gone\n5.1.1 for good"


@pytest.mark.parametrize(
    ("text", "status"),
    [("5.1.1 no such user", "5.1.1"), ("4.7.0", "4.7.0"), ("no status 5.1.1 at the start", None), ("15.1.1 x", None)],
)
def test_the_enhanced_status_stands_at_the_start(text: str, status: str | None) -> None:
    assert replies.enhanced_status(text) == status


def test_ehlo_says_what_a_server_can() -> None:
    server = replies.Capabilities.parse(
        ["mx.example", "PIPELINING", "size 35882577", "STARTTLS", "AUTH=LOGIN", "AUTH PLAIN XOAUTH2", "8bitmime", ""]
    )

    assert server.pipelining
    assert server.starttls
    assert server.eight_bit
    assert not server.smtputf8
    assert server.size == 35882577
    assert server.auth == {"LOGIN", "PLAIN", "XOAUTH2"}


def test_a_size_of_zero_is_no_limit() -> None:
    assert replies.Capabilities.parse(["mx", "SIZE 0"]).size is None
    assert replies.Capabilities.parse(["mx", "SIZE"]).size is None
