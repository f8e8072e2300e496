"""How fast to pull: a token bucket. Pure: it is told what time it is (seconds of any steady clock)."""

from __future__ import annotations


class TokenBucket:
    """At most `rate` takes a second on average, and at most `burst` at once."""

    __slots__ = ("_burst", "_rate", "_since", "_tokens")

    def __init__(self, rate: float, now: float, burst: float | None = None) -> None:
        if rate <= 0:
            raise ValueError("A rate must be above zero.")
        self._rate = rate
        self._burst = max(1.0, rate / 4 if burst is None else burst)
        self._tokens = self._burst
        self._since = now

    def wait(self, now: float) -> float:
        """Seconds until one may be taken; 0: now."""
        self._tokens = min(self._burst, self._tokens + (now - self._since) * self._rate)
        self._since = now
        return 0.0 if self._tokens > 1.0 - 1e-6 else (1.0 - self._tokens) / self._rate

    def take(self) -> None:
        """Take one. Ask `wait` first."""
        self._tokens -= 1.0
