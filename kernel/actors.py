from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who somebody is in the house."""

    PICKER = "picker"
    PACKER = "packer"
    SERVICE = "service"
    MANAGER = "manager"
    ADMIN = "admin"
    MERCHANT = "merchant"
    PUBLIC = "public"
    SYSTEM = "system"


ALL_TENANTS = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and on whose rows: one tenant, the tenants of one site, or (the system itself) all.

    `tenant` and `site` become settings of the transaction, which row-level security reads; both empty means no rows.
    """

    id: str
    role: Role
    name: str = ""
    tenant: str = ""
    site: str = ""
    scopes: frozenset[str] = frozenset()

    def may(self, scope: str) -> bool:
        """Say whether this actor holds a scope."""
        return scope in self.scopes or self.role is Role.SYSTEM


def system(name: str = "system") -> Actor:
    """Return the actor of jobs, relays and imports: it sees every tenant."""
    return Actor(id=name, role=Role.SYSTEM, name=name, tenant=ALL_TENANTS)
