from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event, text
from starlette.requests import Request

from kernel.actors import system
from kernel.db.engine import bind
from kernel.errors import Refusal
from kernel.web.acting import Answer, act
from tests.plugin.databases import FreshDatabase


@pytest.fixture
def commits(fresh_database: FreshDatabase) -> Iterator[list[str]]:
    """What each commit waits for, in order."""
    waited: list[str] = []

    def note(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        cursor.execute("show synchronous_commit")
        row = cursor.fetchone()
        waited.append(row[0] if row else "")

    event.listen(fresh_database.engine, "commit", note)
    with bind(fresh_database.engine):
        yield waited
    event.remove(fresh_database.engine, "commit", note)


def request(key: str) -> Request:
    headers = [(b"idempotency-key", key.encode())]
    return Request({
        "type": "http", "method": "POST", "path": "/v1/things", "headers": headers, "query_string": b"",
        "scheme": "http", "server": ("house", 80),
    })  # fmt: skip


def test_a_claim_waits_for_no_disk_and_its_effect_does(commits: list[str]) -> None:
    answer = act(request("k-1"), system("test"), {}, lambda uow: Answer(uow.session.scalar(text("select 7"))))
    again = act(request("k-1"), system("test"), {}, lambda _: pytest.fail("it was done before"))

    assert (answer.body, again.body) == (b"7", b"7")
    assert commits[:2] == ["off", "on"]


def test_a_refused_request_frees_its_key(commits: list[str]) -> None:
    def refuse(_: object) -> Answer:
        raise Refusal("Not now.", remedy="Try again.")

    with pytest.raises(Refusal):
        act(request("k-2"), system("test"), {}, refuse)
    assert act(request("k-2"), system("test"), {"other": 1}, lambda _: Answer(1)).body == b"1"
    assert commits[-1] == "on"
