"""How fast stored history is replayed through a draft flow: the browse-abandonment recipe over 90 days of a shop.

    python bench/backtest.py [--events 2000000] [--people 20000] [--data-dir DIR]

Starts its own PostgreSQL (kept with its history in `--data-dir`, else temporary). The history is made of visits: some
products looked at (seven on average), now and then a cart, a checkout, an order. Few people do most of it. Cases, one
JSON line each; `rate` is events replayed a second, of the metrics that the flow looks at; CPU is that of all processes
and of PostgreSQL together:
  two processes  the recipe, as `headwater flows backtest` replays it
  one process    the same
  compare        the recipe and a version with 7 days between two entries, over the same history, which is read once
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import instance
import report

if TYPE_CHECKING:
    from headwater.flows.definition import FlowDefinition

DAYS = 90
VISIT = 8.2
"""Events of a visit, on average."""
_KEPT = "backtest_history.json"

_VISITS = """
    CREATE TEMPORARY TABLE visit AS
    SELECT n AS number,
           -- The power law of shop_history: the most active hundredth has a sixth of all visits.
           %(first)s + (%(people)s::bigint * (power(0.05 + 0.95 * random(), 3) - power(0.05, 3))
                        / (1 - power(0.05, 3)))::bigint * 611953 %% %(people)s AS profile_id,
           %(since)s::timestamptz + %(span)s::interval * random() AS at,
           LEAST(60, 1 + floor(-ln(1 - random()) * 6.5))::int AS views,
           random() AS far
    FROM generate_series(1, %(visits)s) AS n
"""

# Views 40 seconds apart, then what one visit in eight goes on to.
_EVENTS = """
    INSERT INTO event (workspace_id, id, ts, metric_id, profile_id, value, history, received_at, properties)
    SELECT %(workspace)s, md5(what.metric || '-' || visit.number || '-' || what.place)::uuid,
           visit.at + what.place * interval '40 seconds', metric.id, visit.profile_id,
           CASE WHEN what.metric IN ('Started Checkout', 'Placed Order') THEN 9.95 + visit.number %% 190 END,
           false, visit.at,
           CASE WHEN what.metric = 'Active on Site' THEN '{}'::jsonb ELSE jsonb_build_object(
               'product_id', 'P' || (visit.number * 31 + what.place) %% 5000,
               'title', 'Product No. ' || (visit.number * 31 + what.place) %% 5000,
               'category', 'Shoes',
               'price', CASE WHEN visit.number %% 50 = 0 THEN 0 ELSE 9.95 + visit.number %% 190 END,
               'url', 'https://juniper.example/products/' || (visit.number * 31 + what.place) %% 5000
           ) END
    FROM visit
    CROSS JOIN LATERAL (
        SELECT 'Active on Site' AS metric, 0 AS place
        UNION ALL
        SELECT 'Viewed Product', place FROM generate_series(1, visit.views) AS place
        UNION ALL
        SELECT 'Added to Cart', visit.views + 1 WHERE visit.far < 0.12
        UNION ALL
        SELECT 'Started Checkout', visit.views + 2 WHERE visit.far < 0.06
        UNION ALL
        SELECT 'Placed Order', visit.views + 3 WHERE visit.far < 0.03
    ) AS what
    JOIN metric
      ON metric.workspace_id = %(workspace)s
     AND metric.name = what.metric
    ORDER BY visit.at + what.place * interval '40 seconds'
"""
_TOTALS = """
    INSERT INTO profile_metric (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)
    SELECT workspace_id, profile_id, metric_id, count(*), COALESCE(sum(value), 0), min(ts), max(ts)
    FROM event
    WHERE workspace_id = %(workspace)s
    GROUP BY workspace_id, profile_id, metric_id
"""
_DAYS = """
    INSERT INTO metric_day (workspace_id, metric_id, day, count, sum)
    SELECT workspace_id, metric_id, (ts AT TIME ZONE 'UTC')::date, count(*), COALESCE(sum(value), 0)
    FROM event
    WHERE workspace_id = %(workspace)s
    GROUP BY 1, 2, 3
"""
_METRICS = ("Active on Site", "Viewed Product", "Added to Cart", "Started Checkout", "Placed Order")


def fill(workspace_id: int, people: int, events: int) -> None:
    """People and their history, committed, vacuumed and analysed."""
    from headwater.core import database, partitions

    since = instance.NOW - timedelta(days=DAYS)
    with database.transaction() as conn:
        conn.execute("SELECT setseed(0.5)")
        conn.execute("SET LOCAL work_mem = '512MB'")
        partitions.ensure(conn, "event", [since + timedelta(days=day) for day in range(0, DAYS + 2, 10)])
        conn.execute(
            "INSERT INTO metric (workspace_id, name, created_at) SELECT %s, unnest(%s::text[]), %s",
            (workspace_id, list(_METRICS), since),
        )
        conn.execute(
            """
            INSERT INTO profile (workspace_id, email, timezone, created_at, updated_at)
            SELECT %(workspace)s, 'person' || n || '@example.com',
                   (ARRAY['America/New_York', 'America/Chicago', 'America/Los_Angeles', NULL])[1 + n %% 4],
                   %(now)s, %(now)s
            FROM generate_series(1, %(people)s) AS n
            """,
            {"workspace": workspace_id, "people": people, "now": since},
        )
        row = conn.execute("SELECT min(id) FROM profile WHERE workspace_id = %s", (workspace_id,)).fetchone()
        assert row is not None
        scope = {"workspace": workspace_id, "first": row[0], "people": people, "since": since}
        conn.execute(_VISITS, {**scope, "span": timedelta(days=DAYS), "visits": round(events / VISIT)})
        conn.execute(_EVENTS, scope)
        conn.execute(_TOTALS, scope)
        conn.execute(_DAYS, scope)
    with database.connect(autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")


@contextmanager
def filled(data_dir: Path | None, people: int, events: int) -> Iterator[int]:
    """A running instance with this history; yields the id of its workspace."""
    asked = {"people": people, "events": events}
    kept = data_dir / _KEPT if data_dir else None
    with instance.running(keep=data_dir):
        if kept and kept.exists():
            found = json.loads(kept.read_text())
            if {name: found.get(name) for name in asked} != asked:
                raise SystemExit(f"{data_dir} holds another history ({found}): delete it or ask for that one.")
            yield int(found["workspace_id"])
            return
        began = time.monotonic()
        workspace_id = instance.make_brand()
        fill(workspace_id, people, events)
        print(f"history made in {time.monotonic() - began:.0f} s", file=sys.stderr)
        if kept:
            kept.write_text(json.dumps(asked | {"workspace_id": workspace_id}))
        yield workspace_id


def measure(case: str, workspace_id: int, definitions: Sequence[FlowDefinition], processes: int) -> None:
    from headwater.core import database
    from headwater.flows.editing import publishing
    from headwater.flows.trials import backtest, email_coupons

    issues = email_coupons.of_folder(publishing.RECIPES / "browse-abandonment", definitions[0])
    start = instance.NOW - timedelta(days=DAYS)
    used = report.cpu_seconds([os.getpid()])
    with database.connect(autocommit=True) as conn:
        versions = [(definition, issues) for definition in definitions]
        prepared = backtest.prepare(conn, workspace_id, versions, start, instance.NOW, instance.NOW)
        *_, found = backtest.run(conn, prepared, processes)
    assert isinstance(found, list)
    used = report.cpu_seconds([os.getpid()]) - used
    events = found[0].events
    report.line(
        bench="backtest",
        case=case,
        rate=events / found[0].seconds,
        cpu_s_per_1000=used / events * 1000,
        events=events,
        seconds=found[0].seconds,
        entries=sum(one.entries for one in found),
        emails=sum(one.sent for one in found),
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--events", type=int, default=2_000_000)
    asked.add_argument("--people", type=int, default=20_000)
    asked.add_argument("--data-dir", type=Path, help="keep the filled instance here")
    chosen = asked.parse_args()
    from headwater.flows.editing import publishing
    from headwater.flows.reading import files, parse

    recipe = parse(files.read((publishing.RECIPES / "browse-abandonment" / "flow.yaml").read_text()))
    weekly = replace(recipe, again_after=timedelta(days=7))
    with filled(chosen.data_dir, chosen.people, chosen.events) as workspace_id:
        measure("two processes", workspace_id, [recipe], 2)
        measure("one process", workspace_id, [recipe], 1)
        measure("compare", workspace_id, [recipe, weekly], 2)


if __name__ == "__main__":
    main()
