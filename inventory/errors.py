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


class LocationExists(Refusal):
    """A location was to be added that the site has already."""

    code = "location_exists"
    title = "This location is known"


class LocationInUse(Refusal):
    """What lies in a location does not go with what it was to become."""

    code = "location_in_use"
    title = "Something lies in this location"


class UnknownBarcode(NotFound):
    """No active item of the merchant carries this barcode or SKU."""

    code = "unknown_barcode"
    title = "Nothing has this barcode"


class BarcodeTaken(Refusal):
    """A barcode stands for something else already."""

    code = "barcode_taken"
    title = "This barcode is taken"


class AmbiguousBarcode(Refusal):
    """Several items carry a barcode; `skus` are those that it can mean."""

    code = "ambiguous_barcode"
    title = "Several items have this barcode"


class ReceiptInUse(Refusal):
    """Received units cannot be taken out again: they were promised, picked or moved meanwhile."""

    code = "receipt_in_use"
    title = "These units are no longer free"


class BinFrozen(Refusal):
    """A frozen bin opens by its count only."""

    code = "bin_frozen"
    title = "The bin waits for this count"


class KitHasNoStock(Refusal):
    """Units of a kit were to be moved: it has none of its own, only its parts have."""

    code = "kit_has_no_stock"
    title = "A kit has no stock of its own"


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
