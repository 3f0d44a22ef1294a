from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import NullPool, create_engine, text
from starlette.requests import Request

from kernel.actors import system
from kernel.db.engine import bind
from kernel.errors import Refusal
from kernel.web.acting import Answer, act
from tests.plugin.databases import FreshDatabase

NOTED = """
create table waited (n serial, setting text);
create function note() returns trigger language plpgsql security definer as $$
begin
  insert into waited (setting) values (current_setting('synchronous_commit'));
  return null;
end $$;
create constraint trigger noted after insert or update on idempotency_key deferrable initially deferred
  for each row execute function note();
"""


@pytest.fixture
def commits(fresh_database: FreshDatabase) -> Iterator[Callable[[], list[str]]]:
    """What each commit of a key waited for, in order: asked while it commits."""
    owner = create_engine(fresh_database.owner_url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text(NOTED))

    def waited() -> list[str]:
        with owner.connect() as connection:
            return list(connection.scalars(text("select setting from waited order by n")))

    with bind(fresh_database.engine):
        yield waited
    with owner.begin() as connection:
        connection.execute(text("drop table waited; drop trigger noted on idempotency_key; drop function note()"))


def request(key: str) -> Request:
    headers = [(b"idempotency-key", key.encode())]
    return Request({
        "type": "http", "method": "POST", "path": "/v1/things", "headers": headers, "query_string": b"",
        "scheme": "http", "server": ("house", 80),
    })  # fmt: skip


def test_a_claim_waits_for_no_disk_and_its_effect_does(commits: Callable[[], list[str]]) -> None:
    answer = act(request("k-1"), system("test"), {}, lambda uow: Answer(uow.session.scalar(text("select 7"))))
    again = act(request("k-1"), system("test"), {}, lambda _: pytest.fail("it was done before"))

    assert (answer.body, again.body) == (b"7", b"7")
    assert commits() == ["off", "on"]


def test_a_refused_request_frees_its_key(commits: Callable[[], list[str]]) -> None:
    def refuse(_: object) -> Answer:
        raise Refusal("Not now.", remedy="Try again.")

    with pytest.raises(Refusal):
        act(request("k-2"), system("test"), {}, refuse)
    assert act(request("k-2"), system("test"), {"other": 1}, lambda _: Answer(1)).body == b"1"
    assert commits()[-1] == "on"
