from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Connection, text

from kernel import actors, clock
from kernel.access import commands
from kernel.actors import Role
from kernel.db.transactions import transaction
from kernel.errors import Invalid

PASSWORD = "correct horse battery"


@pytest.fixture
def site(database: Connection) -> str:
    with transaction(actors.system()) as uow:
        return commands.create_site(
            uow, code="dc", name="DC", time_zone="Europe/Berlin", country="DE", company_prefix="4012345"
        )


@pytest.fixture
def merchant(database: Connection) -> str:
    with transaction(actors.system()) as uow:
        return commands.create_merchant(uow, code="acme", name="Acme", currency="EUR")


def sign_in(email: str, password: str) -> str:
    with transaction(actors.system()) as uow:
        return commands.sign_in(uow, email=email, password=password)


def whose(token: str) -> str | None:
    with transaction(actors.system()) as uow:
        actor = commands.authenticate_session(uow, token=token)
    return actor.id if actor else None


@pytest.fixture
def picker(site: str) -> str:
    with transaction(actors.system()) as uow:
        return commands.create_user(
            uow, email="Ana@DC.example", name="Ana", role=Role.PICKER, password=PASSWORD, site_id=site
        )


def test_session_lives_until_it_idles_signs_out_or_the_account_closes(picker: str) -> None:
    token = sign_in("ana@dc.example", PASSWORD)
    assert whose(token) == picker
    with clock.at(clock.now() + commands.SESSION_IDLE + timedelta(seconds=1)):
        assert whose(token) is None
    with transaction(actors.system()) as uow:
        commands.sign_out(uow, token=token)
    assert whose(token) is None
    other = sign_in("ana@dc.example", PASSWORD)
    with transaction(actors.system()) as uow:
        commands.deactivate_user(uow, user_id=picker)
    assert whose(other) is None


@pytest.mark.parametrize(
    ("email", "role", "pointer"),
    [
        ("eve@dc.example", Role.SYSTEM, "/role"),
        ("eve@dc.example", Role.PUBLIC, "/role"),
        ("eve at home", Role.PICKER, "/email"),
    ],
)
def test_nobody_gets_an_account_of_the_house_itself(site: str, email: str, role: Role, pointer: str) -> None:
    with transaction(actors.system()) as uow, pytest.raises(Invalid) as refused:
        commands.create_user(uow, email=email, name="Eve", role=role, password=PASSWORD, site_id=site)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(("email", "password"), [("ana@dc.example", "wrong"), ("nobody@dc.example", PASSWORD)])
def test_wrong_e_mail_and_wrong_password_get_the_same_answer(picker: str, email: str, password: str) -> None:
    with pytest.raises(commands.WrongCredentials) as refusal:
        sign_in(email, password)
    assert refusal.value.problem()["detail"] == "Check both and try again. A manager can set a new password."


def test_a_password_costs_in_production_what_the_standard_asks(production_hasher: PasswordHasher) -> None:
    assert extract_parameters(production_hasher.hash(PASSWORD)) == RFC_9106_LOW_MEMORY


def test_key_is_shown_once_and_ends_when_revoked_or_expired(merchant: str) -> None:
    with transaction(actors.system()) as uow:
        key = commands.issue_key(uow, tenant_id=merchant, name="shop", scopes=["orders:read"])
        actor = commands.authenticate_key(uow, secret=key.secret)
        stored = uow.session.execute(text("select row_to_json(k)::text from api_key k")).scalar_one()
    assert actor is not None
    assert (actor.tenant, actor.scopes) == (merchant, frozenset({"orders:read"}))
    assert key.secret not in stored
    with transaction(actors.system()) as uow:
        commands.revoke_key(uow, key_id=key.id)
        assert commands.authenticate_key(uow, secret=key.secret) is None


def test_key_cannot_have_more_than_a_merchant_may_do(merchant: str) -> None:
    with pytest.raises(Invalid, match="work:pick"), transaction(actors.system()) as uow:
        commands.issue_key(uow, tenant_id=merchant, name="shop", scopes=["orders:read", "work:pick"])
