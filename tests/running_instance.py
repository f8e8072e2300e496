"""A real instance for tests: `headwater up` as its own process tree, reached by HTTP, SMTP and its clock."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import psycopg

from headwater.core import clock, postgres


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], Any], seconds: float = 40.0, what: str = "") -> Any:
    """Poll real processes until the condition holds; its answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what or condition} did not come true in {seconds} s")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return not Path("/proc").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):  # it may go between the two looks
        return False


class _Untouched(urllib.request.HTTPRedirectHandler):
    """Redirects are what we look at, not what we follow."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_open = urllib.request.build_opener(_Untouched).open


class Instance:
    """`headwater up` on its own data directory and ports."""

    def __init__(self, python: str = sys.executable, **settings: str) -> None:
        self.python = python
        self.data_dir = Path(f"/tmp/hw-up-{os.getpid()}-{time.monotonic_ns()}")
        self.web = free_port()
        self.mailbox = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HEADWATER_")},
            "HEADWATER_DATA_DIR": str(self.data_dir),
            "HEADWATER_WEB_PORT": str(self.web),
            "HEADWATER_BASE_URL": f"http://127.0.0.1:{self.web}",
            "HEADWATER_MAILBOX_SMTP_PORT": str(free_port()),
            "HEADWATER_MAILBOX_WEB_PORT": str(self.mailbox),
            "HEADWATER_WORKER_PROCESSES": "1",
            "COLUMNS": "200",
            **settings,
        }
        self._log = Path(f"{self.data_dir}.log").open("a+b")  # noqa: SIM115 - closed by `close`
        self.start()

    def start(self) -> None:
        """Run `headwater up`, again if it was killed; returns when it is healthy."""
        self.process = subprocess.Popen(
            [self.python, "-m", "headwater", "up"], env=self.environment, stdout=self._log, stderr=subprocess.STDOUT
        )
        try:
            # Its own state: after a kill, the one before may still answer for a moment.
            eventually(lambda: self.healthy() and self.state().get("pid") == self.process.pid, 90, "a healthy instance")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self._log.close()
        shutil.rmtree(self.data_dir, ignore_errors=True)
        Path(self._log.name).unlink(missing_ok=True)

    # ---- processes -------------------------------------------------------------------------------------------------
    def printed(self) -> str:
        return Path(self._log.name).read_text()

    def state(self) -> dict[str, Any]:
        try:
            return orjson.loads((self.data_dir / "instance.json").read_bytes())
        except FileNotFoundError:
            return {}

    def pids(self) -> list[int]:
        state = self.state()
        return [*state["processes"].values(), state["postgres"]]

    def healthy(self) -> bool:
        assert self.process.poll() is None, self.printed()
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `headwater` command against this instance."""
        return subprocess.run(
            [self.python, "-m", "headwater", *arguments],
            env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    # ---- HTTP ------------------------------------------------------------------------------------------------------
    def request(self, method: str, url: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """(status, headers in lower case, body); redirects are answers."""
        if not url.startswith("http"):
            url = f"http://127.0.0.1:{self.web}{url}"
        data = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            answer = _open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()

    def get(self, url: str) -> tuple[int, dict[str, str], bytes]:
        return self.request("GET", url)

    def use(self, write_key: str, private_key: str) -> None:
        """The brand that `track` and `api` speak for."""
        self._basic = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()
        self._bearer = f"Bearer {private_key}"

    def segment(self, call: str, body: dict[str, Any]) -> None:
        """A call of Segment's HTTP API, acknowledged."""
        status, _, answer = self.request(
            "POST", f"/v1/{call}", body, **{"Authorization": self._basic, "Content-Type": "application/json"}
        )
        assert status == 200, answer

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A call of our own API; its JSON. Fails on anything but a 2xx."""
        status, _, answer = self.request(
            method, f"/api/v1{path}", body, **{"Authorization": self._bearer, "Content-Type": "application/json"}
        )
        assert 200 <= status < 300, (method, path, status, answer)
        return orjson.loads(answer) if answer else None

    # ---- mail ------------------------------------------------------------------------------------------------------
    def mails(self, to: str) -> list[dict[str, Any]]:
        """What the mailbox holds for an address, oldest first."""
        _, _, body = self.get(f"http://127.0.0.1:{self.mailbox}/api/messages?limit=500&to={quote(to)}")
        return list(reversed(orjson.loads(body)["messages"]))

    def mail(self, message_id: Any) -> dict[str, Any]:
        return orjson.loads(self.get(f"http://127.0.0.1:{self.mailbox}/api/messages/{message_id}")[2])

    # ---- database and time -----------------------------------------------------------------------------------------
    def connect(self) -> psycopg.Connection:
        return psycopg.connect(postgres.url(self.data_dir), autocommit=True)

    def set_clock(self, moment: datetime) -> None:
        """Stop the clock at an instant; it then moves only by hand."""
        with self.connect() as conn:
            clock.move(conn, to=moment, at_speed=0)

    def advance(self, by: timedelta) -> datetime:
        with self.connect() as conn:
            return clock.move(conn, by=by)

    def settled(self) -> None:
        """Wait until nothing is left to do at the clock's time: no item, no due step, no due message."""
        eventually(self._nothing_due, 60, "an instance with nothing left to do")

    def _nothing_due(self) -> bool:
        with self.connect() as conn:
            now = clock.now(conn)
            row = conn.execute(
                """
                SELECT EXISTS (SELECT FROM inbox)
                    OR EXISTS (SELECT FROM enrolment WHERE state = 'waiting' AND wake_at <= %(now)s)
                    OR EXISTS (SELECT FROM message WHERE state = 'claimed' OR state = 'planned' AND send_at <= %(now)s)
                    OR EXISTS (SELECT FROM campaign WHERE status IN ('adding_recipients', 'sending')
                                                       OR status = 'scheduled' AND send_at <= %(now)s)
                """,
                {"now": now},
            ).fetchone()
        return row == (False,)
