"""The text of every exception at every stage of a parcel's way; see `app.web.wording` for how it is chosen."""

from app.web.wording_lateness import LATENESS_TEXTS
from app.web.wording_mishaps import MISHAP_TEXTS
from app.web.wording_parts import ExceptionText, Stage, TrackerException

EXCEPTION_TEXTS: dict[TrackerException, dict[Stage, ExceptionText]] = {**LATENESS_TEXTS, **MISHAP_TEXTS}
