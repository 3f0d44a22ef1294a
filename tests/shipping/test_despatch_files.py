"""A manifest as machine files, read back."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest

from shipping.documents.despatch import Despatch, DespatchLine, DespatchParcel
from shipping.documents.epcis import despatch_epcis
from shipping.documents.values import PostalAddress
from shipping.documents.x12_856 import ship_notice_x12
from shipping.domain.gs1 import build_sscc

WAREHOUSE = PostalAddress("Pickstream São Paulo", ("Rua das Caixas 120",), "São Paulo", "01310-100", "BR", region="SP")
ANN = PostalAddress("Ann*Example~", ("Weg 1",), "Leipzig", "04109", "DE")
PACKED, CLOSED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC), datetime(2026, 11, 24, 15, 5, 6, tzinfo=UTC)
MUG, CHAIR = DespatchLine("MUG/BL 1", "Ceramic mug, blue", 2), DespatchLine("CHAIR-1", "椅子", 1)


def parcel(serial: int, order: str, *lines: DespatchLine) -> DespatchParcel:
    return DespatchParcel(build_sscc(0, "4012345", serial), f"NP{serial}", order, ANN, 1_250, PACKED, lines)


PARCELS = (parcel(1, "ORD-2", MUG), parcel(2, "ORD-1", MUG, CHAIR), parcel(3, "ORD-2", CHAIR))
DESPATCH = Despatch(
    "man_1", "MAN-7", 1_000_000_042, "northpost", "Northpost", "dc1", WAREHOUSE, "America/Sao_Paulo",
    date(2026, 11, 24), CLOSED, CLOSED, PARCELS,
)  # fmt: skip


def segments(notice: bytes) -> list[list[str]]:
    return [line.split("*") for line in notice.decode("ascii").replace("\n", "").split("~") if line]


def levels(found: list[list[str]]) -> dict[str, dict[str, Any]]:
    """Each HL by its number: parent, level code and the segments under it."""
    known: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] = {}
    for segment in found:
        if segment[0] == "HL":
            current = known[segment[1]] = {"parent": segment[2], "code": segment[3], "said": []}
        elif current:
            current["said"].append(segment)
    return known


def value(level: dict[str, Any], *start: str) -> str:
    return next(s[len(start)] for s in level["said"] if tuple(s[: len(start)]) == start)


def read_back(found: list[list[str]]) -> set[tuple[str, str, str, tuple[tuple[str, str], ...]]]:
    """Parcels of a notice: order, SSCC, tracking number, and what is inside."""
    known = levels(found)
    return {
        (
            value(known[level["parent"]], "PRF"), value(level, "MAN", "GM"), value(level, "MAN", "CP"),
            tuple(
                (value(item, "LIN", "", "SK"), value(item, "SN1", ""))
                for item in known.values() if item["parent"] == number and item["code"] == "I"
            ),
        )
        for number, level in known.items() if level["code"] == "P"
    }  # fmt: skip


def test_ship_notice_reads_back_as_the_manifest() -> None:
    found = segments(ship_notice_x12(DESPATCH))

    assert read_back(found) == {
        (p.order, p.sscc, p.tracking_number, tuple((line.sku, str(line.quantity)) for line in p.lines)) for p in PARCELS
    }
    known = levels(found)
    assert list(known) == [str(n) for n in range(1, len(known) + 1)]
    assert {(known[level["parent"]]["code"], level["code"]) for level in known.values() if level["parent"]} == {
        ("S", "O"), ("O", "P"), ("P", "I"),
    }  # fmt: skip
    assert [level["code"] for level in known.values()] == list("SOPIIOPIPI")
    assert ["TD1", "CTN25", "3", "", "", "", "G", "3.75", "KG"] in known["1"]["said"]


def test_counts_and_control_numbers_of_a_ship_notice_agree() -> None:
    notice = ship_notice_x12(DESPATCH)
    found = segments(notice)

    said = {segment[0]: segment for segment in found}
    start, end = ([s[0] for s in found].index(name) for name in ("ST", "SE"))
    assert len(notice.decode().split("~")[0]) == 105, "an ISA segment has a fixed length"
    assert said["ISA"][13] == said["IEA"][2] == "000000042"
    assert said["GS"][6] == said["GE"][2] == "42"
    assert said["ST"][2] == said["SE"][2]
    assert said["SE"][1] == str(end - start + 1)
    assert said["CTT"][1:] == [str(sum(s[0] == "HL" for s in found)), str(2 + 2 + 1 + 1)]
    assert said["BSN"][1:] == ["00", "MAN-7", "20261124", "1505", "0001"]
    assert ["N1", "ST", "Ann Example"] in found, "delimiters in a name are no delimiters"
    assert ["N4", "Sao Paulo", "SP", "01310-100", "BR"] in found


def test_epcis_tells_each_parcels_content_and_what_left() -> None:
    document = json.loads(despatch_epcis(DESPATCH))

    *packed, shipped = document["epcisBody"]["eventList"]
    assert (document["type"], document["schemaVersion"]) == ("EPCISDocument", "2.0")
    assert [event["parentID"] for event in packed] == [f"https://id.gs1.org/00/{p.sscc}" for p in PARCELS]
    assert {(event["type"], event["action"], event["bizStep"]) for event in packed} == {
        ("AggregationEvent", "ADD", "packing")
    }
    assert packed[0]["childQuantityList"] == [{"epcClass": "urn:pickstream:item:MUG/BL%201", "quantity": 2}]
    assert (shipped["type"], shipped["action"], shipped["bizStep"]) == ("ObjectEvent", "OBSERVE", "shipping")
    assert shipped["epcList"] == [event["parentID"] for event in packed]
    assert (shipped["eventTime"], shipped["eventTimeZoneOffset"]) == ("2026-11-24T15:05:06.000Z", "-03:00")
    ids = [event["eventID"] for event in document["epcisBody"]["eventList"]]
    assert len(set(ids)) == 4
    assert despatch_epcis(DESPATCH) == despatch_epcis(DESPATCH)


@pytest.mark.parametrize("count", [0, 1, 400])
def test_any_number_of_parcels_is_told(count: int) -> None:
    parcels = tuple(parcel(n, f"ORD-{n % 7}", MUG) for n in range(count))
    despatch = replace(DESPATCH, parcels=parcels)

    found = segments(ship_notice_x12(despatch))

    assert len(read_back(found)) == count
    numbers = [int(s[1]) for s in found if s[0] == "HL"]
    assert all(after == before + 1 for before, after in pairwise(numbers))
    assert len(json.loads(despatch_epcis(despatch))["epcisBody"]["eventList"]) == (count + 1 if count else 0)


def test_containers_are_levels_of_their_own_and_travel_in_place_of_what_is_in_them() -> None:
    box = build_sscc(0, "4012345", 900)
    inside = [replace(each, container=box, contained_at=CLOSED) for each in PARCELS[:2]]
    despatch = replace(DESPATCH, parcels=(*inside, PARCELS[2]))
    events = json.loads(despatch_epcis(despatch))["epcisBody"]["eventList"]
    assert [each["type"] for each in events] == ["AggregationEvent"] * 4 + ["ObjectEvent"]
    assert events[3]["parentID"].endswith(box)
    assert [epc[-18:] for epc in events[3]["childEPCs"]] == [each.sscc for each in inside]
    assert [epc[-18:] for epc in events[4]["epcList"]] == [box, PARCELS[2].sscc]

    known = levels(segments(ship_notice_x12(despatch)))
    tares = {number: level for number, level in known.items() if level["code"] == "T"}
    assert [value(level, "MAN", "GM") for level in tares.values()] == [box, box]
    assert {known[level["parent"]]["code"] for level in tares.values()} == {"O"}
    packs = {value(level, "MAN", "GM"): level["parent"] in tares for level in known.values() if level["code"] == "P"}
    assert packs == {inside[0].sscc: True, inside[1].sscc: True, PARCELS[2].sscc: False}
    numbers = [int(number) for number in known]
    assert numbers == list(range(1, len(numbers) + 1))
