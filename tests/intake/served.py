"""The web process's ASGI application on a real server, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

_SERVE = """
import sys
import django
django.setup()
from headwater import composition
composition.compose()
from granian import Granian
Granian("headwater.intake.http:app", address="127.0.0.1", port=int(sys.argv[1]), interface="asginl",
        workers=1, log_enabled=False).serve()
"""


class Served:
    """Intake behind granian on a free port of the loopback."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen([sys.executable, "-c", _SERVE, str(self.port)], start_new_session=True)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """kill -9 of the server and its worker processes."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
