"""What zone skipping can save at most: the plan as a program of a solver in which parcels may be split."""

from dataclasses import dataclass
from math import ceil, inf
from typing import Final

import numpy as np
from ortools.math_opt import model_pb2  # type: ignore[import-untyped]
from ortools.math_opt.python import mathopt  # type: ignore[import-untyped]

from shipping.domain.zone_skip import Floats, Ints, Lanes

_NODES: Final = 400
"""Branches of a search for whole pallets: a budget of steps and not of time, so that the answer is always the same."""
_GAP: Final = 0.01
"""The search is over when the rest would add less than this part of what is saved."""


@dataclass(frozen=True, slots=True)
class Options:
    """Ways by which something is saved: option k sends parcel `row[k]` by hub `column[k]`, rising by row."""

    row: Ints
    column: Ints
    saving: Floats
    volume: Floats
    weight: Floats
    most: Ints

    @property
    def hubs(self) -> int:
        """How many hubs there are."""
        return len(self.most)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """An answer: what no plan beats, in minor units, pallets of each hub, and the part of each option that is used."""

    bound_minor: int
    pallets: Floats
    taken: Floats


def options_of(lanes: Lanes) -> Options:
    """Return the options of all parcels: also of those that save less than their room costs, and may use what is left.

    Volumes and weights are parts of a pallet. `most` are the pallets that hold all that a hub could get.
    """
    volume = lanes.volume_mm3[:, None] / np.array([hub.max_volume_mm3 for hub in lanes.hubs], np.float64)
    weight = lanes.weight_g[:, None] / np.array([hub.max_weight_g for hub in lanes.hubs], np.float64)
    saving = lanes.savings()
    row, column = np.nonzero(saving)
    most = np.zeros(len(lanes.hubs), np.int64)
    for number in range(len(most)):
        mine = column == number
        most[number] = ceil(max(volume[row[mine], number].sum(), weight[row[mine], number].sum()))
    return Options(
        row, column, saving[row, column].astype(np.float64), volume[row, column], weight[row, column], most
    )  # fmt: skip


def relax(lanes: Lanes, options: Options, *, is_whole: bool = False, pallets: Ints | None = None) -> Relaxed | None:
    """Solve the relaxed plan: with parts of pallets or with `is_whole` ones, or with `pallets` that are settled.

    Returns None where the search for whole pallets found none within its budget.
    """
    model = _model(lanes, options, is_whole=is_whole, pallets=pallets)
    parameters = mathopt.SolveParameters()
    if is_whole:
        parameters = mathopt.SolveParameters(node_limit=_NODES, relative_gap_tolerance=_GAP)
    solver = mathopt.Model.from_model_proto(model)
    answer = mathopt.solve(solver, mathopt.SolverType.HIGHS, params=parameters)
    if not answer.solutions or answer.solutions[0].primal_solution is None:
        return None
    ways, hubs = len(options.row), options.hubs
    found = answer.solutions[0].primal_solution.variable_values
    values = np.array([found[solver.get_variable(number)] for number in range(ways + hubs)])
    bound = answer.best_objective_bound()
    return Relaxed(ceil(bound - 1e-6) if bound < inf else 2**62, values[ways:], values[:ways])


def _model(lanes: Lanes, options: Options, *, is_whole: bool, pallets: Ints | None) -> model_pb2.ModelProto:
    """Write the program down in columns: options, then pallets, then whether a hub is sent anything at all.

    Rows: each parcel goes once, where it has several options; volumes, then weights of each hub; a hub without a
    dispatch has no pallets.
    """
    ways, hubs = len(options.row), options.hubs
    each, way = np.arange(hubs), np.arange(ways)
    upper = np.concatenate([np.ones(ways), options.most, np.minimum(options.most, 1)]).astype(np.float64)
    lower = np.zeros_like(upper)
    if pallets is not None:
        upper[ways : ways + hubs] = lower[ways : ways + hubs] = pallets
    number = np.cumsum(np.bincount(options.row, minlength=len(lanes.weight_g)) > 1)
    several = np.flatnonzero(np.bincount(options.row, minlength=len(lanes.weight_g))[options.row] > 1)
    once = int(number[-1]) if len(number) else 0
    entries = (
        (number[options.row[several]] - 1, several, np.ones(len(several))),
        (once + options.column, way, options.volume),
        (once + each, ways + each, -np.ones(hubs)),
        (once + hubs + options.column, way, options.weight),
        (once + hubs + each, ways + each, -np.ones(hubs)),
        (once + 2 * hubs + each, ways + each, np.ones(hubs)),
        (once + 2 * hubs + each, ways + hubs + each, -options.most.astype(np.float64)),
    )
    rows, columns, numbers = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    order = np.lexsort((columns, rows))
    kept = order[numbers[order] != 0]
    worth = np.concatenate(
        [options.saving, [-float(h.pallet_minor) for h in lanes.hubs], [-float(h.fixed_minor) for h in lanes.hubs]]
    )
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(len(upper)))
    model.variables.lower_bounds.extend(lower.tolist())
    model.variables.upper_bounds.extend(upper.tolist())
    model.variables.integers.extend([False] * ways + [is_whole] * (2 * hubs))
    model.objective.maximize = True
    model.objective.linear_coefficients.ids.extend(np.flatnonzero(worth).tolist())
    model.objective.linear_coefficients.values.extend(worth[worth != 0].tolist())
    model.linear_constraints.ids.extend(range(once + 3 * hubs))
    model.linear_constraints.lower_bounds.extend([-inf] * (once + 3 * hubs))
    model.linear_constraints.upper_bounds.extend([1.0] * once + [0.0] * (3 * hubs))
    model.linear_constraint_matrix.row_ids.extend(rows[kept].tolist())
    model.linear_constraint_matrix.column_ids.extend(columns[kept].tolist())
    model.linear_constraint_matrix.coefficients.extend(numbers[kept].tolist())
    return model
