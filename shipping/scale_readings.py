from typing import Final

from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid, Refusal
from shipping.domain.scale_lines import ScaleState, read_scale_line
from shipping.site_terms import Scale, terms_of

_WHY_NOT: Final = {
    ScaleState.UNSTABLE: ("The scale was still moving.", "Wait until it stands still, then read it again."),
    ScaleState.ZERO: ("The scale is empty.", "Put it on, and read the scale again."),
    ScaleState.OVER: ("It is too heavy for this scale.", "Take it off, and use a larger one."),
    ScaleState.UNDER: ("The scale shows less than nothing.", "Empty it, set it to zero, and put it on again."),
    ScaleState.FAULT: ("The scale reports a fault.", "Switch it off and on, or use another one."),
    ScaleState.UNREADABLE: ("This is no line of a scale.", "Read it again, or type what it shows, in grams."),
}


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


def grams_of(line: str) -> int:
    """Return the weight in g that a scale's line shows.

    Raises:
        UnusableReading: it shows none that stands still above zero; `state` says why.
    """
    read = read_scale_line(line)
    if read.state in _WHY_NOT:
        detail, remedy = _WHY_NOT[read.state]
        raise UnusableReading(detail, remedy=remedy, state=read.state.value)
    return read.whole_grams
