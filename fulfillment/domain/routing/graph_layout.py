from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fulfillment.domain.layout import UnknownBinsError, WarehousePlan
from fulfillment.domain.routing.network import Network, Place


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
