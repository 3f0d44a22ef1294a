from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.acting import Answer, act
from shipping.accounts.commands.keep_carrier_account import (
    change_carrier_account,
    close_carrier_account,
    open_carrier_account,
)
from shipping.accounts.commands.route_service import route_service, unroute_service
from shipping.accounts.commands.settle_doubt import settle_doubt
from shipping.accounts.queries import account_by_id, carrier_accounts, doubtful_labels, tenant_of_label
from shipping.accounts.trials import try_account
from shipping.routes.callers import Planner, dump, site_of
from shipping.routes.schemas import LabelOut

router = APIRouter(prefix="/v1")
SiteId = Annotated[str | None, Query(max_length=60)]
Settings = Annotated[
    dict[str, str],
    Field(
        description="What the connector asks for, credentials among it. Locked away; never shown again",
        examples=[{"client_id": "...", "client_secret": "...", "account_number": "A1B2C3"}],
        max_length=20,
    ),
]
Url = Annotated[
    str, Field(max_length=500, description="The API's address where it is not the carrier's own", examples=[""])
]
Code = Annotated[str, Field(min_length=1, max_length=80, examples=["ups_standard"])]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CarrierAccountIn(_In):
    """An account at a real carrier: with a merchant its own, else the house's for everybody that the site serves."""

    site_id: str | None = Field(default=None, max_length=60)
    merchant_id: str | None = Field(default=None, max_length=60)
    name: str = Field(min_length=1, max_length=80, examples=["UPS, our contract"])
    connector: str = Field(max_length=40, examples=["ups"])
    settings: Settings
    test_mode: bool = False
    server_url: Url = ""


class CarrierAccountChange(_In):
    """What changes of an account; settings that are not named stay as they are."""

    name: str | None = Field(default=None, min_length=1, max_length=80)
    settings: Settings | None = None
    test_mode: bool | None = None
    server_url: Url | None = None


class RouteIn(_In):
    """The code by which the carrier knows the service."""

    service_code: Code


class RouteOut(BaseModel):
    """A service of the site that is bought through an account."""

    model_config = ConfigDict(from_attributes=True)
    carrier: str = Field(examples=["swift_parcel"])
    service: str = Field(examples=["ground"])
    service_code: Code


class CarrierAccountOut(BaseModel):
    """An account without its secrets. `tried_well` is null while it was not tried since its last change."""

    model_config = ConfigDict(from_attributes=True)
    id: str = Field(examples=["cac_01jd3v6qk0f0a8m3q2n6x5w7yz"])
    merchant_id: str | None = Field(validation_alias="tenant_id", description="null for the house's own")
    site_id: str
    name: str
    connector: str = Field(examples=["ups"])
    test_mode: bool
    server_url: str
    shown: dict[str, str] = Field(examples=[{"account_number": "A1B2C3"}])
    routes: list[RouteOut]
    changed_at: datetime
    tried_at: datetime | None
    tried_well: bool | None
    tried_said: str = Field(examples=["The carrier answered with 5 prices; the lowest is ups_standard for 12.35 EUR."])


class CarrierAccountList(BaseModel):
    """The accounts of a site by name."""

    model_config = ConfigDict(from_attributes=True)
    items: list[CarrierAccountOut]


class DoubtfulLabelOut(BaseModel):
    """A label of which nobody knows whether it was bought. Nothing is bought again before that is known."""

    model_config = ConfigDict(from_attributes=True)
    merchant_id: str = Field(validation_alias="tenant_id")
    parcel_id: str
    label_id: str = Field(description="The reference under which the carrier has it, if it has it")
    account_id: str
    carrier: str
    service: str
    sscc: str
    asked_at: datetime = Field(description="When the purchase was sent last")
    detail: str = Field(description="What the last look for it said, or what to do")


class DoubtfulLabelList(BaseModel):
    """The labels in doubt, longest waiting first."""

    model_config = ConfigDict(from_attributes=True)
    items: list[DoubtfulLabelOut]


class DoubtIn(_In):
    """What a person found in the carrier's own tool."""

    tracking_number: str = Field(max_length=60, description="The label's number; empty when it was not bought")


_ONE: dict[int | str, dict[str, Any]] = {200: {"model": CarrierAccountOut}}


@router.get(
    "/carrier-accounts", operation_id="listCarrierAccounts", summary="List carrier accounts", tags=["carrier accounts"]
)
def list_accounts(actor: Planner, site_id: SiteId = None) -> CarrierAccountList:
    """Return a site's accounts at real carriers, and which of its services are bought through each."""
    with transaction(actor) as uow:
        found = carrier_accounts(uow, site_id=site_of(uow, actor, site_id))
    return CarrierAccountList.model_validate({"items": found})


@router.post(
    "/carrier-accounts", operation_id="openCarrierAccount", summary="Connect a carrier", tags=["carrier accounts"],
    status_code=201, responses={201: {"model": CarrierAccountOut}},
)  # fmt: skip
def open_account(request: Request, actor: Planner, body: CarrierAccountIn) -> Response:
    """Open an account at `ups` or `dhl_express`. Then try it, and name the services to buy through it."""

    def work(uow: UnitOfWork) -> Answer:
        account = open_carrier_account(
            uow, site_id=site_of(uow, actor, body.site_id), tenant_id=body.merchant_id, name=body.name,
            connector=body.connector, settings=body.settings, test_mode=body.test_mode, server_url=body.server_url,
        )  # fmt: skip
        return Answer(dump(CarrierAccountOut, account), 201)

    return act(request, actor, body.model_dump(), work)


@router.patch(
    "/carrier-accounts/{account_id}", operation_id="changeCarrierAccount", summary="Change a carrier account",
    tags=["carrier accounts"], responses=_ONE,
)  # fmt: skip
def change_account(request: Request, actor: Planner, account_id: str, body: CarrierAccountChange) -> Response:
    """Change an account, as when the carrier gave a new secret. Labels bought from now on use it so."""

    def work(uow: UnitOfWork) -> Answer:
        account = change_carrier_account(uow, account_id=account_id, **body.model_dump())
        return Answer(dump(CarrierAccountOut, account))

    return act(request, actor, [account_id, body.model_dump()], work)


@router.delete(
    "/carrier-accounts/{account_id}", operation_id="closeCarrierAccount", summary="Close a carrier account",
    tags=["carrier accounts"], responses={200: {"model": CarrierAccountList}},
)  # fmt: skip
def close_account(request: Request, actor: Planner, account_id: str) -> Response:
    """Buy no more labels through an account; those that were bought are still voided and tracked by it."""

    def work(uow: UnitOfWork) -> Answer:
        site_id = account_by_id(uow, account_id=account_id).site_id
        close_carrier_account(uow, account_id=account_id)
        return Answer(dump(CarrierAccountList, {"items": carrier_accounts(uow, site_id=site_id)}))

    return act(request, actor, account_id, work)


@router.post(
    "/carrier-accounts/{account_id}/try", operation_id="tryCarrierAccount", summary="Try a carrier account",
    tags=["carrier accounts"], responses=_ONE,
)  # fmt: skip
def try_it(actor: Planner, account_id: str) -> CarrierAccountOut:
    """Ask the carrier what a sample parcel would cost, and say how it went. It buys nothing and may be repeated."""
    return CarrierAccountOut.model_validate(try_account(actor, account_id=account_id))


@router.put(
    "/carrier-accounts/{account_id}/services/{carrier}/{service}", operation_id="routeService",
    summary="Buy a service through an account", tags=["carrier accounts"], responses=_ONE,
)  # fmt: skip
def route(request: Request, actor: Planner, account_id: str, carrier: str, service: str, body: RouteIn) -> Response:
    """Buy the labels of one of the site's services through an account from now on."""

    def work(uow: UnitOfWork) -> Answer:
        route_service(
            uow, account_id=account_id, carrier=carrier, service=service, service_code=body.service_code
        )  # fmt: skip
        return Answer(dump(CarrierAccountOut, account_by_id(uow, account_id=account_id)))

    return act(request, actor, [account_id, carrier, service, body.model_dump()], work)


@router.delete(
    "/carrier-accounts/{account_id}/services/{carrier}/{service}", operation_id="unrouteService",
    summary="Buy a service no longer through an account", tags=["carrier accounts"], responses=_ONE,
)  # fmt: skip
def unroute(request: Request, actor: Planner, account_id: str, carrier: str, service: str) -> Response:
    """Buy the service's labels as before the account had it."""

    def work(uow: UnitOfWork) -> Answer:
        unroute_service(uow, account_id=account_id, carrier=carrier, service=service)
        return Answer(dump(CarrierAccountOut, account_by_id(uow, account_id=account_id)))

    return act(request, actor, [account_id, carrier, service], work)


@router.get(
    "/doubtful-labels", operation_id="listDoubtfulLabels", summary="Labels whose purchase is in doubt",
    tags=["carrier accounts"],
)  # fmt: skip
def list_doubts(actor: Planner, site_id: SiteId = None) -> DoubtfulLabelList:
    """Return the labels whose carrier did not answer the purchase. They are looked for again and again; where the
    carrier cannot be asked by our reference, look for it yourself and settle it.
    """
    with transaction(actor) as uow:
        found = doubtful_labels(uow, site_id=site_of(uow, actor, site_id))
    return DoubtfulLabelList.model_validate({"items": found})


@router.post(
    "/doubtful-labels/{label_id}/settle", operation_id="settleDoubt", summary="Say whether a label was bought",
    tags=["carrier accounts"], responses={200: {"model": LabelOut}},
)  # fmt: skip
def settle(request: Request, actor: Planner, label_id: str, body: DoubtIn) -> Response:
    """Say what you found in the carrier's own tool. With a number the label is the parcel's; without one it is bought
    anew, so be sure.
    """

    def work(uow: UnitOfWork) -> Answer:
        tenant = tenant_of_label(uow, label_id=label_id)
        label = settle_doubt(uow, tenant_id=tenant, label_id=label_id, tracking_number=body.tracking_number)
        return Answer(dump(LabelOut, label))

    return act(request, actor, [label_id, body.model_dump()], work)
