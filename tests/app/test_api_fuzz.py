import os
import subprocess
import sys
from pathlib import Path

import pytest
from web_house import WebHouse, delivered

from kernel import actors
from kernel.access.commands import issue_key
from kernel.access.queries import find_merchants
from kernel.access.roles import KEY_SCOPES
from kernel.db.transactions import transaction

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def key(house: WebHouse) -> str:
    with transaction(actors.system()) as uow:
        merchant = find_merchants(uow)[0]
        return issue_key(uow, tenant_id=merchant.id, name="fuzz", scopes=sorted(KEY_SCOPES)).secret


HOOKS = """
import schemathesis

schemathesis.serializer.alias("application/edi-x12", "text/plain")
"""
"""What the fuzzer has to be told: an interchange is sent as it is."""


def test_no_request_makes_the_api_fail(address: str, house: WebHouse, key: str, tmp_path: Path) -> None:
    """Whatever the document allows, and what it does not, gets an answer; never a 5xx."""
    delivered(house, ("MUG-BL", 1))
    (tmp_path / "edi_hooks.py").write_text(HOOKS)
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "edi_hooks", "PYTHONPATH": str(tmp_path)}
    program = str(Path(sys.executable).with_name("schemathesis"))
    done = subprocess.run(
        [
            program, "run", f"{address}/openapi.json", "-H", f"Authorization: Bearer {key}",
            "--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--max-examples", "15",
            "--generation-deterministic", "--suppress-health-check", "all", "--exclude-path", "/v1/events",
            "--exclude-path", "/v1/availability/changes",
        ],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    assert "passed" in done.stdout
