"""A backtest's people shared among processes: each reads and replays blocks of its own, and tells as it goes."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import Any

from headwater.core import collector, database
from headwater.flows.trials.backtest_replay import Case, Replay
from headwater.flows.trials.backtest_report import Tally

AT_ONCE = 1000
"""People whose history is replayed before the next progress is told."""

Done = tuple[int, list[Tally]]
"""(people, a tally for each version)"""


def replayed(case: Case, blocks: Sequence[Sequence[int]], processes: int) -> Iterator[Done]:
    """What came of some people after the others, in the order in which they are done."""
    if processes <= 1:
        with database.connect(autocommit=True) as conn:
            replay = Replay(conn, case)
            for block in blocks:
                yield from replay.block(block, AT_ONCE)
        return
    context = get_context("spawn")
    told: list[Any] = []
    workers = []
    try:
        for number in range(processes):
            ours, theirs = context.Pipe(duplex=False)
            worker = context.Process(target=_work, args=(case, blocks[number::processes], theirs), daemon=True)
            worker.start()
            theirs.close()
            told.append(ours)
            workers.append(worker)
        yield from _heard(told)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _heard(told: list[Any]) -> Iterator[Done]:
    """What the workers say, until all have come to their end. Raises RuntimeError if one broke off."""
    while told:
        for one in wait(told):
            assert isinstance(one, Connection)
            try:
                said = one.recv()
            except EOFError:
                raise RuntimeError("A process of the backtest was killed.") from None
            if isinstance(said, str):
                raise RuntimeError(said)
            if said is None:
                told.remove(one)
            else:
                yield said


def _work(case: Case, blocks: Sequence[Sequence[int]], tell: Connection) -> None:
    """One process's share: each part that is done, at last None; or what went wrong, in words."""
    Thread(target=_end_with_parent, daemon=True).start()
    collector.relax()
    try:
        with database.connect(autocommit=True) as conn:
            replay = Replay(conn, case)
            for block in blocks:
                for done in replay.block(block, AT_ONCE):
                    tell.send(done)
        tell.send(None)
    except Exception:
        tell.send(traceback.format_exc())


def _end_with_parent() -> None:
    """Leave nothing behind, even when the process that asked for the backtest is killed."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
