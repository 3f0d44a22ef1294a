"""What the room lends: cartons and dunnage of a site: kept, counted, and overruled by packers."""

from shipping.cartons.carton_stock import CartonMovement, CartonStock, carton_movements, carton_stock
from shipping.cartons.commands.note_carton_choice import lift_carton_bar, note_carton_choice
from shipping.cartons.commands.set_carton import CartonDraft, set_carton
from shipping.cartons.commands.set_dunnage import set_dunnage
from shipping.cartons.dunnage import Dunnage, dunnage_of
from shipping.cartons.overrules import CartonBar, OverruledPlan, carton_bars, overruled_plans
from shipping.commands.stock_cartons import count_cartons, hold_carton_stock, receive_cartons, stop_counting_cartons
from shipping.domain.overruling import OTHER, OVERRULES, read_overrule

__all__ = [
    "OTHER",
    "OVERRULES",
    "CartonBar",
    "CartonDraft",
    "CartonMovement",
    "CartonStock",
    "Dunnage",
    "OverruledPlan",
    "carton_bars",
    "carton_movements",
    "carton_stock",
    "count_cartons",
    "dunnage_of",
    "hold_carton_stock",
    "lift_carton_bar",
    "note_carton_choice",
    "overruled_plans",
    "read_overrule",
    "receive_cartons",
    "set_carton",
    "set_dunnage",
    "stop_counting_cartons",
]
