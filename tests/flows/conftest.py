"""A house that is really served: the API in a process of its own, and the worker's lanes run by the test."""

import hashlib
import hmac
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import msgspec
import pytest

from app.lanes import run_lane
from app.samples.house import PASSWORD, open_sample_house
from kernel import actors
from kernel.access.commands import sign_in
from kernel.actors import Role
from kernel.db.engine import engine
from kernel.db.transactions import transaction
from kernel.settings import settings
from tests.plugin.databases import FreshDatabase

CARRIER_SECRET = "a secret that carriers share with us"
START_SECONDS = 40


@dataclass
class Caller:
    """Somebody who calls the API: by key, or signed in. Every request that acts has an idempotency key of its own."""

    client: httpx.Client
    headers: dict[str, str]
    keys: "count[int]" = field(default_factory=lambda: count(1))

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(path, params=query, headers=self.headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: object, *, status: int = 200) -> Any:
        headers = self.headers | {"Idempotency-Key": f"{id(self)}-{next(self.keys)}"}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json()


@dataclass
class ServedHouse:
    client: httpx.Client
    shop: Caller
    staff: dict[Role, Caller]

    def settle(self) -> None:
        """Do what the worker does until nothing is left: labels, events to everybody, and again."""
        while run_lane("labels") + run_lane("relay"):
            pass

    def operate(self, role: Role, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        """Report operations as a handheld does; each must be applied."""
        acks = self.staff[role].post("/v1/work/ops", {"ops": list(ops)})["acks"]
        assert {ack["status"] for ack in acks} == {"applied"}, acks
        return list(acks)

    def push(self, carrier: str, events: list[dict[str, Any]]) -> dict[str, int]:
        """Send scans as a carrier does: signed over the raw bytes."""
        body = msgspec.json.encode({"carrier": carrier, "events": events})
        seconds = int(datetime.now(UTC).timestamp())
        digest = hmac.new(CARRIER_SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"carrier-signature": f"t={seconds},v1={digest}", "content-type": "application/json"}
        answer = self.client.post(f"/carriers/{carrier}/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        counts: dict[str, int] = answer.json()
        return counts


@pytest.fixture
def served(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedHouse]:
    """The sample house, served on loopback."""
    monkeypatch.setenv("PICKSTREAM_SECRET_KEY", "the secret key of the flow tests")
    monkeypatch.setenv("PICKSTREAM_CARRIER_WEBHOOK_SECRET", CARRIER_SECRET)
    settings.cache_clear()
    with transaction(actors.system("test")) as uow:
        access = open_sample_house(uow)
    with transaction(actors.system("test")) as uow:
        tokens = {each.role: sign_in(uow, email=each.email, password=PASSWORD) for each in access.logins}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--no-access-log"]
        descriptor = listener.fileno()
        process = subprocess.Popen([*command, "--fd", str(descriptor)], pass_fds=[descriptor], env=os.environ)
        port = listener.getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        try:
            _wait_until_ready(client)
            staff = {role: Caller(client, {"Cookie": f"pickstream_session={token}"}) for role, token in tokens.items()}
            shop = Caller(client, {"Authorization": f"Bearer {access.keys[0].secret}"})
            yield ServedHouse(client, shop, staff)
        finally:
            process.terminate()
            process.wait(timeout=20)
            engine().dispose()


def _wait_until_ready(client: httpx.Client) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if client.get("/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            # The process is still importing: it answers later, or the deadline says so.
            time.sleep(0.1)
    raise AssertionError("The API did not become ready.")
