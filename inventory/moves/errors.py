from kernel.errors import NotFound, Refusal


class UnknownMove(NotFound):
    """The actor sees no such move, or the move has no such step."""

    code = "unknown_move"
    title = "No such move"


class MoveEnded(Refusal):
    """Nobody has to carry this any more: it is done, or was cancelled."""

    code = "move_ended"
    title = "This is not to be moved any more"


class MoveClaimed(Refusal):
    """Somebody else carries the units."""

    code = "move_claimed"
    title = "Somebody else has it in hand"


class WrongScan(Refusal):
    """The scanned location or item is not the one to be moved."""

    code = "wrong_scan"
    status = 422
    title = "This is not what is to be moved"


class WrongTarget(Refusal):
    """The units cannot lie in the scanned location."""

    code = "wrong_target"
    status = 422
    title = "They cannot lie there"


class UnknownForwardPick(NotFound):
    """There is no rule for this item in this location."""

    code = "unknown_forward_pick"
    title = "No such rule"
