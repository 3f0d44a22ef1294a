from notifications.routes.deliveries import router as deliveries
from notifications.routes.endpoints import router as endpoints

routers = (endpoints, deliveries)
