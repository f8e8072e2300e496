"""Python's cycle collector, for processes that handle batches of thousands.

A batch makes hundreds of thousands of objects without cycles, and the collector would walk them again and again: a
third of the CPU of loading events. What is loaded at start is set aside, and the rest is looked at much less often.
"""

from __future__ import annotations

import gc
from functools import lru_cache


@lru_cache(maxsize=1)
def relax() -> None:
    """Once a process, after its imports. Calling it again does nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
