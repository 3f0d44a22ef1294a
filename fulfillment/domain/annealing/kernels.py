"""`search` compiled: its functions as they stand, each calling the compiled ones."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit, types
from numba.extending import overload

from fulfillment.domain.annealing import search, subset_pricing
from fulfillment.domain.annealing.arrays import Ground, Int32s
from fulfillment.domain.routing import kernels as routing

_FAR = 1 << 50  # search.FAR


@overload(search.any_length)
def _any_length(ground, visit, count):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001 - types of a call
    """Return what walks on any floor are measured with; a floor of one block has nothing to do it with."""
    if isinstance(ground[ground.fields.index("floor")], types.NoneType):
        return lambda ground, visit, count: _FAR  # noqa: ARG005 - compiled, the names must be these
    return lambda ground, visit, count: _swept(ground, visit, count)  # noqa: PLW0108 - compiled from its text


@njit(cache=True)
def _swept(ground: Ground, visit: Int32s, count: int) -> int:
    floor, closed, opened, layers, prices = ground.floor, ground.closed, ground.opened, ground.layers, ground.prices
    length = routing.shortest(floor, closed, opened, visit[:count], layers, prices)  # type: ignore[arg-type]  # see above
    return _FAR if length < 0 else length


def _compiled(function: Callable[..., Any], *, is_outer: bool = False) -> Callable[..., Any]:
    """Compile a function. Inner ones are put into the text of those that call them, and count no references to arrays.

    Both matter: what they get is some forty arrays, and handing those on costs more than measuring a tour.
    """
    assert isinstance(function, FunctionType)
    scope = {**function.__globals__, **_parts}
    # Other threads of a worker go on meanwhile: what the search changes, it alone has.
    options: dict[str, Any] = {"cache": True, "forceinline": not is_outer, "_nrt": is_outer, "nogil": is_outer}
    found: Callable[..., Any] = njit(**options)(FunctionType(function.__code__, scope, function.__name__))
    _parts[function.__name__] = found
    return found


_parts: dict[str, Callable[..., Any]] = {}

_compiled(search.one_block_length)
_compiled(search.tour_length)
_compiled(search.roll)
_compiled(search.visited)
_compiled(search.length_with)
_compiled(search.length_without)
_compiled(search.excess)
_compiled(search.take_out)
_compiled(search.put_in)
_compiled(search.settle)
_compiled(search.has_room)
_compiled(search.exchange)
_compiled(search.move)
_compiled(search.empty_cart)
_compiled(search.propose)
_compiled(search.cheapest)
_compiled(subset_pricing.best_change)
_compiled(subset_pricing.begin_cart)
_compiled(subset_pricing.note)

anneal = _compiled(search.anneal, is_outer=True)
fill_carts = _compiled(search.fill_carts, is_outer=True)
joint_lengths = _compiled(search.joint_lengths, is_outer=True)
load_carts = _compiled(search.load_carts, is_outer=True)
price_carts = _compiled(subset_pricing.price_carts, is_outer=True)
