"""What was proven of pieces and cartons, and what is to be: shared by all sites, since shapes alone decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy import select, text

from kernel.db.transactions import UnitOfWork
from shipping.domain.carton_space import Dims, Unit
from shipping.domain.packing_verdicts import Answer, Shape, Verdict, key_of, shapes_of
from shipping.models.packing import PackingProofRow

MOST_UNITS: Final = 80
"""More pieces are not proven: nobody would wait for the answer."""
LEASE: Final = timedelta(minutes=2)
"""For so long a question is left to the worker that took it."""

# Nobody waits here for another packer who asks the same and has not committed yet: one question is enough.
_ASK = text(
    """
    insert into packing_proof (shapes_key, inner_length_mm, inner_width_mm, inner_height_mm, shapes, answer, asked_at,
      next_attempt_at)
    select :key, :length, :width, :height, cast(:shapes as jsonb), 'open', :now, :now
    where pg_try_advisory_xact_lock(hashtextextended('packing_proof ' || :key, 0))
    on conflict do nothing
    """
)


@dataclass(frozen=True, slots=True)
class Question:
    """Whether pieces of these shapes fit into inner sides in mm."""

    key: str
    shapes: tuple[Shape, ...]
    inner: Dims


def recall_verdicts(uow: UnitOfWork, units: Sequence[Unit]) -> Mapping[Dims, Verdict]:
    """Return what was proven of these pieces, by the inner sides of cartons in mm."""
    key = key_of(shapes_of(units))
    rows = uow.session.scalars(
        select(PackingProofRow).where(PackingProofRow.shapes_key == key, PackingProofRow.answer != "open")
    )
    return {_inner(row): _verdict(row) for row in rows}


def ask_for_proof(uow: UnitOfWork, units: Sequence[Unit], inner: Dims) -> None:
    """Leave it to the workers to prove whether the units fit into these inner sides, unless that was asked before."""
    if len(units) > MOST_UNITS:
        return
    shapes = shapes_of(units)
    asked = {"key": key_of(shapes), "length": inner[0], "width": inner[1], "height": inner[2], "now": uow.now}
    uow.session.execute(_ASK, asked | {"shapes": msgspec.json.encode(shapes).decode()})


def claim_question(uow: UnitOfWork) -> Question | None:
    """Take the oldest open question that nobody works on, None when there is none."""
    open_rows = select(PackingProofRow).where(
        PackingProofRow.answer == "open", PackingProofRow.next_attempt_at <= uow.now
    )
    oldest = open_rows.order_by(PackingProofRow.next_attempt_at).limit(1).with_for_update(skip_locked=True)
    row = uow.session.scalar(oldest)
    if row is None:
        return None
    row.next_attempt_at = uow.now + LEASE
    shapes = tuple((shape[0], shape[1], shape[2], int(shape[3])) for shape in row.shapes)
    return Question(row.shapes_key, shapes, _inner(row))


def record_verdict(uow: UnitOfWork, question: Question, verdict: Verdict) -> None:
    """Keep the answer to a question."""
    row = uow.session.get_one(PackingProofRow, (question.key, *question.inner), with_for_update=True)
    row.answer = verdict.answer
    row.places = [[list(at), list(dims)] for at, dims in verdict.places]
    row.decided_at = uow.now


def _inner(row: PackingProofRow) -> Dims:
    return row.inner_length_mm, row.inner_width_mm, row.inner_height_mm


def _verdict(row: PackingProofRow) -> Verdict:
    answer: dict[str, Answer] = {"fits": "fits", "impossible": "impossible"}
    places = tuple(((at[0], at[1], at[2]), (dims[0], dims[1], dims[2])) for at, dims in row.places)
    return Verdict(answer.get(row.answer, "unknown"), places)
