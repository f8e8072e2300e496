"""What people read when they ask why somebody did not enter a flow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from headwater import why
from headwater.audience import joining, lists
from headwater.cli.why import app
from headwater.flows import refusing
from headwater.flows.editing import pausing
from tests.flows.test_why_not import DAY, HOUR, LIVE, NOW, YEARLY, Shop
from tests.segments import segment_people


def told(shop: Shop) -> dict[str, Any]:
    answer = why.entering(shop.conn, shop.workspace, shop.person, "a-flow", NOW + 10 * DAY)
    orjson.dumps(answer)
    return answer


def twice(shop: Shop) -> None:
    shop.happens(properties={"cart_id": "c7"})
    shop.happens(at=NOW + HOUR, properties={"cart_id": "c7"})


def stopped(shop: Shop) -> None:
    pausing.pause(shop.conn, shop.workspace, "a-flow", NOW - HOUR)
    shop.happens()


FILTER = {"metric": "Viewed Product", "where": [{"property": "price", "greater_than": 0}]}
ABOUT: list[tuple[str, dict[str, Any], Callable[[Shop], object], str]] = [
    ("entered", {}, lambda shop: shop.happens(), "Entered on Mon 2 Mar 2026 07:00: still on the way."),
    ("merged", {"entry": {"key": "cart_id", "merge": "replace"}}, twice,
     "Its data went into the run for c7 that had begun on Mon 2 Mar 2026 07:00."),
    ("inside", {"entry": {"key": "cart_id"}}, twice, "c7 was inside already, since Mon 2 Mar 2026 07:00."),
    ("again", {"entry": {"again": "never"}}, twice,
     "Had entered on Mon 2 Mar 2026 07:00, and nobody enters this flow again."),
    ("again", {"entry": {"again": {"after": {"days": 14}}}}, twice,
     "Had entered on Mon 2 Mar 2026 07:00, and may enter again from Mon 16 Mar 2026 08:00 on."),
    ("not_live", {}, lambda shop: shop.did("Viewed Product", LIVE - HOUR),
     "The flow was not live yet: it was published on Sat 31 Jan 2026 07:00."),
    ("not_live", {}, stopped, "The flow was not live any more; it was stopped on Mon 2 Mar 2026 06:00 or before."),
    ("history", {}, lambda shop: shop.happens(history=True),
     "It was imported as history, which fills the past and starts nothing."),
    ("late", {}, lambda shop: shop.happens(received=NOW + 25 * HOUR),
     "It came 1 day 1 hour after it had happened; what is more than 24 hours old is history."),
    ("trigger_filter", {"trigger": FILTER}, lambda shop: shop.happens(properties={"price": 0}),
     "It did not pass the trigger's filter: price is more than 0."),
    ("no_address", {"email": False}, lambda shop: shop.happens(),
     "There is no email address, and who has none is not taken in."),
    ("exit", {"exit_on": [{"if": {"not": {"list": "News"}}}]}, lambda shop: shop.happens(),
     "What ends the flow held already: is not on the list News."),
    ("profile_filters", {"profile_filters": [{"list": "News"}, {"property": "country", "in": ["US"]}]},
     lambda shop: shop.happens(),
     "The flow's filters said no: is on the list News and country is one of “US”."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "flow", "happens", "words"), ABOUT)
def test_each_verdict_is_said_in_words(
    conn: Connection, workspace: int, code: str, flow: dict[str, Any], happens: Callable[[Shop], object], words: str
) -> None:
    shop = Shop(conn, workspace, **flow)
    happens(shop)

    answer = told(shop)

    assert (answer["verdict"], answer["words"]) == (code, words)
    assert answer["triggers"][0]["what"] == "Viewed Product"


def test_every_verdict_has_words() -> None:
    codes = {value for name, value in vars(refusing).items() if name.isupper() and isinstance(value, str)}

    assert codes == {code for code, *_ in ABOUT} | {"holdout", "other_trigger", "unclear"}


def test_the_facts_behind_a_verdict_are_shown(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger=FILTER, profile_filters=[{"list": "News"}])
    shop.happens(properties={"price": 0})
    assert told(shop)["details"] == ["price: 0"]

    shop.happens(at=NOW + HOUR, properties={"price": 5})
    assert told(shop)["details"] == ["is not on the list"]


def joins(shop: Shop) -> None:
    news = lists.find(shop.conn, shop.workspace, "News")
    assert news is not None
    joining.join(shop.conn, shop.workspace, news, [shop.person], NOW + 9 * DAY, joining.Wish("api"))


def into_segment(shop: Shop) -> None:
    vip = segment_people.a_segment(shop.conn, shop.workspace, "VIP", LIVE)
    segment_people.in_segment(shop.conn, shop.workspace, vip, shop.person, NOW)


def born(shop: Shop) -> None:
    shop.conn.execute(
        "UPDATE profile SET properties = %s WHERE workspace_id = %s",
        (Jsonb({"birthday": "2026-03-30"}), shop.workspace),
    )


def nothing(shop: Shop) -> None:
    """Nothing happens."""


NOTHING: list[tuple[str, dict[str, Any], Callable[[Shop], object], str]] = [
    ("no_trigger", {"metric": "Viewed Product"}, nothing, "No Viewed Product of theirs is known."),
    ("no_trigger", {"list": "News"}, nothing, "They are not on the list News."),
    ("not_confirmed", {"list": "News"}, joins, "They asked for the list News and have not confirmed it yet."),
    ("no_trigger", {"segment": "VIP"}, nothing, "They have not entered the segment VIP."),
    ("no_trigger", {"segment": "VIP", "on": "left"}, into_segment, "They have not left the segment VIP."),
    ("no_trigger", {"segment": "VIP"}, into_segment,
     "They are in the segment VIP since Mon 2 Mar 2026 07:00, by an edit or an import, which starts nothing."),
    ("no_date", YEARLY, nothing, "They have no date birthday, or it comes no more."),
    ("no_trigger", {"date": "birthday", "timezone": "UTC"}, born, "Their date comes on Sun 29 Mar 2026 20:00."),
    ("no_trigger", {"api": {}}, nothing, "No call has named them for this flow."),
    ("no_trigger", {"manual": {}}, nothing, "Nobody has added them by hand."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "trigger", "happens", "words"), NOTHING)
def test_without_a_trigger_it_says_what_is_missing(
    conn: Connection, workspace: int, code: str, trigger: dict[str, Any], happens: Callable[[Shop], object], words: str
) -> None:
    lists.create(conn, workspace, "News", LIVE, "double")
    shop = Shop(conn, workspace, trigger=trigger)
    happens(shop)

    answer = told(shop)

    assert (answer["verdict"], answer["words"], answer["triggers"]) == (code, words, [])


def test_who_was_added_by_hand_is_among_the_entries(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)
    shop.happens()

    [entry] = told(shop)["entries"]

    assert (entry["state"], entry["started_at"]) == ("waiting", NOW.isoformat())


# ── at a terminal ───────────────────────────────────────────────────────────────────────────────────────────────────
def run(shop: Shop, *words: str) -> tuple[int, str]:
    shop.conn.execute(
        """
        INSERT INTO profile_identifier (workspace_id, kind, value, profile_id)
        SELECT workspace_id, 'email', email, id
        FROM profile
        WHERE workspace_id = %s
        ON CONFLICT DO NOTHING
        """,
        (shop.workspace,),
    )
    shop.conn.commit()
    row = shop.conn.execute("SELECT slug FROM workspace WHERE id = %s", (shop.workspace,)).fetchone()
    assert row is not None
    result = CliRunner().invoke(app, [*words, "--brand", row[0]], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_the_command_shows_the_triggers_and_why(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace, trigger=FILTER)
    shop.happens(at=NOW - timedelta(hours=2), properties={"price": 5, "title": "Boots"})
    shop.happens(properties={"price": 0})

    code, said = run(shop, "p1@example.com", "--flow", "a-flow")

    assert code == 0
    lines = [" ".join(line.split()) for line in said.splitlines()]
    first = lines.index("Mon 02 Mar 2026 07:00 ✗ Viewed Product")
    assert lines[first + 1 : first + 3] == ["It did not pass the trigger's filter: price is more than 0.", "price: 0"]
    assert "Mon 02 Mar 2026 05:00 » Viewed Product: Boots" in lines
    assert "today's." in said


def test_the_command_says_what_is_not_there(conn: Connection, workspace: int) -> None:
    shop = Shop(conn, workspace)

    assert run(shop, "p1@example.com", "--flow", "nothing") == (1, "There is no flow nothing.\n")
    code, said = run(shop, "p1@example.com", "--flow", "a-flow")
    assert (code, "No Viewed Product of theirs is known." in said) == (0, True)
    assert run(shop, "x@example.com", "--flow", "a-flow")[0] == 1
