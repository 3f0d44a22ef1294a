from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, Field

from fulfillment import api
from fulfillment.commands.perform_service import MAX_STEP_SECONDS
from fulfillment.routes.schemas import Minor, Name, Said, Strict

Kind = Literal["gift_wrap", "card", "engraving", "insert", "assembly"]


class ServiceIn(Strict):
    """A service that a merchant offers."""

    code: str = Field(pattern=r"^[A-Z0-9][A-Z0-9_-]{0,39}$", examples=["GIFT-WRAP"])
    name: Name = Field(examples=["Gift wrap"])
    kind: Kind = Field(examples=["gift_wrap"])
    tare_g: int = Field(default=0, ge=0, le=10_000, examples=[120], description="What one adds to the weight, in g")
    tare_sd_g: float = Field(default=0.0, ge=0, le=1_000, examples=[6.0], description="The spread between them, in g")
    seconds: int = Field(default=0, ge=0, le=7_200, examples=[90], description="How long one takes")
    price_minor: Minor = Field(default=0, examples=[250], description="What the merchant pays for one")
    photo_required: bool = False
    lead_days: int = Field(default=0, ge=0, le=60, description="Working days that it adds to a promise")
    active: bool = Field(default=True, description="Whether orders can ask for it")

    def draft(self) -> api.OfferDraft:
        """Return the draft that the command takes."""
        return api.OfferDraft(**self.model_dump())


class ServicePatch(Strict):
    """What changes about a service; fields left out stay as they are."""

    name: Name | None = Field(default=None, examples=["Gift wrap, red"])
    kind: Kind | None = None
    tare_g: int | None = Field(default=None, ge=0, le=10_000)
    tare_sd_g: float | None = Field(default=None, ge=0, le=1_000)
    seconds: int | None = Field(default=None, ge=0, le=7_200)
    price_minor: Minor | None = None
    photo_required: bool | None = None
    lead_days: int | None = Field(default=None, ge=0, le=60)
    active: bool | None = Field(default=None, examples=[False])

    def over(self, known: api.OfferView) -> api.OfferDraft:
        """Return what is known with what is said here in its place."""
        said = {name: value for name, value in self.model_dump().items() if value is not None}
        facts = asdict(known)
        names = api.OfferDraft.__dataclass_fields__
        return api.OfferDraft(**({name: facts[name] for name in names} | said))


class PerformIn(Strict):
    """How long it took."""

    seconds: int = Field(default=0, ge=0, le=MAX_STEP_SECONDS, examples=[95])


class ExcuseIn(Strict):
    """Why it was not possible."""

    reason: Said = Field(examples=["The paper is used up"])


class StepOut(BaseModel):
    """The step that was made."""

    step_id: str


class PhotoOut(BaseModel):
    """The photo that was kept."""

    photo_id: str
