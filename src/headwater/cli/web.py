"""The web process: granian serving `cli.asgi`."""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from headwater.core import parentage, settings


def run() -> None:
    """Serve until SIGTERM or SIGINT."""
    parentage.follow_parent()
    current = settings.current()
    Granian(
        "headwater.cli.asgi:app",
        address=current.web_host,
        port=current.web_port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=current.web_processes,
        backlog=2048,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_enabled=True,
        log_level=LogLevels.warning,
    ).serve()
