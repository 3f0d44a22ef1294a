"""What the room lends: carrier accounts of the merchants: kept, tried, routed to, and their labels in doubt."""

from shipping.accounts.commands.keep_carrier_account import (
    change_carrier_account,
    close_carrier_account,
    open_carrier_account,
)
from shipping.accounts.commands.route_service import route_service, unroute_service
from shipping.accounts.commands.settle_doubt import settle_doubt
from shipping.accounts.queries import (
    CarrierAccountView,
    DoubtfulLabel,
    RouteView,
    carrier_accounts,
    carrier_services,
    doubtful_labels,
    tenant_of_label,
)
from shipping.accounts.trials import try_account
from shipping.commands.set_service_goods import set_service_goods
from shipping.domain.connectors import CONNECTORS, OPEN_SETTINGS, Connector
from shipping.domain.dangerous_goods import (
    ACCEPTANCES,
    EXCEPTED,
    EXCEPTED_ON_GROUND,
    LIMITED,
    MODES,
    NOT_STATED,
    REGULATED,
    GoodsTerms,
)
from shipping.site_terms import Service as CarrierService

__all__ = [
    "ACCEPTANCES",
    "CONNECTORS",
    "EXCEPTED",
    "EXCEPTED_ON_GROUND",
    "LIMITED",
    "MODES",
    "NOT_STATED",
    "OPEN_SETTINGS",
    "REGULATED",
    "CarrierAccountView",
    "CarrierService",
    "Connector",
    "DoubtfulLabel",
    "GoodsTerms",
    "RouteView",
    "carrier_accounts",
    "carrier_services",
    "change_carrier_account",
    "close_carrier_account",
    "doubtful_labels",
    "open_carrier_account",
    "route_service",
    "set_service_goods",
    "settle_doubt",
    "tenant_of_label",
    "try_account",
    "unroute_service",
]
