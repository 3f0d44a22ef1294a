from sqlalchemy import select

from inventory.arrivals.errors import UnknownArrival
from inventory.arrivals.models import Arrival, ArrivalLine
from kernel.db.transactions import UnitOfWork


def lock_arrival(uow: UnitOfWork, arrival_id: str) -> tuple[Arrival, list[ArrivalLine]]:
    """Lock an arrival, then its lines by number. Whoever moves its stock locks the stock levels after these.

    Raises:
        UnknownArrival: the actor sees none with this id.
    """
    fresh = {"populate_existing": True}
    uow.session.flush()
    found = uow.session.scalar(
        select(Arrival).where(Arrival.id == arrival_id).with_for_update(), execution_options=fresh
    )
    if found is None:
        raise UnknownArrival("There is no such arrival.", remedy="Search for it by its number.")
    lines = (
        select(ArrivalLine)
        .where(ArrivalLine.tenant_id == found.tenant_id, ArrivalLine.arrival_id == arrival_id)
        .order_by(ArrivalLine.number)
        .with_for_update()
    )
    return found, list(uow.session.scalars(lines, execution_options=fresh))
