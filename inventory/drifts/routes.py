from fastapi import APIRouter
from starlette.responses import Response

from inventory.drifts.queries import find_drifts
from inventory.drifts.views import DriftView
from inventory.web.answers import json_response
from inventory.web.parameters import Reader
from kernel.db.transactions import transaction

router = APIRouter(prefix="/v1")


@router.get(
    "/stock-drift", operation_id="listStockDrift", summary="Counters that differ from the ledger", tags=["stock"],
    responses={200: {"model": list[DriftView]}},
)  # fmt: skip
def list_stock_drift(actor: Reader) -> Response:
    """Return what differs now, and the movements where to search; none is as it should be."""
    with transaction(actor) as uow:
        return json_response(find_drifts(uow))
