"""What answers mean: for the call, and for the host that gave them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from headwater.flows.calls import outcomes as outcomes
from headwater.flows.calls.outcomes import Answer, HostHealth

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=24)
FAILED = Answer("again", "The server answered 503.", 503, says_of_host="down")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_2xx_is_done(status: int) -> None:
    assert outcomes.settle(outcomes.of_status(status), 0, DEADLINE, NOW, 0.5).state == "done"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 599])
def test_what_may_pass_is_tried_again(status: int) -> None:
    found = outcomes.settle(outcomes.of_status(status), 0, DEADLINE, NOW, 0.5)
    assert (found.state, found.next_at, found.status) == ("planned", NOW + timedelta(seconds=30), status)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422])
def test_anything_else_fails_at_once(status: int) -> None:
    found = outcomes.settle(outcomes.of_status(status), 0, DEADLINE, NOW, 0.5)
    assert found.state == "failed"
    assert str(status) in (found.error or "")


def test_pauses_double_from_half_a_minute_to_two_hours() -> None:
    pauses = [outcomes.pause_after(attempts, 0.5).total_seconds() for attempts in range(11)]
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200, 7200]
    assert outcomes.pause_after(0, 0.0) == timedelta(seconds=24)
    assert outcomes.pause_after(0, 1.0) == timedelta(seconds=36)
    assert outcomes.pause_after(10_000, 0.5) == timedelta(hours=2)


def test_a_server_that_asks_for_more_time_gets_it_and_never_less_than_the_pause() -> None:
    later = outcomes.settle(outcomes.of_status(429, timedelta(minutes=20)), 0, DEADLINE, NOW, 0.5)
    sooner = outcomes.settle(outcomes.of_status(429, timedelta(seconds=1)), 0, DEADLINE, NOW, 0.5)
    assert later.next_at == NOW + timedelta(minutes=20)
    assert sooner.next_at == NOW + timedelta(seconds=30)


def test_after_a_day_it_is_given_up() -> None:
    attempts, now = 0, NOW
    while (found := outcomes.settle(FAILED, attempts, DEADLINE, now, 0.5)).state == "planned":
        assert found.next_at is not None
        assert now < found.next_at <= DEADLINE
        attempts, now = attempts + 1, found.next_at
    assert found.state == "failed"
    assert "503" in (found.error or "")
    assert now > DEADLINE - timedelta(hours=2)
    assert 15 < attempts < 25


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("120", timedelta(minutes=2)),
        (" 0 ", timedelta(0)),
        ("9" * 400, timedelta(seconds=10**8)),
        ("Mon, 02 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Mar 2026 11:00:00 GMT", timedelta(0)),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, span: timedelta | None) -> None:
    assert outcomes.retry_after(header, NOW) == span


def test_ten_failures_in_a_row_and_the_host_is_left_alone() -> None:
    assert not outcomes.after(HostHealth(), ["down"] * 9, NOW).rests(NOW)
    host = outcomes.after(HostHealth(), ["down"] * 10, NOW)
    assert host.open_until == NOW + timedelta(minutes=5)
    assert outcomes.room_at(host.failures) == 1
    assert outcomes.room_at(9) == outcomes.A_HOST


def test_one_answer_in_between_and_the_count_begins_anew() -> None:
    assert outcomes.after(HostHealth(), [*["down"] * 9, "up", *["down"] * 9, "nothing"], NOW) == HostHealth(9)


def test_what_was_on_its_way_does_not_lengthen_the_rest() -> None:
    host = outcomes.after(HostHealth(), ["down"] * 14, NOW)
    assert (host.openings, host.open_until) == (1, NOW + timedelta(minutes=5))


def test_each_failed_probe_doubles_the_rest_up_to_an_hour() -> None:
    host, now, rests = outcomes.after(HostHealth(), ["down"] * 10, NOW), NOW, []
    for _ in range(6):
        assert host.open_until is not None
        rests.append((host.open_until - now) / timedelta(minutes=1))
        now = host.open_until
        host = outcomes.after(host, ["down"], now)
    assert rests == [5, 10, 20, 40, 60, 60]
    assert outcomes.after(host, ["up"], now) == HostHealth()
