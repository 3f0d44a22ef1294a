from fastapi import APIRouter

from notifications.routes.deliveries import router as deliveries
from notifications.routes.endpoints import router as endpoints

router = APIRouter(prefix="/v1", tags=["notifications"])
router.include_router(endpoints)
router.include_router(deliveries)
