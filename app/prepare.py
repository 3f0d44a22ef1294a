"""What `pickstream up` does between starting the engines and starting the processes: schema and sample house."""

import os
import sys
from importlib import import_module

from app import migrate
from app.faults import told_plainly
from app.samples.access import has_access, write_access
from kernel import actors
from kernel.access.queries import find_merchants
from kernel.db.bootstrap import bootstrap
from kernel.db.transactions import UnitOfWork, run
from kernel.settings import settings

DATABASE = "pickstream"
SUPERUSER_VARIABLE = "PICKSTREAM_SUPERUSER_URL"
"""Set for this process alone, and only where the engines are the embedded ones."""
SAMPLE_MERCHANT = "nordhus"
_ACTOR = actors.system("sample")


def main() -> int:
    """Bring the database to the newest schema and see that a new one has a sample house. Safe to repeat."""
    owner_url = settings().database_owner_url
    if superuser_url := os.environ.get(SUPERUSER_VARIABLE):
        bootstrap(superuser_url, DATABASE)
    if owner_url and not migrate.is_current(owner_url):
        _say("    bringing the schema up to date")
        migrate.upgrade(owner_url)
    if run(_ACTOR, _wants_sample):
        _say("    stocking the sample warehouse")
        _load_sample()
    return 0


def _wants_sample(uow: UnitOfWork) -> bool:
    """Say whether the sample house is still to be built, or its keys to be written down again.

    A database in which only others' goods lie is left to them.
    """
    merchants = {merchant.code for merchant in find_merchants(uow)}
    return not merchants or (SAMPLE_MERCHANT in merchants and not has_access(settings().home))


def _load_sample() -> None:
    # Imported only here: every later start is the faster for not reading what builds a house.
    house = import_module("app.samples.house")
    write_access(settings().home, run(_ACTOR, house.open_sample_house))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with told_plainly():
        sys.exit(main())
