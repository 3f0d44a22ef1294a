"""What the contexts bring into the house besides their routes: who reacts to which facts, and what must always hold."""

from crm import api as crm
from fulfillment import api as fulfillment
from inventory import api as inventory
from kernel.db import invariants as log
from notifications import api as notifications
from returns import api as returns
from shipping import api as shipping

SUBSCRIPTIONS = (
    *inventory.SUBSCRIPTIONS,
    *shipping.SUBSCRIPTIONS,
    *fulfillment.SUBSCRIPTIONS,
    *crm.SUBSCRIPTIONS,
    *notifications.SUBSCRIPTIONS,
)
INVARIANTS = (
    *log.INVARIANTS,
    *inventory.INVARIANTS,
    *fulfillment.INVARIANTS,
    *shipping.INVARIANTS,
    *returns.INVARIANTS,
    *crm.INVARIANTS,
    *notifications.INVARIANTS,
)
