from fastapi import APIRouter

from fulfillment.routes.availability import router as availability
from fulfillment.routes.floor_plans import router as floor_plans
from fulfillment.routes.labor import router as labor
from fulfillment.routes.orders import router as orders
from fulfillment.routes.outcomes import router as outcomes
from fulfillment.routes.packing_plans import router as packing_plans
from fulfillment.routes.planning import router as planning
from fulfillment.routes.releasing import floor as release
from fulfillment.routes.releasing import router as steering
from fulfillment.routes.selling import router as selling
from fulfillment.routes.slotting import router as slotting
from fulfillment.routes.substitutes import router as substitutes
from fulfillment.routes.value_added import router as value_added
from fulfillment.routes.what_if import router as what_if
from fulfillment.routes.work import batches, floor

router = APIRouter()
router.include_router(availability)
router.include_router(labor)
router.include_router(orders)
router.include_router(outcomes)
router.include_router(packing_plans)
router.include_router(planning)
router.include_router(release)
router.include_router(steering)
router.include_router(selling)
router.include_router(batches)
router.include_router(floor)
router.include_router(slotting)
router.include_router(what_if)
router.include_router(substitutes)
router.include_router(floor_plans)
router.include_router(value_added)
