from enum import StrEnum


class Bucket(StrEnum):
    """Where units are, as the double-entry ledger knows it: every movement takes from one bucket and gives to another.

    `EXTERNAL` stands for suppliers, customers and the unknown: it is the only bucket without a balance.
    """

    EXTERNAL = "EXTERNAL"
    AVAILABLE = "AVAILABLE"
    IN_TOTE = "IN_TOTE"
    PACKED = "PACKED"
    SHIPPED = "SHIPPED"
    DAMAGED = "DAMAGED"
    HOSPITAL = "HOSPITAL"
    LOST = "LOST"
    RETURN_RECEIVED = "RETURN_RECEIVED"
    QUARANTINE = "QUARANTINE"


UNSOLD_KINDS = {"hospital": Bucket.HOSPITAL}
"""The kinds of location from which nothing is sold, and the bucket of what lies there. `returns` is none of them: what
is put there was graded as good, and waits to be put away; before that it counts as RETURN_RECEIVED wherever it lies.
"""
SHORT_REASONS = {
    "missing": Bucket.LOST,
    "not_found": Bucket.LOST,
    "damaged": Bucket.DAMAGED,
    "expired": Bucket.QUARANTINE,
    "wrong_item": Bucket.HOSPITAL,
}
"""Where units go that a picker could not take, by the reason given; any other reason sends them to HOSPITAL."""
