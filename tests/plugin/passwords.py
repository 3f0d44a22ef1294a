from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from kernel.access import secrets


@pytest.fixture(scope="session", autouse=True)
def production_hasher() -> Iterator[PasswordHasher]:
    """Hash with the least that argon2id allows, and hand out the hasher that the product would use.

    Hundreds of people sign in here, and none has a password to protect. A hash names its own cost, so that the code
    which verifies it is the product's.
    """
    real = secrets._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield real
