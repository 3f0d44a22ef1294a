from collections.abc import Iterable, KeysView, Mapping
from dataclasses import dataclass

from fulfillment.domain.layout import Point, UnknownBinsError, WarehousePlan
from fulfillment.domain.routing.network import Network, Place, spot_of


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """A checked floor of any shape: one-way aisles, slanted walkways, ways around obstacles.

    `places` gives the access point of every bin by location code, `start` that of the depot, `ends` those where a walk
    may end.
    """

    plan: WarehousePlan
    network: Network
    places: Mapping[str, Place]
    start: Place
    ends: tuple[Place, ...]

    @property
    def codes(self) -> KeysView[str]:
        """Return the codes of all locations on the floor."""
        return self.places.keys()

    def access_point(self, code: str) -> Point:
        """Return the floor point in mm from which `code` is picked."""
        x, y = spot_of(self.network, self.places[code])
        return round(x), round(y)

    def places_of(self, bins: Iterable[str]) -> dict[str, Place]:
        """Return the access points of `bins` in code order, each once.

        Raises:
            UnknownBinsError: for location codes that this layout does not have.
        """
        codes = sorted(set(bins))
        unknown = tuple(code for code in codes if code not in self.places)
        if unknown:
            raise UnknownBinsError(unknown)
        return {code: self.places[code] for code in codes}
