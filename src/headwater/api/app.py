"""The app in the browser: its page, for every address that is the app's. Nothing of a foreign host is ever loaded.

What the page loads is answered by `app_files`, before Django.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from headwater.api import app_files

POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # positions and sizes that are computed
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


@require_safe
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """The app's one page; what it shows is in the address. The token that changes must carry comes along."""
    found = app_files.page()
    if found is None:
        return HttpResponse(
            "The app is not built. In a checkout, `./headwater up` builds it; see web/README.md.",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
    body, headers = found.for_reader(request.headers.get("Accept-Encoding", ""))
    answer = HttpResponse(body, headers=dict(headers))
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "no-cache"
    answer["Referrer-Policy"] = "same-origin"
    return answer
