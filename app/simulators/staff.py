"""The people who work on simulated days."""

from secrets import token_urlsafe

from app.simulators.house import staff_member
from kernel.access.commands import create_user
from kernel.access.queries import SiteView, find_sites, find_users
from kernel.actors import Actor, Role
from kernel.db.transactions import UnitOfWork
from kernel.errors import NotFound

_PEOPLE = {Role.PICKER: 3, Role.PACKER: 2, Role.MANAGER: 1, Role.SERVICE: 1}


def site_by_code(uow: UnitOfWork, code: str) -> SiteView:
    """Return the site with this code.

    Raises:
        NotFound: there is none.
    """
    for site in find_sites(uow):
        if site.code == code:
            return site
    raise NotFound(f"There is no site {code}.", remedy="Import orders first: pickstream import olist PATH.")


def simulated_staff(uow: UnitOfWork, site: SiteView) -> dict[Role, tuple[Actor, ...]]:
    """Return the people who work on simulated days; nobody knows their passwords, so nobody can sign in as them."""
    known = {user.email: user.id for user in find_users(uow)}
    staff: dict[Role, tuple[Actor, ...]] = {}
    for role, number in _PEOPLE.items():
        people = []
        for n in range(1, number + 1):
            email, name = f"{role.value}{n}@{site.code}.simulated.example", f"{role.value.title()} {n}"
            user_id = known.get(email) or create_user(
                uow, email=email, name=name, role=role, password=token_urlsafe(24), site_id=site.id
            )
            people.append(staff_member(user_id, role, name, site.id))
        staff[role] = tuple(people)
    return staff
