from fastapi import APIRouter

from shipping.routes.carriers import router as carriers
from shipping.routes.manifests import router as manifests
from shipping.routes.parcels import router as parcels

router = APIRouter()
router.include_router(carriers)
router.include_router(parcels)
router.include_router(manifests)
