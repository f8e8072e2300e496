"""Emails as files: MJML (or HTML) with a head of YAML between lines of dashes, and, if wanted, a text part beside it.

---
subject: Still thinking about {{ item.title }}?
preview_text: It is waiting for you.
data: {coupon: BROWSE10}
---
<mjml>…

With `layout: shop` in the head, only the sections follow it; the rest comes from the layout of that name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from headwater.content import layouts
from headwater.content.document import Document, needs
from headwater.content.errors import TemplateError

_KNOWN = frozenset({"subject", "preview_text", "data", "text", "layout"})


def read(path: Path) -> Document:
    """The document in a file. Raises TemplateError, OSError.

    `welcome.txt` beside `welcome.mjml` is its text part. A layout stands beside the email, or in the folder `layouts`
    beside the email's folder.
    """
    beside = path.with_suffix(".txt")
    text = beside.read_text("utf-8") if beside.is_file() else None
    source = path.read_text("utf-8")
    name = layout_name(source)
    return parse(source, text=text, layout=_layout(path, name) if name else None)


def parse(source: str, *, text: str | None = None, layout: str | None = None) -> Document:
    """The document in a source. Raises TemplateError, its line that of the whole source.

    `layout` is the text of the layout that the head names, as `layout_name` tells; without one there it is not used.
    """
    head, body, offset = _split(source)
    settings = _settings(head)
    unknown = set(settings) - _KNOWN
    if unknown:
        raise TemplateError(f"The head of the email has no setting “{min(unknown)}”.")
    subject = settings.get("subject")
    if not isinstance(subject, str) or not subject.strip():
        raise TemplateError("The head of the email needs a subject.")
    own_text = settings.get("text", text)
    data = settings.get("data") or {}
    if not isinstance(data, dict):
        raise TemplateError("“data” must be a group of settings.", field="data")
    name = _layout_name(settings)
    document = Document(
        subject=subject.strip(),
        mjml=body if name else "\n" * offset + body,
        preview_text=str(settings.get("preview_text") or "").strip(),
        text=str(own_text) if own_text is not None else None,
        data=data,
    )
    needs(document)
    if name is None:
        return document
    if layout is None:
        raise TemplateError(f"The email is written for the layout {name}, whose text was not given.")
    return layouts.wrap(layouts.parse(name, layout), document, offset)


def layout_name(source: str) -> str | None:
    """The layout that the head of an email names, if any. Raises TemplateError."""
    head, _, _ = _split(source)
    return _layout_name(_settings(head))


def _split(source: str) -> tuple[str, str, int]:
    """Head, body, and how many lines stand before the body."""
    lines = source.lstrip("\ufeff").splitlines(keepends=True)
    if not lines or lines[0].rstrip() != "---":
        raise TemplateError(
            "An email file starts with its head: a line of three dashes, settings, three dashes.", line=1
        )
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return "".join(lines[1:number]), "".join(lines[number + 1 :]), number + 1
    raise TemplateError("The head of the email does not end: it needs a second line of three dashes.", line=1)


def _settings(head: str) -> dict[str, Any]:
    try:
        settings = yaml.safe_load(head) or {}
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        reason = getattr(problem, "problem", None) or "not YAML"
        raise TemplateError(
            f"The head of the email cannot be read: {reason}.", line=mark.line + 2 if mark else None
        ) from None
    if not isinstance(settings, dict):
        raise TemplateError("The head of the email must be a group of settings.", line=2)
    return settings


def _layout_name(settings: dict[str, Any]) -> str | None:
    name = settings.get("layout")
    return None if name is None else layouts.check_name(name)


def _layout(path: Path, name: str) -> str:
    for folder in (path.parent, path.parent.parent / "layouts"):
        file = folder / f"{name}.mjml"
        if file.is_file():
            return file.read_text("utf-8")
    raise TemplateError(f"There is no layout {name}.")
