import logging
import threading
import time
from collections.abc import Iterator

import pytest

from app.simulators.live_crew import Crew
from kernel.errors import NotFound


def test_people_work_side_by_side_at_their_pace() -> None:
    done: list[str] = []
    stop = threading.Event()
    crew = Crew(speed=1000)

    def hurried() -> Iterator[float]:
        for _ in range(50):
            done.append("hurried")
            yield 1
        stop.set()
        yield 1

    def slow() -> Iterator[float]:
        while True:
            done.append("slow")
            yield 10

    crew.add("hurried", hurried)
    crew.add("slow", slow)
    crew.work(stop)
    assert done.count("hurried") == 50
    assert 2 <= done.count("slow") <= 50


@pytest.mark.thorough
@pytest.mark.parametrize("accident", [KeyError("tote"), NotFound("There is no such batch.")])
def test_an_accident_ends_nobody_elses_day_and_its_own_begins_anew(
    accident: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    crew = Crew(speed=100)
    begun: list[float] = []
    others: list[int] = []

    def unlucky() -> Iterator[float]:
        begun.append(time.monotonic())
        if len(begun) == 3:
            stop.set()
        yield 0
        raise accident

    def lucky() -> Iterator[float]:
        while True:
            others.append(len(begun))
            yield 10

    crew.add("unlucky", unlucky)
    crew.add("lucky", lucky)
    with caplog.at_level(logging.WARNING):
        crew.work(stop)
    assert len(begun) == 3
    assert {1, 2} <= set(others)
    assert begun[2] - begun[1] >= begun[1] - begun[0] - 0.1 >= 0.8, "the rests grow"
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["unlucky"], "told once"
