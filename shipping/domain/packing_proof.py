"""Exact answers whether pieces fit into a carton, by constraint programming. Only workers load this module."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from shipping.domain.carton_space import Dims, Point, Unit, orientations
from shipping.domain.packing_verdicts import Shape, Verdict, units_of

_Model = cp_model.CpModel
_Var = cp_model.IntVar
_UP = 2


@dataclass(frozen=True, slots=True)
class _Piece:
    """A unit in the model: its corner, which of its turns it takes, and the sides that follow from it."""

    unit: Unit
    corner: tuple[_Var, _Var, _Var]
    turns: tuple[tuple[Dims, _Var], ...]

    def end(self, axis: int) -> cp_model.LinearExpr:
        """Where the piece ends on an axis, in mm."""
        side = cp_model.LinearExpr.weighted_sum(
            [turn for _, turn in self.turns], [dims[axis] for dims, _ in self.turns]
        )
        return self.corner[axis] + side


def decide_fit(shapes: Sequence[Shape], inner: Dims, *, effort: float) -> Verdict:
    """Decide whether pieces of these shapes all fit into inner sides in mm; weight is not looked at.

    Each two pieces stand apart along an axis, in one of six ways, each piece is turned in one way, and along each axis
    the cross-section is not exceeded; what is not fragile never stands on what is. `effort` is counted in the solver's
    own units of work, roughly seconds, so that the answer is the same on every run.
    """
    model = _Model()
    pieces = [_piece(model, unit, inner) for unit in units_of(shapes)]
    if any(not piece.turns for piece in pieces):
        return Verdict("impossible")
    _stand_apart(model, pieces)
    _keep_cross_sections(model, pieces, inner)
    _break_symmetry(model, pieces, inner)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return Verdict("impossible")
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Verdict("unknown")
    return Verdict("fits", tuple(_place(solver, piece) for piece in pieces))


def _piece(model: _Model, unit: Unit, inner: Dims) -> _Piece:
    sides = orientations(unit.dims, keep_upright=unit.keep_upright)
    fitting = [dims for dims in sides if all(dims[axis] <= inner[axis] for axis in range(3))]
    turns = tuple((dims, model.new_bool_var("")) for dims in fitting)
    if turns:
        model.add_exactly_one(is_turned for _, is_turned in turns)
    room = [max(0, inner[axis] - min((dims[axis] for dims in fitting), default=0)) for axis in range(3)]
    x, y, z = (model.new_int_var(0, most, "") for most in room)
    piece = _Piece(unit, (x, y, z), turns)
    for axis in range(3):
        model.add(piece.end(axis) <= inner[axis])
    return piece


def _stand_apart(model: _Model, pieces: Sequence[_Piece]) -> None:
    for one, other in combinations(pieces, 2):
        ways = []
        for axis in range(3):
            for first, second in ((one, other), (other, one)):
                if axis == _UP and first.unit.fragile and not second.unit.fragile:
                    continue
                way = model.new_bool_var("")
                model.add(first.end(axis) <= second.corner[axis]).only_enforce_if(way)
                ways.append(way)
        model.add_bool_or(ways)


def _keep_cross_sections(model: _Model, pieces: Sequence[_Piece], inner: Dims) -> None:
    """Say what follows anyway: what a plane across the carton cuts is not larger than the carton there."""
    for axis in range(3):
        intervals, areas = [], []
        for piece in pieces:
            for dims, is_turned in piece.turns:
                start = piece.corner[axis]
                intervals.append(model.new_optional_fixed_size_interval_var(start, dims[axis], is_turned, ""))
                areas.append(dims[0] * dims[1] * dims[2] // dims[axis])
        model.add_cumulative(intervals, areas, inner[0] * inner[1] * inner[2] // inner[axis])


def _break_symmetry(model: _Model, pieces: Sequence[_Piece], inner: Dims) -> None:
    """Keep one of the arrangements that are mirrored, and one of those that exchange equal pieces.

    The piece that stays in the lower half of each axis is not one of those that are ordered.
    """
    equal: dict[tuple[bool, tuple[Dims, ...]], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        equal[piece.unit.fragile, tuple(sorted(turn for turn, _ in piece.turns))].append(piece)
    fixed = min(equal.values(), key=lambda group: (len(group) > 1, -group[0].unit.volume_mm3))
    # What may stand on what is told from below: then up and down are not alike.
    is_mixed = len({piece.unit.fragile for piece in pieces}) > 1
    for axis in range(_UP if is_mixed else 3):
        model.add(fixed[0].corner[axis] + fixed[0].end(axis) <= inner[axis])
    for group in equal.values():
        if group is not fixed:
            for one, other in pairwise(group):
                model.add(one.corner[0] <= other.corner[0])


def _place(solver: cp_model.CpSolver, piece: _Piece) -> tuple[Point, Dims]:
    x, y, z = (solver.value(var) for var in piece.corner)
    return (x, y, z), next(dims for dims, is_turned in piece.turns if solver.value(is_turned))
