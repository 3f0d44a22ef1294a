from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from fulfillment import api
from fulfillment.routes.callers import Picker, Planner, SiteId, json_response, site_of
from fulfillment.routes.schemas import Strict
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act

router = APIRouter(prefix="/v1/work")


class CartIn(Strict):
    """What a cart takes: totes and the volume of each, and grams and items in all."""

    totes: int = Field(examples=[12])
    tote_volume_mm3: int = Field(examples=[48_000_000])
    weight_g: int = Field(examples=[150_000])
    items: int = Field(default=1_000_000, examples=[400])


class LoadingIn(Strict):
    """What goes into the totes first: units of so many grams or more (null: no matter), and fragile ones last."""

    heavy_first_g: int | None = Field(default=None, examples=[5_000])
    fragile_last: bool = Field(default=False, examples=[True])


@router.get(
    "/loading", operation_id="getLoading", summary="What goes into the totes first", tags=["work"],
    responses={200: {"model": api.Loading}},
)  # fmt: skip
def get_loading(actor: Picker, site_id: SiteId = "") -> Response:
    """Return how a site fills its totes."""
    with transaction(actor) as uow:
        found = api.loading_of(uow, site_of(uow, actor, site_id))
    return json_response(found)


@router.put(
    "/loading", operation_id="setLoading", summary="Change what goes into the totes first", tags=["work"],
    responses={200: {"model": api.Loading}},
)  # fmt: skip
def put_loading(request: Request, actor: Planner, body: LoadingIn, site_id: SiteId = "") -> Response:
    """Change how a site fills its totes. Walks follow it from their claim on; what it costs them is `loading_mm`."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.set_loading(uow, site_id=site, loading=api.Loading(**body.model_dump()))
        return Answer(api.loading_of(uow, site))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


class DetourIn(Strict):
    """How much longer a walk may be to keep out of the way of others, in mm; null: not at all."""

    most_mm: int | None = Field(default=None, examples=[30_000])


@router.get(
    "/detour", operation_id="getDetour", summary="How far walks keep out of the way of others", tags=["work"],
    responses={200: {"model": dict[str, int | None]}},
)  # fmt: skip
def get_detour(actor: Picker, site_id: SiteId = "") -> Response:
    """Return how much longer a walk may be to begin where nobody else picks, null while a site does not want that."""
    with transaction(actor) as uow:
        found = api.most_detour_mm(uow, site_of(uow, actor, site_id))
    return json_response({"most_mm": found})


@router.put(
    "/detour", operation_id="setDetour", summary="Change how far walks keep out of the way of others", tags=["work"],
    responses={200: {"model": dict[str, int | None]}},
)  # fmt: skip
def put_detour(request: Request, actor: Planner, body: DetourIn, site_id: SiteId = "") -> Response:
    """Change how much longer a walk may be to begin where nobody else picks. Walks follow it from their claim on; what
    it costs them is `congestion_mm`.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.set_most_detour(uow, site_id=site, most_mm=body.most_mm)
        return Answer({"most_mm": api.most_detour_mm(uow, site)})

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "/cart", operation_id="getCart", summary="What a cart takes", tags=["work"],
    responses={200: {"model": api.CartSettings}},
)  # fmt: skip
def get_cart(actor: Picker, site_id: SiteId = "") -> Response:
    """Return what a cart of a site takes."""
    with transaction(actor) as uow:
        found = api.cart_settings(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@router.put(
    "/cart", operation_id="setCart", summary="Change what a cart takes", tags=["work"],
    responses={200: {"model": api.CartSettings}},
)  # fmt: skip
def put_cart(request: Request, actor: Planner, body: CartIn, site_id: SiteId = "") -> Response:
    """Change what a cart of a site takes. A cart on which an order that waits would not fit any more is refused, and
    the order is named with what it needs.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.set_cart(uow, site_id=site, cart=api.CartSettings(**body.model_dump()))
        uow.session.flush()
        return Answer(api.cart_settings(uow, site_id=site))

    return act(request, actor, [site_id, body.model_dump(mode="json")], work)


@router.get(
    "/batch-search", operation_id="getBatchSearch", summary="How far batches are improved", tags=["work"],
    responses={200: {"model": api.BatchSearchView}},
)  # fmt: skip
def get_search(actor: Picker, site_id: SiteId = "") -> Response:
    """Return how much shorter the walks are that nobody has claimed, and how long a worker searched for that."""
    with transaction(actor) as uow:
        found = api.batch_search(uow, site_id=site_of(uow, actor, site_id))
    return json_response(found)


@router.post(
    "/batch-search/stop", operation_id="stopBatchSearch", summary="Stop improving batches", tags=["work"],
    responses={200: {"model": api.BatchSearchView}},
)  # fmt: skip
def post_stop(request: Request, actor: Planner, site_id: SiteId = "") -> Response:
    """Leave the walks as they are from now on, until somebody has them planned anew."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.stop_batch_search(uow, site_id=site)
        return Answer(api.batch_search(uow, site_id=site))

    return act(request, actor, [site_id], work)


@router.post(
    "/batch-search/anew", operation_id="planBatchesAnew", summary="Improve batches anew", tags=["work"],
    responses={200: {"model": api.BatchSearchView}},
)  # fmt: skip
def post_anew(request: Request, actor: Planner, site_id: SiteId = "") -> Response:
    """Have a worker search again for shorter walks, from another point; a walk is only given up for a shorter one."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        api.plan_anew(uow, site_id=site)
        return Answer(api.batch_search(uow, site_id=site))

    return act(request, actor, [site_id], work)
