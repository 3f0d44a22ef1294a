"""`choice_search` compiled, on the compiled sweeps."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from fulfillment.domain.routing import choice_search, insertion_kernels, kernels
from fulfillment.domain.routing.floor_arrays import FloorArrays, Int32s

halves_of = insertion_kernels.halves_of


@insertion_kernels.bare
def _has_halves(floor: FloorArrays) -> bool:
    return bool(not floor.is_obstructed and len(floor.end_columns) == 1)


@insertion_kernels.bare
def _tour_of(ground: tuple[Any, ...], used: Int32s, room: Int32s) -> int:
    floor, closed, opened, layers, prices, halves = ground
    room[len(used)] += 1
    if _has_halves(floor):
        column = insertion_kernels.follow(floor, halves, used)
        if halves.used_in.sum() == 0:
            return 0
        return insertion_kernels.length_through(floor, closed, halves, column, -1, room, prices)
    count = 0
    for place in range(len(used)):
        if used[place] > 0:
            room[count] = place
            count += 1
    return kernels.shortest(floor, closed, opened, room[:count], layers, prices)


@insertion_kernels.bare
def _walk_by(ground: tuple[Any, ...], used: Int32s, room: Int32s, place: int) -> int:
    """Return the length in mm of the shortest walk over the places in use and one more."""
    floor, closed, _, _, prices, halves = ground
    if _has_halves(floor):
        room[len(used)] += 1
        insertion_kernels.follow(floor, halves, used)
        column = floor.stand_column[place]
        return insertion_kernels.length_through(floor, closed, halves, column, place, room, prices)
    used[place] += 1
    length = _tour_of(ground, used, room)
    used[place] -= 1
    return length


def _compiled(function: Callable[..., Any], **parts: Callable[..., Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    scope = {**function.__globals__, **parts}
    return insertion_kernels.bare(FunctionType(function.__code__, scope, function.__name__))


_disturb = _compiled(choice_search._disturb)  # noqa: SLF001 - the compiled form of one module
_place_best = _compiled(choice_search.place_best, tour_of=_tour_of, walk_by=_walk_by)
_improve = _compiled(choice_search.improve, tour_of=_tour_of, place_best=_place_best)
_around = _compiled(choice_search._around, tour_of=_tour_of, place_best=_place_best, improve=_improve)  # noqa: SLF001
_restore = _compiled(choice_search._restore)  # noqa: SLF001
_choices = _compiled(choice_search._choices)  # noqa: SLF001
_best_of_all = _compiled(choice_search._best_of_all, tour_of=_tour_of, _restore=_restore)  # noqa: SLF001
search = _compiled(
    choice_search.search,
    tour_of=_tour_of,
    improve=_improve,
    _around=_around,
    _restore=_restore,
    _disturb=_disturb,
    _choices=_choices,
    _best_of_all=_best_of_all,
)
