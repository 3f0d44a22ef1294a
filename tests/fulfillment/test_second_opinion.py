"""On floors of any shape the order of stops is searched, not proven: CP-SAT, which shares nothing with the search, says
what the shortest is.
"""

import numpy as np
import pytest
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from fulfillment.domain.routing.stop_order import best_order

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("compiled_search")]
SIDE_MM = 50_000


def one_way_floor(stops: int, seed: int) -> NDArray[np.float64]:
    """Return the ways in whole mm between random places, of which those to the back are longer: no two directions are
    alike, and no detour is shorter than the way itself.
    """
    chance = np.random.default_rng(seed)
    places = chance.integers(0, SIDE_MM, (stops + 1, 2))
    ways = np.abs(places[:, None] - places[None]).sum(-1).astype(float)
    ways += np.maximum(0, places[None, :, 1] - places[:, None, 1]) * chance.random()
    for over in range(stops + 1):
        ways = np.minimum(ways, ways[:, [over]] + ways[[over], :])
    return ways.round()


def shortest(ways: NDArray[np.float64]) -> float:
    """Return the proven length of the shortest closed tour."""
    model = cp_model.CpModel()
    arcs = [(i, j, model.new_bool_var("")) for i in range(len(ways)) for j in range(len(ways)) if i != j]
    model.add_circuit(arcs)
    model.minimize(sum(int(ways[i, j]) * taken for i, j, taken in arcs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return solver.objective_value


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("stops", [13, 20, 30])
def test_no_order_of_stops_is_shorter(stops: int, seed: int) -> None:
    ways = one_way_floor(stops, seed)
    assert best_order(ways).length_mm == shortest(ways)
