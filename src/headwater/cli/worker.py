"""The worker process: processes events, advances flows and campaigns, and sends. Any number of them, anywhere."""

from __future__ import annotations

import asyncio
import signal
import threading
from datetime import datetime

import structlog
import uvloop
from psycopg import Connection

from headwater import composition
from headwater.campaigns import runner as campaigns
from headwater.core import collector, logs, parentage, settings
from headwater.core.roles import Loop, Role
from headwater.delivery.sender import Sender
from headwater.delivery.transports.target import SmtpTarget
from headwater.events import inbox
from headwater.flows import runner as flows
from headwater.intake import processor
from headwater.segments import building, exporting, rfm, upkeep

log = structlog.get_logger()


def _process(conn: Connection, workspace_id: int, now: datetime) -> int:
    """A turn of the workspace's one processor; 0 while another worker holds it."""
    mine = conn.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('processor'), %s)", (workspace_id % 2**31,)
    ).fetchone()
    return processor.process(conn, workspace_id, now) if mine == (True,) else 0


ROLES = (
    Role("process", lambda conn, now: inbox.workspaces_with_work(conn), _process, rest=0.5, woken_by=inbox.CHANNEL),
    Role("flows", flows.workspaces_with_work, flows.run_due, rest=0.5),
    Role("segments", upkeep.workspaces_with_work, upkeep.turn, rest=0.5, woken_by=inbox.CHANNEL),
    Role("segment-building", building.workspaces_with_work, building.turn, rest=1.0),
    Role("exports", exporting.workspaces_with_work, exporting.turn, rest=2.0),
    Role("rfm", rfm.workspaces_with_work, rfm.turn, rest=10.0),
    Role("campaigns", campaigns.workspaces_with_work, campaigns.run_due, rest=1.0),
)


def run() -> None:
    """Work until SIGTERM or SIGINT; then finish what is in hand."""
    parentage.follow_parent()
    logs.configure("worker")
    composition.compose()
    collector.relax()
    stop = threading.Event()
    threads = [threading.Thread(target=Loop(role, stop).run, name=role.name) for role in ROLES]
    for thread in threads:
        thread.start()
    try:
        uvloop.run(_send())
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)


async def _send() -> None:
    current = settings.current()
    sender = Sender(
        SmtpTarget.from_url(current.smtp_url),
        connections=current.smtp_connections,
        bounce_address=current.bounce_address,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, sender.stop)
    log.info("worker_ready", smtp=current.smtp_url.rpartition("@")[2])
    await sender.run()
