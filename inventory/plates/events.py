from dataclasses import dataclass
from typing import ClassVar

from inventory.events import in_units
from kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateEvent(Event):
    """A fact about a license plate; its events form one stream."""

    plate_id: str
    site_id: str
    sscc: str

    @property
    def stream(self) -> str:
        """The plate."""
        return self.plate_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateOpened(PlateEvent):
    """A plate is in use from now on; `units` are on it already."""

    TYPE: ClassVar[str] = "inventory.plate_opened.v1"
    location_code: str
    units: int

    def summary(self) -> str:
        """Return where it is."""
        where = f"is in {self.location_code}" if self.location_code else "has a label"
        return f"Plate {self.sscc} {where} with {in_units(self.units)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateMoved(PlateEvent):
    """A plate was carried with everything on it."""

    TYPE: ClassVar[str] = "inventory.plate_moved.v1"
    from_code: str
    to_code: str
    units: int

    def summary(self) -> str:
        """Return from where to where."""
        return f"Plate {self.sscc} went from {self.from_code} to {self.to_code} with {in_units(self.units)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateBroken(PlateEvent):
    """A plate is no more: what was on it lies loose where it was."""

    TYPE: ClassVar[str] = "inventory.plate_broken.v1"
    location_code: str
    units: int

    def summary(self) -> str:
        """Return what lies loose."""
        return f"Plate {self.sscc} was broken up: {in_units(self.units)} lie loose."
