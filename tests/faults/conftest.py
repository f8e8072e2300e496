"""A running instance with a shop and a live flow, whose mail goes to a sink that writes down each message it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.sink import Sink
from tests.running_instance import Instance, eventually

ShopMaker = Callable[[], tuple[Instance, Sink]]


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[ShopMaker]:
    """Start a sink, and an instance of two workers that sends to it."""
    started: list[Instance | Sink] = []

    def make() -> tuple[Instance, Sink]:
        sink = Sink(tmp_path / "received", latency_ms=20)
        started.append(sink)
        instance = Instance(HEADWATER_SMTP_URL=f"smtp://127.0.0.1:{sink.port}", HEADWATER_WORKER_PROCESSES="2")
        started.append(instance)
        instance.use(*eventually(lambda: re.findall(r"hw_[ws]k_[\w-]+", instance.printed()), what="keys"))
        instance.api(
            "PATCH", "/brand",
            {"name": "Juniper", "from_email": "hello@juniper.example", "from_name": "Juniper",
             "postal_address": "1 Main St, Springfield", "website_url": "https://juniper.example"},
        )  # fmt: skip
        installed = instance.run("flows", "install", "browse-abandonment")
        assert installed.returncode == 0, installed.stderr
        return instance, sink

    yield make
    for each in reversed(started):
        each.close()
