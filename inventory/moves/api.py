"""What is to be carried inside the house, and the rules of pick faces."""

from inventory.moves.commands.forward_picks import FaceRule, remove_forward_pick, set_forward_picks
from inventory.moves.commands.moving import cancel_move, claim_move, do_move, release_move, undo_move
from inventory.moves.commands.planning import MOVE_PLANNING
from inventory.moves.commands.tasks import PLANNER as MOVE_PLANNER
from inventory.moves.commands.tasks import location_codes
from inventory.moves.domain.places import Suggestion
from inventory.moves.domain.tasks import LIVE_MOVES, MoveCause
from inventory.moves.errors import MoveClaimed, MoveEnded, UnknownForwardPick, UnknownMove, WrongScan, WrongTarget
from inventory.moves.events import MoveCancelled, MoveUndone, MoveWanted, StockMoved
from inventory.moves.queries import (
    MOVE_SORTS,
    find_forward_picks,
    find_moves,
    get_move,
    next_move,
    own_moves,
    tally_moves,
    waiting_moves,
)
from inventory.moves.views import ForwardPickView, MoveHead, MoveStepView, MoveView, OwnMove

__all__ = [
    "LIVE_MOVES",
    "MOVE_PLANNER",
    "MOVE_PLANNING",
    "MOVE_SORTS",
    "FaceRule",
    "ForwardPickView",
    "MoveCancelled",
    "MoveCause",
    "MoveClaimed",
    "MoveEnded",
    "MoveHead",
    "MoveStepView",
    "MoveUndone",
    "MoveView",
    "MoveWanted",
    "OwnMove",
    "StockMoved",
    "Suggestion",
    "UnknownForwardPick",
    "UnknownMove",
    "WrongScan",
    "WrongTarget",
    "cancel_move",
    "claim_move",
    "do_move",
    "find_forward_picks",
    "find_moves",
    "get_move",
    "location_codes",
    "next_move",
    "own_moves",
    "release_move",
    "remove_forward_pick",
    "set_forward_picks",
    "tally_moves",
    "undo_move",
    "waiting_moves",
]
