"""The door of the shipping context: parcels from the packing plan to the delivery.

It opens on the core and on every room; each names in its own `__all__` what it lends.
"""

from shipping.accounts.api import *
from shipping.cartons.api import *
from shipping.consolidation.api import *
from shipping.core import *
from shipping.documents.api import *
from shipping.events.api import *
from shipping.freight.api import *
from shipping.sorting.api import *
from shipping.weights.api import *
