"""An instance is one owner of its data and one tree of processes: what dies comes back, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.core.supervisor import SupervisorError, require_free, sole_owner
from tests.running_instance import Instance, alive, eventually

pytestmark = [pytest.mark.slow, pytest.mark.e2e]


@pytest.fixture
def instance() -> Iterator[Instance]:
    running = Instance()
    try:
        yield running
    finally:
        running.close()


def test_a_killed_child_and_a_killed_database_come_back_and_ctrl_c_leaves_nothing(instance: Instance) -> None:
    before = instance.state()
    os.kill(before["processes"]["web"], signal.SIGKILL)
    eventually(lambda: instance.state()["processes"]["web"] != before["processes"]["web"])
    eventually(instance.healthy)

    os.kill(before["postgres"], signal.SIGKILL)
    eventually(lambda: instance.state()["postgres"] != before["postgres"])
    eventually(instance.healthy)
    with instance.connect() as conn:
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
