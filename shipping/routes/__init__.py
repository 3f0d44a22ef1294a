from shipping.routes.carrier_accounts import router as carrier_accounts
from shipping.routes.carrier_services import router as carrier_services
from shipping.routes.carriers import router as carriers
from shipping.routes.cartons import router as cartons
from shipping.routes.consolidation import router as consolidation
from shipping.routes.export_terms import router as export_terms
from shipping.routes.foreign_containers import router as foreign_containers
from shipping.routes.freight_invoices import router as freight_invoices
from shipping.routes.freight_terms import router as freight_terms
from shipping.routes.lanes import router as lanes
from shipping.routes.manifests import router as manifests
from shipping.routes.parcels import router as parcels
from shipping.routes.prices import router as prices
from shipping.routes.savings import router as savings
from shipping.routes.site_days import router as site_days
from shipping.routes.sorting import router as sorting
from shipping.routes.weight_checks import router as weight_checks

routers = (
    carriers,
    carrier_accounts,
    carrier_services,
    export_terms,
    cartons,
    parcels,
    lanes,
    sorting,
    manifests,
    site_days,
    savings,
    freight_invoices,
    freight_terms,
    prices,
    consolidation,
    weight_checks,
    foreign_containers,
)
