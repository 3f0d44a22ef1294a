"""Sharing pallets out as a linear program, in which parcels may be split: exact where prices of room leave ties."""

from math import inf

import numpy as np
from ortools.math_opt import model_pb2  # type: ignore[import-untyped]
from ortools.math_opt.python import mathopt  # type: ignore[import-untyped]

from shipping.domain.zone_skip import Floats, Ints
from shipping.domain.zone_skip_options import Options


def share_exactly(options: Options, pallets: Ints) -> Floats:
    """Return the part of each option that is used where so many pallets save most.

    Rows: each parcel goes once; volumes, then weights of each hub.
    """
    o, ways, once = options, len(options.row), len(options.starts)
    way = np.arange(ways)
    entries = (
        (o.parcel, way, np.ones(ways)),
        (once + o.column, way, o.volume),
        (once + o.hubs + o.column, way, o.weight),
    )
    rows, columns, numbers = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    order = np.lexsort((columns, rows))
    kept = order[numbers[order] != 0]
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(ways))
    model.variables.lower_bounds.extend([0.0] * ways)
    model.variables.upper_bounds.extend((pallets[o.column] > 0).astype(np.float64).tolist())
    model.variables.integers.extend([False] * ways)
    model.objective.maximize = True
    model.objective.linear_coefficients.ids.extend(range(ways))
    model.objective.linear_coefficients.values.extend(o.saving.tolist())
    model.linear_constraints.ids.extend(range(once + 2 * o.hubs))
    model.linear_constraints.lower_bounds.extend([-inf] * (once + 2 * o.hubs))
    model.linear_constraints.upper_bounds.extend([1.0] * once + 2 * pallets.astype(np.float64).tolist())
    model.linear_constraint_matrix.row_ids.extend(rows[kept].tolist())
    model.linear_constraint_matrix.column_ids.extend(columns[kept].tolist())
    model.linear_constraint_matrix.coefficients.extend(numbers[kept].tolist())
    solver = mathopt.Model.from_model_proto(model)
    answer = mathopt.solve(solver, mathopt.SolverType.HIGHS)
    values = answer.solutions[0].primal_solution.variable_values
    return np.array([values[solver.get_variable(number)] for number in range(ways)])
