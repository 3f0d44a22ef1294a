"""Signing in and out, and what every answer to a browser carries."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from conftest import Visitor
from web_house import PASSWORD, WebHouse, do

from app.web.rendering import static_root, static_url
from app.web.routes.session import WRONG_PASSWORDS_AN_HOUR, is_ours
from app.web.sealing import seal, unseal
from app.web.tries import take_try, tries_left
from kernel import clock
from kernel.settings import settings

SignIn = Callable[[str], Visitor]


def test_a_session_begins_at_the_page_of_the_role(visitor: Visitor) -> None:
    for role, start in (("picker", "/scan"), ("merchant", "/orders"), ("manager", "/board")):
        answer = visitor.post("/sign-in", data={"email": f"{role}@house.example", "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, start)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = {"email": "picker@house.example", "password": PASSWORD}
    plain = visitor.post("/sign-in", data=entered).headers["set-cookie"]
    assert plain.startswith("pickstream_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(plain.split("; "))
    monkeypatch.setattr(settings(), "secure_cookies", True)
    secure = visitor.post("/sign-in", data=entered).headers["set-cookie"]
    assert secure.startswith("__Host-pickstream_session=")
    assert "Secure" in secure
    assert "Domain" not in secure


def test_a_wrong_password_and_a_wrong_address_get_the_same_answer(visitor: Visitor) -> None:
    def answer(email: str) -> tuple[int, str]:
        found = visitor.post("/sign-in", data={"email": email, "password": "not this one"})
        return found.status_code, found.text.replace(email, "").replace("op_id", "")

    one, other = answer("picker@house.example"), answer("nobody@house.example")
    assert one[0] == other[0] == 401
    assert "E-mail or password is wrong" in one[1]
    assert len(one[1]) == len(other[1])


@pytest.mark.thorough
def test_wrong_passwords_are_counted_by_address(visitor: Visitor, house: WebHouse) -> None:
    for _ in range(WRONG_PASSWORDS_AN_HOUR):
        do(lambda uow: take_try(uow, "web.sign-in", "127.0.0.1", limit=WRONG_PASSWORDS_AN_HOUR))
    answer = visitor.post("/sign-in", data={"email": "picker@house.example", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    do(lambda uow: uow.session.connection().exec_driver_sql("delete from inbox where consumer = 'web.sign-in'"))
    assert visitor.post("/sign-in", data={"email": "picker@house.example", "password": PASSWORD}).status_code == 303


def test_wrong_passwords_that_come_at_once_are_counted_all_the_same(address: str) -> None:
    do(lambda uow: uow.session.connection().exec_driver_sql("delete from inbox where consumer = 'web.sign-in'"))
    wrong = {"email": "picker@house.example", "password": "not this one"}
    with ThreadPoolExecutor(8) as crowd:
        sent = [crowd.submit(httpx.post, f"{address}/sign-in", data=wrong) for _ in range(WRONG_PASSWORDS_AN_HOUR + 8)]
    answers = Counter(answer.result().status_code for answer in sent)
    do(lambda uow: uow.session.connection().exec_driver_sql("delete from inbox where consumer = 'web.sign-in'"))
    assert answers == {401: WRONG_PASSWORDS_AN_HOUR, 429: 8}


def test_right_passwords_use_no_try_up(visitor: Visitor, house: WebHouse) -> None:
    right = {"email": "picker@house.example", "password": PASSWORD}
    left = do(lambda uow: tries_left(uow, "web.sign-in", "127.0.0.1", limit=WRONG_PASSWORDS_AN_HOUR))
    assert [visitor.post("/sign-in", data=right).status_code for _ in range(3)] == [303] * 3
    assert do(lambda uow: tries_left(uow, "web.sign-in", "127.0.0.1", limit=WRONG_PASSWORDS_AN_HOUR)) == left


def test_tries_are_counted_one_by_one(house: WebHouse) -> None:
    taken = [do(lambda uow: take_try(uow, "a test", "somebody", limit=3)) for _ in range(4)]
    assert taken == [True, True, True, False]
    assert do(lambda uow: tries_left(uow, "a test", "somebody", limit=3)) == 0
    assert do(lambda uow: tries_left(uow, "a test", "somebody else", limit=3)) == 3


def test_signing_in_leads_on_to_the_page_that_was_asked_for(visitor: Visitor) -> None:
    asked = visitor.get("/orders")
    assert asked.headers["location"] == "/sign-in?next=/orders"
    form = {"email": "manager@house.example", "password": PASSWORD, "next": "/orders"}
    assert visitor.post("/sign-in", data=form).headers["location"] == "/orders"
    outside = form | {"next": "//evil.example/"}
    assert visitor.post("/sign-in", data=outside).headers["location"] == "/board"


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "/sign-out", "/a\nb", ""]
)
def test_other_sites_are_not_ours(address: str) -> None:
    assert not is_ours(address)


def test_signing_out_ends_the_session_on_the_server(signed_in: SignIn) -> None:
    client = signed_in("manager")
    token = client.cookies["pickstream_session"]
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    client.cookies.set("pickstream_session", token)
    assert client.get("/board").status_code == 303


def test_a_key_opens_no_page(visitor: Visitor) -> None:
    assert visitor.get("/orders", headers={"authorization": "Bearer psk_live_x"}).status_code == 303


def test_pages_are_not_kept_and_static_files_are_kept_for_ever(visitor: Visitor) -> None:
    page = visitor.get("/sign-in")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    style = visitor.get(static_url("css/base.css"))
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert style.headers["content-type"].startswith("text/css")
    old = visitor.get(static_url("css/base.css").replace(static_root(), "/static/0123456789ab"))
    assert (old.text, old.headers["cache-control"]) == (style.text, "no-cache")
    assert visitor.get(f"{static_root()}/../rendering.py").status_code == 404


def test_what_is_sealed_opens_for_its_purpose_in_its_time_only() -> None:
    now = clock.now()
    later = now.replace(year=now.year + 1)
    sealed = seal("a purpose", "some text", expires_at=later)
    assert unseal("a purpose", sealed, now=now) == "some text"
    assert unseal("another", sealed, now=now) is None
    assert unseal("a purpose", sealed, now=later.replace(year=later.year + 1)) is None
    assert unseal("a purpose", f"{sealed[:-2]}AA", now=now) is None
    assert unseal("a purpose", "", now=now) is None


def test_the_interface_is_described_for_people(visitor: Visitor) -> None:
    page = visitor.page("/docs")
    for part in ("POST /v1/orders", "scope orders:write", "placeOrder", "Idempotency-Key", "&#34;external_id&#34;"):
        assert part in page, part
