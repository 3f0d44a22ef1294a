from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import Refusal


class IllegalTransition(Refusal):
    """A verb that the present state does not allow; names the ones it does."""

    code = "illegal_transition"
    title = "That cannot be done in the present state"


@dataclass(frozen=True, slots=True)
class Machine:
    """Transitions as data: `{state: {verb: next state}}`; a state without verbs is terminal."""

    noun: str
    transitions: Mapping[str, Mapping[str, str]]

    def after(self, state: str, verb: str) -> str:
        """Return the state after `verb`.

        Raises:
            IllegalTransition: the state does not know the verb.
        """
        legal = self.transitions[state]
        if verb not in legal:
            raise IllegalTransition(
                f"This {self.noun} is {state}: it cannot {verb}.",
                remedy=f"Possible now: {', '.join(sorted(legal)) or 'nothing, this is final'}.",
                state=state,
                verb=verb,
                legal=sorted(legal),
            )
        return legal[verb]

    def allows(self, state: str, verb: str) -> bool:
        """Say whether `verb` is legal in `state`."""
        return verb in self.transitions[state]

    def is_terminal(self, state: str) -> bool:
        """Say whether nothing can follow `state`."""
        return not self.transitions[state]
