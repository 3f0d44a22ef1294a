from datetime import date
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping.domain.sort_lanes import plain_code
from shipping.domain.weight_checks import WeightTolerance
from shipping.models.site import ScaleRow
from shipping.models.weight_checks import WeightToleranceRow
from shipping.site_terms import Scale, forget_terms, terms_of

_HEAVIEST_G: Final = 2_000_000
_COARSEST_G: Final = 1_000
_LONGEST: Final = 60
_WHOLE_BP: Final = 10_000


def set_scale(
    uow: UnitOfWork, *, site_id: str, code: str, name: str, sd_g: float, interval_g: int, max_g: int,
    calibrated_until: date, in_motion: bool = False,
) -> Scale:  # fmt: skip
    """Add a scale to a site, or say anew what one is: the standard deviation of its repeats (in motion for a scale in a
    line), its interval e and its greatest load, in g, and until when its calibration counts. One that is `in_motion`
    is offered at no bench.

    Raises:
        NotFound: there is no such site.
        Invalid: the code or a figure is none.
    """
    terms_of(uow, site_id)
    known = plain_code(code)
    for pointer, is_good, words in (
        ("/code", 0 < len(known) <= _LONGEST, f"A scale has a code of up to {_LONGEST} characters."),
        ("/sd_g", 0 < sd_g <= _COARSEST_G, f"Repeats scatter by more than 0 and up to {_COARSEST_G:,} g."),
        ("/interval_g", 0 < interval_g <= _COARSEST_G, f"A scale shows steps of 1 to {_COARSEST_G:,} g."),
        ("/max_g", interval_g < max_g <= _HEAVIEST_G, f"Its greatest load is above one step, up to {_HEAVIEST_G:,} g."),
    ):
        if not is_good:
            raise Invalid(words, remedy="It stands on the plate of the scale.", pointer=pointer)
    values = {
        "name": name.strip()[:200] or known, "sd_g": sd_g, "interval_g": interval_g, "max_g": max_g,
        "calibrated_until": calibrated_until, "in_motion": in_motion,
    }  # fmt: skip
    stored = insert(ScaleRow).values(site_id=site_id, code=known, **values)
    uow.session.execute(stored.on_conflict_do_update(index_elements=["site_id", "code"], set_=values))
    forget_terms(uow)
    uow.audit(
        "scale.set", subject=site_id, scale=known, sd_g=sd_g, interval_g=interval_g, max_g=max_g,
        calibrated_until=calibrated_until.isoformat(), in_motion=in_motion,
    )  # fmt: skip
    return Scale(known, sd_g, interval_g, max_g, calibrated_until, in_motion)


def set_weight_tolerance(
    uow: UnitOfWork, *, site_id: str, carrier: str, grams: int, share_bp: int
) -> WeightTolerance:  # fmt: skip
    """Say by how much a carrier lets a site's parcels differ from their declared weight, in g and in 1/10,000 of it.

    Raises:
        NotFound: there is no such site.
        Invalid: the site does not use the carrier, or a figure is none.
    """
    carriers = {service.carrier for service in terms_of(uow, site_id).services}
    if carrier not in carriers:
        raise Invalid(f"The site does not use {carrier}.", remedy=f"One of {', '.join(sorted(carriers))}.",
                      pointer="/carrier")  # fmt: skip
    if not 0 <= grams <= _HEAVIEST_G:
        raise Invalid("The tolerance is none.", remedy="Enter 0 or more.", pointer="/grams")
    if not 0 <= share_bp <= _WHOLE_BP:
        raise Invalid("The share is none.", remedy="Enter 0 to 100 %.", pointer="/share_bp")
    values = {"grams": grams, "share_bp": share_bp}
    stored = insert(WeightToleranceRow).values(site_id=site_id, carrier=carrier, grams=grams, share_bp=share_bp)
    uow.session.execute(stored.on_conflict_do_update(index_elements=["site_id", "carrier"], set_=values))
    uow.audit("weight_tolerance.set", subject=site_id, carrier=carrier, grams=grams, share_bp=share_bp)
    return WeightTolerance(grams, share_bp)
