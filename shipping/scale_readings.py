from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from shipping.site_terms import Scale, terms_of


class UnknownScale(Invalid):
    """The site has no scale with this code."""

    code = "unknown_scale"
    title = "The site has no such scale"


class UnusableReading(Refusal):
    """A reading that proves nothing: it moved, lies outside the scale's range, or its calibration is over."""

    code = "unusable_reading"
    title = "This reading cannot be used"


def usable_scale(uow: UnitOfWork, site_id: str, code: str, reading_g: int, *, stable: bool) -> Scale:
    """Return the scale of a site that a reading in g came from.

    Raises:
        UnknownScale: the site has no such scale.
        UnusableReading: the reading moved, lies outside the scale's range, or its calibration is over.
    """
    scale = terms_of(uow, site_id).scale(code)
    if scale is None:
        raise UnknownScale(f"The site has no scale {code}.", pointer="/scale_code")
    if not stable:
        raise UnusableReading("The reading was still moving.", remedy="Wait until the scale shows it is stable.")
    if not 0 < reading_g <= scale.max_g:
        raise UnusableReading(f"{reading_g:,} g is outside the range of scale {code}, 1 to {scale.max_g:,} g.")
    if scale.calibrated_until < uow.now.date():
        raise UnusableReading(
            f"The calibration of scale {code} ended on {scale.calibrated_until}.", remedy="Use another scale."
        )
    return scale
