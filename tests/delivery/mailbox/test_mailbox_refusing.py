"""The mailbox turns away whom it was told to, as a server does, and takes everything else."""

from __future__ import annotations

import asyncio
import smtplib
from pathlib import Path

import pytest

from headwater.delivery.mailbox import refusing
from headwater.delivery.mailbox.refusing import Refusals
from headwater.delivery.mailbox.run import serving
from headwater.delivery.mailbox.store import numbers_in

GONE = "550 5.1.1 There is no such account."


def test_it_refuses_the_recipient_and_keeps_what_is_for_others(tmp_path: Path) -> None:
    refusing.write(tmp_path, {"Ada@example.com": GONE})

    def send(port: int, *recipients: str) -> dict[str, tuple[int, bytes]]:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
            return server.sendmail("shop@example.com", recipients, "Subject: Hi\r\n\r\nHello")

    async def play() -> dict[str, tuple[int, bytes]]:
        async with serving(tmp_path, "127.0.0.1", 0, 0) as (port, _):
            return await asyncio.to_thread(send, port, "ADA@example.com", "ben@example.com")

    refused = asyncio.run(play())

    assert refused == {"ADA@example.com": (550, b"5.1.1 There is no such account.")}
    (kept,) = numbers_in(tmp_path)
    assert b"Delivered-To: ben@example.com" in stored(tmp_path, kept)


def stored(directory: Path, number: int) -> bytes:
    return next(directory.glob(f"*{number}.eml")).read_bytes()


def test_it_can_be_told_otherwise_while_it_runs(tmp_path: Path) -> None:
    told = Refusals(tmp_path)
    assert told.reply("ada@example.com") is None
    refusing.write(tmp_path, {"ada@example.com": GONE})
    assert told.reply("ada@example.com") == GONE
    refusing.write(tmp_path, {"ben@example.com": "552 5.2.2 Full."})
    assert (told.reply("ada@example.com"), told.reply("ben@example.com")) == (None, "552 5.2.2 Full.")
    (tmp_path / "refused.txt").unlink()
    assert told.reply("ben@example.com") is None


@pytest.mark.parametrize("reply", ["250 2.0.0 OK", "550", "no", "550 two\r\n250 lines"])
def test_what_is_no_refusal_is_not_written(tmp_path: Path, reply: str) -> None:
    with pytest.raises(ValueError, match="refuses"):
        refusing.write(tmp_path, {"ada@example.com": reply})
