from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from app.web.faces.carrier_accounts import AccountRow, CarrierAccountsPage, DoubtRow, ServiceRow
from app.web.faces.shell import Chip, Empty, Field, Form, Notice, Option, Tone
from app.web.labels import parcel_label
from app.web.routes.answers import Done, PageRoute, Submitted, staff_page, submit, submitted
from app.web.routes.visits import Desk, Visit, at_desk, desk_of, require_form_of_ours, visitor
from kernel.db.transactions import UnitOfWork
from kernel.errors import Invalid
from shipping import api as shipping

router = APIRouter(route_class=PageRoute)
Lead = Annotated[Visit, Depends(visitor("work:plan", of_the_house=True))]
Sent = Annotated[Submitted, Depends(submitted)]
Word = Annotated[str, Query(max_length=60)]
_PATH: Final = "/carrier-accounts"
_LABELS: Final = {
    "client_id": "Client id",
    "client_secret": "Client secret",
    "account_number": "Account number",
    "account_country_code": "Country of the account",
    "label_type": "Label type",
    "site_id": "Site id",
    "password": "Password",
}
_HINTS: Final = {
    "account_country_code": "Two letters, such as DE.",
    "label_type": "PDF_6x4 or ZPL_6x4. PDF where nothing is written.",
}
_NO_ACCOUNTS: Final = Empty("No real carrier is connected.", "Connect one, try it, and choose what is bought there.")
_NO_SERVICES: Final = Empty("No service is bought at a real carrier.", "Connect one first, then choose a service.")


@router.get(_PATH)
def show(visit: Lead, connector: Word = "", account: Word = "") -> Response:
    """Show the accounts at real carriers, what is bought through them, and labels in doubt."""
    return staff_page(visit, _page(visit, connector, account))


@router.post(_PATH)
def connect(request: Request, visit: Lead, form: Sent) -> Response:
    """Connect a carrier, or change an account of it."""
    code, account = form["connector"], form["account"]

    def work(uow: UnitOfWork) -> Done:
        site_id = at_desk(uow, visit).require_site(form["site"])
        known = shipping.CONNECTORS.get(code)
        if known is None:
            raise Invalid("Choose a carrier.", pointer="/connector")
        given = {name: form[f"s_{name}"] for name in (*known.required, *known.optional) if form[f"s_{name}"]}
        name, is_test, url = form["name"], bool(form["test_mode"]), form["server_url"]
        if account:
            shipping.change_carrier_account(
                uow, account_id=account, settings=given, name=name, test_mode=is_test, server_url=url
            )
            return Done(_PATH, "Changed. Try it before the next label is bought.")
        shipping.open_carrier_account(
            uow, site_id=site_id, tenant_id=form["merchant"] or None, connector=code, settings=given, name=name,
            test_mode=is_test, server_url=url,
        )  # fmt: skip
        return Done(_PATH, "Connected. Try it, then choose the services to buy through it.")

    return submit(request, visit, form, work, again=lambda: _page(visit, code, account))


@router.post("/carrier-accounts/{account_id}/try")
def try_it(visit: Lead, account_id: str, form: Sent) -> Response:
    """Ask the carrier for a price; nothing is bought."""
    require_form_of_ours(visit, form.csrf_token)
    found = shipping.try_account(visit.actor, account_id=account_id)
    told = Notice("ok" if found.tried_well else "warn", f"{found.name}: {found.tried_said}")
    return staff_page(visit, _page(visit, told=told))


@router.post("/carrier-accounts/{account_id}/close")
def close(request: Request, visit: Lead, account_id: str, form: Sent) -> Response:
    """Buy no more labels through an account."""

    def work(uow: UnitOfWork) -> Done:
        shipping.close_carrier_account(uow, account_id=account_id)
        return Done(_PATH, "Closed. Labels that were bought are still voided and tracked through it.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/carrier-accounts/services")
def route(request: Request, visit: Lead, form: Sent) -> Response:
    """Buy a service through an account."""

    def work(uow: UnitOfWork) -> Done:
        carrier, _, service = form["service"].partition("/")
        shipping.route_service(
            uow, account_id=form["account"], carrier=carrier, service=service, service_code=form["service_code"]
        )
        return Done(_PATH, "Saved. The next labels of this service are bought there.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/carrier-accounts/services/remove")
def unroute(request: Request, visit: Lead, form: Sent) -> Response:
    """Buy a service no longer through an account."""

    def work(uow: UnitOfWork) -> Done:
        carrier, _, service = form["service"].partition("/")
        shipping.unroute_service(uow, account_id=form["account"], carrier=carrier, service=service)
        return Done(_PATH, "Taken away. The next labels of this service are bought as before.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


@router.post("/carrier-accounts/doubts/{label_id}")
def settle(request: Request, visit: Lead, label_id: str, form: Sent) -> Response:
    """Say whether a label was bought."""

    def work(uow: UnitOfWork) -> Done:
        number = form["tracking_number"]
        if form["was_bought"] and not number.strip():
            detail = "Write the number under which the carrier has it."
            raise Invalid(detail, pointer="/tracking_number")
        tenant = shipping.tenant_of_label(uow, label_id=label_id)
        shipping.settle_doubt(
            uow, tenant_id=tenant, label_id=label_id, tracking_number=number if form["was_bought"] else ""
        )
        return Done(_PATH, "Settled: it is the parcel's label." if number else "Settled: it is bought anew.")

    return submit(request, visit, form, work, again=lambda: _page(visit))


def _page(visit: Visit, connector: str = "", account: str = "", *, told: Notice | None = None) -> CarrierAccountsPage:
    with desk_of(visit) as desk:
        accounts = shipping.carrier_accounts(desk.uow, site_id=desk.site_id)
        chosen = next((each for each in accounts if each.id == account), None)
        code = chosen.connector if chosen else connector if connector in shipping.CONNECTORS else "ups"
        services = {
            f"{each.carrier}/{each.service}": f"{each.carrier_name} {each.service_name}"
            for each in shipping.carrier_services(desk.uow, site_id=desk.site_id)
        }
        doubts = shipping.doubtful_labels(desk.uow, site_id=desk.site_id)
        return CarrierAccountsPage(
            frame=desk.frame,
            shell=desk.shell("/release", notices=[told] if told else []),
            accounts=tuple(_account(desk, each, services) for each in accounts),
            accounts_empty=_NO_ACCOUNTS,
            services=tuple(_service(desk, each, route, services) for each in accounts for route in each.routes),
            services_empty=_NO_SERVICES,
            doubts=tuple(_doubt(desk, each) for each in doubts),
            chips=tuple(
                Chip(each.name, f"{_PATH}?connector={each.code}", selected=each.code == code)
                for each in shipping.CONNECTORS.values()
            ),
            connect=_connect_form(desk, shipping.CONNECTORS[code], chosen),
            route=_route_form(desk, accounts, services),
        )


def _account(desk: Desk, account: shipping.CarrierAccountView, services: dict[str, str]) -> AccountRow:
    whose = desk.merchants().get(account.tenant_id, "") if account.tenant_id else "For every merchant"
    about = [shipping.CONNECTORS[account.connector].name, account.shown.get("account_number", ""), whose]
    about += ["Test mode"] if account.test_mode else []
    verdicts: dict[bool | None, tuple[str, Tone]] = {
        None: ("Not tried", "muted"), True: ("Works", "ok"), False: ("Does not work", "stop"),
    }  # fmt: skip
    words, tone = verdicts[account.tried_well]
    return AccountRow(
        name=account.name,
        about=" · ".join(filter(None, (*about, account.server_url))),
        services=tuple(services.get(f"{r.carrier}/{r.service}", r.service) for r in account.routes),
        tried=words,
        tone=tone,
        said=account.tried_said,
        at=account.tried_at,
        change_href=f"{_PATH}?account={account.id}",
        try_it=_button(desk, f"{_PATH}/{account.id}/try", "Try it"),
        close=_button(desk, f"{_PATH}/{account.id}/close", "Close"),
    )


def _service(
    desk: Desk, account: shipping.CarrierAccountView, route: shipping.RouteView, services: dict[str, str]
) -> ServiceRow:
    key = f"{route.carrier}/{route.service}"
    fields = (Field("account", "", "hidden", account.id), Field("service", "", "hidden", key))
    take_away = _button(desk, f"{_PATH}/services/remove", "Take away", fields)
    return ServiceRow(services.get(key, key), account.name, route.service_code, take_away)


def _doubt(desk: Desk, label: shipping.DoubtfulLabel) -> DoubtRow:
    action = f"{_PATH}/doubts/{label.label_id}"
    number = Field("tracking_number", "Its number", required=True, maximum=60)
    bought = (Field("was_bought", "", "hidden", "yes"), number)
    return DoubtRow(
        reference=label.label_id,
        parcel=parcel_label(label.sscc),
        href=f"/parcels/{label.parcel_id}",
        at=label.asked_at,
        detail=label.detail,
        bought=_button(desk, action, "It was bought", bought),
        not_bought=_button(desk, action, "It was not: buy it"),
    )


def _connect_form(desk: Desk, connector: shipping.Connector, account: shipping.CarrierAccountView | None) -> Form:
    fields = [desk.site_field(), Field("connector", "", "hidden", connector.code)]
    fields += [Field("account", "", "hidden", account.id)] if account else []
    fields.append(Field("name", "Name", value=account.name if account else connector.name, required=True, maximum=80))
    if account is None:
        everybody = Option("", "Every merchant of this site")
        choices = (everybody, *(Option(key, name) for key, name in sorted(desk.merchants().items(), key=str)))
        fields.append(Field("merchant", "For", "select", options=choices))
    fields += [_setting(name, connector, account) for name in (*connector.required, *connector.optional)]
    fields.append(Field("test_mode", "Test mode", "checkbox", "yes", checked=account.test_mode if account else False))
    url = account.server_url if account else ""
    fields.append(Field("server_url", "Address of the API", value=url, hint="Empty for the carrier's own."))
    title = f"Change {account.name}" if account else f"Connect {connector.name}"
    intro = "What is left empty stays as it is." if account else "Locked away when you save; never shown again."
    return Form(_PATH, "Save" if account else "Connect", tuple(fields), title, intro, csrf_token=desk.visit.csrf_token)


def _setting(name: str, connector: shipping.Connector, account: shipping.CarrierAccountView | None) -> Field:
    is_open = name in shipping.OPEN_SETTINGS
    return Field(
        f"s_{name}",
        _LABELS.get(name, name),
        "text" if is_open else "password",
        value=account.shown.get(name, "") if account and is_open else "",
        hint=_HINTS.get(name, ""),
        required=name in connector.required and account is None,
        autocomplete="off" if is_open else "new-password",
        maximum=500,
    )


def _route_form(desk: Desk, accounts: list[shipping.CarrierAccountView], services: dict[str, str]) -> Form | None:
    if not accounts:
        return None
    codes = sorted({code for each in accounts for code in shipping.CONNECTORS[each.connector].services})
    fields = (
        Field("service", "Service", "select", options=tuple(Option(key, name) for key, name in services.items())),
        Field("account", "Through", "select", options=tuple(Option(each.id, each.name) for each in accounts)),
        Field("service_code", "Carrier's code", required=True, maximum=80, hint=f"Such as {', '.join(codes[:4])}."),
    )
    title = "Buy a service there"
    return Form(f"{_PATH}/services", "Save", fields, title, csrf_token=desk.visit.csrf_token)


def _button(desk: Desk, action: str, words: str, fields: tuple[Field, ...] = ()) -> Form:
    return Form(action, words, fields, tone="plain", csrf_token=desk.visit.csrf_token)
