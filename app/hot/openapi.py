from typing import Any

from app.hot.requests import HOLD_SECONDS, MAX_HOLD_SECONDS, MAX_LINES
from kernel.quantity import MAX_QUANTITY

MAX_SKUS = 200
_COUNTS = {name: {"type": "integer", "minimum": 0} for name in ("on_hand", "reserved", "held_back", "available")}


def _object(properties: dict[str, Any], *, required: list[str] | None = None, closed: bool = False) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required or list(properties)}
    return schema | ({"additionalProperties": False} if closed else {})


def _text(example: str, *, shortest: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": 64, "examples": [example]}


def _problems(*statuses: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {str(status): {"description": "A problem document says why.", "content": content} for status in statuses}


def _json(description: str, schema: dict[str, Any], headers: dict[str, Any] | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": description, "content": {"application/json": {"schema": schema}}}
    return answer | ({"headers": headers} if headers else {})


_LINE_IN = _object(
    {
        "sku": _text("MUG-0042"),
        "quantity": {"type": "integer", "minimum": 1, "maximum": MAX_QUANTITY, "examples": [2]},
        "line_id": _text("1", shortest=0),
    },
    required=["sku", "quantity"],
    closed=True,
)
_RESERVATION_IN = _object(
    {
        "reference": _text("cart-7f3a") | {"description": "Your own name for what the stock is held for."},
        "lines": {"type": "array", "items": _LINE_IN, "minItems": 1, "maxItems": MAX_LINES},
        "site": _text("main", shortest=0) | {"description": "Code of the site; the first that serves you if left out."},
        "policy": {"type": "string", "enum": ["all_or_nothing", "split"], "default": "all_or_nothing"},
        "expires_in_seconds": {
            "type": "integer", "minimum": 1, "maximum": MAX_HOLD_SECONDS, "default": HOLD_SECONDS,
        },
        "channel": _text("marketplace", shortest=0) | {"description": "Who sells: its safety stock stays untouched."},
    },
    required=["reference", "lines"],
    closed=True,
)  # fmt: skip
_LINE_OUT = _object(
    {
        "line_id": {"type": "string"},
        "sku": {"type": "string"},
        "requested": {"type": "integer"},
        "reserved": {"type": "integer"},
    }
)
_RESERVATION_OUT = _object(
    {
        "reference": {"type": "string"},
        "site_id": {"type": "string"},
        "outcome": {"type": "string", "enum": ["reserved", "partly_reserved"]},
        "expires_at": {"type": "string", "format": "date-time"},
        "lines": {"type": "array", "items": _LINE_OUT},
    }
)
_SITE_OUT = _object({"site_id": {"type": "string"}, **_COUNTS})
_OVERSELL_OUT = _object(
    {
        "policy": {"type": "string", "enum": ["backorder", "preorder"]},
        "units": {"type": "integer", "minimum": 0, "description": "Units that can still be sold ahead."},
        "until": {"type": ["string", "null"], "format": "date", "description": "When a preorder's goods are expected."},
    }
)
_ITEM_OUT = _object(
    {
        "sku": {"type": "string"},
        "item_id": {"type": "string"},
        **_COUNTS,
        "oversell": {"anyOf": [_OVERSELL_OUT, {"type": "null"}], "description": "Null: nothing is sold ahead."},
        "sites": {"type": "array", "items": _SITE_OUT},
    }
)
_AVAILABILITY_OUT = _object(
    {
        "items": {"type": "array", "items": _ITEM_OUT},
        "unknown": {"type": "array", "items": {"type": "string"}, "description": "SKUs that you have no item for."},
    }
)
_KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "A new UUID for each new request; the same one when you repeat it.",
}
_SKU_PARAMETER = {
    "name": "sku",
    "in": "query",
    "required": True,
    "explode": True,
    "schema": {"type": "array", "items": _text("MUG-0042"), "minItems": 1, "maxItems": MAX_SKUS},
}
_CHANNEL_PARAMETER = {
    "name": "channel",
    "in": "query",
    "required": False,
    "schema": _text("marketplace", shortest=0),
    "description": "Who sells: what it must leave as safety stock is not available to it.",
}
_ETAG_PARAMETER = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}

HOT_OPENAPI_PATHS: dict[str, Any] = {
    "/v1/reservations": {
        "post": {
            "operationId": "reserveStock",
            "summary": "Hold stock for a while",
            "description": "Holds stock for a reference of your own, say a cart, until it expires. Never oversold: of"
            " requests that race for the last unit, one gets it. Orders reserve their own stock when they are placed.",
            "tags": ["stock"],
            "parameters": [_KEY_PARAMETER],
            "requestBody": {"required": True, "content": {"application/json": {"schema": _RESERVATION_IN}}},
            "responses": {
                "201": _json("The stock is held.", _RESERVATION_OUT),
                **_problems(400, 401, 403, 404, 409, 413, 422, 429, 503),
            },
        }
    },
    "/v1/availability": {
        "get": {
            "operationId": "getAvailability",
            "summary": "What can be sold",
            "description": "Units on hand, promised, held back as safety stock and free to sell, of 1 to 200 SKUs, now."
            " Of a kit there is as much as its scarcest part gives.",
            "tags": ["stock"],
            "parameters": [_SKU_PARAMETER, _CHANNEL_PARAMETER, _ETAG_PARAMETER],
            "responses": {
                "200": _json("What there is.", _AVAILABILITY_OUT, {"ETag": {"schema": {"type": "string"}}}),
                "304": {"description": "As it was when you got this ETag."},
                **_problems(401, 403, 422, 429, 503),
            },
        }
    },
}
"""The hot routes' part of the OpenAPI document: they are plain routes, which FastAPI does not describe."""
