"""Segments at the size of a large shop: how fast they are built, and what keeping a hundred of them live costs.

    python bench/segments.py [--data-dir DIR] [--profiles 1000000] [--events 20000000] [--batches 600] [--seconds 15]

Stands on `shop_history.py`: with `--data-dir` the history is made once and kept. The clock is the instance's own and
movable; it begins where the history ends. Cases, one JSON line each:

- build Q1, Q2, Q3: three definitions over everybody. `seconds`: evaluated, and the ids durably noted; `stored_seconds`:
  until the membership is live. `ratio_to_sql`: the compiled statement beside the best hand-written one, medians of 7
  runs that take turns.
- preview: the estimate of each, and how far it was off, in its own standard errors.
- intake: events a second over HTTP, with a worker, before there are segments and with all of them live.
- latency: from the acknowledgement of an event to the membership that it brings about, at half that rate.
- rebuild, day: building every segment anew; and the passing of a day for all of them, as a share of that.
- idle: the share of a core that worker and server use while nothing happens but time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

import instance
import intake
import report
from instance import NOW
from shop_history import EVENTS, PROFILES, YEARS, filled
from shop_segments import Q1, Q2, Q3, definitions

_KNOWN = "(p.email IS NOT NULL OR p.external_id IS NOT NULL OR p.phone IS NOT NULL)"
# The best found by hand for these tables and indexes. (Q1 as bit flags, INTERSECT, CTEs; Q2 as UNION ALL, OR of EXISTS,
# by the roll-up; Q3 as two conditions: all slower.)
BY_HAND = {
    "Q1": f"""
        SELECT p.id FROM profile p
        WHERE p.workspace_id = %(workspace)s AND {_KNOWN}
          AND EXISTS (SELECT FROM (
                SELECT profile_id FROM event
                WHERE workspace_id = %(workspace)s AND metric_id = %(order)s
                  AND ts > %(now)s::timestamptz - interval '90 days'
                GROUP BY profile_id HAVING count(*) >= 2) m WHERE m.profile_id = p.id)
          AND EXISTS (SELECT FROM (
                SELECT profile_id FROM event
                WHERE workspace_id = %(workspace)s AND metric_id = %(view)s
                  AND ts > %(now)s::timestamptz - interval '14 days' AND properties ->> 'category' = 'Shoes') m
              WHERE m.profile_id = p.id)
          AND NOT EXISTS (SELECT FROM (
                SELECT profile_id FROM event
                WHERE workspace_id = %(workspace)s AND metric_id = %(open)s
                  AND ts > %(now)s::timestamptz - interval '30 days') m WHERE m.profile_id = p.id)
        ORDER BY p.id
        """,
    "Q2": f"""
        SELECT p.id FROM profile p
        WHERE p.workspace_id = %(workspace)s AND {_KNOWN}
          AND p.id IN (
                SELECT profile_id FROM event WHERE workspace_id = %(workspace)s AND metric_id = %(open)s
                  AND ts > %(now)s::timestamptz - interval '60 days'
                UNION
                SELECT profile_id FROM event WHERE workspace_id = %(workspace)s AND metric_id = %(click)s
                  AND ts > %(now)s::timestamptz - interval '60 days')
        ORDER BY p.id
        """,
    "Q3": f"""
        SELECT p.id FROM profile p
        WHERE p.workspace_id = %(workspace)s AND {_KNOWN}
          AND p.id IN (
                SELECT profile_id FROM profile_metric WHERE workspace_id = %(workspace)s AND metric_id = %(order)s
                  AND sum > 500 AND last_ts <= %(now)s::timestamptz - interval '180 days')
        ORDER BY p.id
        """,
}
_METRICS = {"view": "Viewed Product", "order": "Placed Order", "open": "Opened Email", "click": "Clicked Email"}
PROBE = {"metric": "Probed", "in_last": {"days": 1}}


# ── in this process ─────────────────────────────────────────────────────────────────────────────────────────────────
def forget_segments(workspace: int) -> None:
    """Begin without any, whatever an earlier run left in a kept directory."""
    from headwater.core import database

    with database.transaction() as conn:
        for table in ("segment_mark", "segment_member", "segment_chunk", "segment_day", "segment_version", "segment"):
            conn.execute(f"DELETE FROM {table} WHERE workspace_id = %s", (workspace,))
    with database.connect(autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")


def build(workspace: int, name: str, definition: Any) -> int:
    """Save a segment and build it in this process; its id."""
    from headwater.core import database
    from headwater.segments import building, saved

    with database.transaction() as conn:
        segment = saved.create(conn, workspace, name, definition, NOW)
    step(lambda conn: building.turn(conn, workspace, NOW))
    return segment.id


def step(turn: Any) -> int:
    """Take turns, a transaction each, until two in a row find nothing to do; answers how many did something."""
    from headwater.core import database

    done = idle = 0
    while idle < 2:
        with database.transaction() as conn:
            moved = turn(conn)
        idle = 0 if moved else idle + 1
        done += bool(moved)
    return done


def builds(workspace: int) -> None:
    from headwater.core import database
    from headwater.segments import building, compile, language, live, saved

    with database.transaction() as conn:
        ids = dict(conn.execute("SELECT name, id FROM metric WHERE workspace_id = %s", (workspace,)).fetchall())
    values = {"workspace": workspace, "now": NOW, **{short: ids[name] for short, name in _METRICS.items()}}
    for name, definition in (("Q1", Q1), ("Q2", Q2), ("Q3", Q3)):
        condition = language.parse(definition)
        times: dict[str, list[float]] = {"ours": [], "by hand": []}
        found: dict[str, int] = {}
        for _ in range(7):
            for kind in times:
                with database.transaction() as conn:
                    began = time.perf_counter()
                    compile.for_everybody(conn)
                    statement, given = (
                        compile.to_sql(conn, condition, workspace, NOW) if kind == "ours" else (BY_HAND[name], values)
                    )
                    ordered = f"{statement} ORDER BY p.id" if kind == "ours" else statement
                    counted = f"SELECT cardinality(array_agg(m.id)) FROM ({ordered}) AS m (id)"
                    row = conn.execute(counted, given).fetchone()
                    times[kind].append(time.perf_counter() - began)
                assert row
                found[kind] = row[0]
        assert found["ours"] == found["by hand"], found
        evaluated = []
        with database.transaction() as conn:
            segment = saved.create(conn, workspace, f"bench {name}", definition, NOW)
        for _ in range(5):
            with database.transaction() as conn:
                its = live.segments(conn, workspace)[segment.id]
                began = time.perf_counter()
                building.evaluate(conn, workspace, its, 1, NOW)
            evaluated.append(time.perf_counter() - began)
        began = time.perf_counter()
        step(lambda conn: building.turn(conn, workspace, NOW))
        report.line(
            bench="segments", case=f"build {name}", rate=found["ours"] / statistics.median(evaluated),
            seconds=round(statistics.median(evaluated), 3), stored_seconds=round(time.perf_counter() - began, 3),
            sql_seconds=round(statistics.median(times["by hand"]), 3), members=found["ours"],
            ratio_to_sql=round(statistics.median(times["ours"]) / statistics.median(times["by hand"]), 2),
            times_ms=[one * 1000 for one in evaluated],
        )  # fmt: skip


def previews(workspace: int) -> None:
    from headwater.core import database
    from headwater.segments import language, preview

    for name, definition in (("Q1", Q1), ("Q2", Q2), ("Q3", Q3)):
        condition = language.parse(definition)
        times = []
        for _ in range(9):
            with database.transaction() as conn:
                began = time.perf_counter()
                guessed = preview.estimate(conn, workspace, condition, NOW)
                times.append((time.perf_counter() - began) * 1000)
        with database.transaction() as conn:
            began = time.perf_counter()
            exact = preview.exactly(conn, workspace, condition, NOW)
            took = time.perf_counter() - began
        report.line(
            bench="segments", case=f"preview {name}", rate=1000 / statistics.median(times), times_ms=times,
            estimate=guessed.count, low=guessed.low, high=guessed.high, exact=exact.count,
            exact_seconds=round(took, 3), within=guessed.low <= exact.count <= guessed.high,
        )  # fmt: skip


def everything(workspace: int, segments: list[tuple[str, Any]]) -> float:
    """Build them all; seconds."""
    from headwater.core import database
    from headwater.segments import building, saved

    with database.transaction() as conn:
        for name, definition in segments:
            saved.create(conn, workspace, name, definition, NOW)
    began = time.perf_counter()
    step(lambda conn: building.turn(conn, workspace, NOW))
    took = time.perf_counter() - began
    with database.transaction() as conn:
        row = conn.execute(
            "SELECT count(*), sum(members) FROM segment WHERE workspace_id = %s AND live_version = version",
            (workspace,),
        ).fetchone()
    assert row
    assert row[0] == len(segments), row
    report.line(
        bench="segments", case=f"build all {len(segments)}", rate=int(row[1]) / took, seconds=round(took, 1),
        members=int(row[1]),
    )  # fmt: skip
    return took


def day_passes(workspace: int, rebuilt: float, since: datetime) -> None:
    from headwater.core import database
    from headwater.intake import processor
    from headwater.segments import upkeep

    later = since + timedelta(days=1)
    with database.transaction() as conn:
        before = conn.execute("SELECT count(*) FROM inbox WHERE workspace_id = %s", (workspace,)).fetchone()
    assert before == (0,), before
    began, asked = time.perf_counter(), 0
    turns = []
    while True:
        start = time.perf_counter()
        with database.transaction() as conn:
            moved = upkeep.turn(conn, workspace, later)
        if not moved:
            break
        asked += moved
        turns.append((time.perf_counter() - start) * 1000)
    took = time.perf_counter() - began
    with database.transaction() as conn:
        facts = conn.execute(
            "SELECT COALESCE(sum(count), 0) FROM inbox WHERE workspace_id = %s", (workspace,)
        ).fetchone()
    began = time.perf_counter()
    step(lambda conn: processor.process(conn, workspace, later))
    told = time.perf_counter() - began
    assert facts
    report.line(
        bench="segments", case="a day passes", rate=asked / took, seconds=round(took, 2), times_ms=turns,
        share_of_rebuild=round(took / rebuilt, 3), changes=int(facts[0]), events_seconds=round(told, 2),
    )  # fmt: skip


def score(workspace: int) -> None:
    """The day's RFM scores, so that they are done when intake is measured."""
    from headwater.segments import rfm

    began = time.perf_counter()
    turns = step(lambda conn: rfm.turn(conn, workspace, NOW))
    report.line(bench="segments", case="rfm", rate=PROFILES / (time.perf_counter() - began), turns=turns)


# ── with processes ──────────────────────────────────────────────────────────────────────────────────────────────────
def visits(batches: int, profiles: int) -> list[bytes]:
    """Batches of a hundred events of a shop's day, in visits of six on average, by people and browsers; most of what is
    done is done by few. Every call makes others."""
    salt = time.time_ns()
    dice = random.Random(salt)
    made, who, left = [], {}, 0
    for batch in range(batches):
        events = []
        for index in range(100):
            if not left:
                number = 1 + int(profiles * dice.random() ** 3)
                who = {"userId": f"customer-{number}"} if dice.random() < 2 / 3 else {"anonymousId": f"b-{number}"}
                left = dice.randint(1, 11)
            left -= 1
            one = intake.event(batch * 100 + index, dice)
            one.pop("userId", None)
            one.pop("anonymousId", None)
            events.append({**one, **who, "messageId": f"{salt}-{batch}-{index}"})
        made.append(orjson.dumps({"batch": events}))
    return made


def intake_rate(
    case: str, port: int, key: str, store: intake.Store, roots: list[int], batches: int, profiles: int
) -> float:
    prepared = [intake.request("/v1/batch", key, body) for body in visits(batches, profiles)]
    load = intake.Load(port, 8)
    before, began = report.cpu_seconds(roots), time.perf_counter()
    acknowledged = asyncio.run(load.send(iter(prepared))) * 100
    store.wait_until_empty()
    took = time.perf_counter() - began
    report.line(
        bench="segments", case=case, rate=acknowledged / took, times_ms=load.times_ms, events=acknowledged,
        cpu_s_per_1000=(report.cpu_seconds(roots) - before) / acknowledged * 1000, rss_mb=report.rss_mb(roots),
    )  # fmt: skip
    return acknowledged / took


def latency(port: int, key: str, workspace: int, segment: int, half: float, seconds: float, profiles: int) -> None:
    """Probes among events at half the load: from the acknowledgement to the membership."""
    from headwater.core import database

    bodies = [intake.request("/v1/batch", key, body) for body in visits(int(half * seconds / 100), profiles)]
    waits: list[float] = []
    stop = threading.Event()

    def probe() -> None:
        number = 0
        with database.connect(autocommit=True) as conn:
            while not stop.is_set():
                number += 1
                who = f"customer-{random.randint(1, profiles)}"
                body = orjson.dumps({"messageId": f"probe-{number}-{time.time_ns()}", "event": "Probed", "userId": who})
                asyncio.run(intake.Load(port, 1).send(iter([intake.request("/v1/track", key, body)])))
                began = time.perf_counter()
                while conn.execute(
                    """
                    SELECT EXISTS (
                        SELECT FROM segment_member
                        WHERE workspace_id = %(workspace)s AND segment_id = %(segment)s AND version = 1
                          AND profile_id = (SELECT profile_id FROM profile_identifier WHERE workspace_id = %(workspace)s
                                              AND kind = 'external_id' AND value = %(who)s))
                    """,
                    {"workspace": workspace, "segment": segment, "who": who},
                ).fetchone() != (True,):
                    time.sleep(0.005)
                waits.append((time.perf_counter() - began) * 1000)

    thread = threading.Thread(target=probe)
    thread.start()
    began = time.perf_counter()
    asyncio.run(intake.Load(port, 4).send(iter(bodies), pause=4 * 100 / half))
    took = time.perf_counter() - began
    stop.set()
    thread.join()
    report.line(
        bench="segments", case="event to membership at half that load", rate=len(bodies) * 100 / took, times_ms=waits,
        max_ms=round(max(waits), 1), probes=len(waits),
    )  # fmt: skip


def settled(workspace: int) -> None:
    """Wait until marks and inbox are empty."""
    from headwater.core import database

    with database.connect(autocommit=True) as conn:
        while conn.execute(
            """
            SELECT EXISTS (SELECT FROM segment_mark WHERE workspace_id = %(workspace)s)
                OR EXISTS (SELECT FROM inbox WHERE workspace_id = %(workspace)s)
            """,
            {"workspace": workspace},
        ).fetchone() != (False,):
            time.sleep(0.05)


def idle(roots: list[int], workspace: int, seconds: float, case: str) -> None:
    """Once the server has tidied up after what went before: dirty pages written, tables vacuumed."""
    from headwater.core import database

    with database.connect(autocommit=True) as conn:
        conn.execute("VACUUM (ANALYZE)")
        conn.execute("CHECKPOINT")
    with database.transaction() as conn:
        row = conn.execute(
            "SELECT count(*) FROM event WHERE workspace_id = %s AND ts > %s", (workspace, NOW - timedelta(days=30))
        ).fetchone()
    assert row
    before, began = report.cpu_seconds(roots), time.perf_counter()
    time.sleep(seconds)
    used, took = report.cpu_seconds(roots) - before, time.perf_counter() - began
    report.line(bench="segments", case=case, rate=used / took, share_of_a_core=round(used / took, 4), pending=row[0])


@contextmanager
def settings(**more: str) -> Iterator[None]:
    from headwater.core import settings as kept

    os.environ |= more
    kept.current.cache_clear()
    yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--profiles", type=int, default=PROFILES)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--batches", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=15.0)
    chosen = parser.parse_args()
    port, smtp = instance.free_port(), instance.free_port()
    ports = {
        "HEADWATER_WEB_PORT": str(port),
        "HEADWATER_MAILBOX_SMTP_PORT": str(smtp),
        "HEADWATER_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "HEADWATER_CLOCK": "movable",
    }
    with filled(chosen.data_dir, chosen.profiles, chosen.events, YEARS) as workspace, settings(**ports):
        from headwater.accounts import keys
        from headwater.core import clock, database

        forget_segments(workspace)
        with database.transaction() as conn:
            key = keys.create(conn, workspace, "write")
            clock.move(conn, to=NOW, at_speed=0)
        score(workspace)
        builds(workspace)
        previews(workspace)
        forget_segments(workspace)
        data_dir = Path(os.environ["HEADWATER_DATA_DIR"])
        server = int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        store = intake.Store(workspace)
        with intake.processes(port, workers=2) as pids:
            roots = [server, *pids, os.getpid()]
            intake_rate("intake, warming up", port, key, store, roots, chosen.batches // 4, chosen.profiles)
            without = intake_rate("intake without segments", port, key, store, roots, chosen.batches, chosen.profiles)
            time.sleep(2)
            idle([server, *pids], workspace, chosen.seconds, "idle without segments")
        rebuilt = everything(workspace, definitions())
        probed = build(workspace, "probe", PROBE)
        settled(workspace)
        with intake.processes(port, workers=2) as pids:
            roots = [server, *pids, os.getpid()]
            intake_rate("intake, warming up", port, key, store, roots, chosen.batches // 4, chosen.profiles)
            settled(workspace)
            beside = intake_rate("intake with segments", port, key, store, roots, chosen.batches, chosen.profiles)
            began = time.perf_counter()
            settled(workspace)
            lag = time.perf_counter() - began
            report.line(
                bench="segments", case="intake kept", rate=beside, share=round(beside / without, 3),
                marks_lag_seconds=round(lag, 2),
            )  # fmt: skip
            latency(port, key, workspace, probed, beside / 2, chosen.seconds, chosen.profiles)
            settled(workspace)
            with database.transaction() as conn:
                clock.move(conn, at_speed=1)
            time.sleep(2)
            idle([server, *pids], workspace, chosen.seconds * 3, "idle with segments")
        with database.transaction() as conn:
            since = clock.now(conn)
        day_passes(workspace, rebuilt, since)


if __name__ == "__main__":
    main()
