"""What a person at a terminal reads when a command cannot go on: what is wrong and what to do, and no traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.errors import UndefinedColumn, UndefinedFunction, UndefinedTable
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from app.engines.errors import EngineError
from kernel.errors import Refusal

_INTERRUPTED = 130
_OLD_SCHEMA = (UndefinedTable, UndefinedColumn, UndefinedFunction)


@contextmanager
def told_plainly() -> Iterator[None]:
    """End the process with exit code 1 and plain words on what a person can mend; a fault of our own passes through."""
    try:
        yield
    except Refusal as refusal:
        _end(_refused(refusal))
    except EngineError as error:
        _end(f"The embedded engines cannot run: {error}")
    except ArgumentError as error:
        _end(f"The address of the database cannot be read: {error}\nWrite postgresql://USER:PASSWORD@HOST/DATABASE.")
    except (OperationalError, psycopg.OperationalError) as error:
        _end(f"The database does not do its part: {_reason(error)}\n`pickstream doctor` says more.")
    except ProgrammingError as error:
        if not isinstance(error.orig, _OLD_SCHEMA):
            raise
        _end("The database has no schema of ours, or an older one.\nRun: pickstream db upgrade")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        if error.filename is None:
            raise
        _end(f"{error.filename}: {error.strerror}.")


def _refused(refusal: Refusal) -> str:
    problem = refusal.problem()
    named = [f"  {error['pointer']}: {error['message']}" for error in problem.get("errors", [])]
    # A fault in one place only is its own detail: saying it twice helps nobody.
    alone = len(named) == 1 and named[0].endswith(problem["detail"])
    return "\n".join([f"{problem['title']}: {problem['detail']}", *([] if alone else named)])


def _reason(error: OperationalError | psycopg.OperationalError) -> str:
    return str(error.orig if isinstance(error, OperationalError) else error).strip()


def _end(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.exit(1)
