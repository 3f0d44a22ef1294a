from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kernel.access.queries import require_site
from kernel.actors import Actor
from kernel.db.transactions import UnitOfWork, transaction
from kernel.web.access import requires
from kernel.web.acting import Answer, act
from shipping.commands.check_weight import check_weight
from shipping.commands.set_scale import set_scale, set_weight_tolerance
from shipping.commands.settle_weight_check import release_weight_check, settle_weight_check
from shipping.queries import scales
from shipping.routes.callers import Judge, Packer, Planner, dump, site_of
from shipping.routes.reading_schemas import ReadingIn
from shipping.weight_checks import get_weight_check, open_weight_checks

router = APIRouter(prefix="/v1", tags=["parcels"])
Clerk = Annotated[Actor, Depends(requires("orders:write"))]
SiteId = Annotated[str | None, Query(max_length=60)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class WeightCheckIn(ReadingIn):
    """A reading of a labelled parcel by a scale at the sorter or the dock."""

    site_id: str | None = Field(default=None, max_length=60)
    parcel: str = Field(min_length=1, max_length=120, examples=["00340123450000000018"], description="SSCC or number")
    reading_id: str = Field(min_length=1, max_length=120, examples=["20261124-004711"], description="The scale's own")


class WeightCheckOut(BaseModel):
    """A second weighing: agrees, vouched (differs as a known one did), stopped (it stays here) or found (gone)."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    parcel_id: str
    site_id: str
    order_id: str
    sscc: str
    tracking_number: str
    carrier: str
    source: str = Field(examples=["scale"], description="scale (one of ours) or carrier")
    device: str = Field(examples=["DOCK-1"])
    reading_g: int
    declared_g: int = Field(description="What its label and its manifest say")
    difference_g: int
    limit_g: int = Field(description="Up to here both scales and the carrier's tolerance explain a difference")
    outcome: str = Field(examples=["agrees"])
    checked_at: datetime
    verdict: str = Field(description="Empty, or what became of it: released, given_up or settled")
    reason: str
    proof: str
    closed_at: datetime | None
    typed: str = Field(default="", description="Why a person typed it, in words; empty for a scale's own reading")


class WeightCheckList(BaseModel):
    """What waits for a person, what is stopped first."""

    items: list[WeightCheckOut]


class CheckReleaseIn(_In):
    """Why a stopped parcel may go."""

    reason: str = Field(min_length=3, max_length=500, examples=["Two parcels touched on the belt"])
    evidence: str = Field(min_length=3, max_length=1_000, examples=["Weighed alone at the bench, 702 g"])


class CheckSettleIn(_In):
    """What came of a difference that was found after its parcel was gone."""

    note: str = Field(min_length=3, max_length=1_000, examples=["Photo of the bench shows both mugs"])


class ScaleIn(_In):
    """A scale as its plate says, in g."""

    site_id: str | None = Field(default=None, max_length=60)
    name: str = Field(default="", max_length=200, examples=["In-motion scale before door 2"])
    sd_g: float = Field(gt=0, le=1_000, examples=[12.0], description="Standard deviation of repeats, at line speed")
    interval_g: int = Field(gt=0, le=1_000, examples=[20], description="Its interval e")
    max_g: int = Field(gt=0, le=2_000_000, examples=[60_000])
    calibrated_until: date = Field(strict=False)
    in_motion: bool = Field(default=False, description="It weighs parcels on their way: no bench uses it")


class ScaleOut(BaseModel):
    """A scale of a site whose calibration has not run out."""

    model_config = ConfigDict(from_attributes=True)
    code: str
    interval_g: int
    max_g: int
    calibrated_until: date
    in_motion: bool


class ScaleList(BaseModel):
    """The scales of a site that may be used, by code."""

    items: list[ScaleOut]


class ToleranceIn(_In):
    """By how much a carrier lets parcels differ from their declared weight; the larger of the two counts."""

    site_id: str | None = Field(default=None, max_length=60)
    grams: int = Field(ge=0, le=2_000_000, examples=[50])
    share_bp: int = Field(default=0, ge=0, le=10_000, examples=[100], description="In 1/10,000: 100 is 1 %")


class ToleranceOut(BaseModel):
    """A carrier's tolerance."""

    model_config = ConfigDict(from_attributes=True)
    grams: int
    share_bp: int


@router.post("/weight-checks", operation_id="checkWeight", summary="Weigh a labelled parcel again",
             responses={200: {"model": WeightCheckOut}})  # fmt: skip
def check(request: Request, actor: Packer, body: WeightCheckIn) -> Response:
    """Hold a reading against what the label and the manifest declare. One that differs by more than the scales and the
    carrier's tolerance explain stops the parcel before it is loaded; if it is gone, the difference is a finding.
    """

    def work(uow: UnitOfWork) -> Answer:
        found = check_weight(
            uow, site_id=site_of(uow, actor, body.site_id), parcel=body.parcel, reading_g=body.weight(),
            scale_code=body.scale_code, reading_id=body.reading_id, stable=body.stable, typed=body.typed,
        )  # fmt: skip
        return Answer(dump(WeightCheckOut, found))

    return act(request, actor, body.model_dump(), work)


@router.get("/weight-checks", operation_id="listWeightChecks", summary="List parcels that weigh otherwise")
def list_open(actor: Packer, site_id: SiteId = None) -> WeightCheckList:
    """Return the second weighings that wait for a person at a site."""
    with transaction(actor) as uow:
        found = open_weight_checks(uow, site_id=site_of(uow, actor, site_id))
    return WeightCheckList(items=[WeightCheckOut.model_validate(each) for each in found])


@router.post("/weight-checks/{check_id}/release", operation_id="releaseWeightCheck",
             summary="Release a parcel that weighs otherwise", responses={200: {"model": WeightCheckOut}})  # fmt: skip
def release(request: Request, actor: Judge, check_id: str, body: CheckReleaseIn) -> Response:
    """Let a stopped parcel go, with reason and evidence. Whoever packed it may not."""

    def work(uow: UnitOfWork) -> Answer:
        require_site(uow, actor, get_weight_check(uow, check_id=check_id).site_id)
        return Answer(dump(WeightCheckOut, release_weight_check(uow, check_id=check_id, **body.model_dump())))

    return act(request, actor, [check_id, body.model_dump()], work)


@router.post("/weight-checks/{check_id}/settle", operation_id="settleWeightCheck",
             summary="Settle a difference of a parcel that is gone",
             responses={200: {"model": WeightCheckOut}})  # fmt: skip
def settle(request: Request, actor: Clerk, check_id: str, body: CheckSettleIn) -> Response:
    """Say what came of it."""

    def work(uow: UnitOfWork) -> Answer:
        return Answer(dump(WeightCheckOut, settle_weight_check(uow, check_id=check_id, note=body.note)))

    return act(request, actor, [check_id, body.model_dump()], work)


@router.get("/scales", operation_id="listScales", summary="List scales", tags=["rates"])
def list_scales(actor: Packer, site_id: SiteId = None) -> ScaleList:
    """Return the scales of a site whose calibration has not run out."""
    with transaction(actor) as uow:
        found = scales(uow, site_id=site_of(uow, actor, site_id))
    return ScaleList(items=[ScaleOut.model_validate(each) for each in found])


@router.put("/scales/{code}", operation_id="setScale", summary="Add or change a scale",
            responses={200: {"model": ScaleOut}})  # fmt: skip
def put_scale(request: Request, actor: Planner, code: Annotated[str, Path(max_length=60)], body: ScaleIn) -> Response:
    """Add a scale, or note its new calibration. Readings after its last day are refused."""

    def work(uow: UnitOfWork) -> Answer:
        values = body.model_dump(exclude={"site_id"})
        return Answer(dump(ScaleOut, set_scale(uow, site_id=site_of(uow, actor, body.site_id), code=code, **values)))

    return act(request, actor, [code, body.model_dump(mode="json")], work)


@router.put("/carriers/{carrier}/weight-tolerance", operation_id="setWeightTolerance",
            summary="Say what a carrier tolerates", responses={200: {"model": ToleranceOut}})  # fmt: skip
def put_tolerance(
    request: Request, actor: Planner, carrier: Annotated[str, Path(max_length=60)], body: ToleranceIn
) -> Response:
    """Set by how much a carrier lets parcels differ from their declared weight; second weighings allow for it."""

    def work(uow: UnitOfWork) -> Answer:
        site = site_of(uow, actor, body.site_id)
        values = body.model_dump(exclude={"site_id"})
        return Answer(dump(ToleranceOut, set_weight_tolerance(uow, site_id=site, carrier=carrier, **values)))

    return act(request, actor, [carrier, body.model_dump()], work)
