"""A cheap SMTP server that takes everything and keeps nothing: the far end of benches and fault tests.

    python bench/smtp_sink.py --port 0 --record /tmp/received

The first line on stdout is the port. SIGTERM or SIGINT ends it with one JSON line of counts. The final dot is
found by a look at the end of the receive buffer, so it costs far less than a real server (which walks each byte).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

try:
    import uvloop
except ImportError:  # the sink runs anywhere; uvloop only makes it cheaper
    uvloop = None

END = b"\r\n.\r\n"


@dataclass
class Tally:
    """What arrived, over all connections."""

    refuse_every: int = 0
    defer_every: int = 0
    drop_every: int = 0
    latency: float = 0.0
    record: int | None = None
    seen: int = 0
    accepted: int = 0
    refused: int = 0
    deferred: int = 0
    dropped: int = 0
    size: int = 0
    connections: int = 0
    first: float = 0.0
    last: float = 0.0
    recipients: Counter[bytes] = field(default_factory=Counter)
    lines: list[bytes] = field(default_factory=list)

    def judge(self) -> str:
        """The fate of the next message, by its number."""
        self.seen += 1
        for every, fate in (
            (self.drop_every, "dropped"),
            (self.refuse_every, "refused"),
            (self.defer_every, "deferred"),
        ):
            if every and self.seen % every == 0:
                return fate
        return "accepted"

    def write_down(self, recipients: list[bytes], message_id: bytes) -> None:
        if self.record is None:
            return
        if not self.lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self.lines += [b"%b %b\n" % (recipient, message_id) for recipient in recipients]

    def flush(self) -> None:
        """One write for all that came in this turn of the loop: it survives whatever is killed next."""
        if self.lines and self.record is not None:
            os.write(self.record, b"".join(self.lines))
        self.lines.clear()

    def summary(self) -> dict[str, object]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "accepted": self.accepted,
            "refused": self.refused,
            "deferred": self.deferred,
            "dropped": self.dropped,
            "recipients": len(self.recipients),
            "duplicates": sum(count - 1 for count in self.recipients.values()),
            "bytes": self.size,
            "connections": self.connections,
            "seconds": round(self.last - self.first, 3),
            "cpu_s": round(used.ru_utime + used.ru_stime, 3),
        }


class Session(asyncio.BufferedProtocol):
    """One connection. Bytes land in one buffer; a body is looked at once, by `find`."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.buffer = bytearray(1 << 18)
        self.view = memoryview(self.buffer)
        self.filled = 0
        self.in_body = False
        self.searched = 0
        self.body_seen = 0
        self.message_id = b""
        self.recipients: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self.tally.connections += 1
        transport.write(b"220 sink ESMTP\r\n")

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.view[self.filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self.filled += nbytes
        replies: list[bytes] = []
        start = 0
        while start < self.filled:
            taken = self._body(start, replies) if self.in_body else self._command(start, replies)
            if taken == start:
                break
            start = taken
        if start:
            rest = self.filled - start
            if rest:
                self.buffer[:rest] = self.buffer[start : self.filled]
            self.filled = rest
            self.searched = max(0, self.searched - start)
        if replies:
            self._answer(b"".join(replies))

    def _answer(self, reply: bytes) -> None:
        if self.tally.latency:
            asyncio.get_running_loop().call_later(self.tally.latency, self._write, reply)
        else:
            self.transport.write(reply)

    def _write(self, reply: bytes) -> None:
        if not self.transport.is_closing():  # the client may have gone while the reply waited
            self.transport.write(reply)

    def _body(self, start: int, replies: list[bytes]) -> int:
        """Where the message ends, or how much of it can be let go."""
        if not self.body_seen and self.buffer.startswith(b".\r\n", start, self.filled):
            self.in_body = False  # an empty message: the way to end a transaction without recipients
            replies.append(b"554 5.5.1 no valid recipients\r\n")
            return start + 3
        end = self._find_end(start)
        if not self.body_seen:
            self._find_message_id(start, end if end >= 0 else self.filled)
        if end < 0:
            if self.filled < len(self.buffer):
                return start
            self.body_seen += self.filled - 4 - start
            return self.filled - 4
        self.tally.size += self.body_seen + end + 5 - start
        self.in_body = False
        self._conclude(replies)
        return end + 5

    def _find_end(self, start: int) -> int:
        """Where the final dot is. A client sends no second body before our 354, so there is one at most, and it is near
        the end of what came, before the next envelope: look there first. A client that waits for us has ended a line;
        only then, and before anything is let go, is the whole of it worth a search."""
        start = max(start, self.searched)
        end = self.buffer.rfind(END, max(start, self.filled - 1200), self.filled)
        if end < 0 and (self.filled == len(self.buffer) or self.buffer.endswith(b"\r\n", start, self.filled)):
            end = self.buffer.find(END, start, self.filled)
            self.searched = max(start, self.filled - 4)
        return end

    def _find_message_id(self, start: int, end: int) -> None:
        at = self.buffer.find(b"Message-ID:", start, end)
        if at >= 0 and (stop := self.buffer.find(b"\r\n", at, end)) >= 0:
            self.message_id = bytes(self.buffer[at + 11 : stop]).strip()

    def _conclude(self, replies: list[bytes]) -> None:
        tally = self.tally
        now = time.monotonic()
        tally.first = tally.first or now
        tally.last = now
        fate = tally.judge()
        setattr(tally, fate, getattr(tally, fate) + 1)
        if fate in ("accepted", "dropped"):  # dropped: taken, but the client can't know
            tally.recipients.update(self.recipients)
            tally.write_down(self.recipients, self.message_id or b"-")
        if fate == "accepted":
            replies.append(b"250 2.0.0 ok\r\n")
        elif fate == "refused":
            replies.append(b"550 5.1.1 no such user\r\n")
        elif fate == "deferred":
            replies.append(b"451 4.3.0 try again later\r\n")
        else:
            replies.clear()
            self.transport.abort()

    def _command(self, start: int, replies: list[bytes]) -> int:
        end = self.buffer.find(b"\r\n", start, self.filled)
        if end < 0:
            return start
        line = bytes(self.buffer[start:end])
        verb = line[:4].upper()
        if verb == b"MAIL":
            self.recipients = []
            replies.append(b"250 2.1.0 ok\r\n")
        elif verb == b"RCPT":
            self.recipients.append(line[line.find(b"<") + 1 : line.rfind(b">")])
            replies.append(b"250 2.1.5 ok\r\n")
        elif verb == b"DATA":
            self.in_body = True
            self.body_seen = 0
            self.message_id = b""
            self.searched = 0
            replies.append(b"354 go on\r\n")
            return end + 2
        elif verb == b"EHLO":
            replies.append(b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
        elif verb == b"QUIT":
            replies.append(b"221 2.0.0 bye\r\n")
            self._answer(b"".join(replies))
            replies.clear()
            self.transport.close()
        elif verb in (b"RSET", b"NOOP", b"HELO"):
            replies.append(b"250 2.0.0 ok\r\n")
        else:
            replies.append(b"502 5.5.2 what?\r\n")
        return end + 2


async def serve(host: str, port: int, tally: Tally) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(tally), host, port, backlog=512)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sock: socket.socket = server.sockets[0]
    print(sock.getsockname()[1], flush=True)
    await stop.wait()
    server.close()
    tally.flush()
    print(json.dumps(tally.summary()), flush=True)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--record", metavar="FILE", help="append a line 'recipient message-id' for each message")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="wait before each reply")
    parser.add_argument("--refuse-every", type=int, default=0, metavar="N", help="550 to every Nth message")
    parser.add_argument("--defer-every", type=int, default=0, metavar="N", help="451 to every Nth message")
    parser.add_argument("--drop-every", type=int, default=0, metavar="N", help="close after every Nth final dot")
    options = parser.parse_args(arguments)
    record = None
    if options.record:
        record = os.open(options.record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    tally = Tally(
        refuse_every=options.refuse_every,
        defer_every=options.defer_every,
        drop_every=options.drop_every,
        latency=options.latency / 1000,
        record=record,
    )
    if uvloop is not None:
        uvloop.run(serve(options.host, options.port, tally))
    else:
        asyncio.run(serve(options.host, options.port, tally))


if __name__ == "__main__":
    main(sys.argv[1:])
