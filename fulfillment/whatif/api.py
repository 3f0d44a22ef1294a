"""What the room lends: past walks on another floor."""

from fulfillment.whatif.asking import DayReplayed, WhatIfUnderWay, WhatIfView, ask_what_if, find_what_ifs, get_what_if

__all__ = [
    "DayReplayed",
    "WhatIfUnderWay",
    "WhatIfView",
    "ask_what_if",
    "find_what_ifs",
    "get_what_if",
]
