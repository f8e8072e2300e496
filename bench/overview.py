"""How long the home page and the reports take when a brand has a year of mail behind it.

    python bench/overview.py [--data-dir DIR] [--profiles 200000] [--a-day 8000] [--days 730] [--rounds 5]

Fills the ledger, the events and the roll-ups in the way that sending and its feedback leave them: campaigns every day,
three flows, a third opened, one in thirty clicked, one in a hundred bounced, orders by those who opened. With
`--data-dir` the instance is kept, and what the worker keeps of it is forgotten at the beginning. One JSON line a case:
`times_ms` of one answer, first with no day kept and then with all that are over; cases take turns.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import report
from instance import NOW, make_brand, running

_KEPT = "overview.json"
LENGTHS = (7, 30, 90, 365)


@contextmanager
def filled(data_dir: Path | None, profiles: int, a_day: int, days: int) -> Iterator[int]:
    """A running instance with so much mail, kept in `data_dir` or temporary; yields the id of its workspace."""
    asked = {"profiles": profiles, "a_day": a_day, "days": days}
    kept = data_dir / _KEPT if data_dir else None
    found = json.loads(kept.read_text()) if kept and kept.exists() else None
    if found is not None and {name: found[name] for name in asked} != asked:
        raise SystemExit(f"{data_dir} holds something else ({found}): delete it or ask for that.")
    with running(keep=data_dir):
        if found is None:
            workspace_id = make_brand()
            _fill(workspace_id, profiles, a_day, days)
            if kept:
                kept.write_text(json.dumps(asked | {"workspace_id": workspace_id}))
        else:
            workspace_id = int(found["workspace_id"])
            _forget()
        yield workspace_id


def _forget() -> None:
    from headwater.core import database

    with database.transaction() as conn:
        conn.execute("TRUNCATE result_day, result_domain_day, result_day_kept, result_day_cursor")


def _fill(workspace_id: int, profiles: int, a_day: int, days: int) -> None:
    from headwater.core import database, partitions

    since = NOW - timedelta(days=days)
    moments = {since + timedelta(days=number) for number in range(days + 1)}
    scope = {"workspace": workspace_id, "profiles": profiles, "since": since, "now": NOW, "a_day": a_day, "days": days}
    with database.transaction() as conn:
        partitions.ensure(conn, "message", moments)
        partitions.ensure(conn, "event", moments)
    with database.connect(autocommit=True) as conn:
        conn.execute("SET synchronous_commit = off")
        conn.execute("SET work_mem = '1GB'")
        conn.execute("SELECT setseed(0.5)")
        for statement in _STATEMENTS:
            conn.execute(statement, scope)
        conn.execute("VACUUM (ANALYZE)")


_STATEMENTS = (
    """
    INSERT INTO metric (workspace_id, name, created_at)
    SELECT %(workspace)s, name, %(since)s
    FROM unnest(ARRAY['Opened Email', 'Clicked Email', 'Placed Order', 'Unsubscribed']) AS name
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO profile (workspace_id, email, created_at, updated_at)
    SELECT %(workspace)s, 'person' || n || '@example.com', %(since)s, %(since)s
    FROM generate_series(1, %(profiles)s) AS n
    """,
    """
    INSERT INTO consent (workspace_id, profile_id, state, changed_at, method)
    SELECT workspace_id, id, 'subscribed', created_at, 'api' FROM profile WHERE workspace_id = %(workspace)s
    """,
    # A campaign a day, and a tenth of the mail by three flows.
    """
    INSERT INTO message (workspace_id, origin_at, source, source_id, step, profile_id, occurrence, planned_at, send_at,
                         state, reason, address, sent_at, finished_at, opened_at, clicked_at, attempts)
    SELECT %(workspace)s, at, CASE WHEN n %% 10 = 0 THEN 'flow' ELSE 'campaign' END,
           CASE WHEN n %% 10 = 0 THEN n %% 3 ELSE day END, '', 1 + (n * 7919 + day * 104729) %% %(profiles)s,
           CASE WHEN n %% 10 = 0 THEN day * 1000000 + n ELSE 0 END, at, at,
           CASE WHEN dice < 0.03 THEN 'skipped' WHEN dice < 0.04 THEN 'bounced' ELSE 'sent' END,
           CASE WHEN dice < 0.03 THEN 'smart_sending' END, 'person@d' || (n %% 50) || '.example',
           CASE WHEN dice >= 0.04 THEN at END, at,
           CASE WHEN dice > 0.64 THEN at + interval '3 hours' END,
           CASE WHEN dice > 0.97 THEN at + interval '4 hours' END, 1
    FROM (
        SELECT day, n, random() AS dice, %(since)s + day * interval '1 day' + n * interval '2 seconds' AS at
        FROM generate_series(0, %(days)s - 1) AS day, generate_series(1, %(a_day)s) AS n
    ) AS mail
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO event (workspace_id, id, ts, metric_id, profile_id, history, received_at, properties)
    SELECT workspace_id, md5('open' || id)::uuid, opened_at,
           (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = 'Opened Email'),
           profile_id, false, opened_at, jsonb_build_object('message_id', id)
    FROM message
    WHERE opened_at IS NOT NULL AND opened_at < %(now)s
    """,
    """
    INSERT INTO event (workspace_id, id, ts, metric_id, profile_id, value, history, received_at, properties)
    SELECT workspace_id, md5('order' || id)::uuid, opened_at + interval '1 day',
           (SELECT id FROM metric WHERE workspace_id = %(workspace)s AND name = 'Placed Order'),
           profile_id, 20 + id %% 80, false, opened_at, '{}'
    FROM message
    WHERE opened_at IS NOT NULL AND id %% 12 = 0 AND opened_at + interval '1 day' < %(now)s
    """,
)


def keep(workspace_id: int) -> None:
    """The worker's role, until every day is kept. One JSON line: days made a second, and the milliseconds of a turn."""
    from headwater.core import database
    from headwater.insights import keeping

    made, times = 0, []
    while True:
        began = time.perf_counter()
        with database.transaction() as conn:
            days = keeping.turn(conn, workspace_id, NOW)
        if not days:
            break
        made += days
        times.append((time.perf_counter() - began) * 1000)
    if made:
        report.line(bench="overview", case="days kept", rate=1000 * made / sum(times), times_ms=times, days=made)


def cases(workspace_id: int) -> Iterator[tuple[str, Callable[[], object]]]:
    from headwater.accounts import brand
    from headwater.core import database
    from headwater.insights import deliverability, overview, reports, spans

    def asking(answer: Callable[..., object], *more: object) -> Callable[[], object]:
        def ask() -> object:
            with database.transaction() as conn:
                return answer(conn, workspace_id, *more)

        return ask

    with database.transaction() as conn:
        zone = brand.load(conn, workspace_id).zone
    for days in LENGTHS:
        span = spans.ending_today(NOW, zone, days)
        yield f"home, {days} days", asking(overview.load, NOW, days)
        yield f"report of flows, {days} days", asking(reports.flows, span)
        yield f"report of campaigns, {days} days", asking(reports.of_campaigns, span)
        yield f"deliverability, {days} days", asking(deliverability.load, span, 100)


def measure(workspace_id: int, rounds: int, messages: int, suffix: str = "") -> None:
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for case, ask in cases(workspace_id):
            began = time.perf_counter()
            ask()
            times[case].append((time.perf_counter() - began) * 1000)
    for case, taken in times.items():
        rate = 1000 * len(taken) / sum(taken)
        report.line(bench="overview", case=f"{case}{suffix}", rate=rate, times_ms=taken, messages=messages)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data-dir", type=Path)
    asked.add_argument("--profiles", type=int, default=200_000)
    asked.add_argument("--a-day", type=int, default=8_000)
    asked.add_argument("--days", type=int, default=730)
    asked.add_argument("--rounds", type=int, default=5)
    chosen = asked.parse_args()
    with filled(chosen.data_dir, chosen.profiles, chosen.a_day, chosen.days) as workspace_id:
        messages = chosen.a_day * chosen.days
        measure(workspace_id, 1, messages, " (nothing kept)")
        keep(workspace_id)
        measure(workspace_id, chosen.rounds, messages)


if __name__ == "__main__":
    main()
