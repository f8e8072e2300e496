"""What must be true after the faults: counted in the database and at the mail server."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.load import BATCH, VIEWERS, Shoppers, address
from tests.faults.sink import Sink
from tests.running_instance import Instance


@dataclass(frozen=True)
class Counts:
    """Everything that is counted; `lines` shows it."""

    acknowledged: int
    stored: int
    rolled_up: int
    rolled_up_wrong: int
    set_aside: int
    failed_calls: int
    entries: int
    entered: int
    recipients: int
    taken: int
    messages: int
    missed: int
    doubled: int
    ledger: dict[str, int]
    campaign: str

    def lines(self) -> str:
        return (
            f"events: {self.acknowledged} acknowledged ({self.failed_calls} calls tried again), {self.stored} stored, "
            f"{self.rolled_up} rolled up, {self.set_aside} set aside\n"
            f"flow: {self.entries} entries by {self.entered} of {VIEWERS} people who looked at a product\n"
            f"emails: {self.recipients} recipients, {self.missed} missed, {self.taken} taken by the server, "
            f"{self.doubled} of them a second time; ledger {self.ledger}, campaign {self.campaign}"
        )


def count(instance: Instance, sink: Sink, shoppers: Shoppers, campaign: int, people: int) -> Counts:
    taken = sink.taken()
    reached = {recipient for recipient, _ in sink.messages}
    with instance.connect() as conn:
        stored, rolled_up, set_aside = conn.execute(
            """
            WITH sent AS (
                SELECT id
                FROM metric
                WHERE name NOT IN ('Entered Segment', 'Left Segment')
            )
            SELECT (SELECT count(*) FROM event WHERE metric_id IN (SELECT id FROM sent)),
                   (SELECT sum(count) FROM profile_metric WHERE metric_id IN (SELECT id FROM sent)),
                   (SELECT count(*) FROM inbox_failure)
            """
        ).fetchone() or (0, 0, 0)
        wrong = conn.execute(
            """
            WITH told AS (
                SELECT profile_id, metric_id, count(*) AS count, COALESCE(sum(value), 0) AS sum
                FROM event
                GROUP BY profile_id, metric_id
            )
            SELECT count(*)
            FROM told
            FULL JOIN profile_metric AS kept USING (profile_id, metric_id)
            WHERE told.count IS DISTINCT FROM kept.count
               OR told.sum IS DISTINCT FROM kept.sum
            """
        ).fetchone() or (-1,)
        entries, entered = conn.execute(
            "SELECT count(*), count(DISTINCT profile_id) FROM enrolment WHERE state = 'waiting'"
        ).fetchone() or (0, 0)
        ledger = dict(conn.execute("SELECT state, count(*) FROM message GROUP BY state").fetchall())
    return Counts(
        acknowledged=len(shoppers.acknowledged) * BATCH,
        stored=stored,
        rolled_up=int(rolled_up or 0),
        rolled_up_wrong=wrong[0],
        set_aside=set_aside,
        failed_calls=shoppers.failed_calls,
        entries=entries,
        entered=entered,
        recipients=people,
        taken=taken,
        messages=len(sink.messages),
        missed=sum(address(n) not in reached for n in range(people)),
        doubled=taken - people,
        ledger=ledger,
        campaign=instance.api("GET", f"/campaigns/{campaign}")["status"],
    )


def check(counts: Counts, *, events: int, most_doubled: int) -> None:
    """Nothing acknowledged is lost or counted twice; nobody is missed; what came twice was in flight at a kill."""
    assert counts.acknowledged == counts.stored == counts.rolled_up == events
    assert counts.rolled_up_wrong == 0
    assert counts.set_aside == 0
    assert counts.entries == counts.entered == VIEWERS, "each trigger's effect commits with its event, once"
    assert counts.missed == 0
    assert counts.messages == counts.recipients, "what is sent again keeps its Message-ID"
    assert 0 <= counts.doubled <= most_doubled
    assert counts.ledger == {"sent": counts.recipients}
    assert counts.campaign == "sent"
