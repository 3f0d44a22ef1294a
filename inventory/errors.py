from kernel.errors import NotFound, Refusal


class InsufficientStock(Refusal):
    """Fewer units are free than were asked for; `shortfalls` says of what and how many."""

    code = "insufficient_stock"
    title = "Not enough stock"


class NotEnoughInBin(Refusal):
    """A bin holds fewer units than were to be taken from it, or the rest is set aside for other orders."""

    code = "not_enough_in_bin"
    title = "The bin does not hold that many"


class NotReserved(Refusal):
    """An order line was to be picked beyond what is reserved for it."""

    code = "not_reserved"
    title = "That many are not reserved for this line"


class NotEnoughInBucket(Refusal):
    """Units were to leave a tote, parcel or return area that does not hold that many."""

    code = "not_enough_in_bucket"
    title = "There are not that many to move"


class UnknownItem(NotFound):
    """This merchant has no such item."""

    code = "unknown_item"
    title = "No such item"


class UnknownLocation(NotFound):
    """The site has no such location."""

    code = "unknown_location"
    title = "No such location"


class UnknownArrival(NotFound):
    """The actor sees no such arrival."""

    code = "unknown_arrival"
    title = "No such arrival"


class UnknownBarcode(NotFound):
    """No active item of the merchant carries this barcode or SKU."""

    code = "unknown_barcode"
    title = "Nothing has this barcode"


class DuplicateArrival(Refusal):
    """The merchant announced something else under this number before."""

    code = "duplicate_arrival"
    title = "This number belongs to another arrival"


class AmbiguousBarcode(Refusal):
    """Several items carry a barcode; `skus` are those that it can mean."""

    code = "ambiguous_barcode"
    title = "Several items have this barcode"


class NotAnnounced(Refusal):
    """An item came that the arrival does not list, and nobody said why it is taken in."""

    code = "not_announced"
    title = "This item was not announced"


class WrongLocation(Refusal):
    """Deliveries are not stocked in locations of this kind."""

    code = "wrong_location"
    status = 422
    title = "Nothing is stocked there"


class ReceiptInUse(Refusal):
    """Received units cannot be taken out again: they were promised, picked or moved meanwhile."""

    code = "receipt_in_use"
    title = "These units are no longer free"


class ArrivalChanged(Refusal):
    """Somebody received more meanwhile: what the person agreed to tell as short is no longer so."""

    code = "arrival_changed"
    title = "More came meanwhile"


class UnknownCount(NotFound):
    """The actor sees no such count."""

    code = "unknown_count"
    title = "No such count"


class CountEnded(Refusal):
    """Nobody has to count this any more: it is booked, cancelled, or waits for a lead's decision."""

    code = "count_ended"
    title = "This is not to be counted any more"


class SameCounter(Refusal):
    """Whoever counted a bin, or saw the figures, does not confirm the count."""

    code = "same_counter"
    title = "Somebody else has to count this"


class ScanMismatch(Refusal):
    """The scanned location or item is not the one to be counted."""

    code = "scan_mismatch"
    status = 422
    title = "This is not what is to be counted"


class NothingToCount(Refusal):
    """Nothing lies where a count was asked for."""

    code = "nothing_to_count"
    title = "There is nothing to count"


class CountOutdated(Refusal):
    """Units left the bin since it was counted, more than the count left in it."""

    code = "count_outdated"
    title = "The bin has changed since"


class BinFrozen(Refusal):
    """A frozen bin opens by its count only."""

    code = "bin_frozen"
    title = "The bin waits for this count"


class KitHasNoStock(Refusal):
    """Units of a kit were to be moved: it has none of its own, only its parts have."""

    code = "kit_has_no_stock"
    title = "A kit has no stock of its own"


class NoKit(Refusal):
    """An item cannot become a kit, or a kit cannot be a part of another."""

    code = "not_a_kit"
    title = "This cannot be a kit"


class LotRequired(Refusal):
    """It is not clear which lot units belong to; `lots` names those that can be meant."""

    code = "lot_required"
    title = "Which lot is it"


class LotExpired(Refusal):
    """Units are too old to be sold."""

    code = "lot_expired"
    title = "The lot is too old to be sold"


class LotMismatch(Refusal):
    """A lot is known with another expiry date."""

    code = "lot_mismatch"
    title = "The lot has another expiry date"


class LotBlocked(Refusal):
    """Nobody may have units of the lot."""

    code = "lot_blocked"
    title = "The lot is blocked"


class UnknownLot(NotFound):
    """The item has no such lot."""

    code = "unknown_lot"
    title = "No such lot"


class SerialsDiffer(Refusal):
    """Not each unit has a serial number of its own: there are too few, too many, or one comes twice."""

    code = "serials_differ"
    status = 422
    title = "As many serial numbers as units"


class SerialInHouse(Refusal):
    """A serial number is in the house already: no second unit has it."""

    code = "serial_in_house"
    title = "This serial number is here already"


class SerialShipped(Refusal):
    """A unit was shipped: what comes back is a return, not a delivery."""

    code = "serial_shipped"
    title = "This unit was shipped"


class SerialNotHere(Refusal):
    """A unit cannot be given to an order: its serial number is not in stock here."""

    code = "serial_not_here"
    title = "This serial number cannot be taken"


class SerialsComplete(Refusal):
    """All units of an item in the house have a serial number already."""

    code = "serials_complete"
    title = "No unit is without a serial number"


class UnknownSerial(NotFound):
    """The actor sees no unit with this serial number."""

    code = "unknown_serial"
    title = "No such serial number"


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
