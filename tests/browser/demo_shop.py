"""An instance with a part of the demo brand's year, live flows and a sale whose first day is over. Its clock stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from headwater.accounts import provision
from headwater.demo import showcase
from tests.browser.visitor import BRAND
from tests.running_instance import Instance, eventually


@contextmanager
def demo_shop(orders: int) -> Iterator[Instance]:
    """Juniper & Co with its first orders."""
    running = Instance(HEADWATER_CLOCK="movable")
    try:
        loaded = running.run("demo", "--orders", str(orders), "--no-showcase")
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        running.set_clock(showcase.BEGINS)
        with running.connect() as conn, conn.transaction():
            workspace = provision.workspace_id(conn, BRAND)
            assert workspace is not None
            showcase.plan_campaigns(conn, workspace, showcase.BEGINS)
        running.advance(timedelta(days=2))
        running.settled()
        yield running
    finally:
        running.close()


def password_of(instance: Instance) -> str:
    """The owner's, as the terminal shows it once."""
    found = eventually(lambda: re.findall(r"Password\s+(\S+)", instance.printed()), what="a password on the terminal")
    return str(found[0])
