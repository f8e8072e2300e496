"""The table of people at the size of a large shop: how long a page takes, whatever is searched, filtered or sorted.

    python bench/profiles.py [--data-dir DIR] [--profiles 1000000] [--events 4000000] [--rounds 20]

Stands on `shop_history.py`: with `--data-dir` the history is made once and kept. One JSON line a case: `times_ms` of a
page of 50 people, ids and rows, as the API answers it; cases take turns, so none runs in a row. The last case is what
the indexes of the table cost those who bring people: CPU for profiles made by `identity.resolve`, with and without.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import report
from instance import NOW
from shop_history import PROFILES, filled

EVENTS = 4_000_000
MADE = 50_000
BATCH = 1_000
INDEXES = ("profile_created", "profile_email", "profile_name", "profile_search")


def cases(list_id: int) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(case, filters, sort)."""
    yield "first page", {}, {}
    for by in ("created", "email", "name", "orders", "value"):
        yield f"sorted by {by}", {}, {"by": by}
        yield f"sorted by {by}, rising", {}, {"by": by, "falling": False}
    yield "search, prefix of an address", {"q": "person99999"}, {}
    yield "search, substring of few", {"q": "99999@ex"}, {}
    yield "search, substring of many", {"q": "mia"}, {}
    yield "search, substring of all", {"q": "example"}, {}
    yield "search, nobody", {"q": "zzzq"}, {}
    yield "search, two words", {"q": "mia 1234"}, {}
    yield "search, beginning of a word", {"q": "ad"}, {}
    yield "search of few, by value", {"q": "person99999"}, {"by": "value"}
    yield "search of many, by value", {"q": "mia"}, {"by": "value"}
    for state in ("subscribed", "unsubscribed", "never_subscribed"):
        yield f"consent {state}", {"consent": state}, {}
    yield "on a list", {"list_id": list_id}, {}
    yield "on a list, by name", {"list_id": list_id}, {"by": "name", "falling": False}
    yield "country of many", {"country": "DE"}, {}
    yield "country of nobody", {"country": "LU"}, {}
    yield "suppressed", {"suppressed": True}, {}
    yield "created since ten days", {"created_since": NOW - timedelta(days=10)}, {}
    yield "created since ten days, by email", {"created_since": NOW - timedelta(days=10)}, {"by": "email"}
    yield "all filters", {"q": "mia", "consent": "unsubscribed", "country": "NL", "list_id": list_id}, {"by": "value"}


def page(workspace: int, filters: dict[str, Any], sort: dict[str, Any], cursor: str | None) -> tuple[float, Any]:
    """Milliseconds, and the page."""
    from headwater.core import database
    from headwater.segments import people, people_query, people_rows

    with database.transaction() as conn:
        began = time.perf_counter()
        found = people.page(conn, workspace, people_query.Filters(**filters), cursor=cursor, **sort)
        people_rows.rows(conn, workspace, found.ids)
        return (time.perf_counter() - began) * 1000, found


def deep(workspace: int, by: str) -> str:
    """A cursor half-way down the table."""
    from headwater.core import database
    from headwater.segments import people
    from headwater.segments.people_query import SORTS

    with database.transaction() as conn:
        row = conn.execute(
            f"SELECT {SORTS[by].key}, p.id FROM profile p WHERE p.workspace_id = %s AND p.id = "  # type: ignore[index]
            "(SELECT (min(id) + max(id)) / 2 FROM profile WHERE workspace_id = %s)",
            (workspace, workspace),
        ).fetchone()
    assert row is not None
    return people._written(by, True, (0, *row), False)  # type: ignore[arg-type]


def pages(workspace: int, rounds: int) -> None:
    from headwater.core import database

    with database.transaction() as conn:
        found = conn.execute("SELECT min(id) FROM list WHERE workspace_id = %s", (workspace,)).fetchone()
    assert found is not None
    times: dict[str, list[float]] = defaultdict(list)
    totals: dict[str, Any] = {}
    asked = [(*case, None) for case in cases(found[0])]
    asked += [(f"deep page by {by}", {}, {"by": by}, deep(workspace, by)) for by in ("created", "email", "name")]
    for turn in range(rounds + 1):
        for name, filters, sort, cursor in asked:
            took, answer = page(workspace, filters, sort, cursor)
            totals[name] = (answer.total, answer.exact)
            if turn:  # the first is to warm up
                times[name].append(took)
    for name, taken in times.items():
        total, exact = totals[name]
        rate = 1000 * len(taken) / sum(taken)
        report.line(bench="profiles", case=name, rate=rate, times_ms=taken, total=total, exact=exact)


def making(workspace: int, offset: int) -> float:
    """CPU seconds, of this process and of PostgreSQL, for a thousand people made as an import makes them."""
    from headwater.audience import identity, profiles
    from headwater.audience.identity import Claim
    from headwater.core import database

    began = report.cpu_seconds([os.getpid()])
    for first in range(offset, offset + MADE, BATCH):
        with database.transaction() as conn:
            identity.lock(conn, workspace)
            claims = [Claim(email=f"made{number}@shop{number % 97}.example") for number in range(first, first + BATCH)]
            ids = identity.resolve(conn, workspace, claims, NOW)
            names = {one: {"first_name": "Ada", "last_name": f"Number {one}"} for one in ids}
            profiles.write(conn, workspace, names, NOW)
    return (report.cpu_seconds([os.getpid()]) - began) * 1000 / MADE


def cost(workspace: int) -> None:
    """The indexes are dropped for the second half and made again, as the migration made them."""
    from headwater.core import database

    began = time.perf_counter()
    cpu = making(workspace, 0)
    rate = MADE / (time.perf_counter() - began)
    with database.transaction() as conn:
        made = conn.execute("SELECT indexdef FROM pg_indexes WHERE indexname = ANY(%s)", (list(INDEXES),)).fetchall()
        for index in INDEXES:
            conn.execute(f"DROP INDEX {index}")
    try:
        without = making(workspace, MADE)
    finally:
        with database.transaction() as conn:
            for (definition,) in made:
                conn.execute(definition)
            conn.execute("DELETE FROM profile WHERE workspace_id = %s AND email LIKE 'made%%'", (workspace,))
        with database.connect(autocommit=True) as conn:
            conn.execute("VACUUM (ANALYZE) profile, profile_identifier")
    case = "people made, with the indexes"
    report.line(bench="profiles", case=case, rate=rate, cpu_s_per_1000=cpu, cpu_s_per_1000_without=round(without, 4))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data-dir", type=Path, help="keep the filled instance here")
    asked.add_argument("--profiles", type=int, default=PROFILES)
    asked.add_argument("--events", type=int, default=EVENTS)
    asked.add_argument("--rounds", type=int, default=20)
    args = asked.parse_args()
    with filled(args.data_dir, args.profiles, args.events) as workspace:
        if args.rounds:
            pages(workspace, args.rounds)
        cost(workspace)


if __name__ == "__main__":
    main()
