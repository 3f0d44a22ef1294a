"""How quantities, money, weights and times read: units always, times relative where near."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from app.web.faces.shell import Frame

_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "TND": 3}
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "BRL": "R$", "JPY": "¥"}
_KILOGRAM = 1000
_MINUS = "\N{MINUS SIGN}"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SAID_BY_WEEKDAY = 7


def money(minor: int, currency: str) -> str:
    """Return minor units as a sum: 123450, "GBP" is "£1,234.50"; unknown currencies keep their code."""
    digits = _MINOR_DIGITS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**digits)
    amount = f"{whole:,}.{rest:0{digits}d}" if digits else f"{whole:,}"
    symbol = _SYMBOLS.get(currency, f"{currency}\N{NO-BREAK SPACE}")
    sign = _MINUS if minor < 0 else ""
    return f"{sign}{symbol}{amount}"


def weight(grams: int | None) -> str:
    """Return grams below a kilogram, else kilograms with two decimals; a dash where nothing was weighed."""
    if grams is None:
        return "\N{EN DASH}"
    if abs(grams) < _KILOGRAM:
        return f"{grams}\N{NO-BREAK SPACE}g"
    return f"{grams / _KILOGRAM:,.2f}\N{NO-BREAK SPACE}kg"


def grams(value: int) -> str:
    """Return exact grams, as evidence shows them: 1708 is "1,708 g"."""
    return f"{value:,}\N{NO-BREAK SPACE}g"


def signed(value: int) -> str:
    """Return a difference with its sign: 4 is "+4", and a negative one takes the minus sign of tabular figures."""
    sign = "+" if value > 0 else _MINUS if value < 0 else ""
    return f"{sign}{abs(value):,}"


def quantity(value: int) -> str:
    """Return a count with thousands separated."""
    return f"{value:,}"


def duration(seconds: int) -> str:
    """Return a span in its two largest units: "4 min", "1 h 05 min", "3 d 4 h"."""
    seconds = abs(seconds)
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE:02d} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def time_left(at: datetime, frame: Frame) -> str:
    """Return how long until `at`, or how long ago it passed."""
    left = int((at - frame.now).total_seconds())
    return duration(left) if left >= 0 else f"{duration(left)} ago"


def relative_day(at: datetime, frame: Frame) -> str:
    """Return Today, Yesterday, Tomorrow, the weekday within six days, else the date (with its year if another)."""
    local, today = _local(at, frame.zone), _local(frame.now, frame.zone)
    apart = (local.date() - today.date()).days
    near = {0: "Today", -1: "Yesterday", 1: "Tomorrow"}
    if apart in near:
        return near[apart]
    if abs(apart) < _SAID_BY_WEEKDAY:
        return f"{local:%a}"
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def words_of_time(at: datetime, frame: Frame, zone: str = "") -> str:
    """Return a moment as a person says it: "Today 08:12"."""
    place = Frame(frame.now, zone or frame.zone)
    return f"{relative_day(at, place)} {_local(at, place.zone):%H:%M}"


def full_time(at: datetime, zone: str) -> str:
    """Return a moment without doubt: "Tue 24 Nov 2026 08:12 GMT"."""
    local = _local(at, zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


def when(at: datetime | None, frame: Frame, zone: str = "") -> Markup:
    """Return a `<time>`: relative words on screen, the full moment on hover and in print; a dash for none."""
    if at is None:
        return Markup('<span class="none">\N{EN DASH}</span>')
    return Markup('<time datetime="{}" title="{}"><span>{}</span></time>').format(
        f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        full_time(at, zone or frame.zone),
        words_of_time(at, frame, zone),
    )


def when_inline(at: datetime | None, frame: Frame, zone: str = "") -> Markup:
    """Return the same as `when`, for the middle of a sentence: "today 08:12"."""
    shown = str(when(at, frame, zone))
    for word in ("Today", "Yesterday", "Tomorrow"):
        shown = shown.replace(f"<span>{word}", f"<span>{word.lower()}")
    return Markup(shown)  # noqa: S704 - built from the escaped markup above


def day(at: datetime | None, frame: Frame) -> Markup:
    """Return a `<time>` that shows the day only."""
    if at is None:
        return Markup('<span class="none">\N{EN DASH}</span>')
    local = _local(at, frame.zone)
    return Markup('<time datetime="{}" title="{}"><span>{}</span></time>').format(
        f"{local:%Y-%m-%d}", f"{local:%a} {local.day} {local:%b %Y}", f"{local:%a} {local.day} {local:%b}"
    )


def long_date(on: date | None) -> str:
    """Return a calendar day with its weekday: Tue 31 Mar 2027; "" for None."""
    return f"{on:%a} {on.day} {on:%b %Y}" if on else ""


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))
