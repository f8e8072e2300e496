"""The worker process: processes events, advances flows and campaigns, sends and calls. Any number of them, anywhere."""

from __future__ import annotations

import asyncio
import signal
import threading
from datetime import datetime

import structlog
import uvloop
from psycopg import Connection

from headwater import composition
from headwater.audience import joining
from headwater.audience.imports import taking_in
from headwater.campaigns import runner as campaigns
from headwater.catalog import history
from headwater.core import collector, logs, parentage, settings
from headwater.core.roles import Loop, Role
from headwater.delivery.sender import Sender
from headwater.delivery.transports.target import SmtpTarget
from headwater.events import inbox
from headwater.flows import numbers, winners
from headwater.flows import runner as flows
from headwater.flows.arrivals import adding, date_rounds
from headwater.flows.calls.caller import Caller
from headwater.flows.shelves import restock, watch
from headwater.insights import keeping
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
    Role("flow-adding", adding.workspaces_with_work, adding.turn, rest=1.0),
    Role("campaigns", campaigns.workspaces_with_work, campaigns.run_due, rest=1.0),
)
CHORES = (
    Role("imports", taking_in.workspaces_with_work, taking_in.turn, rest=1.0),
    Role("exports", exporting.workspaces_with_work, exporting.turn, rest=2.0),
    Role("rfm", rfm.workspaces_with_work, rfm.turn, rest=10.0),
    Role("flow-numbers", numbers.workspaces_with_work, numbers.sum_up, rest=60.0),
    Role("flow-winners", winners.workspaces_with_work, winners.turn, rest=60.0),
    Role("flow-dates", date_rounds.workspaces_with_work, date_rounds.turn, rest=5.0),
    Role("shelves", watch.workspaces_with_work, watch.turn, rest=2.0),
    Role("restock", restock.workspaces_with_work, restock.turn, rest=2.0),
    Role("result-days", keeping.workspaces_with_work, keeping.turn, rest=60.0),
    Role("catalog-history", history.workspaces_with_old, history.forget_old, rest=600.0),
    Role("pending-joins", joining.workspaces_with_expired, joining.prune_pending, rest=60.0),
)
"""Rare work, which shares a thread and a connection."""


def run() -> None:
    """Work until SIGTERM or SIGINT; then finish what is in hand."""
    parentage.follow_parent()
    logs.configure("worker")
    composition.compose()
    collector.relax()
    stop = threading.Event()
    threads = [threading.Thread(target=Loop(role, stop).run, name=role.name) for role in ROLES]
    threads.append(threading.Thread(target=Loop(CHORES, stop).run, name="chores"))
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
    mail = SmtpTarget.from_url(current.smtp_url)
    sender = Sender(mail, connections=current.smtp_connections, bounce_address=current.bounce_address)
    caller = Caller(mail, private=current.webhooks_private, bounce_address=current.bounce_address)

    def stop() -> None:
        sender.stop()
        caller.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    log.info("worker_ready", smtp=current.smtp_url.rpartition("@")[2])
    async with asyncio.TaskGroup() as both:
        both.create_task(sender.run())
        both.create_task(caller.run())
