from typing import Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.models.site import DunnageRow
from shipping.site_terms import forget_terms, terms_of

HEAVIEST_G_PER_L: Final = 1_000


def set_dunnage(uow: UnitOfWork, *, site_id: str, mean_g_per_l: float, sd_g_per_l: float) -> None:
    """Say what a site fills empty room with: its weight in g per liter, and how unsure that is.

    Parcels are expected so from now on; as soon as weighing taught more, that counts, and this is where it starts from.

    Raises:
        NotFound: there is no such site.
        Invalid: a figure is negative or absurd.
    """
    terms_of(uow, site_id)
    for pointer, figure in (("/mean_g_per_l", mean_g_per_l), ("/sd_g_per_l", sd_g_per_l)):
        if not 0 <= figure <= HEAVIEST_G_PER_L:
            raise Invalid(
                f"Filling weighs 0 to {HEAVIEST_G_PER_L:,} g per liter.",
                remedy="Paper is about 6, air cushions about 1.", pointer=pointer,
            )  # fmt: skip
    uow.session.merge(DunnageRow(site_id=site_id, mean_g_per_l=mean_g_per_l, sd_g_per_l=sd_g_per_l))
    uow.session.flush()
    forget_terms(uow)
    uow.audit("dunnage.set", subject=site_id, mean_g_per_l=mean_g_per_l, sd_g_per_l=sd_g_per_l)
