from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from inventory import queries
from inventory.serials import queries as serials
from inventory.serials.commands import register_serials, write_off_serial
from inventory.serials.domain import MAX_SERIAL
from inventory.serials.schemas import SerialsIn, SerialWriteOffIn
from inventory.serials.views import SerialHead, SerialLife, SerialLives
from inventory.web.answers import json_response
from inventory.web.parameters import Cursor, Id, Limit, Reader, Writer
from inventory.web.schemas import PRINTABLE
from kernel.access.queries import site_for
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from kernel.web.paging import DEFAULT_LIMIT, Page

router = APIRouter(prefix="/v1")

Serial = Annotated[str, Path(min_length=1, max_length=MAX_SERIAL, pattern=PRINTABLE)]
State = Annotated[str, Query(pattern=r"^(in_stock|with_order|away)?$")]


@router.get(
    "/serials/{serial:path}", operation_id="getSerial", summary="The life of a serial number", tags=["serials"],
    responses={200: {"model": SerialLives}},
)  # fmt: skip
def get_serial(actor: Reader, serial: Serial) -> Response:
    """Return each unit with this serial number: where it is, which order and parcel have it, and every step of its life
    from its receipt to its return. Two items may have the same number.
    """
    with transaction(actor) as uow:
        return json_response(serials.serial_lives(uow, serial))


@router.get(
    "/items/{item_id}/serials", operation_id="listSerials", summary="List an item's serial numbers", tags=["serials"],
    responses={200: {"model": Page[SerialHead]}},
)  # fmt: skip
def list_serials(
    actor: Reader, item_id: Id, *, state: State = "", cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Response:
    """Return the units of an item by serial number, in one state if it is given."""
    with transaction(actor) as uow:
        queries.get_item(uow, item_id)
        return json_response(serials.find_serials(uow, item_id=item_id, state=state, cursor=cursor, limit=limit))


@router.post(
    "/items/{item_id}/serials", operation_id="registerSerials", summary="Register serial numbers", tags=["serials"],
    status_code=201, responses={201: {"model": Page[SerialHead]}},
)  # fmt: skip
def post_serials(request: Request, body: SerialsIn, actor: Writer, item_id: Id) -> Response:
    """Give serial numbers to units that lie in the house without a known one: from before the item was tracked by
    serial number, or found since. No more than there are such units.
    """

    def work(uow: UnitOfWork) -> Answer:
        item = queries.get_item(uow, item_id)
        site_id = site_for(uow, actor, item.tenant_id, body.site)
        register_serials(uow, item_id=item_id, site_id=site_id, serials=body.serials)
        return Answer(serials.find_serials(uow, item_id=item_id), 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/items/{item_id}/serials/write-off", operation_id="writeOffSerial", summary="Write a unit off", tags=["serials"],
    responses={200: {"model": SerialLife}},
)  # fmt: skip
def post_write_off(request: Request, body: SerialWriteOffIn, actor: Writer, item_id: Id) -> Response:
    """Note that the unit with a serial number is gone. Counts and adjustments say how many units are there; this says
    which one is not.
    """

    def work(uow: UnitOfWork) -> Answer:
        write_off_serial(uow, item_id=item_id, serial=body.serial, reason=body.reason)
        return Answer(serials.serial_lives(uow, body.serial, item_id=item_id).units[0])

    return act(request, actor, body.model_dump(mode="json"), work)
