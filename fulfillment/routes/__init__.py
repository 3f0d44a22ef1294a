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

routers = (
    availability,
    labor,
    orders,
    outcomes,
    packing_plans,
    planning,
    release,
    steering,
    selling,
    batches,
    floor,
    slotting,
    what_if,
    substitutes,
    floor_plans,
    value_added,
)
