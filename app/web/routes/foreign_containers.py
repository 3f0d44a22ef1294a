from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from app.web.labels import parcel_label
from app.web.routes.answers import Done, PageRoute, Submitted, submit, submitted
from app.web.routes.parcels import parcel_page
from app.web.routes.visits import Visit, visitor
from kernel.db.transactions import UnitOfWork
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Sent = Annotated[Submitted, Depends(submitted)]
Packer = Annotated[Visit, Depends(visitor("work:pack", of_the_house=True))]


@router.post("/parcels/{parcel_id}/container")
def state(request: Request, visit: Packer, parcel_id: str, form: Sent) -> Response:
    """State what the empty container weighs."""

    def work(uow: UnitOfWork) -> Done:
        found = shipping.parcel_by_id(uow, parcel_id=parcel_id)
        shipping.state_container(
            uow, tenant_id=found.tenant_id, parcel_id=parcel_id, tare_g=form.whole("tare_g", least=1),
            source=form["source"],
        )  # fmt: skip
        return Done(f"/parcels/{parcel_id}", f"Parcel {parcel_label(found.sscc)} can be weighed now.")

    return submit(request, visit, form, work, again=lambda: parcel_page(visit, parcel_id))
