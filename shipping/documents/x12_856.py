import unicodedata
from collections.abc import Iterator
from itertools import groupby

from shipping.documents.despatch import Despatch, DespatchParcel
from shipping.documents.values import PostalAddress

_SEGMENT_END = "~\n"
_DELIMITERS = str.maketrans("*~>^", "    ")
_MOST_CONTROL = 10**9
# ASC X12 004010: hierarchy shipment, order, packaging, item (BSN05).
_SHIPMENT_ORDER_PACK_ITEM = "0001"


def ship_notice_x12(despatch: Despatch) -> bytes:
    """Write a manifest as one X12 856 ship notice (ASC X12 004010): HL shipment, order, packaging, item.

    Parcels in a container stand under a tare level with the container's SSCC (MAN*GM), once for each order in it: HL
    shipment, order, tare, packaging, item. Each parcel stands with its SSCC (MAN*GM) and tracking number (MAN*CP). The
    control numbers of interchange, group and set come from the manifest's place among those of its site, so that the
    same manifest is always the same interchange. CTT tells the HL segments and the sum of the quantities. The standard
    has ASCII alone: accents are taken off, other scripts become question marks; the SSCC says which parcel it is.
    """
    control = despatch.serial % _MOST_CONTROL
    body = list(_set(despatch))
    count = len(body) + 2
    closed = despatch.closed_at
    sender = _fit(despatch.site_code, 15).ljust(15)
    receiver = _fit(despatch.carrier, 15).ljust(15)
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender}*ZZ*{receiver}*{closed:%y%m%d}*{closed:%H%M}*U*00401*{control:09d}*0*P*>",
        f"GS*SH*{sender.strip()}*{receiver.strip()}*{closed:%Y%m%d}*{closed:%H%M}*{control}*X*004010",
        "ST*856*0001", *body, f"SE*{count}*0001", f"GE*1*{control}", f"IEA*1*{control:09d}", "",
    ]  # fmt: skip
    return _SEGMENT_END.join(segments).encode("ascii")


def _set(despatch: Despatch) -> Iterator[str]:
    closed = despatch.closed_at
    yield f"BSN*00*{_fit(despatch.number, 30)}*{closed:%Y%m%d}*{closed:%H%M}*{_SHIPMENT_ORDER_PACK_ITEM}"
    yield "HL*1**S"
    grams = sum(parcel.weight_g for parcel in despatch.parcels)
    yield f"TD1*CTN25*{len(despatch.parcels)}****G*{_kg(grams)}*KG"
    yield f"TD5**91*{_fit(despatch.carrier, 80)}**{_fit(despatch.carrier_name, 35)}"
    yield f"DTM*011*{despatch.ship_on:%Y%m%d}"
    yield from _party("SF", despatch.origin)
    level = 1
    ordered = sorted(despatch.parcels, key=lambda parcel: (parcel.order, parcel.container, parcel.sscc))
    for order, parcels in groupby(ordered, key=lambda parcel: parcel.order):
        together = list(parcels)
        level += 1
        yield f"HL*{level}*1*O"
        yield f"PRF*{_fit(order, 22)}"
        yield from _party("ST", together[0].ship_to)
        of_order = level
        for container, inside in groupby(together, key=lambda parcel: parcel.container):
            parent = of_order
            if container:
                level += 1
                parent = level
                yield from _tare(container, level, of_order)
            for parcel in inside:
                level += 1
                yield from _pack(parcel, level, parent)
                level += len(parcel.lines)
    yield f"CTT*{level}*{sum(line.quantity for parcel in despatch.parcels for line in parcel.lines)}"


def _tare(container: str, level: int, parent: int) -> Iterator[str]:
    yield f"HL*{level}*{parent}*T"
    yield f"MAN*GM*{container}"


def _pack(parcel: DespatchParcel, level: int, parent: int) -> Iterator[str]:
    yield f"HL*{level}*{parent}*P"
    yield f"TD1******G*{_kg(parcel.weight_g)}*KG"
    yield f"MAN*GM*{parcel.sscc}"
    yield f"MAN*CP*{_fit(parcel.tracking_number, 48)}"
    for n, line in enumerate(parcel.lines, start=1):
        yield f"HL*{level + n}*{level}*I"
        yield f"LIN**SK*{_fit(line.sku, 48)}"
        yield f"SN1**{line.quantity}*EA"
        yield f"PID*F****{_fit(line.name, 80)}"


def _party(role: str, address: PostalAddress) -> Iterator[str]:
    yield f"N1*{role}*{_fit(address.name, 60)}"
    if address.company:
        yield f"N2*{_fit(address.company, 60)}"
    if address.lines:
        yield "*".join(["N3", *(_fit(line, 55) for line in address.lines[:2])])
    place = [_fit(address.city, 30), _fit(address.region, 2) if len(address.region) == 2 else ""]  # noqa: PLR2004 - a code of the standard's length
    yield "*".join(["N4", *place, _fit(address.postal_code, 15), _fit(address.country, 3)])


def _kg(grams: int) -> str:
    return f"{grams / 1000:.3f}".rstrip("0").rstrip(".")


def _fit(text: str, most: int) -> str:
    """Return a text in the characters and the length that an element takes; never an empty one of a name."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    ascii_only = "".join(char if char.isascii() and char.isprintable() else "?" for char in plain)
    return " ".join(ascii_only.translate(_DELIMITERS).split())[:most].strip() or "?"
