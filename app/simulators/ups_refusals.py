class UpsRefusalError(Exception):
    """UPS declines, with a code and words of its own."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
