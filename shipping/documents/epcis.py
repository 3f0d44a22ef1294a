from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

import msgspec

from shipping.documents.despatch import Despatch, DespatchParcel

_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


def despatch_epcis(despatch: Despatch) -> bytes:
    """Write a manifest as an EPCIS 2.0 document (JSON-LD): for each parcel the aggregation of its units under its SSCC
    when it was packed, for each container that of its parcels under its own SSCC, then one shipping event of the
    containers and the loose parcels (CBV 2.0 steps packing and shipping).

    SSCCs are GS1 Digital Link URIs. Articles, orders, places and the manifest are known by our own codes, in URIs of
    our own. The same manifest gives the same event ids.
    """
    events = [_packing(despatch, parcel) for parcel in despatch.parcels]
    events += [_filling(despatch, sscc) for sscc in _containers(despatch)]
    if despatch.parcels:
        events.append(_shipping(despatch))
    document = {
        "@context": [_CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _instant(despatch.closed_at),
        "epcisBody": {"eventList": events},
    }
    return msgspec.json.encode(document)


def _packing(despatch: Despatch, parcel: DespatchParcel) -> dict[str, Any]:
    units = [{"epcClass": _own("item", line.sku), "quantity": line.quantity} for line in parcel.lines]
    return {
        "type": "AggregationEvent",
        **_when(despatch, parcel.packed_at, f"{parcel.sscc}/packing"),
        "parentID": _sscc(parcel.sscc),
        "childQuantityList": units,
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": _own("site", despatch.site_code)},
        "bizLocation": {"id": _own("site", despatch.site_code)},
        "bizTransactionList": [{"type": "po", "bizTransaction": _own("order", parcel.order)}],
    }


def _containers(despatch: Despatch) -> list[str]:
    return sorted({parcel.container for parcel in despatch.parcels if parcel.container})


def _filling(despatch: Despatch, sscc: str) -> dict[str, Any]:
    inside = [parcel for parcel in despatch.parcels if parcel.container == sscc]
    filled_at = max(parcel.contained_at or parcel.packed_at for parcel in inside)
    return {
        "type": "AggregationEvent",
        **_when(despatch, filled_at, f"{sscc}/packing"),
        "parentID": _sscc(sscc),
        "childEPCs": [_sscc(parcel.sscc) for parcel in inside],
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
        "readPoint": {"id": _own("site", despatch.site_code)},
        "bizLocation": {"id": _own("site", despatch.site_code)},
    }


def _shipping(despatch: Despatch) -> dict[str, Any]:
    loose = [parcel.sscc for parcel in despatch.parcels if not parcel.container]
    return {
        "type": "ObjectEvent",
        **_when(despatch, despatch.left_at, f"{despatch.id}/shipping"),
        "epcList": [_sscc(sscc) for sscc in (*_containers(despatch), *loose)],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": _own("site", despatch.site_code)},
        "bizTransactionList": [{"type": "desadv", "bizTransaction": _own("manifest", despatch.number)}],
    }


def _when(despatch: Despatch, at: datetime, subject: str) -> Mapping[str, str]:
    offset = at.astimezone(ZoneInfo(despatch.time_zone)).strftime("%z")
    return {
        "eventID": f"urn:uuid:{uuid5(NAMESPACE_URL, _own('event', subject))}",
        "eventTime": _instant(at),
        "eventTimeZoneOffset": f"{offset[:3]}:{offset[3:5]}",
    }


def _instant(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _sscc(sscc: str) -> str:
    return f"https://id.gs1.org/00/{sscc}"


def _own(kind: str, code: str) -> str:
    return f"urn:pickstream:{kind}:{quote(code, safe='/')}"
