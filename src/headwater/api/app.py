"""The app in the browser: its page, for every address that is the app's, and its files.

The files are built from `web/` into `app_built/` beside this module. Nothing of a foreign host is ever loaded.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

BUILT = Path(__file__).parent / "app_built"
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
_FOREVER = "public, max-age=31536000, immutable"
_SMALL = 1024
"""Bytes that are not worth packing."""

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


@require_safe
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponse:
    """The app's one page; what it shows is in the address. The token that changes must carry comes along."""
    found = _file(BUILT, "index.html")
    if found is None:
        return HttpResponse(
            "The app is not built. In a checkout, `./headwater up` builds it; see web/README.md.",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
    answer = _packed(request, found, "text/html; charset=utf-8")
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "no-cache"
    answer["Referrer-Policy"] = "same-origin"
    return answer


@require_safe
def asset(request: HttpRequest, path: str) -> HttpResponse:
    """A file of the app. Its name changes with its content, so browsers keep it."""
    found = _file(BUILT / "app", path)
    if found is None:
        raise Http404(path)
    answer = _packed(request, found, mimetypes.guess_type(path)[0] or "application/octet-stream")
    answer["Cache-Control"] = _FOREVER if "-" in path else "public, max-age=3600"
    return answer


@lru_cache(maxsize=512)
def _read(path: Path, changed: int) -> tuple[bytes, bytes | None]:
    """A file as it is, and packed where that is worth it."""
    content = path.read_bytes()
    packs = len(content) > _SMALL and path.suffix not in (".woff2", ".png")
    return content, gzip.compress(content, 9, mtime=0) if packs else None


def _file(folder: Path, name: str) -> tuple[bytes, bytes | None] | None:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        return None
    return _read(path, path.stat().st_mtime_ns)


def _packed(request: HttpRequest, found: tuple[bytes, bytes | None], kind: str) -> HttpResponse:
    content, packed = found
    takes = packed is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(packed if takes else content, content_type=kind)
    if takes:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
