from collections.abc import Mapping
from dataclasses import dataclass

from shipping.domain.simulated_status_tables import SIMULATED_TABLES
from shipping.domain.standard_status_tables import STANDARD_TABLES
from shipping.domain.status_table import Meaning, StatusTable
from shipping.domain.status_tables import SERVICE_TABLES
from shipping.domain.tracking_status import TrackingFlag, TrackingStatus, status_flags

_TABLES: Mapping[tuple[str, str], StatusTable] = {**SERVICE_TABLES, **STANDARD_TABLES, **SIMULATED_TABLES}
_MAX_CODE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class MappedStatus:
    """A raw code's canonical meaning. `is_known` is False when no table holds the code: alert whoever maps codes."""

    status: TrackingStatus
    reason: str | None
    is_known: bool

    @property
    def flags(self) -> frozenset[TrackingFlag]:
        """Flags that follow from the status and the reason, plus `unknown_code` when no table held the code."""
        derived = status_flags(self.status, self.reason)
        return derived if self.is_known else derived | {TrackingFlag.UNKNOWN_CODE}


_UNMAPPED = MappedStatus(TrackingStatus.UNKNOWN, None, is_known=False)


def map_status(system: str, raw_code: str, code_type: str | None = None) -> MappedStatus:
    """Map a raw code of a carrier or tracking system to its canonical status and reason.

    `code_type` names the vocabulary within the system ("tag", "subtag", "status_detail"...); "aftership.tag" as the
    system says both at once. Without a type the code must mean the same in each of the system's vocabularies that
    hold it. An unknown or ambiguous code is UNKNOWN and not known: never a default.
    """
    name, kind = _split_system(system, code_type)
    code = _clean(raw_code)
    tables = [t for (owner, owned), t in _TABLES.items() if owner == name and kind in (None, owned)]
    meanings = {meaning for table in tables if (meaning := _find(table, code)) is not None}
    if len(meanings) != 1:
        return _UNMAPPED
    status, reason = next(iter(meanings))
    return MappedStatus(status, reason, is_known=True)


def known_systems() -> tuple[str, ...]:
    """List the systems that tables exist for, sorted."""
    return tuple(sorted({system for system, _ in _TABLES}))


def _find(table: StatusTable, code: str) -> Meaning | None:
    if code in table:
        return table[code]
    folded = {meaning for known, meaning in table.items() if known.casefold() == code.casefold()}
    return next(iter(folded)) if len(folded) == 1 else None


def _split_system(system: str, code_type: str | None) -> tuple[str, str | None]:
    name = system.strip().lower()
    owners = {owner for owner, _ in _TABLES}
    if name in owners or code_type is not None:
        return name, code_type.strip().lower() if code_type is not None else None
    owner = next((o for o in owners if name.startswith(f"{o}.")), name)
    return owner, name[len(owner) + 1 :] or None


def _clean(raw_code: str) -> str:
    """Drop control characters and blanks, and the name space of a web vocabulary's term.

    Carriers send codes with line ends in them, and linked data sends "https://ref.gs1.org/cbv/BizStep-shipping".
    """
    code = "".join(c for c in raw_code[:_MAX_CODE_LENGTH] if c.isprintable()).strip()
    if "://" in code:
        code = code.rstrip("/").rsplit("/", 1)[-1]
        for prefix in ("BizStep-", "Disp-"):
            code = code.removeprefix(prefix)
    return code
