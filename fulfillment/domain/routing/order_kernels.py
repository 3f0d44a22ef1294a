"""`order_search` compiled: its functions as they stand, each calling the compiled ones."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit

from fulfillment.domain.routing import order_search


def _compiled(function: Callable[..., Any], **parts: Callable[..., Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    scope = {**function.__globals__, **parts}
    found: Callable[..., Any] = njit(cache=True)(FunctionType(function.__code__, scope, function.__name__))
    return found


_move = _compiled(order_search._move)  # noqa: SLF001 - the compiled form of one module
_turn = _compiled(order_search._turn)  # noqa: SLF001
_double_bridge = _compiled(order_search._double_bridge)  # noqa: SLF001
_tour_cost = _compiled(order_search.tour_cost)
_exchange = _compiled(order_search.exchange_segments, _move=_move)
_reverse = _compiled(order_search.reverse_segments, _turn=_turn)
_descend = _compiled(order_search.descend, exchange_segments=_exchange, reverse_segments=_reverse)
search = _compiled(order_search.search, descend=_descend, tour_cost=_tour_cost, _double_bridge=_double_bridge)
