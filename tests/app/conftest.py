"""A house with real commits for all tests of a module, and browsers signed in as each role."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from html import unescape

import pytest
import uvicorn
from httpx import URL, Client, Response
from web_house import PASSWORD, WebHouse, build_house

from kernel.db.engine import engine
from tests.application import application
from tests.plugin.copies import Copies
from tests.plugin.databases import _forget_configuration, _redis_address
from tests.plugin.servers import Servers


@pytest.fixture(scope="module")
def house(servers: Servers, copies: Copies) -> Iterator[WebHouse]:
    """A built house in a database of this module's own; everything in it is committed."""
    with copies.lend() as urls, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", urls.app_url)
        patch.setenv("REDIS_URL", _redis_address(servers.redis_url, 9))
        patch.setenv("PICKSTREAM_SECRET_KEY", "the secret key of the faces' tests")
        _forget_configuration()
        yield build_house()
        engine().dispose()
    _forget_configuration()


NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Reading the certificates of the world, which loopback has no use for, takes as long as serving a page."""


class Visitor(Client):
    """A browser without script: it follows nothing by itself, and fills in the forms that a page has."""

    def __init__(self, address: str | URL, headers: dict[str, str] | None = None) -> None:
        super().__init__(base_url=address, headers=headers, trust_env=False, timeout=30, verify=NO_CERTIFICATES)

    def page(self, path: str) -> str:
        """Return a page, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    def submit(self, page: str, action: str, **entered: str) -> Response:
        """Send the form for `action` as it stands on the page, with what was entered."""
        path = action if action.startswith("/") else page
        html = self.page(page)
        for form in re.findall(r"<form method=\"post\".*?</form>", html, re.DOTALL):
            if f'action="{path}"' in form:
                hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
                return self.post(path, data={name: unescape(value) for name, value in hidden.items()} | entered)
        raise AssertionError(f"{page} has no form for {path}")


@contextmanager
def visiting(address: str, role: str) -> Iterator[Visitor]:
    """Sign in a browser as the person with a role."""
    with Visitor(address) as client:
        answer = client.post("/sign-in", data={"email": f"{role}@house.example", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        yield client


@pytest.fixture(scope="module")
def address(house: WebHouse) -> Iterator[str]:
    """The address of the whole application, served on loopback for a real browser."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(application(), host="127.0.0.1", port=port, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the application did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def visitor(address: str) -> Iterator[Visitor]:
    """A browser that nobody is signed in with."""
    with Visitor(address) as client:
        yield client


@pytest.fixture
def signed_in(address: str) -> Iterator[Callable[[str], Visitor]]:
    """Sign in a browser as the person with a role."""
    with ExitStack() as opened:
        yield lambda role: opened.enter_context(visiting(address, role))
