"""A shop in a running Vendure: one item, orders of it through the shop API, and what its books say afterwards."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

_TOKEN = "vendure-auth-token"  # noqa: S105 - the name of a header
_PAGE = 100
_PLENTY = 900_000


@dataclass(slots=True)
class Api:
    """One session with one of the two GraphQL APIs."""

    url: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=120))

    def ask(self, document: str, **variables: object) -> dict[str, Any]:
        """Return the data of an answer; anything else than data is an error."""
        answer = self.client.post(self.url, json={"query": document, "variables": variables})
        told: dict[str, Any] = answer.json()
        if token := answer.headers.get(_TOKEN):
            self.client.headers["authorization"] = f"Bearer {token}"
        if "errors" in told:
            raise RuntimeError(str(told["errors"][0]["message"]))
        data: dict[str, Any] = told["data"]
        for name, value in data.items():
            if isinstance(value, dict) and "errorCode" in value:
                raise RuntimeError(f"{name}: {value['errorCode']} {value.get('message', '')}")
        return data

    def create(self, what: str, of: str, given: object) -> str:
        """Create something by its input type, and return its id."""
        made = self.ask(f"mutation($i: {of}) {{ {what}(input: $i) {{ id }} }}", i=given)[what]
        return str(made[0]["id"] if isinstance(made, list) else made["id"])


@dataclass(frozen=True, slots=True)
class Shop:
    """The item and how it is shipped and paid for, each by its id or code."""

    url: str
    admin: Api
    variant: str
    shipping: str
    payment: str


def open_shop(url: str) -> Shop:
    """Create all that one order needs: country, zone, tax, an item in stock, a way to ship and one to pay."""
    admin = Api(f"{url}/admin-api")
    who = "username: $u, password: $p"
    admin.ask(
        f"mutation($u: String!, $p: String!) {{ login({who}) {{ ... on ErrorResult {{ errorCode }} }} }}",
        u="superadmin", p="superadmin",
    )  # fmt: skip
    name = f"race-{secrets.token_hex(4)}"
    _open_zone(admin, name)
    product = admin.create(
        "createProduct", "CreateProductInput!", {"translations": [_named(name) | {"slug": name, "description": ""}]}
    )
    place = admin.ask("{ stockLocations { items { id } } }")["stockLocations"]["items"][0]["id"]
    stock = {"stockLocationId": place, "stockOnHand": _PLENTY}
    item = {"productId": product, "sku": name, "price": 1000, "trackInventory": "TRUE", "stockLevels": [stock]}
    variant = admin.create(
        "createProductVariants", "[CreateProductVariantInput!]!", [item | {"translations": [_named(name)]}]
    )
    free = [("rate", "0"), ("includesTax", "auto"), ("taxRate", "0")]
    shipping = admin.create("createShippingMethod", "CreateShippingMethodInput!", {
        "code": name, "fulfillmentHandler": "manual-fulfillment", "translations": [_named(name) | {"description": ""}],
        "checker": _operation("default-shipping-eligibility-checker", [("orderMinimum", "0")]),
        "calculator": _operation("default-shipping-calculator", free),
    })  # fmt: skip
    admin.create("createPaymentMethod", "CreatePaymentMethodInput!", {
        "code": name, "enabled": True, "translations": [_named(name) | {"description": ""}],
        "handler": _operation("dummy-payment-handler", [("automaticSettle", "false")]),
    })  # fmt: skip
    return Shop(url, admin, variant, shipping, name)


def order_one(shop: Shop) -> None:
    """Order one unit as a guest, as far as its payment is authorized: then its unit is allocated."""
    buyer = Api(f"{shop.url}/shop-api")
    failed = "... on ErrorResult { errorCode message }"
    buyer.ask(
        f"mutation($v: ID!) {{ addItemToOrder(productVariantId: $v, quantity: 1) {{ {failed} }} }}", v=shop.variant
    )
    mail = f"{secrets.token_hex(6)}@example.com"
    buyer.ask(
        f"mutation($i: CreateCustomerInput!) {{ setCustomerForOrder(input: $i) {{ {failed} }} }}",
        i={"firstName": "A", "lastName": "B", "emailAddress": mail},
    )
    where = {"fullName": "A B", "streetLine1": "S 1", "city": "Hamburg", "postalCode": "20095", "countryCode": "DE"}
    buyer.ask(f"mutation($i: CreateAddressInput!) {{ setOrderShippingAddress(input: $i) {{ {failed} }} }}", i=where)
    buyer.ask(
        f"mutation($s: [ID!]!) {{ setOrderShippingMethod(shippingMethodId: $s) {{ {failed} }} }}", s=[shop.shipping]
    )
    buyer.ask(f'mutation {{ transitionOrderToState(state: "ArrangingPayment") {{ {failed} }} }}')
    paid = buyer.ask(
        f"mutation($i: PaymentInput!) {{ addPaymentToOrder(input: $i) {{ ... on Order {{ state }} {failed} }} }}",
        i={"method": shop.payment, "metadata": {}},
    )
    if paid["addPaymentToOrder"]["state"] != "PaymentAuthorized":
        raise RuntimeError(str(paid))
    buyer.client.close()


def books(shop: Shop) -> tuple[int, int]:
    """Return the units of the item's allocation movements, and what its stock level says is allocated."""
    recorded, skip = 0, 0
    document = (
        "query($v: ID!, $o: StockMovementListOptions) { productVariant(id: $v) { stockLevels { stockAllocated }"
        " stockMovements(options: $o) { totalItems items { ... on Allocation { type quantity } } } } }"
    )
    while True:
        found = shop.admin.ask(document, v=shop.variant, o={"take": _PAGE, "skip": skip})["productVariant"]
        moved = found["stockMovements"]
        recorded += sum(each["quantity"] for each in moved["items"] if each.get("type") == "ALLOCATION")
        skip += _PAGE
        if skip >= moved["totalItems"]:
            return recorded, sum(level["stockAllocated"] for level in found["stockLevels"])


def _open_zone(admin: Api, name: str) -> None:
    known = admin.ask("{ countries { items { id code } } taxCategories { items { id } } activeChannel { id } }")
    countries = {each["code"]: each["id"] for each in known["countries"]["items"]}
    germany = countries.get("DE") or admin.create(
        "createCountry", "CreateCountryInput!", {"code": "DE", "enabled": True, "translations": [_named("Germany")]}
    )
    zone = admin.create("createZone", "CreateZoneInput!", {"name": name, "memberIds": [germany]})
    category = admin.create("createTaxCategory", "CreateTaxCategoryInput!", {"name": name, "isDefault": True})
    rate = {"name": name, "enabled": True, "value": 0, "categoryId": category, "zoneId": zone}
    admin.create("createTaxRate", "CreateTaxRateInput!", rate)
    channel = {"id": known["activeChannel"]["id"], "defaultTaxZoneId": zone, "defaultShippingZoneId": zone}
    admin.ask(
        "mutation($i: UpdateChannelInput!) { updateChannel(input: $i) { ... on ErrorResult { errorCode message } } }",
        i=channel,
    )


def _named(name: str) -> dict[str, str]:
    return {"languageCode": "en", "name": name}


def _operation(code: str, arguments: list[tuple[str, str]]) -> dict[str, object]:
    return {"code": code, "arguments": [{"name": name, "value": value} for name, value in arguments]}
