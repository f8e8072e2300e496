"""Which rooms plug into which: the one place where lower rooms learn what higher rooms add to them.

Lower rooms offer registries (what else a merge moves, what a joined list starts, who vouches for a message); higher
rooms fill them. `compose()` does it, once, in every process: web, worker, command line and tests.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1)
def compose() -> None:
    """Plug the rooms together. Calling it again does nothing."""
