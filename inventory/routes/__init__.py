from fastapi import APIRouter

from inventory.routes.arrivals import router as arrivals
from inventory.routes.floor import router as floor
from inventory.routes.items import router as items

router = APIRouter(prefix="/v1")
router.include_router(items)
router.include_router(floor)
router.include_router(arrivals)
