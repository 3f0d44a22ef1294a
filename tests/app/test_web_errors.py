"""Whoever asks with a browser is answered with a page; machines get problem documents, as they always did."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.edge.errors import install_error_handlers
from app.edge.middleware import Edge
from app.web.routes.answers import PageRoute
from kernel.web.access import COOKIE

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@dataclass(frozen=True)
class Caller:
    """Somebody who calls an application directly, without a socket."""

    app: FastAPI

    def request(
        self, method: str, path: str, headers: dict[str, str], content: str | AsyncIterator[bytes] = ""
    ) -> Response:
        async def call() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url="http://house.example") as client:
                return await client.request(method, path, headers=headers, content=content)

        return asyncio.run(call())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Response:
        return self.request("GET", path, headers or {})


def client_of(*, rate: str = "1000/minute", most: int = 1_000) -> Caller:
    """A house with an address for forms and one that breaks, behind the edge; nobody needs a database for that."""
    app = FastAPI()
    app.router.route_class = PageRoute
    machines = APIRouter()

    @app.post("/form")
    def take() -> dict[str, str]:
        return {}

    @machines.get("/things")
    def show_things() -> list[int]:
        return [1, 2]

    @machines.post("/things")
    def take_thing(thing: dict[str, int]) -> dict[str, int]:
        return thing

    @app.get("/broken")
    @app.get("/t/secret/broken")
    def break_down() -> None:
        raise ZeroDivisionError("a confidential cause")

    app.include_router(machines)
    install_error_handlers(app)
    app.add_middleware(Edge, max_body_bytes=most, rate=rate)
    return Caller(app)


@pytest.fixture
def client() -> Caller:
    """A house that refuses nobody."""
    return client_of()


def text_of(page: str) -> str:
    """What a person reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "There is no such page"),
        ("GET", "/form", 405, "Go back, open the page again, and use the form on it."),
        ("GET", "/broken", 500, "Something went wrong on our side"),
        ("GET", "/a\x00b", 422, "The address holds a NUL character"),
    ],
)
def test_a_browser_gets_a_page(client: Caller, method: str, path: str, status: int, words: str) -> None:
    answer = client.request(method, path.replace("\x00", "%00"), headers=BROWSER)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    read = text_of(answer.text)
    assert words in read
    assert answer.headers["x-request-id"] in read
    assert 'href="/sign-in"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/problem+json"])
@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/form", 405), ("/broken", 500)])
def test_a_machine_gets_a_problem(client: Caller, path: str, status: int, accept: str) -> None:
    answer = client.get(path, headers={"accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1", "/static/none.css", "/metrics/x", "/scan/api/nowhere"])
def test_the_addresses_of_machines_stay_theirs(client: Caller, path: str) -> None:
    assert client.get(path, headers=BROWSER).headers["content-type"] == "application/problem+json"


def test_the_reason_of_a_break_is_told_to_nobody(client: Caller) -> None:
    assert "confidential" not in client.get("/broken", headers=BROWSER).text
    assert "confidential" not in client.get("/broken").text


def test_who_is_signed_in_is_led_back_to_the_start_page(client: Caller) -> None:
    page = client.get("/nowhere", headers=BROWSER | {"cookie": f"{COOKIE}=anything"}).text
    assert 'class="button primary" href="/">Go to the start page' in page
    assert "/sign-in" not in page


def test_too_many_requests_are_told_with_the_wait() -> None:
    client = client_of(rate="1/day")
    client.get("/nowhere", headers=BROWSER)
    answer = client.get("/nowhere", headers=BROWSER)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert f"Wait {answer.headers['retry-after']} s." in text_of(answer.text)
    assert client.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_too_large_a_form_is_told_on_a_page() -> None:
    answer = client_of(most=100).request("POST", "/form", BROWSER, "x" * 101)
    assert answer.status_code == 413
    assert "At most 100 bytes are read." in text_of(answer.text)


def test_a_form_of_another_site_is_told_on_a_page(client: Caller) -> None:
    headers = BROWSER | {"cookie": f"{COOKIE}=anything", "sec-fetch-site": "cross-site"}
    answer = client.request("POST", "/form", headers)
    assert answer.status_code == 403
    assert "The request comes from another site." in text_of(answer.text)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/t", 404, "Open the link in the latest e-mail about your order."),
        ("/t/secret/nowhere", 404, "This link opens no order"),
        ("/t/secret/broken", 500, "Your order itself is not affected."),
    ],
)
def test_a_customer_reads_words_for_customers(client: Caller, path: str, status: int, words: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status
    assert words in text_of(answer.text)
    assert "sign-in" not in answer.text
    assert ('href="/t/secret"' in answer.text) == path.startswith("/t/secret/")


async def in_chunks(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 50):
        yield b" " * 50


def test_a_body_that_grows_too_large_on_the_way_is_told_as_too_large() -> None:
    answer = client_of(most=100).request("POST", "/things", {"content-type": "application/json"}, in_chunks(200))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("headers", "body", "status", "words"),
    [
        ({"content-type": "text/plain"}, '{"a": 1}', 415, "Content-Type: application/json"),
        ({"content-type": "application/x-www-form-urlencoded"}, "a=1", 415, "Content-Type: application/json"),
        ({"content-type": "application/json", "content-encoding": "gzip"}, "...", 415, "Send it as it is"),
        ({"content-type": "application/json"}, "[" * 100_000, 400, "without deep nesting"),
        ({"content-type": "application/json"}, '{"a": "1x"}', 422, "1 value is not valid"),
        ({"content-type": "text/plain"}, "", 422, "1 value is not valid"),
    ],
)
def test_a_body_in_another_form_is_told_as_such(headers: dict[str, str], body: str, status: int, words: str) -> None:
    answer = client_of(most=1_000_000).request("POST", "/things", headers, body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_whatever_can_be_got_can_be_asked_about(client: Caller) -> None:
    got, asked = client.get("/things"), client.request("HEAD", "/things", {})
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == got.headers["content-length"] == "5"
    assert client.request("HEAD", "/nowhere", {}).status_code == 404


def test_a_path_names_all_of_its_methods(client: Caller) -> None:
    refused, asked = client.request("DELETE", "/things", {}), client.request("OPTIONS", "/things", {})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize("origin", ["http://[", "null", "https://evil.example", "http://house.example@evil.example"])
def test_an_origin_that_is_not_ours_is_refused_however_it_is_written(client: Caller, origin: str) -> None:
    headers = {"cookie": f"{COOKIE}=anything", "origin": origin}
    assert client.request("POST", "/form", headers).status_code == 403
