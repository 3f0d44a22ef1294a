"""What a site fills the empty room of its cartons with, as told and as weighing taught it."""

from dataclasses import dataclass

from kernel.db.transactions import UnitOfWork
from shipping.site_terms import terms_of


@dataclass(frozen=True, slots=True)
class Dunnage:
    """Filling in g per liter of empty room: as it was told and how unsure that is, and as weighing taught it, None
    where too little was weighed.
    """

    mean_g_per_l: float
    sd_g_per_l: float
    learned_g_per_l: float | None


def dunnage_of(uow: UnitOfWork, *, site_id: str) -> Dunnage:
    """Return what a site fills empty room with.

    Raises:
        NotFound: there is no such site.
    """
    terms = terms_of(uow, site_id)
    told = terms.told_dunnage
    return Dunnage(told.mean, told.sd, terms.packaging.dunnage.mean if terms.weights else None)
