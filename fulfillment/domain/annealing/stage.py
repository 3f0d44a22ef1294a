from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from fulfillment.domain.annealing import compiled
from fulfillment.domain.annealing.arrays import Carts, Case, Figures, Floats, Found, Ground, Int32s, Int64s, Memory
from fulfillment.domain.annealing.cases import BatchingCase
from fulfillment.domain.annealing.neighbors import nearby_orders
from fulfillment.domain.routing.speed import TourMeter

NEIGHBORS = 8
CANDIDATES = 40
"""Among so many orders nearest by place, the neighbors are chosen by the part of both walks that a shared one saves."""

SEED_EFFORT = 3_000_000
"""Tours of one block that the seed rule may measure, about; beyond it, it looks at neighbors first."""

_MOST_REMEMBERED = 1 << 19
FEW = 150
_NEARBY_OF_FEW, _NEARBY_OF_MANY = 40, 90
"""So many moves of a hundred go to a neighbor's cart: up to `FEW` orders there is time to look anywhere."""

_BLOCK_FACTOR = 12
"""A tour over so many blocks more takes so many times longer to measure."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A case as the search sees it; all its orders fit on a cart alone."""

    code: ModuleType
    ground: Ground
    case: Case
    memory: Memory

    def start_by_seed(self, discount: float) -> Int32s:
        """Return the cart of every order by the seed rule, see `search.fill_carts`."""
        orders = len(self.case.tag)
        is_large = orders * orders // 2 * max(1, _BLOCK_FACTOR * (self.ground.blocks - 1)) > SEED_EFFORT
        near = self.case.near if is_large else np.zeros((orders, 0), dtype=np.int32)
        carts = _empty_carts(self.case, orders)
        marks = np.zeros(orders, dtype=np.int64)
        self.code.fill_carts(self.ground, self.case, carts, self.memory, near, marks, discount)
        return carts.cart_of.copy()

    def loaded(self, cart_of: Int32s) -> Carts:
        """Return the carts with every order where `cart_of` says, and some empty ones."""
        used = int(cart_of.max()) + 1
        carts = _empty_carts(self.case, used + len(cart_of) // 8 + 2)
        self.code.load_carts(self.ground, self.case, carts, self.memory, cart_of)
        return carts

    def anneal(
        self, carts: Carts, dice: Int64s, best: Int32s, figures: Figures, temperature: float, weight: float, moves: int
    ) -> None:
        """Change the carts by `moves` moves, see `search.anneal`."""
        nearby = _NEARBY_OF_FEW if len(self.case.tag) <= FEW else _NEARBY_OF_MANY
        self.code.anneal(
            self.ground, self.case, carts, self.memory, dice, best, figures, temperature, weight, nearby, moves
        )

    def wide_cart(self) -> Carts:
        """Return one empty cart with room for all orders, whatever its capacity."""
        return _room(self.case, 1, len(self.case.stand) + 1, len(self.case.tag) + 2)

    def price_carts(self, cart: Carts, prices: Floats, fee: float, starts: Int32s, steps: int, found: Found) -> int:
        """Find carts that are worth more than their walk, see `subset_pricing.price_carts`."""
        code = compiled.pricing_code()
        count = code.price_carts(self.ground, self.case, cart, self.memory, prices, fee, starts, steps, found)
        return int(count)


def stage_of(case: BatchingCase, numbers: Sequence[int], seed: int) -> Stage:
    """Return the stage for the orders of these numbers."""
    orders = [case.orders[number] for number in numbers]
    meter = TourMeter(case.layout, [stand for stands in orders for stand in stands])
    visits = [meter.numbers_of(stands) for stands in orders]
    dice = np.random.default_rng(seed)
    bare = Case(
        first=np.cumsum([0, *map(len, visits)], dtype=np.int64),
        stand=np.array([stand for of_order in visits for stand in of_order], dtype=np.int32),
        load=np.array([case.loads[number] for number in numbers], dtype=np.int64),
        capacity=np.array(case.capacity, dtype=np.int64),
        tag=dice.integers(1, 1 << 62, size=len(orders), dtype=np.int64),
        near=np.zeros((len(orders), 1), dtype=np.int32),
        alone=np.zeros(len(orders), dtype=np.int64),
    )
    stage = Stage(compiled.search_code(), compiled.ground(case.layout, meter), bare, _memory(len(bare.stand)))
    alone = _joint_lengths(stage, np.arange(len(orders)), np.arange(len(orders)))
    known = Stage(stage.code, stage.ground, bare._replace(alone=alone), stage.memory)
    near = _neighbors(known, nearby_orders(case.layout, orders, CANDIDATES))
    return Stage(stage.code, stage.ground, known.case._replace(near=near), stage.memory)


def _joint_lengths(stage: Stage, ones: Int64s, others: Int64s) -> Int64s:
    lengths = np.empty(len(ones), dtype=np.int64)
    pairs = np.stack([ones, others], axis=1).astype(np.int32)
    stage.code.joint_lengths(stage.ground, stage.case, _empty_carts(stage.case, 1), stage.memory, pairs, lengths)
    return lengths


def _neighbors(stage: Stage, candidates: Int32s) -> Int32s:
    """Return for each order those with which a common walk saves the largest part of both."""
    orders, count = candidates.shape
    if count == 0:
        return np.zeros((orders, 1), dtype=np.int32)
    ones, others = np.repeat(np.arange(orders), count), candidates.ravel().astype(np.int64)
    apart = np.maximum(stage.case.alone[ones] + stage.case.alone[others], 1)  # stops at the depot are no walk
    saved = (1 - _joint_lengths(stage, ones, others) / apart).reshape(candidates.shape)
    ranked = np.argsort(-saved, axis=1, kind="stable")[:, :NEIGHBORS]
    return np.ascontiguousarray(np.take_along_axis(candidates, ranked, axis=1))


def _empty_carts(case: Case, count: int) -> Carts:
    """Return empty carts with room for three times the stops and four times the orders that an average full one has.

    That bounds only the search: a start that needs more gets it.
    """
    orders = len(case.tag)
    fewest = max(1.0, float((case.load.sum(axis=0) / case.capacity).max()))
    picks = case.first[1:] - case.first[:-1]
    width = int(min(picks.sum(), 3 * picks.sum() / fewest + 2 * picks.max() + 8))
    members = int(min(orders, 4 * orders / fewest + 8)) + 2
    return _room(case, count, width, members)


def _room(case: Case, count: int, width: int, members: int) -> Carts:
    orders = len(case.tag)
    return Carts(
        cart_of=np.full(orders, -1, dtype=np.int32),
        place=np.zeros(orders, dtype=np.int32),
        member=np.zeros((count, members), dtype=np.int32),
        size=np.zeros(count, dtype=np.int32),
        stand=np.zeros((count, width), dtype=np.int32),
        owner=np.zeros((count, width), dtype=np.int32),
        picks=np.zeros(count, dtype=np.int32),
        length=np.zeros(count, dtype=np.int64),
        load=np.zeros((count, len(case.capacity)), dtype=np.int64),
        tag=np.zeros(count, dtype=np.int64),
        without=np.full(orders, -1, dtype=np.int64),
        excess=np.zeros(count, dtype=np.float64),
    )


def _memory(stops: int) -> Memory:
    return Memory(
        tag=np.full(_MOST_REMEMBERED, -1, dtype=np.int64),
        length=np.zeros(_MOST_REMEMBERED, dtype=np.int64),
        visit=np.zeros(stops + 1, dtype=np.int32),
        nobody=np.full(2, -1, dtype=np.int64),
        choice=np.full(2, -1, dtype=np.int64),
        empty=np.zeros(1, dtype=np.int64),
        tours=np.zeros(1, dtype=np.int64),
    )
