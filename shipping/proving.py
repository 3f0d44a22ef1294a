"""Proves, beside the packing, what it could not decide: the next order of the same pieces gets the proven carton."""

import logging
import time
from functools import partial
from importlib import import_module
from typing import Final

from kernel import actors
from kernel.db.transactions import run
from shipping.packing_proofs import claim_question, record_verdict

_log = logging.getLogger(__name__)

EFFORT: Final = 10.0
"""What one question may cost, in the solver's units of work: most take a hundredth, and some are never decided."""
_SECONDS: Final = 10.0


def prove_packings(*, seconds: float = _SECONDS) -> int:
    """Answer open questions, whether pieces fit into a carton, for about so many seconds; return how many.

    Each is claimed, answered without a transaction, and then kept, so that several workers share the work. The solver
    is loaded once there is a question: it takes some ninety megabytes that a web process does not have to spend.
    """
    ends_at, done = time.monotonic() + seconds, 0
    actor = actors.system("packing-proofs")
    while time.monotonic() < ends_at:
        question = run(actor, claim_question)
        if question is None:
            break
        proof = import_module("shipping.domain.packing_proof")
        verdict = proof.decide_fit(question.shapes, question.inner, effort=EFFORT)
        run(actor, partial(record_verdict, question=question, verdict=verdict))
        _log.info("Packing of %d pieces: %s", len(question.shapes), verdict.answer)
        done += 1
    return done
