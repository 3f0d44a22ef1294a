"""The door of the inventory context: stock truth for everyone above it.

It opens on the core and on every room; each names in its own `__all__` what it lends.
"""

from inventory.arrivals.api import *
from inventory.core import *
from inventory.counts.api import *
from inventory.drifts.api import *
from inventory.locations.api import *
from inventory.lots.api import *
from inventory.moves.api import *
from inventory.plates.api import *
from inventory.selling.api import *
from inventory.serials.api import *
from inventory.slotting.api import *
from inventory.trade.api import *
