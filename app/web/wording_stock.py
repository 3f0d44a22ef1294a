"""What the ledger's buckets are called by the people who fill and empty them."""

BUCKETS = {
    "AVAILABLE": "In bins",
    "IN_TOTE": "In totes",
    "PACKED": "Packed",
    "SHIPPED": "Shipped",
    "DAMAGED": "Damaged",
    "HOSPITAL": "In the hospital",
    "LOST": "Lost",
    "RETURN_RECEIVED": "Returned, to be graded",
    "QUARANTINE": "In quarantine",
}
