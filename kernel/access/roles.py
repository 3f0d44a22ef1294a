from typing import Final

from kernel.actors import Role

SCOPES: Final = {
    "orders:read": "see orders, their parcels and their story",
    "orders:write": "send, hold, release and cancel orders",
    "stock:read": "see items, stock and availability",
    "stock:write": "create items, receive and adjust stock, reserve",
    "work:pick": "claim batches and pick",
    "work:pack": "pack and weigh parcels",
    "work:plan": "release orders to the floor, plan batches, close manifests",
    "audit:release": "release a parcel that the weight audit holds",
    "returns:read": "see returns",
    "returns:write": "authorize, receive and grade returns",
    "customers:read": "see customers and their timelines",
    "customers:write": "add notes to a customer's timeline",
    "events:read": "pull the event feed",
    "webhooks:manage": "register endpoints, replay deliveries",
    "access:manage": "manage users, keys, merchants and sites",
}

_SERVICE = {
    "orders:read", "orders:write", "stock:read", "returns:read", "returns:write",
    "customers:read", "customers:write", "events:read",
}  # fmt: skip
_MANAGER = _SERVICE | {
    "stock:write", "work:pick", "work:pack", "work:plan", "audit:release", "webhooks:manage",
}  # fmt: skip

ROLE_SCOPES: Final[dict[Role, frozenset[str]]] = {
    Role.PICKER: frozenset({"work:pick", "stock:read"}),
    Role.PACKER: frozenset({"work:pick", "work:pack", "stock:read", "returns:read", "returns:write"}),
    Role.SERVICE: frozenset(_SERVICE),
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMIN: frozenset(SCOPES),
    Role.MERCHANT: frozenset(_SERVICE | {"stock:write", "webhooks:manage"}),
    Role.PUBLIC: frozenset(),
    Role.SYSTEM: frozenset(SCOPES),
}
KEY_SCOPES: Final = ROLE_SCOPES[Role.MERCHANT]
"""What an API key may hold at most: what its merchant may do."""
