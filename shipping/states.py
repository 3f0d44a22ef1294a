from typing import Final

from kernel.states import Machine

PARCEL: Final = Machine(
    "parcel",
    {
        "packed": {"pass": "cleared", "recheck": "packed", "hold": "held", "void": "voided"},
        "held": {"release": "cleared", "void": "voided"},
        "cleared": {"label": "labelled", "void": "voided"},
        "labelled": {"manifest": "manifested", "void": "voided"},
        "manifested": {"hand over": "handed_over", "leave behind": "labelled", "pull": "voided"},
        "handed_over": {},
        "voided": {},
    },
)
"""A parcel's way out of the house. A held one has two exits, and a label is not one of them."""

MANIFEST: Final = Machine(
    "manifest",
    {
        "open": {"close": "closed"},
        "closed": {"transmit": "transmitted", "hand over": "handed_over"},
        "transmitted": {"hand over": "handed_over"},
        "handed_over": {},
    },
)
"""A manifest is open only inside the transaction that closes it."""

WEIGHT_CHECK: Final = Machine(
    "second weighing",
    {
        "agrees": {},
        "vouched": {},
        "stopped": {"release": "released", "give up": "given_up"},
        "found": {"settle": "settled"},
        "released": {},
        "given_up": {},
        "settled": {},
    },
)
"""What a second weighing showed, and what a person made of it."""

CONTAINER: Final = Machine(
    "container",
    {"open": {"close": "closed"}, "closed": {"reopen": "open", "load": "loaded"}, "loaded": {"unload": "closed"}},
)
"""A container's way to the truck, and back while the driver has not gone: what is closed takes nothing in and gives
nothing out.
"""
