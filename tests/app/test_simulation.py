from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from olist_folder import OlistFolder, defective_folder, sound_folder
from sqlalchemy import text

from app.importers.olist.intake import SITE, import_olist
from app.messengers import Messenger, OwnMessenger, messenger_beside
from app.simulators.day_values import Mistakes
from app.simulators.packers import OwnPackers, Packers, packers_beside
from app.simulators.replay import Replay, replay_orders
from app.verification import verify_house
from kernel import actors
from kernel.db.engine import engine
from kernel.db.transactions import transaction
from tests.plugin.copies import Copies
from tests.plugin.databases import FreshDatabase, _forget_configuration

pytestmark = pytest.mark.timeout(300)
CLUMSY = Mistakes(
    short_picks=0.15, wrong_items=0.3, wrong_contents=0.25, wrong_weights=0.2, cancellations=0.3, returns=0.2
)
FLAWLESS = Mistakes(0, 0, 0, 0, 0, 0)


def bring_in(folder: OlistFolder, path: Path) -> None:
    import_olist(folder.write(path / "olist"))


def live(
    mistakes: Mistakes = FLAWLESS,
    *,
    day: date | None = None,
    seed: int = 7,
    messenger: Messenger | None = None,
    packers: Packers | None = None,
) -> Replay:
    return replay_orders(
        site_code=SITE, day=day, seed=seed, mistakes=mistakes, progress=lambda *_: None,
        messenger=messenger or OwnMessenger(), packers=packers or OwnPackers(),
    )  # fmt: skip


def broken() -> dict[str, tuple[str, ...]]:
    return {finding.invariant.name: finding.examples for finding in verify_house() if finding.violated}


def rows(query: str) -> list[tuple[object, ...]]:
    with transaction(actors.system("test")) as uow:
        return [tuple(row) for row in uow.session.execute(text(query))]


@pytest.mark.thorough
def test_a_flawless_day_ends_with_every_order_at_its_customer(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    bring_in(sound_folder(), tmp_path)
    replay = live()
    assert sum(replay.states.values()) == replay.orders == 12
    assert set(replay.states) <= {"DELIVERED", "EXCEPTION"}
    assert replay.tally.counts["orders packed"] == 12
    assert not +replay.tally.surprises
    assert not replay.tally.escaped
    assert 0 < replay.tally.walked_mm <= replay.tally.walked_by_name_mm
    assert broken() == {}


@pytest.mark.thorough
def test_clumsy_days_break_no_invariant_and_every_defective_order_is_accounted_for(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    bring_in(defective_folder(), tmp_path)
    replay = live(CLUMSY)
    assert broken() == {}
    tally = replay.tally
    assert sum(replay.states.values()) == replay.orders
    assert tally.caught["wrong item at the bin"] > 0
    assert tally.caught["wrong contents"] > 0
    assert tally.counts["short picks"] > 0
    assert tally.counts["flagged orders let go on"] > 0
    assert tally.counts["orders left to a person"] > 0
    assert any(name.startswith("cancel ") for name in tally.counts)
    assert rows("select flags from sales_order where state = 'ON_HOLD'") == [(["no_lines"],)]
    held = rows("select count(*) from event where type = 'shipping.parcel_held.v1'")
    assert held == [(tally.counts["parcels held"],)]


STORY = """
select o.external_id, e.type, e.summary, count(*) from event e join sales_order o on o.id = e.order_id
group by 1, 2, 3 order by 1, 2, 3
"""


@pytest.fixture
def another_database(copies: Copies) -> Iterator[Callable[[], None]]:
    """Let the process go over to a second empty database."""
    with ExitStack() as opened:

        def move() -> None:
            patch = opened.enter_context(pytest.MonkeyPatch.context())
            urls = opened.enter_context(copies.lend())
            engine().dispose()
            patch.setenv("DATABASE_URL", urls.app_url)
            _forget_configuration()
            opened.callback(lambda: engine().dispose())

        yield move
    _forget_configuration()


@pytest.mark.thorough
def test_the_same_seed_tells_the_same_days_whoever_packs_and_delivers_the_events(
    fresh_database: FreshDatabase, another_database: Callable[[], None], tmp_path: Path
) -> None:
    folder = sound_folder(orders=8, days=2)
    bring_in(folder, tmp_path)
    with messenger_beside() as messenger, packers_beside() as packers:
        first, told = live(CLUMSY, messenger=messenger, packers=packers), rows(STORY)
    another_database()
    bring_in(folder, tmp_path)
    again = live(CLUMSY)
    assert rows(STORY) == told
    assert (again.tally, again.states, again.until) == (first.tally, first.states, first.until)


@pytest.mark.thorough
def test_an_interrupted_simulation_goes_on_where_it_was(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    bring_in(sound_folder(), tmp_path)

    class PowerCut(Exception):
        pass

    def cut(what: str, done: int, total: int) -> None:
        if done >= total // 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        replay_orders(
            site_code=SITE,
            day=None,
            seed=7,
            mistakes=FLAWLESS,
            progress=cut,
            messenger=OwnMessenger(),
            packers=OwnPackers(),
        )
    live()
    assert {state for (state,) in rows("select distinct state from sales_order")} <= {"DELIVERED", "EXCEPTION"}
    assert broken() == {}


@pytest.mark.thorough
def test_one_day_takes_the_orders_of_that_day_only(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    bring_in(sound_folder(orders=9), tmp_path)
    replay = live(day=date(2018, 3, 6))
    assert replay.orders == 3
    assert replay.from_day == date(2018, 3, 6)
    untouched = rows("select count(*) from sales_order where state = 'PROMISED'")
    assert untouched == [(6,)]


def test_nothing_to_do_is_told(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    bring_in(sound_folder(orders=1), tmp_path)
    assert live(day=date(2017, 1, 1)).from_day is None
