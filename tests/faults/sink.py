"""The mail server of the fault tests: bench/smtp_sink.py as a process, and what it wrote down."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "bench" / "smtp_sink.py"


class Sink:
    """Takes all mail, slowly enough to be caught in the middle, and keeps a line for each message."""

    def __init__(self, record: Path, *, latency_ms: int) -> None:
        self._record = record
        record.touch()
        command = [sys.executable, str(PROGRAM), "--record", str(record), "--latency", str(latency_ms)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._read = 0
        self.messages: Counter[tuple[str, str]] = Counter()
        """How often each (recipient, Message-ID) was taken."""

    def taken(self) -> int:
        """How many messages were taken so far, repeated ones included."""
        with self._record.open("rb") as record:
            record.seek(self._read)
            fresh = record.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode().splitlines():
            recipient, message_id = line.split(" ", 1)
            self.messages[recipient, message_id] += 1
        return self.messages.total()

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)
