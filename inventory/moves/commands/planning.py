"""What is to be carried because of what lies where: looked at as a whole, again and again."""

from collections.abc import Callable
from typing import Final

from inventory.moves.commands.putting_away import find_places, plan_put_away
from inventory.moves.commands.replenishing import hurry_replenishment, plan_replenishment
from inventory.moves.commands.tasks import trim_moves
from kernel.db.transactions import UnitOfWork

MOVE_PLANNING: Final[tuple[Callable[[UnitOfWork], int], ...]] = (
    trim_moves,
    find_places,
    plan_put_away,
    hurry_replenishment,
    plan_replenishment,
)
"""Moves whose units are gone are cut, docks are emptied, pick faces filled up.

Each step returns how much it changed, and has a short transaction of its own, in which nobody else plans. Of what there
is it takes a few at random: it is repeated, and what cannot be helped keeps nothing else waiting.
"""
