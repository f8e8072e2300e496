"""The benches' sink counts what it is sent, through refusals, deferrals and dropped connections."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

from headwater.delivery.transports.smtp import Limits, Parcel, SmtpPool, SmtpTarget, Verdict

SINK = Path(__file__).parents[3] / "bench" / "smtp_sink.py"


class Sink:
    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen([sys.executable, str(SINK), *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def stop(self) -> dict[str, Any]:
        self.process.send_signal(signal.SIGTERM)
        return dict(json.loads(self.process.communicate(timeout=10)[0]))


@contextlib.contextmanager
def sinking(*options: str) -> Iterator[Sink]:
    sink = Sink(*options)
    try:
        yield sink
    finally:
        if sink.process.poll() is None:
            sink.process.kill()
            sink.process.communicate()


def send(port: int, parcels: list[Parcel]) -> Counter[str]:
    verdicts: Counter[str] = Counter()

    async def main() -> None:
        waiting = iter(parcels)
        finished = asyncio.Event()

        def on_verdict(parcel: Parcel, verdict: Verdict) -> None:
            verdicts[verdict.outcome] += 1
            if verdicts.total() == len(parcels):
                finished.set()

        pool = SmtpPool(
            SmtpTarget("127.0.0.1", port), 4, lambda: next(waiting, None), on_verdict, limits=Limits(first_pause=0.01)
        )
        running = asyncio.create_task(pool.run())
        async with asyncio.timeout(30):
            await finished.wait()
        await pool.close()
        await running

    uvloop.run(main())
    return verdicts


def letters(number: int, size: int = 20_000) -> list[Parcel]:
    return [
        Parcel(
            n,
            "a@b.example",
            f"p{n}@example.com",
            (b"Message-ID: <m%d@b.example>\r\n\r\n" % n, b"x" * 60 + b"\r\n..\r\n" * (size // 5)),
        )
        for n in range(number)
    ]


def test_each_message_is_counted_and_written_down(tmp_path: Path) -> None:
    record = tmp_path / "received"
    with sinking("--record", str(record)) as sink:
        verdicts = send(
            sink.port, letters(300) + [Parcel(1, "a@b.example", "big@example.com", (b"y" * 78 + b"\r\n",) * 9000)]
        )
        lines = record.read_text().splitlines()
        counts = sink.stop()

    assert verdicts == {"accepted": 301}
    assert sorted(lines) == sorted([*(f"p{n}@example.com <m{n}@b.example>" for n in range(300)), "big@example.com -"])
    assert (counts["accepted"], counts["recipients"], counts["duplicates"]) == (301, 301, 0)
    assert counts["connections"] <= 4


def test_it_refuses_defers_and_drops_as_told() -> None:
    with sinking("--refuse-every", "10", "--defer-every", "7", "--drop-every", "50", "--latency", "1") as sink:
        verdicts = send(sink.port, letters(210, 200))
        counts = sink.stop()

    assert verdicts == {
        "accepted": counts["accepted"],
        "refused": counts["refused"],
        "deferred": counts["deferred"],
        "unknown": counts["dropped"],
    }
    assert counts["dropped"] == 210 // 50
    assert counts["recipients"] == counts["accepted"] + counts["dropped"]
