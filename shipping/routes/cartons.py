from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from shipping.cartons.carton_stock import carton_stock
from shipping.cartons.commands.set_carton import HEAVIEST_G, LONGEST_MM, CartonDraft, set_carton
from shipping.cartons.commands.set_dunnage import HEAVIEST_G_PER_L, set_dunnage
from shipping.cartons.dunnage import dunnage_of
from shipping.commands.stock_cartons import MOST_CARTONS, count_cartons, receive_cartons, stop_counting_cartons
from shipping.domain.carton_space import Dims
from shipping.routes.callers import Planner, dump, site_of

router = APIRouter(prefix="/v1/cartons")
SiteId = Annotated[str | None, Query(max_length=60)]
Code = Annotated[str, Path(max_length=40, examples=["M8"], description="The carton's code")]
Count = Annotated[int, Field(ge=0, le=MOST_CARTONS)]
Side = Annotated[int, Field(ge=1, le=LONGEST_MM)]
Sides = Annotated[list[Side], Field(min_length=3, max_length=3)]
Whole = Annotated[int, Field(ge=0, le=HEAVIEST_G)]
Words = Annotated[str, Field(max_length=200)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CartonCountIn(_In):
    """How many of a carton there are, from which number on it runs low, and who is told then."""

    on_hand: Count = Field(examples=[240])
    reorder_point: Count = Field(default=0, examples=[50])
    tell: Words = Field(default="", examples=["Purchasing, extension 12"])
    note: Words = ""


class CartonIn(_In):
    """A carton or a mailer: sides in mm, weights in g, cost in minor units of the site's currency."""

    name: str = Field(min_length=1, max_length=80, examples=["Poly mailer, medium"])
    kind: Literal["carton", "mailer"] = Field(default="carton", description="A mailer is a flat bag")
    inner_mm: Sides = Field(
        examples=[[400, 300, 60]],
        description="Of a mailer: the flat bag's inner length and width, and how far it may bulge",
    )
    outer_mm: Sides | None = Field(
        default=None,
        description="Left out: 6 mm more each way for a carton, 6, 12 and 1 mm for a mailer's seams and film",
    )
    tare_g: Whole = Field(examples=[18])
    max_weight_g: Whole = Field(examples=[3_000], description="The greatest gross weight")
    cost_minor: Whole = Field(default=0, examples=[12])


class CartonReceiptIn(_In):
    """Cartons that were delivered."""

    quantity: int = Field(ge=1, le=MOST_CARTONS, examples=[200])
    note: Words = Field(default="", examples=["Delivery note 4711"])


class CartonStockOut(BaseModel):
    """A carton or a mailer: inner sides in mm, weights in g, cost in minor units, and how many there are by the books;
    null where it is not counted. The third side of a mailer is how far the bag may bulge.
    """

    model_config = ConfigDict(from_attributes=True)
    carton_code: str = Field(examples=["M8"])
    carton_name: str
    inner_mm: tuple[int, int, int]
    on_hand: int | None
    reorder_point: int
    tell: str
    is_low: bool
    kind: str = Field(examples=["carton"], description="carton or mailer")
    tare_g: int
    max_weight_g: int
    cost_minor: int


class CartonStockList(BaseModel):
    """The cartons of a site, the smallest first."""

    model_config = ConfigDict(from_attributes=True)
    items: list[CartonStockOut]


class DunnageIn(_In):
    """What the site fills empty room with, in g per liter: paper is about 6, air cushions about 1."""

    mean_g_per_l: Annotated[float, Field(ge=0, le=HEAVIEST_G_PER_L, allow_inf_nan=False, examples=[6.0])]
    sd_g_per_l: Annotated[float, Field(ge=0, le=HEAVIEST_G_PER_L, allow_inf_nan=False, examples=[1.0])] = 1.0


class DunnageOut(BaseModel):
    """Filling in g per liter of empty room, as told and as weighing taught it; null where too little was weighed."""

    model_config = ConfigDict(from_attributes=True)
    mean_g_per_l: float
    sd_g_per_l: float
    learned_g_per_l: float | None


@router.get("/dunnage", operation_id="getDunnage", summary="What fills empty room", tags=["packing"])
def dunnage(actor: Planner, site_id: SiteId = None) -> DunnageOut:
    """Return what the site's parcels are expected to be filled with."""
    with transaction(actor) as uow:
        found = dunnage_of(uow, site_id=site_of(uow, actor, site_id))
    return DunnageOut.model_validate(found)


@router.put(
    "/dunnage", operation_id="setDunnage", summary="Say what fills empty room", tags=["packing"],
    responses={200: {"model": DunnageOut}},
)  # fmt: skip
def tell_dunnage(request: Request, actor: Planner, body: DunnageIn, site_id: SiteId = None) -> Response:
    """Say what the site fills empty room with. Parcels are expected so until weighing has taught more."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        set_dunnage(uow, site_id=site, **body.model_dump())
        return Answer(dump(DunnageOut, dunnage_of(uow, site_id=site)))

    return act(request, actor, [site_id, body.model_dump()], work)


@router.get("", operation_id="listCartons", summary="Cartons and how many there are", tags=["packing"])
def list_cartons(actor: Planner, site_id: SiteId = None) -> CartonStockList:
    """Return the cartons of a site with their counts. One that is used up is not planned."""
    with transaction(actor) as uow:
        found = carton_stock(uow, site_id=site_of(uow, actor, site_id))
    return CartonStockList.model_validate({"items": found})


@router.put(
    "/{carton_code}", operation_id="setCarton", summary="Describe a carton or a mailer", tags=["packing"],
    responses={200: {"model": CartonStockList}},
)  # fmt: skip
def describe(request: Request, actor: Planner, carton_code: Code, body: CartonIn, site_id: SiteId = None) -> Response:
    """Add a carton or a mailer to those that the site packs into, or say anew how large, heavy and dear it is. Mailers
    are planned for items that are `mailer_ok`; what is packed already keeps its sides.
    """

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        set_carton(uow, site_id=site, carton_code=carton_code, draft=_draft(body))
        return _answer(uow, site, carton_code)

    return act(request, actor, [site_id, carton_code, body.model_dump()], work)


def _draft(body: CartonIn) -> CartonDraft:
    outer = _sides(body.outer_mm) if body.outer_mm else None
    inner = _sides(body.inner_mm)
    return CartonDraft(body.name, inner, body.tare_g, body.max_weight_g, body.cost_minor, body.kind, outer)


def _sides(told: list[int]) -> Dims:
    length, width, height = told
    return length, width, height


@router.put(
    "/{carton_code}/stock", operation_id="countCartons", summary="Count a carton", tags=["packing"],
    responses={200: {"model": CartonStockList}},
)  # fmt: skip
def count(request: Request, actor: Planner, carton_code: Code, body: CartonCountIn, site_id: SiteId = None) -> Response:
    """Say how many of a carton there are. From the first count on each parcel uses one up."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        count_cartons(uow, site_id=site, carton_code=carton_code, **body.model_dump())
        return _answer(uow, site, carton_code)

    return act(request, actor, [site_id, carton_code, body.model_dump()], work)


@router.post(
    "/{carton_code}/receipts", operation_id="receiveCartons", summary="Take delivered cartons in", tags=["packing"],
    responses={200: {"model": CartonStockList}},
)  # fmt: skip
def receive(
    request: Request, actor: Planner, carton_code: Code, body: CartonReceiptIn, site_id: SiteId = None
) -> Response:
    """Add cartons that were delivered to the count."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        receive_cartons(uow, site_id=site, carton_code=carton_code, **body.model_dump())
        return _answer(uow, site, carton_code)

    return act(request, actor, [site_id, carton_code, body.model_dump()], work)


@router.delete(
    "/{carton_code}/stock", operation_id="stopCountingCartons", summary="Count a carton no more", tags=["packing"],
    responses={200: {"model": CartonStockList}},
)  # fmt: skip
def stop(request: Request, actor: Planner, carton_code: Code, site_id: SiteId = None) -> Response:
    """Count a carton no more: it is planned whatever is left of it."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, site_id)
        stop_counting_cartons(uow, site_id=site, carton_code=carton_code)
        return _answer(uow, site, carton_code)

    return act(request, actor, [site_id, carton_code], work)


def _answer(uow: UnitOfWork, site_id: str, carton_code: str) -> Answer:
    found = [each for each in carton_stock(uow, site_id=site_id) if each.carton_code == carton_code]
    return Answer(dump(CartonStockList, {"items": found}))
