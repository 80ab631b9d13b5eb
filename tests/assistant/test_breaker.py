from __future__ import annotations

from assistant.breaker import Breaker, Tolerance


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(Tolerance(failures=5, window=30, rest=30), clock=clock)
    for _ in range(5):
        assert breaker.lets_through()
        breaker.failed()
    return breaker


def test_five_failures_within_the_window_open_it() -> None:
    breaker = opened(Clock())

    assert not breaker.closed
    assert not breaker.lets_through()


def test_failures_spread_over_more_than_the_window_do_not() -> None:
    clock = Clock()
    breaker = Breaker(Tolerance(failures=5, window=30, rest=30), clock=clock)

    for _ in range(20):
        assert breaker.lets_through()
        breaker.failed()
        clock.now += 8

    assert breaker.closed


def test_a_success_forgets_the_failures_before_it() -> None:
    breaker = Breaker(Tolerance(failures=2, window=30, rest=30), clock=Clock())

    for _ in range(5):
        breaker.failed()
        breaker.succeeded()

    assert breaker.closed


def test_after_its_rest_one_call_probes_at_a_time() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 31

    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]


def test_a_probe_that_works_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 31
    breaker.lets_through()

    breaker.succeeded()

    assert breaker.lets_through()
    assert breaker.lets_through()


def test_a_probe_that_fails_rests_again() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 31
    breaker.lets_through()

    breaker.failed()

    clock.now += 29
    assert not breaker.lets_through()
    clock.now += 2
    assert breaker.lets_through()


def test_a_probe_whose_visitor_left_lets_another_one_probe() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 31
    breaker.lets_through()

    breaker.left()

    assert breaker.lets_through()
    assert not breaker.closed
