"""Items that would better lie elsewhere: what a site stores, and relocating it."""

from inventory.slotting.contents import Faced, SiteContents, site_contents
from inventory.slotting.relocating import Relocation, StaleRelocation, relocate, stale_relocations

__all__ = [
    "Faced",
    "Relocation",
    "SiteContents",
    "StaleRelocation",
    "relocate",
    "site_contents",
    "stale_relocations",
]
