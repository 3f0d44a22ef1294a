from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.db.transactions import UnitOfWork, transaction
from kernel.errors import Invalid
from kernel.web.acting import Answer, act
from kernel.web.values import Day
from shipping.chart_files import read_zone_chart
from shipping.commands.lay_down_prices import lay_down_rate_card, lay_down_zone_chart
from shipping.domain.batch_rates import REFUSED
from shipping.domain.rates import Parcel
from shipping.domain.zones import Place
from shipping.queries import prices_of
from shipping.quoting import quote_many
from shipping.rate_cards import decode_card
from shipping.routes.callers import Planner, Reader, site_of
from shipping.routes.schemas import DangerousKind

router = APIRouter(prefix="/v1")
_CHART = 900_000
Carrier = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$", examples=["swift_parcel"])]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RateCardIn(_In):
    """A service's prices from a day on. `card` is a document as `GET /v1/rate-cards` returns them."""

    site_id: str = Field(max_length=60)
    card: dict[str, Any]


class ZoneChartIn(_In):
    """A carrier's zones from a day on, as CSV with the columns origin_zip, dest_zip and zone."""

    site_id: str = Field(max_length=60)
    carrier: Carrier
    effective_from: Day
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "US"
    priority_service: str = Field(default="priority", max_length=40)
    csv: str = Field(max_length=_CHART)


class BoxIn(_In):
    """A parcel to be priced with others: outer sides in mm, gross weight in g."""

    length_mm: int = Field(gt=0, le=10_000, examples=[306])
    width_mm: int = Field(gt=0, le=10_000, examples=[226])
    height_mm: int = Field(gt=0, le=10_000, examples=[96])
    weight_g: int = Field(gt=0, le=2_000_000, examples=[1850])
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["DE"])]
    postal_code: str = Field(default="", max_length=20, examples=["04109"])
    residential: bool = True
    dangerous_goods: list[DangerousKind] = Field(default=[], max_length=4, description="kinds inside, none left out")


class ManyIn(_In):
    """Parcels to be priced by the prices of one ship date, today's where none is named."""

    site_id: str | None = Field(default=None, description="Left out: the site that handles the merchant's goods")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"])]
    ship_on: Day | None = None
    parcels: list[BoxIn] = Field(min_length=1, max_length=5_000)


class ManyOut(BaseModel):
    """A price for each parcel and service in minor units, in the order sent; null where a service does not take one.

    `estimated` counts the prices of a service whose zone no chart names.
    """

    services: list[str] = Field(examples=[["swift_parcel/ground"]])
    estimated: list[int]
    costs: list[list[int | None]]
    cheapest: list[int | None] = Field(description="For each parcel the place of its cheapest service")


class LaidDown(BaseModel):
    """What was stored: the digest of the document, and how many rows contradicted others."""

    digest: str
    effective_from: date
    conflicts: int = 0


class RateCardList(BaseModel):
    """All rate cards of a site, past ones too, by carrier, service, currency and day."""

    items: list[dict[str, Any]]


@router.post("/rates/many", operation_id="rateParcels", summary="Price many parcels", tags=["rates"])
def many(actor: Reader, body: ManyIn) -> ManyOut:
    """Price up to 5,000 parcels with every service of a site: what a month would cost by other prices. It records
    nothing.
    """
    boxes = [
        (
            Parcel((box.length_mm, box.width_mm, box.height_mm), box.weight_g),
            Place(box.country, box.postal_code, is_residential=box.residential),
        )
        for box in body.parcels
    ]
    with transaction(actor) as uow:
        found = quote_many(
            uow, site_id=site_of(uow, actor, body.site_id), currency=body.currency, parcels=boxes,
            ship_on=body.ship_on or uow.now.date(), goods=[box.dangerous_goods for box in body.parcels],
        )  # fmt: skip
    return ManyOut(
        services=[f"{card.carrier}/{card.service}" for card in found.cards],
        estimated=found.is_estimated.sum(axis=0).tolist(),
        costs=[[None if cost == REFUSED else cost for cost in row] for row in found.cost_minor.tolist()],
        cheapest=[None if place == REFUSED else place for place in found.cheapest().tolist()],
    )


@router.get("/rate-cards", operation_id="listRateCards", summary="Prices, past and to come", tags=["rates"])
def cards(actor: Planner, site_id: str) -> RateCardList:
    """Return every rate card of a site as it was laid down; the latest not after a ship date is in force on it."""
    with transaction(actor) as uow:
        found = prices_of(uow, site_id=require_site(uow, actor, site_id))
    return RateCardList(items=[msgspec.json.decode(document) for document in found])


@router.post(
    "/rate-cards", operation_id="layDownRateCard", summary="Lay down prices from a day on", tags=["rates"],
    responses={201: {"model": LaidDown}},
)  # fmt: skip
def add_card(request: Request, actor: Planner, body: RateCardIn) -> Response:
    """Lay down a service's prices. Parcels that leave on its day or later are priced by it."""
    try:
        card = decode_card(msgspec.json.encode(body.card).decode())
    except (msgspec.MsgspecError, ValueError, ArithmeticError) as error:
        detail = f"This is not a rate card: {error}."
        raise Invalid(detail, remedy="Take one of the list as a pattern.", pointer="/card") from error

    def work(uow: UnitOfWork) -> Answer:
        digest = lay_down_rate_card(uow, site_id=require_site(uow, actor, body.site_id), card=card)
        return Answer({"digest": digest, "effective_from": card.effective_from.isoformat(), "conflicts": 0}, 201)

    return act(request, actor, body.model_dump(mode="json"), work)


@router.post(
    "/zone-charts", operation_id="layDownZoneChart", summary="Lay down zones from a day on", tags=["rates"],
    responses={201: {"model": LaidDown}},
)  # fmt: skip
def add_chart(request: Request, actor: Planner, body: ZoneChartIn) -> Response:
    """Lay down a carrier's zones. Codes of three digits are regions; full codes are exceptions to theirs. A chart
    of a whole country is larger than a request may be: send the rows of the site's own origin.
    """
    chart, conflicts = read_zone_chart(
        body.csv.splitlines(), carrier=body.carrier, effective_from=body.effective_from, country=body.country,
        priority_service=body.priority_service,
    )  # fmt: skip

    def work(uow: UnitOfWork) -> Answer:
        digest = lay_down_zone_chart(uow, site_id=require_site(uow, actor, body.site_id), chart=chart)
        day = chart.effective_from.isoformat()
        return Answer({"digest": digest, "effective_from": day, "conflicts": conflicts}, 201)

    return act(request, actor, body.model_dump(mode="json"), work)
