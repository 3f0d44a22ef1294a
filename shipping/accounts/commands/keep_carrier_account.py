from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import delete, select

from kernel.access.models import MerchantSite
from kernel.db.transactions import UnitOfWork
from kernel.errors import FieldError, Invalid, NotFound, Refusal
from kernel.ids import new_id
from kernel.vault import lock_away, take_out
from shipping.accounts.queries import CarrierAccountView, account_row, account_view
from shipping.domain.connectors import CONNECTORS, OPEN_SETTINGS, Connector
from shipping.gateways.account_carriers import vault_purpose
from shipping.models.accounts import CarrierAccountRow, CarrierRouteRow
from shipping.site_terms import forget_terms

_LONGEST: Final = 500
_LONGEST_NAME: Final = 80
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class ConnectorMissing(Refusal):
    """What speaks to this carrier is not installed in this house."""

    code = "connector_missing"
    title = "This carrier's connector is not installed"


def open_carrier_account(
    uow: UnitOfWork, *, site_id: str, name: str, connector: str, settings: Mapping[str, str],
    tenant_id: str | None = None, test_mode: bool = False, server_url: str = "",
) -> CarrierAccountView:  # fmt: skip
    """Open an account at a real carrier: a merchant's own, or with no tenant the house's for all that the site serves.

    Its settings are locked away under the house's key and never shown again.

    Raises:
        ConnectorMissing: the optional libraries are not installed.
        Invalid: the connector or a setting is not known, one is missing, or the address is no https address.
        NotFound: the site does not serve this merchant.
        VaultClosed: the house has no key to lock the settings away with.
    """
    known = _connector(connector)
    _require_installed(known)
    if tenant_id is not None:
        _require_served(uow, site_id, tenant_id)
    account_id = new_id("cac")
    given = _checked(known, settings, require_all=True)
    row = CarrierAccountRow(
        id=account_id, tenant_id=tenant_id, site_id=site_id, name=_name(name), connector=connector,
        test_mode=test_mode, server_url=_url(server_url), shown=_shown(given), sealed=_sealed(account_id, given),
        created_at=uow.now, created_by=uow.actor.id, changed_at=uow.now, tried_at=None, tried_well=None, tried_said="",
        closed_at=None,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    uow.audit("carrier_account.opened", subject=account_id, tenant_id=tenant_id or "", connector=connector)
    return account_view(row, ())


def change_carrier_account(
    uow: UnitOfWork, *, account_id: str, settings: Mapping[str, str] | None = None, name: str | None = None,
    test_mode: bool | None = None, server_url: str | None = None,
) -> CarrierAccountView:  # fmt: skip
    """Change an account; settings that are not named stay as they are. Labels bought from now on use it so.

    Raises:
        NotFound: there is no such account, or it is closed.
        Invalid, VaultClosed: as `open_carrier_account`.
    """
    row = account_row(uow, account_id, lock=True)
    known = _connector(row.connector)
    if settings:
        kept = msgspec.json.decode(take_out(vault_purpose(row.id), row.sealed), type=dict[str, str])
        given = kept | _checked(known, settings, require_all=False)
        row.sealed, row.shown = _sealed(row.id, given), _shown(given)
    row.name = row.name if name is None else _name(name)
    row.test_mode = row.test_mode if test_mode is None else test_mode
    row.server_url = row.server_url if server_url is None else _url(server_url)
    row.changed_at, row.tried_at, row.tried_well, row.tried_said = uow.now, None, None, ""
    uow.audit("carrier_account.changed", subject=row.id, tenant_id=row.tenant_id or "", settings=sorted(settings or ()))
    return account_view(row, _routes(uow, row.id))


def close_carrier_account(uow: UnitOfWork, *, account_id: str) -> None:
    """Buy no more labels through an account. Those that were bought stay: they are still voided and tracked by it.

    Raises:
        NotFound: there is no such account, or it is closed already.
    """
    row = account_row(uow, account_id, lock=True)
    uow.session.execute(delete(CarrierRouteRow).where(CarrierRouteRow.account_id == account_id))
    row.closed_at = uow.now
    forget_terms(uow)
    uow.audit("carrier_account.closed", subject=row.id, tenant_id=row.tenant_id or "")


def record_trial(uow: UnitOfWork, *, account_id: str, is_well: bool, said: str) -> CarrierAccountView:
    """Keep what the carrier said when the account was tried.

    Raises:
        NotFound: there is no such account, or it is closed.
    """
    row = account_row(uow, account_id, lock=True)
    row.tried_at, row.tried_well, row.tried_said = uow.now, is_well, said[:_LONGEST]
    return account_view(row, _routes(uow, row.id))


def _connector(code: str) -> Connector:
    if code not in CONNECTORS:
        remedy = f"Name one of {', '.join(sorted(CONNECTORS))}."
        raise Invalid("There is no connector for this carrier.", remedy=remedy, pointer="/connector")
    return CONNECTORS[code]


def _require_installed(connector: Connector) -> None:
    try:
        version(connector.package)
    except PackageNotFoundError as error:
        detail = f"{connector.name} is spoken to by {connector.package}, which is not installed here."
        raise ConnectorMissing(detail, remedy="Run pip install 'pickstream[karrio]' and start again.") from error


def _require_served(uow: UnitOfWork, site_id: str, tenant_id: str) -> None:
    served = select(MerchantSite).where(MerchantSite.site_id == site_id, MerchantSite.merchant_id == tenant_id)
    if uow.session.scalar(served) is None:
        raise NotFound("The site serves no such merchant.", remedy="Name one of its merchants.", pointer="/merchant_id")


def _checked(connector: Connector, settings: Mapping[str, str], *, require_all: bool) -> dict[str, str]:
    given = {name: value.strip() for name, value in settings.items()}
    known = {*connector.required, *connector.optional}
    faults = [_fault(name, "unknown", "The connector has no such setting.") for name in given if name not in known]
    faults += [_fault(name, "too_long", "Too long.") for name, value in given.items() if len(value) > _LONGEST]
    needed = connector.required if require_all else [name for name in connector.required if name in given]
    faults += [_fault(name, "missing", "The carrier asks for this.") for name in needed if not given.get(name)]
    if faults:
        raise Invalid("The settings are not what this carrier needs.", errors=tuple(faults))
    return given


def _fault(name: str, code: str, message: str) -> FieldError:
    return FieldError(f"/settings/{name}", code, message)


def _name(name: str) -> str:
    cleaned = name.strip()
    if not 0 < len(cleaned) <= _LONGEST_NAME:
        raise Invalid(f"A name has 1 to {_LONGEST_NAME} characters.", remedy="Write one.", pointer="/name")
    return cleaned


def _url(address: str) -> str:
    """Return the address of an API: https, or http on this machine (as for a simulation); empty for the carrier's."""
    address = address.strip().rstrip("/")
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        is_fit = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    except ValueError:
        is_fit = False
    if not is_fit or not parts.hostname or parts.query or parts.fragment or parts.username or len(address) > _LONGEST:
        raise Invalid("This is no address of an API.", remedy="Write https://HOST.", pointer="/server_url")
    return address


def _sealed(account_id: str, settings: Mapping[str, str]) -> str:
    return lock_away(vault_purpose(account_id), msgspec.json.encode(settings).decode())


def _shown(settings: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in sorted(settings.items()) if name in OPEN_SETTINGS}


def _routes(uow: UnitOfWork, account_id: str) -> tuple[CarrierRouteRow, ...]:
    statement = select(CarrierRouteRow).where(CarrierRouteRow.account_id == account_id)
    return tuple(uow.session.scalars(statement.order_by(CarrierRouteRow.carrier, CarrierRouteRow.service)))
