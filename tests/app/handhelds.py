"""Devices that follow their work package as the script does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from conftest import Visitor
from web_house import PASSWORD, WebHouse, do, place, project, to_floor

from kernel.access.commands import create_user
from kernel.actors import Role

_ops = count(1)
_totes = count(500)


class Handheld:
    """A device that follows its work package as the script does."""

    def __init__(self, client: Visitor) -> None:
        self.client = client
        client.page("/scan")
        self.work = self.read()

    def read(self) -> dict[str, Any]:
        self.work = self.client.get("/scan/api/work").json()
        return self.work

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"/scan/api/{path}", json=body, headers={"x-csrf-token": self.work["csrf"]})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def claim(self) -> dict[str, Any]:
        self.work = self.post("claim", {"op_id": f"claim-{next(_ops):06d}"})
        return self.work

    def op(self, task: dict[str, Any], step: str, **facts: Any) -> dict[str, Any]:
        number = next(_ops)
        return {
            "op_id": f"op-{number:08d}", "device": self.work["device"], "seq": number, "task": task["task"],
            "v": task["v"], "step": step, "kind": "scan", "code": None, "raw": None, "qty": 1, "reason": None,
            "weight_g": None, "at": datetime.now(UTC).isoformat(), "skew_ms": 3, "build": self.work["build"],
        } | facts  # fmt: skip

    def send(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        return self.post("ops", {"device": "d", "build": "b", "ops": list(ops)})["acks"]

    def do_task(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        """Scan everything right, and return the answers."""
        ops = []
        for step in task["steps"]:
            code = step["expect"][0] if step["expect"] else ""
            if step["prompt"] == "scan_tote" and not code:
                code = any_tote()
            if step["prompt"] in ("read_weight", "scan_label"):
                break
            ops.append(self.op(task, step["id"], code=code, raw=code, qty=step.get("qty", 1)))
        return self.send(*ops)


@contextmanager
def packer_at(house: WebHouse, address: str, name: str) -> Iterator[Handheld]:
    """The handheld of a new packer."""
    email = f"packer-{next(_ops)}@house.example"
    person = {"email": email, "name": name, "role": Role.PACKER, "password": PASSWORD, "site_id": house.site}
    do(lambda uow: create_user(uow, **person))
    with Visitor(address) as client:
        client.post("/sign-in", data={"email": email, "password": PASSWORD})
        yield Handheld(client)


def any_tote() -> str:
    """A tote that nobody used yet."""
    return f"T-{next(_totes):04d}"


def walk(house: WebHouse, device: Handheld, *wanted: tuple[str, int]) -> str:
    """Place an order, and bring its batch to the packing bench."""
    order_id = place(house, *wanted)
    project()
    to_floor(house)
    device.claim()
    while device.work["batch"] and device.work["batch"]["stage"] in ("bind", "pick"):
        for task in device.work["tasks"]:
            assert {ack["status"] for ack in device.do_task(task)} == {"applied"}
        device.read()
    return order_id
