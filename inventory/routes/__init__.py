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

routers = (items, selling, trade, floor, drifts, arrivals, counts, lots, serials, moves, plates)
