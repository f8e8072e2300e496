"""How cheap is handing mail to an SMTP server: CPU a message of the pipelined client, sink measured beside it.

    python bench/smtp.py [--messages 30000] [--size 30720] [--connections 1,10]

Prints one JSON line a case. `target` is what the design asks of this machine class; `sink_us` is the sink's own CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import uvloop

from headwater.delivery.transports.smtp import Parcel, SmtpPool, SmtpTarget, Verdict

SINK = Path(__file__).with_name("smtp_sink.py")
TARGET_US = 25


def body(size: int) -> tuple[bytes, ...]:
    head = b"From: hello@juniper.example\r\nSubject: Bench\r\nMessage-ID: <bench@example.com>\r\n\r\n"
    line = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.\r\n"
    return head, (line * (size // len(line) + 1))[: max(0, size - len(head) - 2)] + b"\r\n"


async def send(port: int, messages: int, connections: int, chunks: tuple[bytes, ...]) -> dict[str, float]:
    """CPU and wall time of sending; the reply times of a steady stream."""
    numbers = iter(range(messages))
    left = messages
    finished = asyncio.Event()
    outcomes: dict[str, int] = {}

    def next_parcel() -> Parcel | None:
        number = next(numbers, None)
        if number is None:
            return None
        return Parcel(number, "hello@juniper.example", f"p{number}@example.com", chunks)

    def on_verdict(parcel: Parcel, verdict: Verdict) -> None:
        nonlocal left
        outcomes[verdict.outcome] = outcomes.get(verdict.outcome, 0) + 1
        left -= 1
        if not left:
            finished.set()

    pool = SmtpPool(SmtpTarget("127.0.0.1", port), connections, next_parcel, on_verdict)
    started, cpu = time.perf_counter(), time.process_time()
    running = asyncio.create_task(pool.run())
    await finished.wait()
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    await pool.close()
    await running
    if outcomes != {"accepted": messages}:
        raise SystemExit(f"not every message was accepted: {outcomes}")
    return {"seconds": seconds, "cpu": used}


def case(messages: int, connections: int, size: int) -> dict[str, object]:
    sink = subprocess.Popen([sys.executable, str(SINK)], stdout=subprocess.PIPE, text=True)
    assert sink.stdout is not None
    try:
        port = int(sink.stdout.readline())
        used = uvloop.run(send(port, messages, connections, body(size)))
    finally:
        sink.send_signal(signal.SIGTERM)
        counts = json.loads(sink.communicate()[0])
    if counts["accepted"] != messages or counts["duplicates"]:
        raise SystemExit(f"the sink counted something else: {counts}")
    return {
        "bench": "smtp",
        "case": f"{size // 1024} KB, {connections} connections",
        "rate": round(messages / used["seconds"]),
        "cpu_s_per_1000": round(used["cpu"] / messages * 1000, 4),
        "cpu_us": round(used["cpu"] / messages * 1e6, 1),
        "target_us": TARGET_US if size <= 32 * 1024 else None,
        "sink_us": round(counts["cpu_s"] / messages * 1e6, 1),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--size", type=int, action="append", help="bytes; repeat for more cases")
    parser.add_argument("--connections", default="1,10")
    options = parser.parse_args()
    for size in options.size or [30 * 1024, 46 * 1024]:
        for connections in options.connections.split(","):
            print(json.dumps(case(options.messages, int(connections), size)), flush=True)


if __name__ == "__main__":
    main()
