from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shipping.domain.typed_weights import OTHER
from shipping.scale_readings import grams_of


class ReadingIn(BaseModel):
    """What a scale shows: a weight in g, or its line as it came."""

    model_config = ConfigDict(extra="forbid", strict=True)
    reading_g: int | None = Field(default=None, gt=0, le=2_000_000, examples=[702])
    line: str | None = Field(
        default=None, min_length=1, max_length=200, examples=["S S      0.702 kg"],
        description="Instead: its own line, of MT-SICS, Toledo 8213, 8217 or continuous, NCI, SMA or A&D",
    )  # fmt: skip
    scale_code: str = Field(min_length=1, max_length=60, examples=["PACK-1"])
    stable: bool = Field(default=True, description="Whether the scale said that the reading had settled")
    entry: Literal["scale", "typed"] = Field(default="scale", description="Whether a person typed what the scale shows")
    reason: Literal["", "SCALE_BROKEN", "NO_SCALE", "NOT_TAKEN_OVER", "OTHER"] = Field(
        default="", description="Why it was typed; OTHER goes with a note"
    )
    note: str = Field(default="", max_length=200, examples=["The display is dark"])

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.reading_g is None) == (self.line is None):
            raise ValueError("Send either reading_g or line.")
        return self

    @model_validator(mode="after")
    def _typed_with_reason(self) -> Self:
        if (self.entry == "typed") != bool(self.reason):
            raise ValueError("A typed weight goes with its reason, and a scale's own without one.")
        if self.reason == OTHER and not self.note.strip():
            raise ValueError("Say in note why it was typed.")
        return self

    @property
    def typed(self) -> str:
        """Why it was typed, "" for a scale's own reading."""
        return f"{self.reason}: {self.note}" if self.note and self.reason else self.reason

    def weight(self) -> int:
        """Return the weight in g.

        Raises:
            UnusableReading: the scale's line shows none that stands still above zero.
        """
        return self.reading_g if self.reading_g is not None else grams_of(self.line or "")


class WeighIn(ReadingIn):
    """A reading of a parcel on a scale."""
