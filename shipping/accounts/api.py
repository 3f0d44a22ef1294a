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
from shipping.domain.connectors import CONNECTORS, OPEN_SETTINGS, Connector

__all__ = [
    "CONNECTORS",
    "OPEN_SETTINGS",
    "CarrierAccountView",
    "Connector",
    "DoubtfulLabel",
    "RouteView",
    "carrier_accounts",
    "carrier_services",
    "change_carrier_account",
    "close_carrier_account",
    "doubtful_labels",
    "open_carrier_account",
    "route_service",
    "settle_doubt",
    "tenant_of_label",
    "try_account",
    "unroute_service",
]
