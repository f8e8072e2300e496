"""kill -9 for workers and the database, at random, while 50,000 people go through a flow; then all is counted."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from headwater.delivery.sender import IN_FLIGHT
from tests.faults.sink import Sink
from tests.flows.flow_tables import publish
from tests.running_instance import Instance, alive, eventually

pytestmark = [pytest.mark.slow, pytest.mark.faults]

PEOPLE = 50_000
SHOPPERS = 1_000
"""How many do what is waited for."""
BATCH = 100
HOUR = timedelta(hours=1)
VICTIMS = ("worker-1", "postgres", "worker-2")
LETTER = """<mjml><mj-body><mj-section><mj-column><mj-text>The lamps are lit.</mj-text>{% footer %}</mj-column>
</mj-section></mj-body></mjml>"""


def steps(template_id: int) -> list[dict[str, Any]]:
    """Everything that writes: the profile, the ledger (real letters for some, drafts for the rest), the outbox."""
    return [
        {"id": "mark", "update_profile": {"set": {"stage": "begun"}}},
        {"email": "hello.mjml", "status": "draft"},
        {
            "id": "some",
            "if": {"sample": 4},
            "then": [{"email": "letter.mjml", "template_id": template_id, "smart_sending": False}],
            "else": [{"email": "leaflet.mjml", "status": "draft"}],
        },
        {"id": "pause", "delay": {"hours": 1}},
        {
            "id": "look",
            "wait_for": [{"metric": "Added to Cart", "then": [{"email": "cart.mjml", "status": "draft"}]}],
            "within": {"hours": 2},
            "else": [{"email": "late.mjml", "status": "draft"}],
        },
        # Nobody listens there: after ten calls the host is left alone, and the calls stay in the outbox.
        {"id": "call", "webhook": {"url": "http://127.0.0.1:9/hook"}},
    ]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    made = Sink(tmp_path / "received", latency_ms=5)
    yield made
    made.close()


@pytest.fixture
def instance(sink: Sink) -> Iterator[Instance]:
    """Two workers, mail to the sink, and a clock that is moved by hand."""
    made = Instance(
        HEADWATER_SMTP_URL=f"smtp://127.0.0.1:{sink.port}",
        HEADWATER_WORKER_PROCESSES="2",
        HEADWATER_CLOCK="movable",
        HEADWATER_WEBHOOKS_PRIVATE="allow",
    )
    try:
        made.use(*eventually(lambda: re.findall(r"hw_[ws]k_[\w-]+", made.printed()), what="keys"))
        made.api(
            "PATCH", "/brand",
            {"name": "Juniper", "from_email": "hello@juniper.example", "postal_address": "1 Main St, Springfield"},
        )  # fmt: skip
        yield made
    finally:
        made.close()


def enrolled(instance: Instance, now: datetime) -> int:
    """A flow with 50,000 people at its beginning; its id."""
    template = instance.api("POST", "/templates", {"name": "Letter", "subject": "Lamps", "mjml": LETTER})["id"]
    with instance.connect() as conn:
        [(workspace,)] = conn.execute("SELECT id FROM workspace").fetchall()
        with conn.transaction():
            flow_id = publish(conn, workspace, now, *steps(template), flow="kills")
            conn.execute(
                """
                WITH made AS (
                    INSERT INTO profile (workspace_id, external_id, email, timezone, created_at, updated_at)
                    SELECT %(w)s, 'u' || n, 'u' || n || '@people.example', 'Europe/Berlin', %(now)s, %(now)s
                    FROM generate_series(1, %(people)s) AS n
                    RETURNING id, external_id
                ), told AS (
                    INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)
                    SELECT %(w)s, 'external_id', external_id, id
                    FROM made
                )
                INSERT INTO enrolment (workspace_id, flow_id, profile_id, entry_key, version, started_at, entered_at,
                                       trigger, wake_at)
                SELECT %(w)s, %(flow)s, id, 'given', 1, %(now)s, %(now)s, '{}', %(now)s
                FROM made
                """,
                {"w": workspace, "flow": flow_id, "people": PEOPLE, "now": now},
            )
        conn.execute("ANALYZE profile, enrolment")
    return flow_id


class Killer:
    """Kills somebody each time that the work has come a random part further."""

    def __init__(self, instance: Instance, seed: int) -> None:
        self._instance = instance
        self._random = random.Random(seed)
        self.told: list[str] = []
        self.killed: Counter[str] = Counter()

    def drive(self, what: str, condition: str) -> None:
        """Until the condition (SQL, on enrolments) holds for everybody; three are killed on the way."""
        parts = sorted(self._random.uniform(0.03, 0.8) for _ in VICTIMS)
        victims = self._random.sample(VICTIMS, len(VICTIMS))
        started = time.monotonic()
        eventually(lambda: self._step(condition, parts, victims), 150, what)
        self.told.append(f"{what}: {time.monotonic() - started:.1f} s")

    def _step(self, condition: str, parts: list[float], victims: list[str]) -> bool:
        with suppress(psycopg.OperationalError), self._instance.connect() as conn:
            [(done,)] = conn.execute(f"SELECT count(*) FROM enrolment WHERE {condition}").fetchall()
            if parts and done >= PEOPLE * parts[0]:
                parts.pop(0)
                self._kill(victims.pop(), done)
            time.sleep(0.05)
            return bool(done == PEOPLE)
        return False

    def _kill(self, victim: str, done: int) -> None:
        state = self._instance.state()
        pid = state["postgres"] if victim == "postgres" else state["processes"][victim]
        if alive(pid):  # else it is on its way back from the last time
            os.kill(pid, signal.SIGKILL)
            self.killed[victim] += 1
            self.told.append(f"{victim} killed when {done} were done")


def shop(instance: Instance, now: datetime) -> None:
    """The first of the people put something in their cart."""
    for first in range(1, SHOPPERS + 1, BATCH):
        calls = [
            {"type": "track", "messageId": f"cart-{n}", "userId": f"u{n}", "event": "Product Added",
             "timestamp": now.isoformat(), "properties": {"product_id": "p1"}}
            for n in range(first, first + BATCH)
        ]  # fmt: skip
        eventually(lambda calls=calls: _acknowledged(instance, calls), what="an acknowledged batch")  # type: ignore[misc]


def _acknowledged(instance: Instance, calls: list[dict[str, Any]]) -> bool:
    with suppress(OSError, AssertionError):
        instance.segment("batch", {"batch": calls})
        return True
    return False


# ── what must be true ───────────────────────────────────────────────────────────────────────────────────────────────
Table = dict[Any, int]


class Counts:
    """Everything that is counted, in the database."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self.states = _table(conn, "SELECT state, count(*) FROM enrolment GROUP BY 1")
        self.journal = _table(conn, "SELECT step, outcome, count(*) FROM enrolment_step GROUP BY 1, 2")
        self.people = _table(
            conn, "SELECT step, outcome, count(DISTINCT enrolment_id) FROM enrolment_step GROUP BY 1, 2"
        )
        self.rolled_up = _table(
            conn,
            """
            SELECT step, split_part(outcome, ':', 1), sum(count)
            FROM flow_step_count
            WHERE step <> ''
            GROUP BY 1, 2
            """,
        )
        self.ledger = _table(conn, "SELECT step, state, count(*) FROM message GROUP BY 1, 2")
        self.intended = _table(conn, "SELECT step, count(DISTINCT occurrence) FROM message GROUP BY 1")
        self.calls = _table(conn, "SELECT step, count(*) FROM flow_call GROUP BY 1")
        self.called = _table(conn, "SELECT step, count(DISTINCT enrolment_id) FROM flow_call GROUP BY 1")
        self.marked = _table(conn, "SELECT properties ->> 'stage', count(*) FROM profile GROUP BY 1")


def _table(conn: psycopg.Connection, statement: str) -> Table:
    """What a statement groups and counts; where it groups by two columns, by both."""
    return {row[:-1] if len(row) > 2 else row[0]: int(row[-1]) for row in conn.execute(statement).fetchall()}


def check(counts: Counts) -> None:
    """Everybody is through, each step was taken once by each whom it concerns, and each effect came about once."""
    letters, late = counts.journal["some", "yes"], PEOPLE - SHOPPERS
    skipped = {"hello": PEOPLE, "leaflet": PEOPLE - letters, "cart": SHOPPERS, "late": late}
    assert counts.states == {"completed": PEOPLE}
    assert counts.journal == {
        ("mark", "done"): PEOPLE,
        ("some", "yes"): letters,
        ("some", "no"): PEOPLE - letters,
        ("letter", "intended"): letters,
        ("pause", "waited"): PEOPLE,
        ("look", "waited"): PEOPLE,
        ("look", "happened"): SHOPPERS,
        ("look", "timed_out"): late,
        ("call", "done"): PEOPLE,
    } | {(step, "skipped"): count for step, count in skipped.items()}
    assert counts.people == counts.journal, "a step was taken twice by somebody"
    assert counts.rolled_up == counts.journal
    assert counts.ledger == {("letter", "sent"): letters} | {(step, "skipped"): n for step, n in skipped.items()}
    assert counts.intended == {"letter": letters} | skipped, "an email was intended twice for somebody"
    assert counts.calls == counts.called == {"call": PEOPLE}
    assert counts.marked == {"begun": PEOPLE}


def test_everybody_goes_through_a_flow_once_whoever_is_killed(
    instance: Instance, sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.randrange(2**32)
    killer = Killer(instance, seed)
    began, start = time.monotonic(), datetime.now(UTC).replace(microsecond=0)
    instance.set_clock(start)
    enrolled(instance, start)

    killer.drive("as far as the delay", "step = 'look' OR state <> 'waiting'")
    instance.advance(HOUR)
    killer.drive("as far as the wait", "since IS NOT NULL OR state <> 'waiting'")
    shop(instance, start + HOUR)
    _until_none(instance, "SELECT FROM inbox", "carts")
    instance.advance(2 * HOUR)
    killer.drive("to the end", "state <> 'waiting'")
    _until_none(instance, "SELECT FROM message WHERE state IN ('planned', 'claimed')", "letters")

    with instance.connect() as conn:
        counts = Counts(conn)
    taken = sink.taken()
    with capsys.disabled():
        print("", f"seed {seed}", *killer.told, counts.journal, f"{taken} letters taken", sep="\n")
        print(f"in {time.monotonic() - began:.0f} s")
    check(counts)
    assert len(sink.messages) == counts.intended["letter"]
    assert taken - len(sink.messages) <= IN_FLIGHT * killer.killed.total(), "more than was in flight came twice"
    assert killer.killed["postgres"] >= 2
    assert killer.killed["worker-1"] + killer.killed["worker-2"] >= 3


def _until_none(instance: Instance, query: str, what: str) -> None:
    def none() -> bool:
        with instance.connect() as conn:
            return conn.execute(f"SELECT EXISTS ({query})").fetchone() == (False,)

    eventually(none, 60, what)
