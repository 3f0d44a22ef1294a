"""A process beside this one, on another core, that does errands in the order asked: a line of JSON each way."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

import msgspec

from app.haste import in_haste

MOST_AHEAD = 20
"""How many errands may wait at a process beside before this one waits for it."""
_NOT_DURABLE = "--not-durable"

Errand = TypeVar("Errand")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Beside(Generic[Answer]):
    """The process, what it answers, and how many answers are still to come."""

    process: "subprocess.Popen[bytes]"
    answer: type[Answer]
    ahead: int = 0

    def ask(self, errand: object) -> list[Answer]:
        """Have an errand done after all that was asked before; return what was answered meanwhile."""
        answers = self.wait(until=MOST_AHEAD)
        _pipe(self.process.stdin).write(msgspec.json.encode(errand) + b"\n")
        _pipe(self.process.stdin).flush()
        self.ahead += 1
        return answers

    def wait(self, *, until: int = 0) -> list[Answer]:
        """Wait until no more than so many errands are under way, and return the answers to the others."""
        answers = []
        while self.ahead > until:
            answer = _pipe(self.process.stdout).readline()
            if not answer:
                raise RuntimeError(f"The process beside has ended: {self.process.args!r}; its error stands above.")
            answers.append(msgspec.json.decode(answer, type=self.answer))
            self.ahead -= 1
        return answers


@contextmanager
def beside(module: str, answer: type[Answer], *, durable: bool = True) -> Iterator[Beside[Answer]]:
    """Run a module that calls `serve` as a process; it ends with this context, or when this process dies.

    `durable` is as in `in_haste`.
    """
    command = [sys.executable, "-m", module, *([] if durable else [_NOT_DURABLE])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    try:
        yield Beside(process, answer)
    finally:
        _pipe(process.stdin).close()
        process.wait()
        _pipe(process.stdout).close()


def serve(errand: type[Errand], do: Callable[[Errand], object]) -> None:
    """Do the errands that come in, one a line, and answer each, until nobody asks any more."""
    with in_haste(durable=_NOT_DURABLE not in sys.argv):
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(msgspec.json.encode(do(msgspec.json.decode(line, type=errand))) + b"\n")
            sys.stdout.buffer.flush()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "it was opened as a pipe"
    return stream
