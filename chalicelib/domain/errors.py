"""Refusals: the ways the service says no, each with a stable code the pages can put in words."""

from datetime import timedelta


class Refusal(Exception):
    """Say no for a reason the caller may know.

    `code` is stable and public (docs/reference/refusals.md); `field` is the dotted path of the input to blame, if one is.
    """

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field


class Malformed(Refusal):
    """The request is not one this service can read."""


class Invalid(Refusal):
    """The request reads well, but asks for something that is not allowed."""


class Unauthenticated(Refusal):
    """Nobody is signed in, or the session is over."""


class Forbidden(Refusal):
    """Somebody is signed in, but may not do this."""


class NotFound(Refusal):
    """Unknown, foreign and destroyed things all get this same answer."""

    def __init__(self) -> None:
        super().__init__("not_found")


class Conflict(Refusal):
    """The thing is not in a state where this can be done."""


class Over(Refusal):
    """A true link to a transfer that is no more: its time is over, or its sender withdrew it."""


class TooLarge(Refusal):
    """The body is larger than any honest request."""

    def __init__(self) -> None:
        super().__init__("body_too_large")


class TooMany(Refusal):
    """A limit is reached; `retry_after` says how long to wait."""

    def __init__(self, retry_after: timedelta, code: str = "too_many_requests") -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Something this service needs elsewhere does not answer now."""
