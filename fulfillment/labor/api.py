"""What the room lends: people: hands by hour, the drill."""

from fulfillment.labor.drill import Drill, PromiseAtRisk, drill_orders
from fulfillment.labor.forecast import HourOfLabor, LaborForecast, labor_forecast
from fulfillment.labor.learning import LearningPoint, NewPeople

__all__ = [
    "Drill",
    "HourOfLabor",
    "LaborForecast",
    "LearningPoint",
    "NewPeople",
    "PromiseAtRisk",
    "drill_orders",
    "labor_forecast",
]
