from collections.abc import Mapping
from typing import Final

_TAIL: Final = 6


def manifest_label(manifest_id: str) -> str:
    """Return what people call a manifest: M- and the end of its id."""
    return f"M-{manifest_id[-_TAIL:].upper()}"


def return_label(return_id: str) -> str:
    """Return what people call a return: R- and the end of its id."""
    return f"R-{return_id[-_TAIL:].upper()}"


def parcel_label(sscc: str, tracking_number: str = "") -> str:
    """Return what people call a parcel: its tracking number, or the end of its license plate while it has none."""
    return tracking_number or f"\N{HORIZONTAL ELLIPSIS}{sscc[-_TAIL:]}"


def carrier_words(code: str) -> str:
    """Return a carrier's or a service's code in words: swift_parcel is Swift Parcel."""
    return code.replace("_", " ").title()


def person_words(actor: str, people: Mapping[str, str]) -> str:
    """Return who did something: a person's name, else which kind of program; ids are of no use to a reader."""
    if not actor or actor in people:
        return people.get(actor, "")
    if actor.startswith("usr_"):
        return "Somebody of another site"
    return "A shop's system" if actor.startswith("key_") else "Pickstream itself"
