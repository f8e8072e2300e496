"""The token bucket keeps to its rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.delivery.transports.pacing import TokenBucket


@given(st.floats(0.1, 5000), st.lists(st.floats(0, 2), max_size=60))
def test_never_more_than_the_burst_and_the_rate_allow(rate: float, gaps: list[float]) -> None:
    bucket = TokenBucket(rate, 0.0, burst=3)
    now, taken = 0.0, 0
    for gap in gaps:
        now += gap
        while bucket.wait(now) == 0:
            bucket.take()
            taken += 1

    assert taken <= 3 + now * rate + 1e-3


@given(st.floats(0.1, 5000))
def test_after_the_wait_there_is_one_to_take(rate: float) -> None:
    bucket = TokenBucket(rate, 0.0, burst=1)
    assert bucket.wait(0.0) == 0
    bucket.take()

    wait = bucket.wait(0.0)

    assert wait == pytest.approx(1 / rate)
    assert bucket.wait(wait) == 0


def test_a_rate_must_be_above_zero() -> None:
    with pytest.raises(ValueError):
        TokenBucket(0, 0.0)
