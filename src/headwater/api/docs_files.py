"""The scripts and styles of the API's own docs page, which come with an installed package."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def static(request: HttpRequest, path: str) -> HttpResponse:
    """Found by Django's own finders."""
    found = finders.find(path)
    if not isinstance(found, str):
        raise Http404(path)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    answer = HttpResponse(Path(found).read_bytes(), content_type=kind)
    answer["Cache-Control"] = "public, max-age=86400"
    return answer
