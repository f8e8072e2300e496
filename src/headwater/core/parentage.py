"""Children that do not outlive their parent, even one that was killed with -9."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1


def signal_on_parent_death(number: int = signal.SIGTERM) -> None:
    """Have the kernel send this process `number` when its parent dies. Linux only; elsewhere it does nothing.

    Usable as `preexec_fn`: it allocates nothing and calls one function of the C library.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None  # loaded before any fork


def follow_parent(number: int = signal.SIGTERM) -> None:
    """End this process by signal `number` soon after its parent has gone, on every platform."""
    parent = os.getppid()
    signal_on_parent_death(number)
    forked_by = multiprocessing.parent_process()
    if forked_by is not None and os.getppid() != forked_by.pid:
        os._exit(1)  # it went before we could ask to be told
    if parent == 1 or os.getppid() != parent:
        return
    threading.Thread(target=_watch, args=(parent, number), name="parent-watch", daemon=True).start()


def _watch(parent: int, number: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), number)
    time.sleep(10)
    os._exit(1)
