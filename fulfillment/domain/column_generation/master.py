"""The linear program over known carts: which parts of them bring every order at the least walk."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import inf
from typing import Any, Final

import numpy as np
from ortools.math_opt import (  # type: ignore[import-untyped]  # it has none
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    model_update_pb2,
    parameters_pb2,
    result_pb2,
    sparse_containers_pb2,
)
from ortools.math_opt.core.python import solver  # type: ignore[import-untyped]  # it has none

from fulfillment.domain.column_generation.pool import Pool

_MM_IN_UNIT: Final = 1_000
_NONE: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An optimum: its length in mm, by cart number the part that is used of it, the price in mm that each order pays,
    and the fee that every cart earns because a number of them is needed.
    """

    length_mm: float
    parts: dict[int, float]
    prices: dict[int, float]
    fee: float


class Master:
    """Covers some orders with parts of carts, of which there are at least `fewest`.

    Orders may be brought more than once: a walk never gets longer by leaving one out. Carts can be added and settled
    between two solutions, and the solver, GLOP, goes on from the one before.
    """

    def __init__(self, orders: Collection[int], fewest: int, pool: Pool) -> None:
        self._pool = pool
        self._orders = sorted(orders)
        self._row = {order: row for row, order in enumerate(self._orders)}
        self._numbers: list[int] = []
        self._column: dict[int, int] = {}
        self._told = 0
        self._bounds: dict[int, float] = {}
        model = model_pb2.ModelProto()
        rows = len(self._orders) + 1
        model.linear_constraints.ids.extend(range(rows))
        model.linear_constraints.lower_bounds.extend([1.0] * (rows - 1) + [float(fewest)])
        model.linear_constraints.upper_bounds.extend([inf] * rows)
        self._solver: Any = solver.new(parameters_pb2.SOLVER_TYPE_GLOP, model, parameters_pb2.SolverInitializerProto())

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int) -> None:
        """Let a cart of the pool be used; all its orders must be among those to cover."""
        if number not in self._column:
            self._column[number] = len(self._numbers)
            self._numbers.append(number)

    def settle(self, number: int) -> None:
        """Use a cart wholly from now on."""
        self._bounds[self._column[number]] = 1.0

    def release(self, numbers: Iterable[int]) -> None:
        """Settle these carts no longer."""
        self._bounds |= dict.fromkeys((self._column[number] for number in numbers), 0.0)

    def solve(self) -> Relaxed:
        """Return the optimum over the carts added so far.

        Raises:
            RuntimeError: the solver found none; that is so if they do not cover all orders.
        """
        self._tell()
        answer = self._solver.solve(parameters_pb2.SolveParametersProto(), _ONLY_USED, None, _NO_CALLBACK, None, None)
        if answer.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL:
            raise RuntimeError(f"No plan over {len(self)} carts: {answer.termination}.")
        best = answer.solutions[0]
        used, duals = best.primal_solution.variable_values, best.dual_solution.dual_values
        paid = np.zeros(len(self._orders) + 1)
        paid[duals.ids] = duals.values
        *prices, fee = (paid * _MM_IN_UNIT).tolist()
        parts = zip(used.ids, used.values, strict=True)
        return Relaxed(
            best.primal_solution.objective_value * _MM_IN_UNIT,
            {self._numbers[column]: part for column, part in parts if part > _NONE},
            dict(zip(self._orders, prices, strict=True)),
            fee,
        )

    def _tell(self) -> None:
        """Tell the solver about carts that are new or settled since."""
        change = model_update_pb2.ModelUpdateProto()
        new = range(self._told, len(self._numbers))
        carts = [self._pool.carts[self._numbers[column]] for column in new]
        change.new_variables.ids.extend(new)
        change.new_variables.lower_bounds.extend([self._bounds.pop(column, 0.0) for column in new])
        change.new_variables.upper_bounds.extend([inf] * len(new))
        change.new_variables.integers.extend([False] * len(new))
        worth = change.objective_updates.linear_coefficients
        worth.ids.extend(new)
        worth.values.extend([self._pool.lengths_mm[self._numbers[column]] / _MM_IN_UNIT for column in new])
        last = len(self._orders)
        entries = sorted(
            entry
            for column, cart in zip(new, carts, strict=True)
            for entry in [*((self._row[order], column) for order in cart), (last, column)]
        )
        matrix = change.linear_constraint_matrix_updates
        matrix.row_ids.extend([row for row, _ in entries])
        matrix.column_ids.extend([column for _, column in entries])
        matrix.coefficients.extend([1.0] * len(entries))
        bounds = sorted(self._bounds.items())
        change.variable_updates.lower_bounds.CopyFrom(
            sparse_containers_pb2.SparseDoubleVectorProto(
                ids=[column for column, _ in bounds], values=[bound for _, bound in bounds]
            )
        )
        self._bounds = {}
        self._told = len(self._numbers)
        if not self._solver.update(change):
            raise RuntimeError("The solver does not go on from the solution before.")


_NO_CALLBACK: Final = callback_pb2.CallbackRegistrationProto()
_ONLY_USED: Final = model_parameters_pb2.ModelSolveParametersProto(
    variable_values_filter={"skip_zero_values": True},
    reduced_costs_filter={"filter_by_ids": True},
)
