"""What the contexts bring into the house: their routes, their subscriptions, their invariants."""

from app.web.routes import routers as web_routers
from crm import api as crm
from crm.routes import router as crm_routes
from fulfillment import api as fulfillment
from fulfillment.routes import router as fulfillment_routes
from inventory import api as inventory
from inventory.routes import router as inventory_routes
from kernel.access.routes import router as access_routes
from kernel.db import invariants as log
from notifications import api as notifications
from notifications.routes import router as notification_routes
from returns import api as returns
from returns.routes import router as return_routes
from shipping import api as shipping
from shipping.routes import router as shipping_routes

API_ROUTERS = (
    access_routes,
    inventory_routes,
    fulfillment_routes,
    shipping_routes,
    return_routes,
    crm_routes,
    notification_routes,
)
WEB_ROUTERS = tuple(web_routers)
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
