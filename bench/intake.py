"""How fast events are taken in: accepted over HTTP, and processed with all their effects.

    python bench/intake.py [--events 100000] [--connections 8] [--seconds 8]

Starts its own durable PostgreSQL in a temporary directory, one web and one worker process with the browse-abandonment
flow live, and sends real HTTP from this process, whose CPU counts too: everything shares the machine. Cases:

- batches: POST /v1/batch, 100 events each, until all are processed; `rate` is events a second from the first request to
  the last effect, `accepted_rate` to the last acknowledgement;
- singles: POST /v1/track, one event a request; `rate` is requests a second that were acknowledged;
- latency: batches at half the rate of the first case; p50 and p99 from acknowledgement to effect, by polling the store.

Profiles are known people and browsers, views, carts, checkouts and orders in the proportions of an online shop.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

import instance
import report

PEOPLE = 20_000
FLOWS = ("browse-abandonment", "welcome-series", "abandoned-checkout")
KINDS = (
    ["Product Viewed"] * 74 + ["Product Added"] * 13 + ["Checkout Started"] * 7 + ["Order Completed"] * 4
    + ["Searched"] * 2
)  # fmt: skip


def event(number: int, dice: random.Random) -> dict[str, object]:
    who = dice.randrange(PEOPLE)
    person = {"userId": f"customer-{who}"} if who % 3 else {"anonymousId": f"browser-{who}"}
    kind = dice.choice(KINDS)
    product = dice.randrange(5000)
    properties: dict[str, object] = {
        "product_id": str(product), "name": f"Product number {product}", "category": f"Category {product % 40}",
        "price": 5 + product % 90, "url": f"https://shop.example/products/{product}",
    }  # fmt: skip
    if kind == "Order Completed":
        properties = {"order_id": f"o-{number}", "total": 40.5, "products": [properties]}
    return {"type": "track", "messageId": f"m-{number}", "event": kind, "properties": properties, **person}


def batches(count: int, size: int, first: int) -> list[bytes]:
    dice = random.Random(first)
    return [orjson.dumps({"batch": [event(first + n * size + i, dice) for i in range(size)]}) for n in range(count)]


def request(path: str, key: str, body: bytes) -> bytes:
    basic = base64.b64encode(f"{key}:".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {basic}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Load:
    """Sends prepared requests over kept-open connections; `times_ms` from the request to its acknowledgement."""

    def __init__(self, port: int, connections: int) -> None:
        self.port = port
        self.connections = connections
        self.times_ms: list[float] = []

    async def send(self, requests: Iterator[bytes], pause: float = 0.0) -> int:
        """Send all of them; answers how many were acknowledged. Anything but a 200 is an error."""
        done = await asyncio.gather(*(self._lane(requests, pause) for _ in range(self.connections)))
        return sum(done)

    async def _lane(self, requests: Iterator[bytes], pause: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        sent = 0
        due = time.perf_counter()
        for one in requests:
            started = time.perf_counter()
            writer.write(one)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head[:20], head
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            self.times_ms.append((time.perf_counter() - started) * 1000)
            sent += 1
            if pause:
                due += pause
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.close()
        return sent


@contextmanager
def processes(port: int, workers: int = 1) -> Iterator[list[int]]:
    """One web process and so many workers; their pids."""
    started = [
        subprocess.Popen([sys.executable, "-m", "headwater", role], stderr=subprocess.DEVNULL)
        for role in ("web", *["worker"] * workers)
    ]
    try:
        wait_for_port(port)
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)


def wait_for_port(port: int) -> None:
    import socket

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web process does not answer.")


class Store:
    """What has been processed."""

    def __init__(self, workspace: int) -> None:
        from headwater.core import database

        self._conn = database.connect(autocommit=True)
        self._workspace = workspace

    def wait_until_empty(self) -> None:
        while self._conn.execute(
            "SELECT EXISTS (SELECT FROM inbox WHERE workspace_id = %s)", (self._workspace,)
        ).fetchone() != (False,):  # noqa: E501
            time.sleep(0.02)

    def oldest_ms(self) -> float:
        """How long the oldest acknowledged item has waited for its effect, in milliseconds; 0 when nothing waits."""
        row = self._conn.execute(
            "SELECT extract(epoch FROM clock_timestamp() - min(received_at)) * 1000 FROM inbox WHERE workspace_id = %s",
            (self._workspace,),
        ).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0

    def count(self) -> tuple[int, int]:
        """(events stored, items set aside)."""
        events = self._conn.execute("SELECT count(*) FROM event WHERE workspace_id = %s", (self._workspace,)).fetchone()
        failed = self._conn.execute("SELECT count(*) FROM inbox_failure").fetchone()
        assert events
        assert failed
        return events[0], failed[0]


def measure(port: int, key: str, store: Store, roots: list[int], arguments: argparse.Namespace) -> None:
    size = 100
    known = [orjson.dumps({"batch": [
        {"type": "identify", "userId": f"customer-{who}", "messageId": f"i-{who}",
         "traits": {"email": f"c{who}@example.com"}}
        for who in range(start, min(start + size, PEOPLE))]}) for start in range(0, PEOPLE, size)]  # fmt: skip
    asyncio.run(Load(port, 4).send(iter([request("/v1/batch", key, body) for body in known])))
    warm = batches(100, size, 10_000_000)
    asyncio.run(Load(port, 4).send(iter([request("/v1/batch", key, body) for body in warm])))
    store.wait_until_empty()

    # ---- batches: accepted and processed
    prepared = [request("/v1/batch", key, body) for body in batches(arguments.events // size, size, 0)]
    before, stored, load = report.cpu_seconds(roots), store.count()[0], Load(port, arguments.connections)
    started = time.perf_counter()
    acknowledged = asyncio.run(load.send(iter(prepared))) * size
    accepted = time.perf_counter() - started
    store.wait_until_empty()
    took = time.perf_counter() - started
    events, failed = store.count()
    assert events - stored == acknowledged, (events - stored, acknowledged)
    assert not failed
    rate = acknowledged / took
    report.line(
        bench="intake", case="batches of 100, accepted and processed", rate=rate,
        cpu_s_per_1000=(report.cpu_seconds(roots) - before) / acknowledged * 1000, times_ms=load.times_ms,
        rss_mb=report.rss_mb(roots), accepted_rate=round(acknowledged / accepted, 1), events=acknowledged,
    )  # fmt: skip

    # ---- one event a request
    dice = random.Random(7)
    until = time.perf_counter() + arguments.seconds
    bodies = [
        request("/v1/track", key, orjson.dumps({**event(20_000_000 + n, dice), "type": None})) for n in range(60_000)
    ]

    def singles() -> Iterator[bytes]:
        for one in bodies:
            if time.perf_counter() > until:
                return
            yield one

    load = Load(port, 64)
    until = time.perf_counter() + arguments.seconds
    before, started = report.cpu_seconds(roots), time.perf_counter()
    answered = asyncio.run(load.send(singles()))
    took = time.perf_counter() - started
    store.wait_until_empty()
    report.line(
        bench="intake", case="one event a request", rate=answered / took,
        cpu_s_per_1000=(report.cpu_seconds(roots) - before) / answered * 1000, times_ms=load.times_ms,
        rss_mb=report.rss_mb(roots), processed_rate=round(answered / (time.perf_counter() - started), 1),
    )  # fmt: skip

    # ---- from acknowledgement to effect, at half the load
    half = rate / 2
    count = int(half * arguments.seconds / size)
    prepared = [request("/v1/batch", key, body) for body in batches(count, size, 40_000_000)]
    waits: list[float] = []

    async def paced() -> None:
        load = Load(port, 4)
        sending = asyncio.create_task(load.send(iter(prepared), pause=4 * size / half))
        while not sending.done():
            waits.append(await asyncio.to_thread(store.oldest_ms))
            await asyncio.sleep(0.01)
        await sending

    started = time.perf_counter()
    asyncio.run(paced())
    report.line(
        bench="intake", case="acknowledgement to effect at half that load",
        rate=count * size / (time.perf_counter() - started),
        times_ms=waits, rss_mb=report.rss_mb(roots), max_ms=round(max(waits), 1),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    port, smtp = instance.free_port(), instance.free_port()
    with instance.running(
        HEADWATER_WEB_PORT=str(port),
        HEADWATER_MAILBOX_SMTP_PORT=str(smtp),
        HEADWATER_SMTP_URL=f"smtp://127.0.0.1:{smtp}",
    ) as data_dir:
        from headwater.accounts import keys
        from headwater.core import clock, database
        from headwater.flows.editing import publishing

        workspace = instance.make_brand()
        with database.transaction() as conn:
            key = keys.create(conn, workspace, "write")
            for slug in FLOWS:
                publishing.apply(conn, workspace, publishing.RECIPES / slug, clock.now(conn))
        server = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        with processes(port) as pids:
            measure(port, key, Store(workspace), [server, *pids, os.getpid()], arguments)


if __name__ == "__main__":
    main()
