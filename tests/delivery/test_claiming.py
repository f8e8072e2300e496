"""A claim: what is due is taken once, judged in the same transaction, and either ready or skipped with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg import Connection

from headwater.audience import consent
from headwater.catalog import coupons, products
from headwater.core import database
from headwater.delivery import claims, ledger, settling
from headwater.delivery.reasons import Reason
from headwater.delivery.settling import Result, Skip
from headwater.delivery.sources import Brief
from headwater.delivery.transports.parcel import Verdict
from tests.delivery.ledger_builders import NOW, claim, new_source, people, plan, states, template

ACCEPTED = Verdict("accepted", 250, "ok")


def result(outgoing, verdict: Verdict = ACCEPTED, at=NOW) -> Result:
    return Result(
        outgoing.key, outgoing.profile_id, outgoing.address, outgoing.attempts, outgoing.deadline, verdict, at
    )


@pytest.fixture
def version(conn: Connection, workspace: int) -> int:
    return template(conn, workspace)


def test_to_intend_twice_is_to_intend_once(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    persons = people(conn, workspace, 3)
    assert plan(conn, workspace, name, persons, version) == 3
    assert plan(conn, workspace, name, [*persons, *people(conn, workspace, 1)], version) == 1


def test_what_is_due_becomes_ready_and_the_rest_waits(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    due, later = people(conn, workspace, 2)
    plan(conn, workspace, name, [due], version)
    plan(conn, workspace, name, [later], version, send_at=NOW + timedelta(seconds=1))
    batch = claim(conn, workspace)
    assert [one.profile_id for one in batch.ready] == [due]
    assert states(conn, workspace) == {due: ("claimed", None), later: ("planned", None)}
    assert b"Hello Ann" in b"".join(batch.ready[0].render().chunks)


def test_two_claimers_at_once_never_take_the_same_message(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    persons = people(conn, workspace, 40)
    plan(conn, workspace, name, persons, version)
    conn.commit()
    with database.connect() as one, database.connect() as two:
        first = claim(one, workspace, limit=25)
        second = claim(two, workspace, limit=25)  # the first has not committed
        one.commit()
        two.commit()
    taken = [outgoing.profile_id for outgoing in (*first.ready, *second.ready)]
    assert sorted(taken) == sorted(persons)


def test_an_unsubscribe_between_plan_and_claim_stops_it(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    consent.unsubscribe(conn, workspace, [person], at=NOW, now=NOW, method="unsubscribe_page")
    assert claim(conn, workspace).ready == []
    assert states(conn, workspace) == {person: ("skipped", Reason.UNSUBSCRIBED)}


def test_a_suppressed_address_gets_nothing(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    consent.suppress(conn, workspace, [person], "hard_bounce", at=NOW)
    claim(conn, workspace)
    assert states(conn, workspace) == {person: ("skipped", Reason.SUPPRESSED)}


def test_the_source_refuses_at_the_last_moment(conn: Connection, workspace: int, version: int):
    """A purchase a second before: the source knows, and is asked in the claim's own transaction."""
    name, source = new_source()
    buyer, other = people(conn, workspace, 2)
    plan(conn, workspace, name, [buyer, other], version)
    source.said[buyer] = Brief(refuse=Reason.FAILED_EXIT_CONDITION, detail="Placed Order")
    assert [one.profile_id for one in claim(conn, workspace).ready] == [other]
    assert states(conn, workspace)[buyer] == ("skipped", Reason.FAILED_EXIT_CONDITION)
    (entry,) = ledger.of_profile(conn, workspace, buyer)
    assert entry.detail == "Placed Order"


def test_a_message_that_nobody_vouches_for_is_skipped(conn: Connection, workspace: int, version: int):
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, "nobody", [person], version)
    claim(conn, workspace)
    assert states(conn, workspace) == {person: ("skipped", Reason.UNEXPECTED)}


def test_a_held_message_waits_without_an_attempt(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    source.default = Brief(hold_until=NOW + timedelta(minutes=5))
    assert claim(conn, workspace).ready == []
    source.default = Brief()
    assert claim(conn, workspace, now=NOW + timedelta(minutes=4)).found == 0
    (ready,) = claim(conn, workspace, now=NOW + timedelta(minutes=5)).ready
    assert ready.attempts == 0


def test_a_template_that_does_not_compile_skips_with_its_error(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    broken, fine = people(conn, workspace, 2)
    conn.execute(
        """
        INSERT INTO template_version (workspace_id, template_id, subject, mjml, created_at)
        SELECT workspace_id, template_id, 'Hi', '<mjml><mj-body>{%% if %%}</mj-body></mjml>', %s
        FROM template_version WHERE workspace_id = %s AND id = %s
        RETURNING id
        """,
        (NOW, workspace, version),
    )
    wrong = conn.execute("SELECT max(id) FROM template_version WHERE workspace_id = %s", (workspace,)).fetchone()
    assert wrong is not None
    plan(conn, workspace, name, [broken, fine], version)
    source.said[broken] = Brief(template_version_id=wrong[0])
    assert [one.profile_id for one in claim(conn, workspace).ready] == [fine]
    assert states(conn, workspace)[broken] == ("skipped", Reason.TEMPLATE_ERROR)


# ---- Leases and fences ----------------------------------------------------------------------------------------------


def test_a_late_worker_cannot_settle_what_another_has_claimed(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    (late,) = claim(conn, workspace).ready
    after = NOW + claims.LEASE + timedelta(seconds=1)
    assert claims.reclaim(conn, workspace, after) == 1
    (fresh,) = claim(conn, workspace, wall=after).ready
    assert fresh.key.fence == late.key.fence + 1
    settling.settle(conn, workspace, [result(late, Verdict("refused", 550, "5.1.1 no", "5.1.1"))])
    assert states(conn, workspace) == {person: ("claimed", None)}
    settling.settle(conn, workspace, [result(fresh)])
    assert states(conn, workspace) == {person: ("sent", None)}


def test_a_late_worker_whose_message_nobody_took_tells_the_truth(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    (late,) = claim(conn, workspace).ready
    claims.reclaim(conn, workspace, NOW + claims.LEASE + timedelta(seconds=1))
    settling.settle(conn, workspace, [result(late)])
    assert states(conn, workspace) == {person: ("sent", None)}
    assert claim(conn, workspace).found == 0


def test_a_lease_that_holds_is_not_reclaimed(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 1), version)
    (ready,) = claim(conn, workspace).ready
    claims.renew(conn, workspace, [ready.key], NOW + timedelta(minutes=5))
    assert claims.reclaim(conn, workspace, NOW + timedelta(minutes=4)) == 0
    assert claims.renew(conn, workspace, [claims.Key(ready.key.id, NOW, 99)], NOW) == set()


def test_what_was_not_tried_goes_back_without_an_attempt(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 1), version)
    (ready,) = claim(conn, workspace).ready
    settling.settle(conn, workspace, [result(ready, Verdict("deferred", None, "closed", tried=False))])
    (again,) = claim(conn, workspace).ready
    assert again.attempts == 0


def test_cancel_stops_what_is_planned_and_not_what_is_claimed(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    first, second = people(conn, workspace, 2)
    plan(conn, workspace, name, [first], version)
    (on_the_wire,) = claim(conn, workspace).ready
    plan(conn, workspace, name, [second], version)
    assert ledger.cancel(conn, workspace, name, 1, Reason.CANCELLED, NOW) == 1
    settling.settle(conn, workspace, [result(on_the_wire)])
    assert states(conn, workspace) == {first: ("sent", None), second: ("cancelled", Reason.CANCELLED)}
    progress = ledger.progress(conn, workspace, name, 1)
    assert (progress.states, progress.reasons, progress.open) == ({"sent": 1, "cancelled": 1}, {"cancelled": 1}, 0)
    assert ledger.unfinished(conn, workspace, name, [1]) == set()


def test_an_ended_enrolment_takes_its_planned_messages_along(conn: Connection, workspace: int, version: int):
    one, two = people(conn, workspace, 2)
    plan(conn, workspace, "flow", [one], version, step="a", occurrence=71)
    plan(conn, workspace, "flow", [two], version, step="a", occurrence=72)
    assert ledger.cancel_for_enrolments(conn, workspace, [71], Reason.FAILED_EXIT_CONDITION, NOW) == 1
    assert states(conn, workspace) == {one: ("cancelled", Reason.FAILED_EXIT_CONDITION), two: ("planned", None)}


# ---- Retries --------------------------------------------------------------------------------------------------------


def test_a_deferred_message_is_tried_again_later_and_in_the_end_given_up(
    conn: Connection, workspace: int, version: int
):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    now, tries, message_ids = NOW, [], set()
    while batch := claim(conn, workspace, now=now):
        if not batch.found:
            break
        (ready,) = batch.ready
        tries.append(now - NOW)
        message_ids.add(b"".join(ready.render().chunks).split(b"Message-ID: ")[1].split(b"\r\n")[0])
        settling.settle(conn, workspace, [result(ready, Verdict("deferred", 451, "busy"), at=now)])
        (entry,) = ledger.of_profile(conn, workspace, person)
        if entry.state != "planned":
            break
        assert claim(conn, workspace, now=entry.send_at - timedelta(seconds=1)).found == 0
        now = entry.send_at
    assert tries[:4] == [timedelta(minutes=minutes) for minutes in (0, 1, 6, 21)]
    assert tries[-1] <= timedelta(hours=24)
    assert states(conn, workspace) == {person: ("failed", Reason.GAVE_UP)}
    assert entry.attempts == len(tries)
    assert len(message_ids) == 1


def test_a_refusal_bounces_and_enters_intake(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    (ready,) = claim(conn, workspace).ready
    settling.settle(conn, workspace, [result(ready, Verdict("refused", 550, "5.1.1 No such user here", "5.1.1"))])
    (entry,) = ledger.of_profile(conn, workspace, person)
    assert (entry.state, entry.reason, entry.detail) == (
        "bounced",
        Reason.REFUSED_BY_SERVER,
        "550 5.1.1 No such user here",
    )
    (items,) = conn.execute("SELECT items FROM inbox WHERE workspace_id = %s", (workspace,)).fetchall()
    assert b"Bounced Email" in bytes(items[0])
    assert f'"message_id":{ready.key.id}'.encode() in bytes(items[0])


# ---- Smart sending --------------------------------------------------------------------------------------------------


def test_a_second_email_within_the_window_is_skipped(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, step="one")
    assert len(claim(conn, workspace).ready) == 1
    plan(conn, workspace, name, [person], version, step="two", send_at=NOW + timedelta(hours=15))
    assert claim(conn, workspace, now=NOW + timedelta(hours=15)).ready == []
    assert states(conn, workspace)[person] == ("skipped", Reason.SMART_SENDING)
    plan(conn, workspace, name, [person], version, step="three", send_at=NOW + timedelta(hours=16))
    assert len(claim(conn, workspace, now=NOW + timedelta(hours=16)).ready) == 1


def test_of_two_due_at_once_one_goes(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    persons = people(conn, workspace, 5)
    plan(conn, workspace, name, persons, version, step="one")
    plan(conn, workspace, name, persons, version, step="two")
    assert sorted(one.profile_id for one in claim(conn, workspace).ready) == sorted(persons)


def test_two_workers_with_two_emails_for_the_same_people(workspace: int, conn: Connection, version: int):
    """The second worker's stamps wait for the first one's row locks, and then see them."""
    import threading

    name, _ = new_source()
    persons = people(conn, workspace, 30)
    plan(conn, workspace, name, persons, version, step="one")
    plan(conn, workspace, name, persons[::-1], version, step="two")
    conn.commit()
    ready: list[int] = []
    barrier = threading.Barrier(2)

    def work() -> None:
        with database.connect() as mine:
            barrier.wait()
            while (batch := claim(mine, workspace, limit=7)).found:
                mine.commit()
                ready.extend(one.profile_id for one in batch.ready)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(ready) == sorted(persons)


def test_an_email_that_does_not_heed_it_goes_and_starts_the_timer(conn: Connection, workspace: int, version: int):
    name, source = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, step="one")
    claim(conn, workspace)
    source.default = Brief(smart_sending=False)
    plan(conn, workspace, name, [person], version, step="two")
    assert len(claim(conn, workspace, now=NOW + timedelta(hours=10)).ready) == 1
    source.default = Brief()
    plan(conn, workspace, name, [person], version, step="three")
    claim(conn, workspace, now=NOW + timedelta(hours=20))
    assert states(conn, workspace)[person] == ("skipped", Reason.SMART_SENDING)


def test_a_message_skipped_before_it_left_frees_its_stamp(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, step="one")
    (ready,) = claim(conn, workspace).ready
    settling.skip(conn, workspace, [Skip(ready.key, person, ready.stamped, Reason.TEMPLATE_ERROR, "oh")], NOW)
    assert states(conn, workspace)[person] == ("skipped", Reason.TEMPLATE_ERROR)
    plan(conn, workspace, name, [person], version, step="two")
    assert len(claim(conn, workspace).ready) == 1


def test_a_retry_passes_its_own_stamp(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    plan(conn, workspace, name, people(conn, workspace, 1), version)
    (ready,) = claim(conn, workspace).ready
    settling.settle(conn, workspace, [result(ready, Verdict("deferred", 451, "busy"))])
    assert len(claim(conn, workspace, now=NOW + timedelta(minutes=1)).ready) == 1


def test_the_window_is_stamped_when_the_message_goes(conn: Connection, workspace: int, version: int):
    name, _ = new_source()
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version, step="one")
    claim(conn, workspace)
    conn.execute("UPDATE workspace SET smart_sending_hours = 1 WHERE id = %s", (workspace,))
    plan(conn, workspace, name, [person], version, step="two")
    claim(conn, workspace, now=NOW + timedelta(hours=2))
    assert states(conn, workspace)[person] == ("skipped", Reason.SMART_SENDING)


# ---- Coupons and products -------------------------------------------------------------------------------------------


def test_a_shortage_of_codes_skips_who_gets_none(conn: Connection, workspace: int):
    name, _ = new_source()
    version = template(conn, workspace, "Use {{ coupon.code }}", {"coupon": "POOL"})
    coupons.define(conn, workspace, "POOL", "pool", None, None, None, NOW)
    coupons.add_codes(conn, workspace, "POOL", ["A1", "A2"])
    persons = people(conn, workspace, 3)
    plan(conn, workspace, name, persons, version)
    batch = claim(conn, workspace)
    assert len(batch.ready) == 2
    (left,) = set(persons) - {one.profile_id for one in batch.ready}
    assert states(conn, workspace)[left] == ("skipped", Reason.COUPON_UNAVAILABLE)
    assert conn.execute(
        "SELECT count(*) FROM smart_sending WHERE workspace_id = %s AND profile_id = %s", (workspace, left)
    ).fetchone() == (0,)
    shown = {b"A1" in b"".join(one.render().chunks) for one in batch.ready}
    assert shown == {True, False}


def test_a_retry_shows_the_same_code(conn: Connection, workspace: int):
    name, _ = new_source()
    version = template(conn, workspace, "Use {{ coupon.code }}", {"coupon": "OFFER"})
    coupons.define(conn, workspace, "OFFER", "generated", "SAVE", timedelta(minutes=1), None, NOW)
    (person,) = people(conn, workspace, 1)
    plan(conn, workspace, name, [person], version)
    (ready,) = claim(conn, workspace).ready
    settling.settle(conn, workspace, [result(ready, Verdict("deferred", 451, "busy"))])
    (again,) = claim(conn, workspace, now=NOW + timedelta(hours=2)).ready
    assert ready.material is not None
    assert again.material is not None
    assert again.material.coupons["OFFER"].code == ready.material.coupons["OFFER"].code


def test_a_product_that_went_away_cancels_its_email(conn: Connection, workspace: int):
    name, source = new_source()
    version = template(conn, workspace, "{{ item.title }}", {"item": {"from": "event", "unpublished": "cancel"}})
    products.upsert(
        conn,
        workspace,
        [{"id": "lamp", "title": "Lamp"}, {"id": "vase", "title": "Vase", "published": False}],
        NOW,
    )
    seen, gone = people(conn, workspace, 2)
    source.said = {seen: Brief(event={"product_id": "lamp"}), gone: Brief(event={"product_id": "vase"})}
    plan(conn, workspace, name, [seen, gone], version)
    (ready,) = claim(conn, workspace).ready
    assert (ready.profile_id, ready.material.item.title) == (seen, "Lamp")
    assert states(conn, workspace)[gone] == ("skipped", Reason.CATALOG_ITEM_UNAVAILABLE)
