"""Items that would better lie elsewhere: what a site stores, and relocating it."""

from inventory.slotting.commands import Relocation, StaleRelocation, relocate, stale_relocations
from inventory.slotting.queries import Faced, SiteContents, site_contents

__all__ = [
    "Faced",
    "Relocation",
    "SiteContents",
    "StaleRelocation",
    "relocate",
    "site_contents",
    "stale_relocations",
]
