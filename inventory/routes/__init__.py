from fastapi import APIRouter

from inventory.arrivals.routes import router as arrivals
from inventory.counts.routes import router as counts
from inventory.drifts.routes import router as drifts
from inventory.lots.routes import router as lots
from inventory.moves.routes import router as moves
from inventory.plates.routes import router as plates
from inventory.routes.floor import router as floor
from inventory.routes.items import router as items
from inventory.selling.routes import router as selling
from inventory.serials.routes import router as serials
from inventory.trade.routes import router as trade

router = APIRouter(prefix="/v1")
router.include_router(items)
router.include_router(selling)
router.include_router(trade)
router.include_router(floor)
router.include_router(drifts)
router.include_router(arrivals)
router.include_router(counts)
router.include_router(lots)
router.include_router(serials)
router.include_router(moves)
router.include_router(plates)
