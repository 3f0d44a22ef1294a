class EngineError(RuntimeError):
    """An embedded engine cannot run here; the text says what to do about it."""


class EnginesNotFoundError(EngineError):
    """No usable server program was found in any of the places that were looked at."""


class DataVersionError(EngineError):
    """The data directory was written by another major version of PostgreSQL."""
