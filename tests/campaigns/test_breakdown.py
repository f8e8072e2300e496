"""An audience taken apart: what each part brings and takes away, who does not get it and why, who gets it later."""

from __future__ import annotations

from datetime import timedelta

from psycopg import Connection

from headwater.accounts import brand as brands
from headwater.accounts.limits import FrequencyCap, QuietHours
from headwater.campaigns import audience, breakdown
from headwater.campaigns.audience import Audience, Buyers
from headwater.delivery.reasons import Reason
from headwater.segments import saved
from tests.campaigns.campaign_people import NOW, a_list, ordered, people

HOUR = timedelta(hours=1)


def test_each_part_says_what_it_brings_and_what_it_takes_away(conn: Connection, workspace: int) -> None:
    one, two, three, four, five = people(conn, workspace, 5)
    ordered(conn, workspace, four, NOW - HOUR)
    segment = saved.create(conn, workspace, "Buyers", {"metric": "Placed Order", "count": {"at_least": 1}}, NOW)
    chosen = Audience(
        included_lists=(a_list(conn, workspace, "A", [one, two]), a_list(conn, workspace, "B", [two, three])),
        included_segments=(segment.id,),
        excluded_lists=(a_list(conn, workspace, "No", [three, five]),),
    )
    apart = breakdown.of_audience(conn, workspace, chosen, NOW)
    assert [(part.name, part.people, part.only) for part in apart.included] == [
        ("A", 2, 1),
        ("B", 2, 0),
        ("Buyers", 1, 1),
    ]
    assert [(part.name, part.people, part.only) for part in apart.excluded] == [("No", 2, 1)]
    assert (apart.chosen, apart.left_out, apart.overlap) == (4, 1, 1)
    assert apart.expectation.going == 3


def test_everyone_who_does_not_get_it_is_counted_once_with_the_first_reason(conn: Connection, workspace: int) -> None:
    bounced, left, timer, fine = people(conn, workspace, 4)
    (nowhere,) = people(conn, workspace, 1, email="")
    conn.execute(
        """
        INSERT INTO suppression (workspace_id, profile_id, reason, at)
        VALUES (%(w)s, %(bounced)s, 'hard_bounce', %(now)s), (%(w)s, %(bounced)s, 'unsubscribe', %(now)s),
               (%(w)s, %(left)s, 'unsubscribe', %(now)s)
        """,
        {"w": workspace, "bounced": bounced, "left": left, "now": NOW},
    )
    conn.execute("INSERT INTO smart_sending VALUES (%s, %s, %s, 1)", (workspace, timer, NOW + HOUR))
    # The audience's language knows only people: someone without an address is known by another id.
    conn.execute("UPDATE profile SET external_id = 'x' WHERE workspace_id = %s AND id = %s", (workspace, nowhere))
    chosen = Audience(included_lists=(a_list(conn, workspace, "All", [bounced, left, timer, fine, nowhere]),))
    found = breakdown.of_audience(conn, workspace, chosen, NOW).expectation
    assert found.stopped == {
        Reason.MISSING_EMAIL: 1,
        Reason.SUPPRESSED: 1,
        Reason.UNSUBSCRIBED: 1,
        Reason.SMART_SENDING: 1,
    }
    assert (found.going, found.permitted, found.addressed) == (1, 2, 4)
    later = breakdown.of_audience(conn, workspace, chosen, NOW, at=NOW + 2 * HOUR).expectation
    assert Reason.SMART_SENDING not in later.stopped
    off = breakdown.of_audience(conn, workspace, chosen, NOW, smart_sending=False).expectation
    assert off.going == 2


def test_a_brand_that_asks_for_consent_reaches_only_the_subscribed(conn: Connection, workspace: int) -> None:
    never, subscribed = people(conn, workspace, 2)
    brands.update(conn, workspace, {"require_consent": True})
    conn.execute(
        """
        INSERT INTO consent (workspace_id, profile_id, state, changed_at, method)
        VALUES (%s, %s, 'subscribed', %s, 'test')
        """,
        (workspace, subscribed, NOW),
    )
    chosen = Audience(included_lists=(a_list(conn, workspace, "All", [never, subscribed]),))
    found = breakdown.of_audience(conn, workspace, chosen, NOW).expectation
    assert (found.going, found.stopped) == (1, {Reason.NOT_CONSENTED: 1})


def test_quiet_hours_and_caps_are_told_in_people(conn: Connection, workspace: int) -> None:
    asleep, awake, capped = people(conn, workspace, 3)
    # At 12:00 UTC: five in the morning in Denver, one in the afternoon in Berlin.
    conn.execute(
        "UPDATE profile SET timezone = 'America/Denver' WHERE workspace_id = %s AND id = %s", (workspace, asleep)
    )
    conn.execute(
        "UPDATE profile SET timezone = 'Europe/Berlin' WHERE workspace_id = %s AND id = %s", (workspace, awake)
    )
    brands.update(
        conn,
        workspace,
        {
            "quiet_hours": QuietHours.read({"from": "21:00", "to": "06:00"}),
            "frequency_caps": (FrequencyCap("campaign", 1, 1),),
        },
    )
    conn.execute(
        """
        INSERT INTO message (workspace_id, origin_at, source, source_id, profile_id, planned_at, send_at, sent_at,
                             state)
        VALUES (%(w)s, %(now)s, 'campaign', 1, %(p)s, %(now)s, %(now)s, %(now)s, 'sent')
        """,
        {"w": workspace, "p": capped, "now": NOW},
    )
    chosen = Audience(included_lists=(a_list(conn, workspace, "All", [asleep, awake, capped]),))
    apart = breakdown.of_audience(conn, workspace, chosen, NOW)
    assert apart.expectation.stopped == {Reason.FREQUENCY_CAPPED: 1}
    assert (apart.waiting.people, apart.waiting.until) == (1, NOW + HOUR)


def test_the_buyers_of_a_series_are_taken_away(conn: Connection, workspace: int) -> None:
    buyer, other = people(conn, workspace, 2)
    ordered(conn, workspace, buyer, NOW)
    chosen = Audience(included_lists=(a_list(conn, workspace, "All", [buyer, other]),))
    apart = breakdown.of_audience(conn, workspace, chosen, NOW + HOUR, buyers=Buyers("Placed Order", NOW))
    assert [(part.kind, part.name, part.only) for part in apart.excluded] == [("buyers", "Placed Order", 1)]
    assert apart.expectation.going == 1


def test_nobody_chosen_is_nobody(conn: Connection, workspace: int) -> None:
    apart = breakdown.of_audience(conn, workspace, audience.parse([], []), NOW)
    assert (apart.chosen, apart.expectation.going, apart.included) == (0, 0, ())
