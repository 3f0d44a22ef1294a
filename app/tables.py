"""Every table of the house in one metadata: what migrations are compared with."""

from app.importers import models as importer_models
from crm import models as crm_models
from fulfillment import models as fulfillment_models
from fulfillment.floor import models as floor_models
from fulfillment.planning import models as planning_models
from fulfillment.releasing import models as releasing_models
from fulfillment.slotting import models as slotting_models
from fulfillment.whatif import models as what_if_models
from inventory import models as inventory_models
from inventory.arrivals import models as inventory_arrival_models
from inventory.counts import models as inventory_count_models
from inventory.drifts import models as inventory_drift_models
from inventory.moves import models as inventory_move_models
from inventory.plates import models as inventory_plate_models
from inventory.selling import models as inventory_selling_models
from inventory.serials import models as inventory_serial_models
from inventory.trade import models as inventory_trade_models
from kernel.access import models as access_models
from kernel.db import models as kernel_models
from kernel.db.base import Base
from notifications import models as notification_models
from returns import models as return_models
from shipping import models as shipping_models

__all__ = [
    "access_models",
    "crm_models",
    "floor_models",
    "fulfillment_models",
    "importer_models",
    "inventory_arrival_models",
    "inventory_count_models",
    "inventory_drift_models",
    "inventory_models",
    "inventory_move_models",
    "inventory_plate_models",
    "inventory_selling_models",
    "inventory_serial_models",
    "inventory_trade_models",
    "kernel_models",
    "metadata",
    "notification_models",
    "planning_models",
    "releasing_models",
    "return_models",
    "shipping_models",
    "slotting_models",
    "what_if_models",
]

metadata = Base.metadata
