"""Searches of cart plans that end after so many steps, compiled or not."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.annealing import warm_up
from fulfillment.domain.routing import speed


def looks(most: int) -> Callable[[], float]:
    """Return a clock after which so many looks at it all time is over."""
    seen = count()
    return lambda: next(seen) / most


@pytest.fixture
def compiled_search() -> Iterator[None]:
    """Let searches and routes run compiled for as long as the test takes."""
    assert speed.warm_up()
    assert warm_up()
    yield
    compiled.cool_down()
    speed.cool_down()
