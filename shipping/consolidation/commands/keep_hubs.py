import re
from dataclasses import asdict
from typing import Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, NotFound
from shipping.consolidation.views import InjectionHub
from shipping.models.consolidation import InjectionHubRow
from shipping.site_terms import terms_of

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_COUNTRY, _CURRENCY = re.compile("[A-Z]{2}"), re.compile("[A-Z]{3}")
_LONGEST: Final = 100
_RANGES: Final = {
    "fixed_minor": (0, 10_000_000),
    "pallet_minor": (0, 10_000_000),
    "max_volume_mm3": (1, 10**11),
    "max_weight_g": (1, 10**8),
    "transit_days": (0, 60),
}


def keep_hub(uow: UnitOfWork, hub: InjectionHub, *, site_id: str) -> None:
    """Keep a hub of a site, or its new terms.

    Raises:
        NotFound: there is no such site.
        Invalid: a figure is out of range, or the site does not use the service that delivers from there.
    """
    _check(hub)
    terms = terms_of(uow, site_id)
    if terms.service(hub.carrier, hub.service) is None:
        known = ", ".join(f"{each.carrier}/{each.service}" for each in terms.services)
        raise Invalid("The site does not use this service.", remedy=f"Choose one of {known}.", pointer="/service")
    row = uow.session.get(InjectionHubRow, (site_id, hub.code), with_for_update=True)
    if row is None:
        uow.session.add(InjectionHubRow(site_id=site_id, changed_at=uow.now, **asdict(hub)))
    else:
        for name, value in asdict(hub).items():
            setattr(row, name, value)
        row.changed_at = uow.now
    uow.session.flush()
    uow.audit("injection_hub.kept", subject=site_id, **asdict(hub))


def drop_hub(uow: UnitOfWork, code: str, *, site_id: str) -> None:
    """Plan a hub no more; plans that were made keep what they say of it.

    Raises:
        NotFound: the site has no such hub.
    """
    row = uow.session.get(InjectionHubRow, (site_id, code), with_for_update=True)
    if row is None:
        raise NotFound("The site has no such hub.", remedy="Look at the list of hubs.")
    uow.session.delete(row)
    uow.session.flush()
    uow.audit("injection_hub.dropped", subject=site_id, code=code)


def _check(hub: InjectionHub) -> None:
    if not _CODE.fullmatch(hub.code):
        raise Invalid(
            "A code has 1 to 20 capital letters, digits or hyphens.", remedy="Such as FRA-1.", pointer="/code"
        )
    if not hub.name.strip() or len(hub.name) > _LONGEST:
        raise Invalid(f"Give a name of at most {_LONGEST} letters.", pointer="/name")
    if not _COUNTRY.fullmatch(hub.country):
        raise Invalid("Give the country's two letters.", remedy="Such as DE.", pointer="/country")
    if not 0 < len(hub.postal_code.strip()) <= _LONGEST:
        raise Invalid("Give the postal code of the hub.", pointer="/postal_code")
    if not _CURRENCY.fullmatch(hub.currency):
        raise Invalid("Give a currency's three letters.", remedy="Such as EUR.", pointer="/currency")
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(hub, name) <= most:
            raise Invalid(f"Give {least:,} to {most:,}.", pointer=f"/{name}")
