from functools import partial

from app.simulators.floor import MISTAKE_SECONDS
from app.simulators.live_crew import Steps
from app.simulators.live_house import LiveHouse
from kernel.actors import Actor, Role
from shipping.api import ParcelView, parcels_to_label, verify_label

STICK_SECONDS = 8.0


def stick_labels(house: LiveHouse, packer: Actor) -> Steps:
    """Stick the labels that came on the parcels that a packer closed, and scan each back on its box. The benches share
    a printer: where another label lies beside it that is taken for once, refused, and the right one follows.
    """
    for parcel in _bare(house, packer):
        yield STICK_SECONDS
        if house.chance.hits(house.mistakes.wrong_labels, "label", parcel.sscc):
            others = [each for each in _at_the_printer(house) if each.id != parcel.id]
            if others:
                scan_label(house, packer, parcel, others[0].sscc)
                yield MISTAKE_SECONDS
        scan_label(house, packer, parcel, parcel.sscc)


def scan_label(house: LiveHouse, packer: Actor, parcel: ParcelView, code: str) -> None:
    """Scan the label on a parcel; that of another is refused, and one that was scanned before changes nothing."""
    house.attempt(packer, partial(verify_label, tenant_id=parcel.tenant_id, parcel_id=parcel.id, scanned=code))


def _at_the_printer(house: LiveHouse) -> list[ParcelView]:
    return [parcel for packer in house.staff[Role.PACKER] for parcel in _bare(house, packer)]


def _bare(house: LiveHouse, packer: Actor) -> list[ParcelView]:
    return house.see(partial(parcels_to_label, site_id=house.site_id, packer=packer.id))
