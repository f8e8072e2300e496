"""How an error over HTTP looks, whichever door it comes from: {type, title, detail, field}."""

from __future__ import annotations

TITLES = {
    400: ("invalid_request", "The request is not valid"),
    401: ("not_authenticated", "Not logged in, and no valid API key"),
    403: ("forbidden", "Not allowed"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "Method not allowed"),
    409: ("conflict", "Not possible in this state"),
    410: ("gone", "No longer there"),
    413: ("too_large", "The request is too large"),
    429: ("too_many_requests", "Too many requests"),
    500: ("internal_error", "Something went wrong"),
    503: ("unavailable", "Try again in a moment"),
}
"""(type, title) by status. The type is for programs, the title for people."""


def problem(status: int, detail: str, field: str | None = None) -> dict[str, str | None]:
    """What an answer of this status says; `field` is the path of what is wrong in the request."""
    kind, title = TITLES.get(status, TITLES[400 if status < 500 else 500])
    return {"type": kind, "title": title, "detail": detail, "field": field}
