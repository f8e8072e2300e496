"""The mailbox process: SMTP in an event loop, the web side in a thread, for this machine only unless told otherwise."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import structlog
import uvloop

from headwater.core.settings import Settings
from headwater.delivery.mailbox.receiving import protocol
from headwater.delivery.mailbox.refusing import Refusals
from headwater.delivery.mailbox.site import Site
from headwater.delivery.mailbox.store import KEEP, Store

log = structlog.get_logger(__name__)


class MailboxError(Exception):
    """The mailbox can't start; the message says why and what to do."""


@contextlib.asynccontextmanager
async def serving(
    directory: Path,
    host: str,
    smtp_port: int,
    web_port: int,
    *,
    keep: int = KEEP,
    known_hosts: frozenset[str] = frozenset(),
) -> AsyncIterator[tuple[int, int]]:
    """Serve mail and pages for as long as the block runs; yields both ports (0 asks for free ones)."""
    store = await asyncio.to_thread(Store, directory, keep)
    try:
        site = Site(host, web_port, store, known_hosts)
    except OSError as error:
        raise MailboxError(_cannot_listen("HEADWATER_MAILBOX_WEB_PORT", host, web_port, error)) from None
    refusals = Refusals(directory)
    try:
        server = await asyncio.get_running_loop().create_server(
            lambda: protocol(store, refusals), host, smtp_port, backlog=512
        )
    except OSError as error:
        site.server_close()
        raise MailboxError(_cannot_listen("HEADWATER_MAILBOX_SMTP_PORT", host, smtp_port, error)) from None
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.1}, name="mailbox-web", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], site.server_address[1]
    finally:
        server.close()
        await asyncio.to_thread(site.shutdown)
        site.server_close()
        thread.join(timeout=5)


def _cannot_listen(setting: str, host: str, port: int, error: OSError) -> str:
    return f"The mailbox can't listen on {host}:{port}: {error.strerror or error}. Set {setting} to another port."


async def _until_stopped(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    own_name = urlsplit(settings.base_url).hostname or "localhost"
    async with serving(
        settings.data_dir / "mailbox",
        settings.mailbox_host,
        settings.mailbox_smtp_port,
        settings.mailbox_web_port,
        known_hosts=frozenset({own_name}),
    ) as (smtp_port, web_port):
        log.info("mailbox_ready", host=settings.mailbox_host, smtp_port=smtp_port, web_port=web_port)
        await stop.wait()


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises MailboxError when a port is taken."""
    uvloop.run(_until_stopped(settings))
