import subprocess
import sys
from collections.abc import Iterator

import pytest

from kernel.settings import settings
from tests.notifications.desk import opened
from tests.plugin.databases import FreshDatabase

# A process of its own, so that the receiver does not share the sender's interpreter lock.
RECEIVER = """
import socket, threading

def serve(connection):
    with connection:
        received = b""
        while b"\\r\\n\\r\\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\\r\\n\\r\\n")
        lines = head.lower().split(b"\\r\\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
        while len(body) < length:
            body += connection.recv(65536)
        connection.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")

listener = socket.create_server(("127.0.0.1", 0), backlog=128)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


@pytest.fixture
def port() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout is not None
        yield int(receiver.stdout.readline())
        receiver.kill()


@pytest.mark.slow
@pytest.mark.parametrize(("customers", "each"), [(1_000, 1), (1, 500)])
def test_long_queues_are_delivered_whole(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, port: int, customers: int, each: int
) -> None:
    with opened(monkeypatch) as desk:
        monkeypatch.setenv("PICKSTREAM_WEBHOOK_ALLOW_HOSTS", f'["127.0.0.1:{port}"]')
        settings.cache_clear()
        desk.register(url=f"http://127.0.0.1:{port}/")
        for customer in range(customers):
            desk.tell(*range(each), customer=f"cus_{customer}")
        assert desk.deliver() == customers * each
