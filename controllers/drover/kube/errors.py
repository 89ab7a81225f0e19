"""What a kube-apiserver answers when it does not do what was asked, as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

QUOTA_EXCEEDED: Final = "exceeded quota"
"""In the message of a `Forbidden`: a ResourceQuota leaves no room."""


class ApiError(Exception):
    """A kube-apiserver refused a request.

    `status` is the HTTP code, `reason` the `metav1.Status` reason, `retry_after` seconds (None where it named none).
    """

    def __init__(
        self, status: int, reason: str, message: str, *, retry_after: float | None = None, details: Any = None
    ) -> None:
        super().__init__(message or reason)
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.details: Mapping[str, Any] = details if isinstance(details, Mapping) else {}

    def without_message(self, request: str) -> Self:
        """The same error of a request where the server's text may quote what was written, such as a Secret. Of that
        text only `QUOTA_EXCEEDED` is kept."""
        message = f"{request}: {QUOTA_EXCEEDED if QUOTA_EXCEEDED in self.message else self.reason or self.status}"
        return type(self)(self.status, self.reason, message, retry_after=self.retry_after)


class BadRequest(ApiError):
    """400: the request itself is malformed."""


class Unauthorized(ApiError):
    """401: the credential is not accepted."""


class Forbidden(ApiError):
    """403: RBAC or an admission policy denies it."""


class NotFound(ApiError):
    """404: no such object, or no such kind."""


class Conflict(ApiError):
    """409: the object changed meanwhile, has another uid, or a field belongs to another manager."""


class AlreadyExists(Conflict):
    """409: an object of that name exists."""


class Gone(ApiError):
    """410: the resourceVersion or continue token is too old."""


class Invalid(ApiError):
    """422: schema, CEL or admission refuses the object; the message has the field's path."""


class TooManyRequests(ApiError):
    """429: the server asks to wait."""


class ServerError(ApiError):
    """5xx: the server failed."""


class Unreachable(Exception):
    """No answer: refused, reset, timed out, not TLS, or not JSON. The message says which, and never holds a
    credential."""


class NotLeading(Exception):
    """A write was about to happen without a valid Lease. It did not happen."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Invalid,
    429: TooManyRequests,
}


def api_error(status: int, body: Any, *, retry_after: float | None = None) -> ApiError:
    """The typed error of an answer; `body` is its JSON (a `metav1.Status`) or text."""
    if isinstance(body, dict):
        reason, message, details = str(body.get("reason", "")), str(body.get("message", "")), body.get("details")
    else:
        reason, message, details = "", str(body)[:200], None
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    if reason == "AlreadyExists":
        kind = AlreadyExists
    elif reason == "Expired":
        kind = Gone
    return kind(status, reason, message, retry_after=retry_after, details=details)
