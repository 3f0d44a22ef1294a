"""Whether a process may be sent requests: the database answers, and its schema is the one of this release."""

import json

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.edge.health import get_readiness
from app.migrate import is_current
from tests.plugin.databases import FreshDatabase


def test_a_process_is_ready_on_the_schema_of_its_release(fresh_database: FreshDatabase) -> None:
    assert is_current(fresh_database.owner_url), "the newest file is the newest migration"
    answer = get_readiness()

    assert (answer.status_code, json.loads(answer.body)["database"]) == (200, "ok")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update alembic_version set version_num = '0003'", "of an older release: run `pickstream db upgrade`"),
        ("revoke select on alembic_version from pickstream_app", "of an older release: run `pickstream db upgrade`"),
        ("update alembic_version set version_num = '9999'", "of a newer release: start that"),
    ],
)
def test_a_process_on_another_schema_is_not_ready(fresh_database: FreshDatabase, statement: str, told: str) -> None:
    owner = create_engine(fresh_database.owner_url, poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text(statement))

    answer = get_readiness()

    assert (answer.status_code, json.loads(answer.body)["database"]) == (503, told)
