"""A loopback server for browser tests: sample pages, static files under the real policy, and a scan interface."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from typing import Any

from app.web.branding import brand_stylesheet
from app.web.rendering import CONTENT_SECURITY_POLICY, STATIC_DIR, static_root

BLUE, BLACK = "04006381333931", "04006381333948"


def pick(number: int, place: str, tote: str, **item: Any) -> dict[str, Any]:
    """A pick task of the contract."""
    step = {
        "id": "item",
        "prompt": "scan_item",
        "grammar": "ITEM",
        "expect": [BLUE],
        "case": {"14006381333938": 12},
        "qty": 2,
    }
    return {
        "task": f"B-104/{number}",
        "v": 31,
        "kind": "pick",
        "title": place,
        "offline": True,
        "at": None,
        "exceptions": ["BIDF", "BIDP", "DAMAGED", "WRONG_ITEM", "UNREACHABLE"],
        "steps": [
            {"id": "loc", "prompt": "scan_location", "grammar": "LOC", "expect": [place], "skip_if": "same_loc"},
            {**step, "advice": "Put it back. Scan the blue one.", **item},
            {"id": "tote", "prompt": "scan_tote", "grammar": "TOTE", "expect": [tote]},
        ],
        "show": {
            "where": "right side, level 2 \N{RIGHTWARDS ARROW}",
            "item": "Pen, blue, L",
            "sku": "12",
            "qty": 2,
            "unit": "each",
            "tote": {"slot": 4, "label": "TOTE 4", "shape": "square"},
            "next": "A-07-05-1, 3 m",
        },
    }


def bind() -> dict[str, Any]:
    """A bind task of the contract."""
    step = {"id": "tote", "prompt": "scan_tote", "grammar": "TOTE", "expect": [], "pattern": "T-[0-9]{4,}"}
    show = {"tote": {"slot": 4, "label": "TOTE 4", "shape": "square"}}
    return {
        "task": "B-104/bind-4",
        "v": 31,
        "kind": "bind",
        "title": "Slot 4",
        "offline": True,
        "at": None,
        "steps": [step],
        "exceptions": [],
        "show": show,
    }


def pack() -> dict[str, Any]:
    """A pack task of the contract."""
    steps = [
        {"id": "tote", "prompt": "scan_tote", "grammar": "TOTE", "expect": ["T-0004"]},
        {"id": "item-1", "prompt": "scan_item", "grammar": "ITEM", "expect": [BLUE], "qty": 2, "any_order": True},
        {"id": "item-2", "prompt": "scan_item", "grammar": "ITEM", "expect": [BLACK], "qty": 1, "any_order": True},
        {
            "id": "carton",
            "prompt": "scan_carton",
            "grammar": "CARTON",
            "expect": ["BOX-S", "BOX-M"],
            "choices": [
                {"code": "BOX-S", "name": "Small box", "suggested": True},
                {"code": "BOX-M", "name": "Medium box"},
            ],
        },
        {"id": "weight", "prompt": "read_weight", "grammar": "WEIGHT", "expect": [], "confirm": "server"},
        {"id": "label", "prompt": "scan_label", "grammar": "LABEL", "expect": [], "pattern": "RX[0-9]{9}GB"},
    ]
    lines = [
        {"name": "Pen, blue, L", "qty": 2, "step": "item-1"},
        {"name": "Pen, black, L", "qty": 1, "step": "item-2"},
    ]
    show = {"tote": {"slot": 4, "label": "TOTE 4", "shape": "square"}, "order": "10482", "lines": lines}
    return {
        "task": "B-104/pack-4",
        "v": 31,
        "kind": "pack",
        "title": "Pack tote 4",
        "offline": True,
        "at": None,
        "steps": steps,
        "exceptions": ["DAMAGED"],
        "show": show,
    }


@dataclass
class ScanHouse:
    """The server side of the contract, as small as it can be: what was received, and how it misbehaves."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    offer: dict[str, Any] | None = None
    posts: int = 0
    ops: list[dict[str, Any]] = field(default_factory=list)
    fail_next: int = 0
    lose_answers: int = 0
    down: bool = False
    verdict: dict[str, Any] = field(default_factory=dict)

    def work(self) -> dict[str, Any]:
        """The work that no received op has ended."""
        ended = {op["task"] for op in self.ops if op["kind"] == "short" or self._is_last(op)}
        return {
            "schema": 1,
            "build": "test",
            "now": "2026-11-24T09:05:00Z",
            "device": "d7",
            "next_seq": 1 + max((op["seq"] for op in self.ops), default=0),
            "person": {"id": "P-12", "name": "Ana"},
            "site": "Leeds DC",
            "csrf": "c5f1",
            "offer": self.offer,
            "batch": {"id": "B-104", "stage": "pick", "lines_done": 6, "lines": 18} if self.tasks else None,
            "known": {
                BLUE: "Pen, blue, L (SKU 12)",
                BLACK: "Pen, black, L (SKU 13)",
                "T-0004": "Tote 4",
                "T-0005": "Tote 5",
                "A-07-03-2": "Location A-07-03-2",
            },
            "tasks": [{**task, "at": self._at(task)} for task in self._in_order() if task["task"] not in ended],
        }

    def _in_order(self) -> list[dict[str, Any]]:
        """The tasks as the house would send them: a skipped line comes after the others."""
        skipped = {op["task"] for op in self.ops if op["kind"] == "skip"}
        return sorted(self.tasks, key=lambda task: task["task"] in skipped)

    def _at(self, task: dict[str, Any]) -> dict[str, Any]:
        counts = {op["step"]: op["qty"] for op in self.ops if op["task"] == task["task"] and op["kind"] != "skip"}
        return {"step": task["steps"][0]["id"], "counts": counts}

    def _is_last(self, op: dict[str, Any]) -> bool:
        return any(
            task["task"] == op["task"] and task["steps"][-1]["id"] == op["step"] and op["kind"] == "scan"
            for task in self.tasks
        )

    def take(self, ops: list[dict[str, Any]]) -> dict[str, Any]:
        """Acknowledge each op, a known one as a duplicate."""
        acks = []
        for op in ops:
            known = any(other["op_id"] == op["op_id"] for other in self.ops)
            if not known:
                self.ops.append(op)
            acks.append(
                {
                    "op_id": op["op_id"],
                    "status": "duplicate" if known else "applied",
                    "v": 32,
                    **self.verdict.get(op["step"], {}),
                }
            )
        return {"acks": acks, "work_changed": False, "next_seq": 1}


class _Handler(BaseHTTPRequestHandler):
    documents: dict[str, str]
    house: ScanHouse

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path == "/scan/api/work":
            self._answer(503 if self.house.down else 200, "application/json", json.dumps(self.house.work()).encode())
        elif path in self.documents:
            self._answer(200, "text/html; charset=utf-8", self.documents[path].encode())
        elif path.startswith("/brand/"):
            self._answer(200, "text/css", brand_stylesheet("#0B6E69").encode())
        elif path.startswith(static_root()) and (file := STATIC_DIR / path.removeprefix(f"{static_root()}/")).is_file():
            self._answer(200, guess_type(file.name)[0] or "text/plain", file.read_bytes())
        else:
            self._answer(204, "text/plain", b"")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/scan/api/claim":
            self.house.tasks, self.house.offer = [bind(), pick(7, "A-07-03-2", "T-0004")], None
            self._answer(200, "application/json", json.dumps(self.house.work()).encode())
            return
        self.house.posts += 1
        if self.house.down or self.house.fail_next > 0:
            self.house.fail_next -= 1
            self._answer(503, "text/plain", b"")
            return
        answer = self.house.take(body["ops"])
        if self.house.lose_answers > 0:
            self.house.lose_answers -= 1
            self.close_connection = True
            return
        self._answer(200, "application/json", json.dumps(answer).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(documents: dict[str, str], house: ScanHouse | None = None) -> Iterator[str]:
    """Serve the documents and the house on loopback; yields the base address."""
    handler = type("Handler", (_Handler,), {"documents": documents, "house": house or ScanHouse()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
