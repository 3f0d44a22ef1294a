"""`choice_search` compiled, on the compiled sweeps."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit

from fulfillment.domain.routing import choice_search, kernels
from fulfillment.domain.routing.floor_arrays import Int32s


@njit(cache=True)
def _tour_of(ground: tuple[Any, ...], used: Int32s, room: Int32s) -> int:
    floor, closed, opened, layers, prices = ground
    count = 0
    for place in range(len(used)):
        if used[place] > 0:
            room[count] = place
            count += 1
    room[len(used)] += 1
    return kernels.shortest(floor, closed, opened, room[:count], layers, prices)


def _compiled(function: Callable[..., Any], **parts: Callable[..., Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    scope = {**function.__globals__, **parts}
    found: Callable[..., Any] = njit(cache=True, nogil=True)(FunctionType(function.__code__, scope, function.__name__))
    return found


_disturb = _compiled(choice_search._disturb)  # noqa: SLF001 - the compiled form of one module
_place_best = _compiled(choice_search.place_best, tour_of=_tour_of)
_improve = _compiled(choice_search.improve, tour_of=_tour_of, place_best=_place_best)
_around = _compiled(choice_search._around, tour_of=_tour_of, place_best=_place_best, improve=_improve)  # noqa: SLF001
_restore = _compiled(choice_search._restore)  # noqa: SLF001
search = _compiled(
    choice_search.search,
    tour_of=_tour_of,
    improve=_improve,
    _around=_around,
    _restore=_restore,
    _disturb=_disturb,
)
