import os
from collections import Counter
from datetime import date, datetime
from typing import Annotated

import typer

from app.cli.environment import engines_running, migrate_if_owner
from app.cli.progress import show_progress
from app.haste import in_haste
from app.importers.olist.intake import SITE
from app.messengers import messenger_beside
from app.simulators.day_values import Mistakes
from app.simulators.packers import packers_beside
from app.simulators.replay import Replay, replay_orders
from kernel.errors import Invalid

_USUAL = Mistakes()
_Share = Annotated[float, typer.Option(min=0, max=1)]


def simulate(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The orders of this day only")] = None,
    all_days: Annotated[bool, typer.Option("--all", help="All open orders, day after day")] = False,
    site: Annotated[str, typer.Option(help="Code of the site")] = SITE,
    seed: Annotated[int, typer.Option(help="Decides all chance: the same seed, the same days")] = 1,
    short_picks: _Share = _USUAL.short_picks,
    wrong_items: _Share = _USUAL.wrong_items,
    wrong_contents: _Share = _USUAL.wrong_contents,
    wrong_weights: _Share = _USUAL.wrong_weights,
    cancellations: _Share = _USUAL.cancellations,
    returns: _Share = _USUAL.returns,
) -> None:
    """Take orders through the whole house, from release to delivery, by the commands that the handhelds call.

    Pickers, carriers and customers are simulated, mistakes included. An interrupted run goes on where it was.
    """
    if (day is None) == (not all_days):
        raise Invalid("Choose one: --day DATE, or --all.", pointer="/day")
    # A simulated day is promised to nobody: its commits need not wait for the disk, and an interrupted run goes on.
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    mistakes = Mistakes(short_picks, wrong_items, wrong_contents, wrong_weights, cancellations, returns)
    with engines_running():
        migrate_if_owner()
        with (
            in_haste(durable=False),
            messenger_beside(durable=False) as messenger,
            packers_beside(durable=False) as packers,
        ):
            replay = replay_orders(
                site_code=site, day=day.date() if day else None, seed=seed, mistakes=mistakes,
                progress=show_progress(), messenger=messenger, packers=packers,
            )  # fmt: skip
    _tell(replay)


def _tell(replay: Replay) -> None:
    if replay.from_day is None:
        typer.echo("There is no open order to simulate.")
        return
    tally = replay.tally
    routed, by_name = tally.meters_per_line()
    typer.echo(f"{replay.orders:,} orders from {replay.from_day} to {_day(replay.until)}")
    _tell_counts("They ended as", Counter(replay.states))
    _tell_counts("What happened", tally.counts)
    _tell_counts("Errors caught", tally.caught)
    _tell_counts("Errors that escaped", tally.escaped)
    _tell_counts("Answers nobody expected", tally.surprises)
    typer.echo(
        f"Walked {tally.walked_mm / 1e6:,.1f} km: {routed:.1f} m a line, by location name {by_name:.1f} m a line."
    )


def _tell_counts(title: str, counts: Counter[str]) -> None:
    shown = {name: count for name, count in sorted(counts.items()) if count}
    if shown:
        typer.echo(title)
    for name, count in shown.items():
        typer.echo(f"  {name:40}{count:>10,}")


def _day(at: datetime) -> date:
    return at.date()
