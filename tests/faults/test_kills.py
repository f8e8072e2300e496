"""kill -9 for every process in turn, in the middle of 20,000 events and a campaign to 20,000 people; then we count."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from headwater.delivery.sender import IN_FLIGHT
from tests.faults import live_segments
from tests.faults.conftest import ShopMaker
from tests.faults.counting import check, count
from tests.faults.load import BATCH, Shoppers, draft_for_everybody
from tests.faults.sink import Sink
from tests.running_instance import Instance, alive, eventually

pytestmark = [pytest.mark.slow, pytest.mark.faults]


Find = Callable[[dict[str, Any]], int]
"""From the instance's state to the process that it names."""


def children(pid: int) -> list[int]:
    said = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in said.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]


def server_of(web: int) -> int:
    """The process that serves: of web's children, the last one (a helper of multiprocessing may come before it)."""
    return max(children(web))


def answers(instance: Instance) -> bool:
    try:
        return instance.get("/healthz")[0] == 200
    except OSError:
        return False


def third_worker_ready(instance: Instance) -> bool:
    return instance.printed().count("worker_ready") == 3


@contextmanager
def shopping(instance: Instance, sink: Sink, *, events: int, mails: int) -> Iterator[Shoppers]:
    shoppers = Shoppers(instance, sink, events, mails)
    try:
        yield shoppers
    finally:
        shoppers.close()


def drive(shoppers: Shoppers, until: Callable[[], Any], what: str, seconds: float = 90) -> None:
    """Keep mail and events in step until something holds."""

    def step() -> Any:
        shoppers.keep_pace()
        return until()

    eventually(step, seconds, what)


def all_done(instance: Instance, campaign: int) -> bool:
    """Nothing in the inbox, every message at its end, the campaign closed."""
    with instance.connect() as conn:
        row = conn.execute(
            """
            SELECT EXISTS (SELECT FROM inbox)
                OR EXISTS (SELECT FROM message WHERE state IN ('planned', 'claimed'))
                OR EXISTS (SELECT FROM campaign WHERE id = %s AND finished_at IS NULL)
            """,
            (campaign,),
        ).fetchone()
    return row == (False,)


def test_nothing_is_lost_when_every_process_is_killed_in_turn(
    make_shop: ShopMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    people = events = 20_000
    instance, sink = make_shop()
    campaign = draft_for_everybody(instance, people)
    live_segments.make_before(instance)
    victims: list[tuple[str, Find, Callable[[Instance], bool]]] = [
        ("web", lambda state: state["processes"]["web"], answers),
        ("the web server's own process", lambda state: server_of(state["processes"]["web"]), answers),
        ("a worker", lambda state: state["processes"]["worker-1"], third_worker_ready),
        ("the database", lambda state: state["postgres"], answers),
    ]
    started = time.monotonic()

    told = []
    with shopping(instance, sink, events=events, mails=people) as shoppers:
        instance.api("POST", f"/campaigns/{campaign}/schedule")
        at = (0, 0)
        tree: list[int] = []
        for number, (name, find, works) in enumerate(victims):
            last = at[1]
            drive(shoppers, lambda mails=people * (number + 1) // 8, batches=last + 10: (  # type: ignore[misc]
                sink.taken() >= mails and len(shoppers.acknowledged) >= batches
            ), "the middle")  # fmt: skip
            victim = find(instance.state())
            at = (sink.taken(), len(shoppers.acknowledged))
            tree += [victim, *children(victim)]
            os.kill(victim, signal.SIGKILL)
            moment = time.monotonic()
            drive(
                shoppers,
                lambda find=find, victim=victim, works=works: (  # type: ignore[misc]
                    not alive(victim) and _another(instance, find, victim) and works(instance)
                ),
                f"{name} back",
            )
            if number == 0:
                live_segments.make(instance, "Late", live_segments.LATE)
            told.append(f"{name} killed at {at[0]} mails, {at[1]} batches; back in {time.monotonic() - moment:.1f} s")
            assert at[0] < people, "killed too late"
            assert at[1] < events // BATCH, "killed too late"
        drive(shoppers, lambda: sink.taken() >= people * 0.9, "nearly all mail")
        shoppers.finish()
        eventually(lambda: all_done(instance, campaign), 120, "all done")
        eventually(lambda: live_segments.settled(instance), 60, "segments settled")
        counts = count(instance, sink, shoppers, campaign, people)
        memberships = live_segments.counted(instance)

    assert not [pid for pid in tree if alive(pid)], "a process outlived the one that was killed"
    with capsys.disabled():
        print("", *told, counts.lines(), *memberships, f"in {time.monotonic() - started:.0f} s", sep="\n")
    check(counts, events=events, most_doubled=IN_FLIGHT)
    for segment in memberships:
        assert segment.stored > 0, segment
        assert segment.wrong == 0, segment
        if segment.name in live_segments.BEFORE:
            assert segment.untold == 0, segment


def _another(instance: Instance, find: Find, victim: int) -> bool:
    try:
        return find(instance.state()) != victim
    except ValueError:  # no process yet
        return False


def test_nothing_is_lost_when_the_supervisor_is_killed(
    make_shop: ShopMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    people = events = 5_000
    instance, sink = make_shop()
    campaign = draft_for_everybody(instance, people)

    with shopping(instance, sink, events=events, mails=people) as shoppers:
        instance.api("POST", f"/campaigns/{campaign}/schedule")
        drive(shoppers, lambda: sink.taken() >= people // 3, "the middle")
        shoppers.let_go()
        eventually(lambda: len(shoppers.acknowledged) > events // BATCH // 2, what="the middle of the events")
        instance.process.kill()
        instance.process.wait()
        at = (sink.taken(), len(shoppers.acknowledged))
        instance.start()
        shoppers.finish()
        eventually(lambda: all_done(instance, campaign), 120, "all done")
        counts = count(instance, sink, shoppers, campaign, people)

    with capsys.disabled():
        print("", f"supervisor killed at {at[0]} mails, {at[1]} batches", counts.lines(), sep="\n")
    assert at[0] < people, "killed too late"
    assert at[1] < events // BATCH, "killed too late"
    check(counts, events=events, most_doubled=2 * IN_FLIGHT)


def test_a_web_process_that_dies_while_its_server_starts_leaves_nothing_behind(make_shop: ShopMaker) -> None:
    instance, _ = make_shop()
    first = instance.state()["processes"]["web"]
    orphans = children(first)
    os.kill(first, signal.SIGKILL)
    second = eventually(lambda: _web_other_than(instance, first), what="another web process")
    orphans += eventually(lambda: children(second), what="its server, just forked")

    os.kill(second, signal.SIGKILL)

    eventually(lambda: not any(map(alive, orphans)), what="the servers gone")
    eventually(lambda: _web_other_than(instance, second) and answers(instance), what="web back")


def _web_other_than(instance: Instance, victim: int) -> int:
    web = int(instance.state()["processes"]["web"])
    return web if web != victim else 0
