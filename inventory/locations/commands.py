from collections.abc import Mapping, Sequence

from sqlalchemy import select

from inventory.commands.locations import create_locations
from inventory.domain.values import LocationDraft
from inventory.errors import LocationExists
from inventory.models import Location
from kernel.db.transactions import UnitOfWork


def add_location(uow: UnitOfWork, *, site_id: str, draft: LocationDraft) -> str:
    """Add a location that the site does not have yet, and return its id.

    Raises:
        LocationExists: the site has one with this code.
        Invalid: names every value that cannot be right.
    """
    known = select(Location.id).where(Location.site_id == site_id, Location.code == draft.code)
    if uow.session.scalar(known) is not None:
        raise LocationExists(
            f"This site has a location {draft.code}.", remedy="Search for it and change it.", pointer="/code"
        )
    return store_locations(uow, site_id=site_id, drafts=[draft])[draft.code]


def store_locations(uow: UnitOfWork, *, site_id: str, drafts: Sequence[LocationDraft]) -> Mapping[str, str]:
    """Add locations of a site, and bring those with these codes up to date: all or none. Return their ids by code.

    Raises:
        Invalid: names every value that cannot be right.
        LocationInUse: a location was to become one from which nothing is sold, and what lies there is for sale.
    """
    ids = create_locations(uow, site_id=site_id, locations=drafts)
    uow.audit("locations.stored", subject=site_id, locations=len(ids), codes=",".join(sorted(ids)[:50]))
    return ids
