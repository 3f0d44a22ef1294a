"""The door of the fulfillment context: orders from the promise to the parcel.

It opens on the core and on every room; each names in its own `__all__` what it lends.
"""

from fulfillment.core import *
from fulfillment.events.api import *
from fulfillment.floor.api import *
from fulfillment.labor.api import *
from fulfillment.planning.api import *
from fulfillment.releasing.api import *
from fulfillment.slotting.api import *
from fulfillment.substitutes.api import *
from fulfillment.value_added.api import *
from fulfillment.whatif.api import *
