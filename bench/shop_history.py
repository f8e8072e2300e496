"""The history of an online shop, made by the server itself, straight into the real tables: for benches of segments.

    python bench/shop_history.py [--data-dir DIR] [--profiles 1000000] [--events 20000000] [--years 2]

With `--data-dir` the filled instance is kept there, and a directory that holds this history already is left as it is;
without, it is made in a temporary directory and deleted. A bench takes it with `with filled(...) as workspace_id`.

The same sizes give the same history. Few people do most of what is done: the most active hundredth has a sixth of all
events, the most active tenth 44 %. Events lie in the order of their time, as they would have arrived. Two connections
fill it, one month's partition or one metric's roll-ups at a time, with every index in place.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from instance import NOW, make_brand, running

PROFILES = 1_000_000
EVENTS = 20_000_000
YEARS = 2

SHARES = {
    "Viewed Product": 0.50,
    "Added to Cart": 0.12,
    "Started Checkout": 0.06,
    "Placed Order": 0.04,
    "Opened Email": 0.20,
    "Clicked Email": 0.08,
}
LIST = "Newsletter"

CATEGORIES = (
    "Shoes", "Boots", "Sandals", "Dresses", "Skirts", "Shirts", "Blouses", "Trousers", "Jeans", "Jackets",
    "Coats", "Knitwear", "Sportswear", "Swimwear", "Underwear", "Socks", "Hats", "Bags", "Belts", "Jewellery",
)  # fmt: skip
NAMES = ("Ada", "Ben", "Chloe", "David", "Emma", "Felix", "Grace", "Hugo", "Ines", "Jack", "Kira", "Leo", "Mia", "Noah")
# A country as often as it stands here.
COUNTRIES = ("US",) * 9 + ("GB",) * 3 + ("DE",) * 3 + ("FR", "FR", "CA", "NL", "SE")
TIERS = ("bronze",) * 7 + ("silver",) * 2 + ("gold",)
SIZES = ("XS", "S", "M", "M", "L", "L", "XL")

_PRODUCTS = 5_000
_MAILINGS = 1_000
_HEAD = 0.05  # how flat the head of the power law is: the most active person does 140 times the mean
_STRIDE = 611_953  # a prime: spreads the active people over the ids
_KEPT = "shop_history.json"


def fill(
    workspace_id: int,
    profiles: int = PROFILES,
    events: int = EVENTS,
    now: datetime = NOW,
    years: int = YEARS,
) -> None:
    """The whole history of an empty workspace, committed, vacuumed and analysed. Progress goes to stderr."""
    began = time.monotonic()
    since = now.replace(year=now.year - years)
    kinds = _metrics(workspace_id, since)
    first = _people(workspace_id, profiles, since, now)
    _say(began, f"{profiles:,} profiles")

    months = list(_months(since, now, events))
    _partitions([lower for lower, _, _, _ in months])
    jobs: list[Callable[[], None]] = [lambda: _belongings(workspace_id, since, now)]
    jobs += [
        lambda month=month: _events(workspace_id, kinds, first, profiles, month)  # type: ignore[misc]
        for month in months
    ]
    for number, _ in enumerate(_both(jobs), 1):
        _say(began, f"{number} of {len(jobs)} parts of people and events")

    # Only now: while one connection writes, what the other has committed is not yet visible to all.
    tables = [*(_partition(lower) for lower, _, _, _ in months), "profile_identifier", "consent", "list", "list_member"]
    for _ in _both([lambda table=table: _statement(f"VACUUM {table}") for table in tables]):  # type: ignore[misc]
        pass
    _statement("ANALYZE event, profile_identifier, consent, list, list_member")
    _say(began, "vacuumed")

    jobs = [lambda: _statement(_PROFILE_METRIC, workspace=workspace_id)]
    jobs += [
        lambda kind=kind: _statement(_PROFILE_METRIC_DAY, workspace=workspace_id, metric=kind)  # type: ignore[misc]
        for kind in kinds.values()
    ]
    for number, _ in enumerate(_both(jobs), 1):
        _say(began, f"{number} of {len(jobs)} parts of the roll-ups")
    _statement(_METRIC_DAY, workspace=workspace_id)
    _statement("VACUUM (ANALYZE) profile_metric, profile_metric_day, metric_day, profile")
    _say(began, "done")


@contextmanager
def filled(
    data_dir: Path | None = None, profiles: int = PROFILES, events: int = EVENTS, years: int = YEARS
) -> Iterator[int]:
    """A running instance with this history, kept in `data_dir` or temporary; yields the id of its workspace."""
    asked = {"profiles": profiles, "events": events, "years": years, "now": NOW.isoformat()}
    kept = data_dir / _KEPT if data_dir else None
    found = json.loads(kept.read_text()) if kept and kept.exists() else None
    if found is None and data_dir and data_dir.exists() and any(data_dir.iterdir()):
        raise SystemExit(f"{data_dir} holds something that is not a finished history: delete it or name another.")
    if found is not None and {name: found.get(name) for name in asked} != asked:
        raise SystemExit(f"{data_dir} holds another history ({found}): delete it or ask for that one.")
    with running(keep=data_dir):
        if found is None:
            workspace_id = make_brand()
            fill(workspace_id, profiles, events, NOW, years)
            if kept:
                kept.write_text(json.dumps(asked | {"workspace_id": workspace_id}))
        else:
            workspace_id = int(found["workspace_id"])
        yield workspace_id


def _say(began: float, what: str) -> None:
    print(f"{time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)


def _both(jobs: list[Callable[[], None]]) -> Iterator[None]:
    """Do these by two at a time."""
    with ThreadPoolExecutor(2) as threads:
        for done in as_completed([threads.submit(job) for job in jobs]):
            yield done.result()


def _statement(statement: str, seed: float | None = None, **parameters: object) -> None:
    """One statement on a connection of its own, committed; `seed` is that of its dice."""
    from headwater.core import database

    with database.connect(autocommit=True) as conn:
        conn.execute("SET work_mem = '1GB'")
        conn.execute("SET synchronous_commit = off")
        if seed is not None:
            conn.execute("SELECT setseed(%s)", (seed,))
        conn.execute(statement, parameters or None)


def _metrics(workspace_id: int, since: datetime) -> dict[str, int]:
    from headwater.core import database

    with database.transaction() as conn:
        rows = conn.execute(
            """
            INSERT INTO metric (workspace_id, name, created_at)
            SELECT %s, unnest(%s::text[]), %s
            RETURNING name, id
            """,
            (workspace_id, list(SHARES), since),
        ).fetchall()
    return dict(rows)


def _people(workspace_id: int, profiles: int, since: datetime, now: datetime) -> int:
    """Profiles in the order of their creation, over twice the time of the events; answers the first id."""
    from headwater.core import database

    with database.transaction() as conn:
        conn.execute("SELECT setseed(0.1)")
        conn.execute(
            """
            INSERT INTO profile
                (workspace_id, external_id, email, first_name, country, properties, created_at, updated_at)
            SELECT %(workspace)s, 'customer-' || n, 'person' || n || '@example.com',
                   (%(names)s::text[])[1 + floor(name * cardinality(%(names)s::text[]))::int],
                   (%(countries)s::text[])[1 + floor(country * cardinality(%(countries)s::text[]))::int],
                   jsonb_build_object(
                       'tier', (%(tiers)s::text[])[1 + floor(tier * cardinality(%(tiers)s::text[]))::int],
                       'size', (%(sizes)s::text[])[1 + floor(size * cardinality(%(sizes)s::text[]))::int],
                       'birthday', (date '1950-01-01' + floor(born * 20000)::int)::text
                   ),
                   created_at, created_at
            FROM (
                SELECT n, random() AS name, random() AS country, random() AS tier, random() AS size, random() AS born,
                       %(now)s - 2 * (%(now)s::timestamptz - %(since)s::timestamptz) * (1 - n / %(count)s::float8)
                           AS created_at
                FROM generate_series(1, %(count)s) AS n
            ) AS person
            """,
            {
                "workspace": workspace_id,
                "names": list(NAMES),
                "countries": list(COUNTRIES),
                "tiers": list(TIERS),
                "sizes": list(SIZES),
                "now": now,
                "since": since,
                "count": profiles,
            },
        )
        row = conn.execute(
            "SELECT min(id), max(id) - min(id) + 1 FROM profile WHERE workspace_id = %s", (workspace_id,)
        ).fetchone()
    assert row is not None
    assert row[1] == profiles
    _statement("VACUUM (ANALYZE) profile")
    return int(row[0])


def _belongings(workspace_id: int, since: datetime, now: datetime) -> None:
    """Identifiers, consent, and the list with its members."""
    scope = {"workspace": workspace_id, "list": LIST, "since": since, "span": now - since}
    _statement(
        """
        INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)
        SELECT workspace_id, kind, value, id
        FROM profile
        CROSS JOIN LATERAL (VALUES ('email', email), ('external_id', external_id)) AS given (kind, value)
        WHERE workspace_id = %(workspace)s
        """,
        **scope,
    )
    _statement(
        """
        INSERT INTO consent (workspace_id, profile_id, state, changed_at, method)
        SELECT %(workspace)s, id, CASE WHEN dice < 0.70 THEN 'subscribed' ELSE 'unsubscribed' END,
               %(since)s::timestamptz + %(span)s::interval * moment, 'api'
        FROM (
            SELECT id, random() AS dice, random() AS moment
            FROM profile
            WHERE workspace_id = %(workspace)s
        ) AS person
        WHERE dice < 0.75
        """,
        seed=0.2,
        **scope,
    )
    _statement(
        """
        WITH made AS (
            INSERT INTO list (workspace_id, name, created_at)
            VALUES (%(workspace)s, %(list)s, %(since)s)
            RETURNING id
        )
        INSERT INTO list_member (workspace_id, list_id, profile_id, added_at, method)
        SELECT %(workspace)s, made.id, person.id, %(since)s::timestamptz + %(span)s::interval * moment, 'api'
        FROM made
        CROSS JOIN (
            SELECT id, random() AS dice, random() AS moment
            FROM profile
            WHERE workspace_id = %(workspace)s
        ) AS person
        WHERE dice < 0.60
        """,
        seed=0.3,
        **scope,
    )


def _months(since: datetime, now: datetime, events: int) -> Iterator[tuple[datetime, datetime, int, int]]:
    """(from, to, number of the first event, number of events) of each month, in order."""
    lower, done = since, 0
    while lower < now:
        upper = min(now, datetime(lower.year + lower.month // 12, lower.month % 12 + 1, 1, tzinfo=UTC))
        until = round(events * ((upper - since) / (now - since)))
        yield lower, upper, done, until - done
        lower, done = upper, until


def _partition(moment: datetime) -> str:
    return f"event_y{moment.year:04d}m{moment.month:02d}"


def _partitions(moments: list[datetime]) -> None:
    from headwater.core import database, partitions

    with database.transaction() as conn:
        partitions.ensure(conn, "event", moments)


def _events(
    workspace_id: int, kinds: dict[str, int], first: int, profiles: int, month: tuple[datetime, datetime, int, int]
) -> None:
    """One month's events, in the order of time. Their properties are those of 5,000 products and 1,000 mailings."""
    from headwater.core import database

    lower, upper, number, count = month
    table = _partition(lower)
    with database.connect(autocommit=True) as conn:
        conn.execute("SET synchronous_commit = off")
        conn.execute("SET work_mem = '1GB'")
        conn.execute("SET enable_mergejoin = off")  # it would sort once more
        conn.execute("SELECT setseed(%s)", ((lower.year * 12 + lower.month) % 1000 / 1000,))
        bound, metric = 0.0, "CASE"
        for name, share in SHARES.items():
            bound += share
            metric += f" WHEN kind < {bound:.4f} THEN {kinds[name]}"
        metric += f" ELSE {kinds['Clicked Email']} END"
        conn.execute(
            f"""
            WITH template AS MATERIALIZED (
                SELECT number, jsonb_build_object(
                           'product_id', 'P' || lpad(number::text, 5, '0'),
                           'name', category || ' No. ' || number,
                           'category', category,
                           'price', 9.95 + number %% 190,
                           'url', 'https://juniper.example/products/' || lower(category) || '-' || number
                       ) AS properties
                FROM generate_series(0, %(products)s - 1) AS number,
                     LATERAL (SELECT (%(categories)s::text[])[1 + number %% 20]) AS shelf (category)
                UNION ALL
                SELECT -1 - number, jsonb_build_object(
                           'campaign_id', 'C' || lpad(number::text, 5, '0'),
                           'subject', 'What is new in week ' || number %% 52,
                           'client', (ARRAY['Apple Mail', 'Gmail', 'Outlook'])[1 + number %% 3],
                           'url', 'https://juniper.example/mailings/' || number
                       )
                FROM generate_series(0, %(mailings)s - 1) AS number
            )
            INSERT INTO {table}
                (workspace_id, id, ts, metric_id, profile_id, value, history, received_at, properties)
            SELECT %(workspace)s, md5(%(workspace)s || '-' || n)::uuid, ts, {metric},
                   -- The power law gives a rank among the people, the stride an id far from that of the next rank.
                   %(first)s + (%(people)s::bigint * (power(%(head)s + (1 - %(head)s) * who, 3) - power(%(head)s, 3))
                                / (1 - power(%(head)s, 3)))::bigint * {_STRIDE} %% %(people)s,
                   CASE WHEN {metric} = %(orders)s THEN round((10 + 190 * power(much, 3))::numeric, 2) END,
                   false, ts, properties
            FROM (
                SELECT n, random() AS kind, random() AS who, random() AS what, random() AS much,
                       %(lower)s::timestamptz + %(span)s::interval * ((n - %(number)s - random()) / %(count)s) AS ts
                FROM generate_series(%(number)s::bigint + 1, %(number)s::bigint + %(count)s) AS n
            ) AS arrival
            JOIN template ON template.number = CASE
                WHEN kind < %(shop)s THEN floor(power(what, 2) * %(products)s)::int
                ELSE -1 - floor(what * %(mailings)s)::int
            END
            ORDER BY n
            """,
            {
                "workspace": workspace_id,
                "categories": list(CATEGORIES),
                "products": _PRODUCTS,
                "mailings": _MAILINGS,
                "first": first,
                "people": profiles,
                "head": _HEAD,
                "orders": kinds["Placed Order"],
                "shop": sum(share for name, share in SHARES.items() if not name.endswith("Email")),
                "lower": lower,
                "span": upper - lower - timedelta(microseconds=1),
                "number": number,
                "count": count,
            },
        )


# In the order in which live rows appear: that of each person's first event, and of the days.
_PROFILE_METRIC = """
    INSERT INTO profile_metric (workspace_id, profile_id, metric_id, count, sum, first_ts, last_ts)
    SELECT %(workspace)s, profile_id, metric_id, count(*), COALESCE(sum(value), 0), min(ts), max(ts)
    FROM event
    WHERE workspace_id = %(workspace)s
    GROUP BY profile_id, metric_id
    ORDER BY min(ts)
"""

_PROFILE_METRIC_DAY = """
    INSERT INTO profile_metric_day (workspace_id, metric_id, profile_id, day, count, sum)
    SELECT %(workspace)s, %(metric)s, profile_id, (ts AT TIME ZONE 'UTC')::date AS day, count(*),
           COALESCE(sum(value), 0)
    FROM event
    WHERE workspace_id = %(workspace)s
      AND metric_id = %(metric)s
    GROUP BY profile_id, day
    ORDER BY day, profile_id
"""

_METRIC_DAY = """
    INSERT INTO metric_day (workspace_id, metric_id, day, count, sum)
    SELECT workspace_id, metric_id, day, sum(count), sum(sum)
    FROM profile_metric_day
    WHERE workspace_id = %(workspace)s
    GROUP BY workspace_id, metric_id, day
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data-dir", type=Path, help="keep the filled instance here")
    asked.add_argument("--profiles", type=int, default=PROFILES)
    asked.add_argument("--events", type=int, default=EVENTS)
    asked.add_argument("--years", type=int, default=YEARS)
    args = asked.parse_args()
    began = time.monotonic()
    with filled(args.data_dir, args.profiles, args.events, args.years) as workspace_id:
        said = {"data_dir": args.data_dir and str(args.data_dir), "workspace_id": workspace_id}
        print(json.dumps(said | {"seconds": round(time.monotonic() - began, 1)}), flush=True)


if __name__ == "__main__":
    main()
