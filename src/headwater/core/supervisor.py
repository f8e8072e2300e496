"""One process tree: database, web, workers, mailbox. Starts them, restarts what dies, stops them in order.

Knows its children as command lines; what they do is none of its business.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from headwater.core import parentage
from headwater.core.postgres import PostgresError, Server


class SupervisorError(Exception):
    """The instance cannot run as asked; the message says what to do."""


@contextmanager
def sole_owner(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process. Raises SupervisorError while another instance has it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise SupervisorError(
                f"Another instance (pid {holder}) runs on {data_dir}. "
                "Stop it, or set HEADWATER_DATA_DIR to another directory."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def require_free(host: str, port: int, setting: str) -> None:
    """Raises SupervisorError when something listens on the port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SupervisorError(
                f"Cannot listen on {host}:{port}: {error.strerror}. Set {setting} to another port."
            ) from None


@dataclass
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            list(self.command), stdin=subprocess.DEVNULL, env=environment,
            start_new_session=True,  # Ctrl-C reaches the supervisor, which stops its children in order
            preexec_fn=parentage.signal_on_parent_death,
        )  # fmt: skip
        self.started = time.monotonic()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """Runs an optional embedded database and children until SIGINT or SIGTERM."""

    data_dir: Path
    children: list[Child]
    environment: dict[str, str]
    server: Server | None = None
    urls: dict[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)
    _signals: int = 0

    def run(self, ready: Callable[[], None]) -> None:
        """Start the children, call `ready`, keep everything running. The database must have been started before."""
        previous = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for child in self.children:
                child.start(self.environment)
            self._write_state()
            ready()
            while not self._signals:
                self._keep_running()
                time.sleep(0.1)
        finally:
            self.stop()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: object) -> None:
        self._signals += 1
        if self._signals > 1:
            for child in self.children:
                if child.running and child.process:
                    child.process.kill()

    def _keep_running(self) -> None:
        if self.server is not None and self.server.process is not None and self.server.process.poll() is not None:
            self.say("PostgreSQL ended unexpectedly; starting it again.")
            try:
                self.server.start()
            except PostgresError as error:
                self.say(str(error))
                time.sleep(1)
                return
            self._write_state()
        for child in self.children:
            if child.running or time.monotonic() < child.not_before:
                continue
            if child.not_before == 0.0:
                self._plan_restart(child)
            else:
                child.not_before = 0.0
                child.start(self.environment)
                self._write_state()

    def _plan_restart(self, child: Child) -> None:
        """Soon at first, more slowly when it keeps dying."""
        lived = time.monotonic() - child.started
        child.failures = child.failures + 1 if lived < 10 else 1
        wait = min(0.2 * 2 ** (child.failures - 1), 15.0)
        code = child.process.returncode if child.process else None
        self.say(f"{child.name} ended unexpectedly (code {code}); starting it again in {wait:.1f} s.")
        child.not_before = time.monotonic() + wait

    def _write_state(self) -> None:
        """instance.json: what runs here, for `headwater doctor` and for tests."""
        state = {
            "pid": os.getpid(),
            "urls": self.urls,
            "processes": {child.name: child.process.pid for child in self.children if child.process},
            "postgres": self.server.process.pid if self.server and self.server.process else None,
        }
        path = self.data_dir / "instance.json"
        fresh = path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(state, option=orjson.OPT_INDENT_2))
        fresh.replace(path)

    def stop(self, timeout: float = 15.0) -> None:
        """Stop the children, then the database. A second signal kills what is slow."""
        for child in self.children:
            if child.running and child.process:
                child.process.terminate()
        deadline = time.monotonic() + timeout
        while any(child.running for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in self.children:
            if child.running and child.process:
                self.say(f"{child.name} did not stop in time; killing it.")
                child.process.kill()
                child.process.wait()
        if self.server is not None:
            self.server.stop()
        with contextlib.suppress(FileNotFoundError):
            (self.data_dir / "instance.json").unlink()
