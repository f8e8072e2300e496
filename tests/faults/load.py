"""The load of the fault tests: a campaign to everybody, and events that come in while it goes out."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count

from tests.faults.sink import Sink
from tests.running_instance import Instance

BATCH = 100
VIEWERS = 977
"""How many people look at products, each several times; all of them enter the flow, once."""
EMAIL = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{ first_name | default: "there" }}: the lamps are lit.</mj-text>
<mj-button href="https://juniper.example/lamps">See them</mj-button>
{% footer %}
</mj-column></mj-section></mj-body></mjml>"""


def address(number: int) -> str:
    return f"u{number}@people.example"


def draft_for_everybody(instance: Instance, people: int) -> int:
    """Profiles on a list, a template, and a campaign to the list; the campaign's id."""
    newsletter = instance.api("POST", "/lists", {"name": "Everybody"})["id"]
    for first in range(0, people, 1000):
        numbers = range(first, min(first + 1000, people))
        profiles = [{"external_id": f"u{n}", "email": address(n), "first_name": f"Name {n}"} for n in numbers]
        instance.api("POST", "/profiles/bulk", {"profiles": profiles})
        members = [{"email": address(n)} for n in numbers]
        instance.api("POST", f"/lists/{newsletter}/members", {"profiles": members})
    template = instance.api("POST", "/templates", {"name": "Lamps", "subject": "Lamps", "mjml": EMAIL})["id"]
    draft = {"name": "Lamps", "template_id": template, "included": [{"list": newsletter}]}
    return int(instance.api("POST", "/campaigns", draft)["id"])


class Shoppers:
    """Sends events in batches, each again and again until it is acknowledged, in step with the mail that goes out."""

    def __init__(self, instance: Instance, sink: Sink, events: int, mails: int) -> None:
        self._instance = instance
        self._events = events
        self._batches = events // BATCH
        self._number = count()
        self._per_batch = mails / self._batches * 0.9  # a little ahead of the mail, so that both end together
        self._allowed = 0
        self._news = threading.Condition()
        self._sink = sink
        self.acknowledged: set[int] = set()
        self.failed_calls = 0
        self._gone = False
        self._threads = ThreadPoolExecutor(4)
        self._work = [self._threads.submit(self._shop) for _ in range(4)]

    def keep_pace(self) -> int:
        """Let batches go as far as the mail has come; how much mail the sink has taken."""
        taken = self._sink.taken()
        with self._news:
            self._allowed = int(taken / self._per_batch) + 4
            self._news.notify_all()
        return taken

    def let_go(self) -> None:
        """Send the rest as fast as it is acknowledged."""
        with self._news:
            self._allowed = self._batches
            self._news.notify_all()

    def finish(self) -> None:
        """Wait until every batch is acknowledged."""
        self.let_go()
        for work in self._work:
            work.result(120)

    def close(self) -> None:
        with self._news:
            self._gone = True
            self._news.notify_all()
        self._threads.shutdown()

    def _shop(self) -> None:
        while (number := next(self._number)) < self._batches:
            with self._news:
                self._news.wait_for(lambda number=number: self._gone or number < self._allowed)  # type: ignore[misc]
            while not self._gone and not self._send(number):
                self.failed_calls += 1
                with self._news:
                    self._news.wait(0.1)

    def _send(self, number: int) -> bool:
        """One attempt at a batch; whether it was acknowledged. A retry tells another `sentAt`, as real clients do."""
        now = datetime.now(UTC).isoformat()
        calls = [_call(n, now) for n in range(number * BATCH, (number + 1) * BATCH)]
        try:
            self._instance.segment("batch", {"batch": calls, "sentAt": now})
        except (OSError, AssertionError):  # a connection that broke, a 5xx
            return False
        self.acknowledged.add(number)
        return True


def _call(number: int, timestamp: str) -> dict[str, object]:
    """Every tenth is an order of 5 by a buyer; the others are looks at a lamp by one of the viewers."""
    if number % 10 == 0:
        who, event, properties = f"b{number % 89}", "Order Completed", {"order_id": f"o{number}", "revenue": 5}
    else:
        properties = {"product_id": f"p{number % 7}", "name": "Lamp", "price": 21}
        who, event = f"u{number % VIEWERS}", "Product Viewed"
    return {
        "type": "track",
        "messageId": f"event-{number}",
        "userId": who,
        "event": event,
        "properties": properties,
        "timestamp": timestamp,
    }
