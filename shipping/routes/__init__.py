from fastapi import APIRouter

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

router = APIRouter()
router.include_router(carriers)
router.include_router(carrier_accounts)
router.include_router(carrier_services)
router.include_router(export_terms)
router.include_router(cartons)
router.include_router(parcels)
router.include_router(lanes)
router.include_router(sorting)
router.include_router(manifests)
router.include_router(site_days)
router.include_router(savings)
router.include_router(freight_invoices)
router.include_router(freight_terms)
router.include_router(prices)
router.include_router(consolidation)
router.include_router(weight_checks)
router.include_router(foreign_containers)
