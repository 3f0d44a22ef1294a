from kernel.errors import Refusal


class Unavailable(Refusal):
    """The database does not answer, or more requests wait than can be served in time."""

    code = "unavailable"
    status = 503
    title = "Not available right now"


class BodyTooLarge(Refusal):
    """The request's body is larger than this operation ever needs."""

    code = "body_too_large"
    status = 413
    title = "The request is too large"
