from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field


def _written(value: object) -> object:
    """Let only text through: a number could mean seconds or milliseconds, and would be taken for either."""
    if not isinstance(value, str) or value.lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError("a time is written as in RFC 3339, such as 2026-11-24T08:00:00Z, and a day as 2026-11-24")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this time lies outside of the years 1 to 9999") from error


Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written), AfterValidator(_in_utc)]
"""An instant in a request body: text with an offset. However it was written, the same instant is the same value."""
Day = Annotated[date, Field(strict=False), BeforeValidator(_written)]
"""A calendar day in a request body: text."""
