"""What a worker does for a site: one at a time, of one worker at a time, and never forgotten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from fulfillment.whatif.models import WhatIf
from kernel import runs
from kernel.actors import system
from kernel.db.transactions import UnitOfWork, run
from kernel.errors import NotFound, Refusal
from tests.fulfillment import house as h
from tests.plugin.databases import FreshDatabase

T = TypeVar("T")
LATER = WhatIf.LEASE + timedelta(seconds=1)
"""When a lease is over that was given at the start."""


@pytest.fixture
def site(database: Connection) -> str:
    return at(lambda uow: h.build(uow).site)


def at(work: Callable[[UnitOfWork], T], after: timedelta = timedelta()) -> T:
    return run(system(), work, now=h.NOW + after)


def ask(site: str, run_id: str = "wif_1") -> str | None:
    columns = {"fast_items_nearer": True, "days": 1, "hour_cost_minor": 0, "currency": "EUR"}
    return at(lambda uow: runs.ask(uow, WhatIf, id=run_id, site_id=site, **columns))


def claim(after: timedelta = timedelta()) -> runs.Claim[WhatIf] | None:
    return at(lambda uow: runs.claim(uow, WhatIf), after)


def state(site: str) -> tuple[str, int, int, str]:
    (row,) = at(lambda uow: runs.newest(uow, WhatIf, site_id=site))
    assert (row.finished_at is None) == (row.state in WhatIf.UNDER_WAY)
    return row.state, row.progress, row.attempts, row.note


def test_a_site_has_one_under_way_and_it_is_of_one_worker(site: str) -> None:
    assert claim() is None
    assert (ask(site), ask(site, "wif_2")) == ("wif_1", None)
    assert at(lambda uow: runs.under_way(uow, WhatIf, site_id=site)) == "wif_1"

    assert (claim(), claim()) == (runs.Claim(WhatIf, "wif_1", 1), None)

    assert state(site) == ("computing", 0, 1, "")


def test_of_two_at_once_one_asks_and_one_works(fresh_database: FreshDatabase) -> None:
    site = at(lambda uow: h.build(uow).site)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda run_id: ask(site, run_id), ["wif_1", "wif_2"]))
        claims = list(pool.map(lambda _: claim(), range(2)))
    assert (told.count(None), claims.count(None)) == (1, 1)


def test_whoever_tells_how_far_it_is_keeps_it(site: str) -> None:
    ask(site)
    mine = claim()
    assert mine is not None

    assert at(lambda uow: runs.tell(uow, mine, progress=40), WhatIf.LEASE)

    assert claim(LATER) is None
    assert state(site) == ("computing", 40, 1, "")


def test_whoever_was_silent_loses_it_and_changes_it_no_more(site: str) -> None:
    ask(site)
    mine, others = claim(), claim(LATER)
    assert mine is not None
    assert others is not None

    assert not at(lambda uow: runs.tell(uow, mine, progress=99), LATER)
    assert runs.step(system(), mine, lambda _, row: row.attempts) is None
    assert runs.step(system(), others, lambda _, row: row.attempts) == 2

    assert state(site) == ("computing", 0, 2, "")


def test_what_breaks_off_again_and_again_ends_and_says_so(site: str) -> None:
    ask(site)

    found = [claim(LATER * turn) for turn in range(4)]

    assert [each and each.attempt for each in found] == [1, 2, 3, None]
    assert state(site) == ("failed", 0, 3, WhatIf.BROKE_OFF["note"])
    assert ask(site, "wif_2") == "wif_2"


def test_what_is_over_is_nobodys_and_cannot_be_cancelled(site: str) -> None:
    ask(site)
    mine = claim()
    assert mine is not None
    unknown, over = NotFound("There is none."), Refusal("It is over.")

    with pytest.raises(NotFound):
        at(lambda uow: runs.cancel(uow, WhatIf, "wif_1", site_id="elsewhere", unknown=unknown, over=over))
    runs.step(system(), mine, lambda uow, row: runs.end(uow, row, "ready"))
    with pytest.raises(Refusal, match=r"It is over\."):
        at(lambda uow: runs.cancel(uow, WhatIf, "wif_1", site_id=site, unknown=unknown, over=over))

    assert not at(lambda uow: runs.tell(uow, mine, progress=50))
    assert claim(LATER) is None
    assert state(site) == ("ready", 0, 1, "")
