"""An instance is one owner of its data and one tree of processes: what dies comes back, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import psycopg
import pytest

from headwater.core import postgres
from headwater.core.supervisor import SupervisorError, require_free, sole_owner

pytestmark = [pytest.mark.slow, pytest.mark.e2e]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"{condition} did not come true in {seconds} s")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True


class Instance:
    """A real `headwater up` on its own data directory and ports."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HEADWATER_")},
            "HEADWATER_DATA_DIR": str(data_dir),
            "HEADWATER_WEB_PORT": str(free_port()),
            "HEADWATER_MAILBOX_SMTP_PORT": str(free_port()),
            "HEADWATER_MAILBOX_WEB_PORT": str(free_port()),
            "HEADWATER_WORKER_PROCESSES": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "headwater", "up"],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        eventually(lambda: self.healthy() and "web" in self.state().get("processes", {}))

    def state(self) -> dict[str, object]:
        try:
            return orjson.loads((self.data_dir / "instance.json").read_bytes())
        except FileNotFoundError:
            return {}

    def healthy(self) -> bool:
        assert self.process.poll() is None, self.process.stdout.read().decode()  # type: ignore[union-attr]
        try:
            with socket.create_connection(("127.0.0.1", int(self.environment["HEADWATER_WEB_PORT"])), timeout=1) as wire:
                wire.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in wire.recv(100)
        except OSError:
            return False

    def pids(self) -> list[int]:
        state = self.state()
        return [*state["processes"].values(), state["postgres"]]  # type: ignore[attr-defined,list-item]


@pytest.fixture
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    data_dir = Path(f"/tmp/hw-up-{os.getpid()}-{time.monotonic_ns()}")
    running = Instance(data_dir)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(40)
        subprocess.run(["rm", "-rf", str(data_dir)], check=False)


def test_a_killed_child_and_a_killed_database_come_back_and_ctrl_c_leaves_nothing(instance: Instance) -> None:
    before = instance.state()
    os.kill(before["processes"]["web"], signal.SIGKILL)  # type: ignore[index]
    eventually(lambda: instance.state()["processes"]["web"] != before["processes"]["web"])  # type: ignore[index]
    eventually(instance.healthy)

    os.kill(before["postgres"], signal.SIGKILL)  # type: ignore[arg-type]
    eventually(lambda: instance.state()["postgres"] != before["postgres"])
    eventually(instance.healthy)
    with psycopg.connect(postgres.url(instance.data_dir)) as conn:
        assert conn.execute("SELECT count(*) FROM workspace").fetchone() == (1,)

    pids = instance.pids()
    instance.process.send_signal(signal.SIGINT)
    assert instance.process.wait(30) == 0
    assert not [pid for pid in pids if alive(pid)]
    assert not (instance.data_dir / "instance.json").exists()


def test_children_do_not_outlive_a_killed_supervisor(instance: Instance) -> None:
    pids = instance.pids()
    instance.process.kill()
    instance.process.wait(10)
    eventually(lambda: not [pid for pid in pids if alive(pid)])


def test_two_instances_cannot_share_a_data_directory(instance: Instance) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "headwater", "up"], env=instance.environment, capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 2
    assert str(instance.process.pid) in second.stderr
    assert "HEADWATER_DATA_DIR" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_lock_names_its_holder(tmp_path: Path) -> None:
    with sole_owner(tmp_path), pytest.raises(SupervisorError, match=str(os.getpid())), sole_owner(tmp_path):
        pass


def test_a_taken_port_names_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SupervisorError, match="HEADWATER_WEB_PORT"):
            require_free("127.0.0.1", taken.getsockname()[1], "HEADWATER_WEB_PORT")
