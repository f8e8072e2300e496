"""A document becomes a CompiledEmail, once a version: MJML to HTML, links found, lines folded, text part derived.

`lint()` says what would make it unfit to send; `compile()` refuses only what cannot be rendered.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal

from headwater.content import footer, lines, links, mjml, page, plaintext
from headwater.content.document import Document, needs
from headwater.content.errors import TemplateError
from headwater.content.liquid import program, syntax, tokens
from headwater.content.message import CompiledEmail, Envelope, Rendered, Tracking
from headwater.content.placeholders import MARK, Placeholders

__all__ = ["CompiledEmail", "Envelope", "Problem", "Rendered", "Tracking", "compile", "lint"]

WARN_BYTES = 90_000
MAX_BYTES = 102_400
"""Gmail clips what is longer, and with it the unsubscribe link."""
_LINK_BYTES = 90
_PREVIEW_WIDTH = 150
_SCHEMES = '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """Something to put right: an error keeps the email from being saved for sending, a warning does not."""

    level: Literal["error", "warning"]
    message: str
    field: str = "mjml"
    line: int | None = None


def compile(document: Document, *, tracking: Tracking | None = None) -> CompiledEmail:  # noqa: A001  the room's own word
    """The document ready to render. Raises TemplateError."""
    tracking = tracking or Tracking()
    needs(document)
    sources = {name: _spelled(name, source) for name, source in document.sources()}
    placeholders = Placeholders()
    html_page, preview = _page(sources["mjml"], placeholders)
    html_page, targets = links.rewrite(html_page, placeholders)
    if "text" in sources:
        text = _own_text(sources["text"], targets)
    else:
        text = placeholders.show(plaintext.derive(html_page, placeholders))
    preview = placeholders.hide(_as_html(sources["preview_text"])) if sources["preview_text"].strip() else preview
    html_page = _dressed(html_page, preview)
    wide = _wide(html_page, placeholders)
    folded = placeholders.show(lines.fold(html_page, placeholders))
    subject = " ".join(sources["subject"].split())
    mode: Literal["html", "wide"] = "wide" if wide else "html"
    return CompiledEmail(
        subject=_program("subject", subject, "line"),
        body=_program("mjml", folded, mode),
        text=_program("text", text, "text"),
        links=links.LinkTable(targets),
        tracking=tracking,
        wide=wide,
        static_size=_static_size(folded),
        shows_web_view=any("web_view_link" in source for source in (folded, text, subject)),
    )


def lint(document: Document) -> list[Problem]:
    """What is wrong with a document as marketing email, worst first."""
    try:
        compiled = compile(document)
        spelled = {name: _spelled(name, source) for name, source in document.sources()}
    except TemplateError as problem:
        return [Problem("error", problem.message, problem.field or "mjml", problem.line)]
    problems = []
    if not document.subject.strip():
        problems.append(Problem("error", "The email has no subject.", "subject"))
    for name in ("mjml", "text") if document.text is not None else ("mjml",):
        source = spelled[name]
        has_footer = footer.TAG.search(source) or footer.INCLUDE.search(source)
        if not has_footer and "unsubscribe_link" not in _outputs(source):
            message = "There is no unsubscribe link. Add {% footer %} or {% unsubscribe %}."
            problems.append(Problem("error", message, name))
        if not has_footer and "organization.full_address" not in _outputs(source):
            message = "There is no postal address. Add {% footer %} or {{ organization.full_address }}."
            problems.append(Problem("error", message, name))
    if compiled.static_size >= MAX_BYTES:
        message = f"The email is {compiled.static_size:,} bytes before it is filled in; Gmail cuts it at {MAX_BYTES:,}."
        problems.append(Problem("error", message))
    elif compiled.static_size >= WARN_BYTES:
        message = f"The email is {compiled.static_size:,} bytes before it is filled in; Gmail cuts it at {MAX_BYTES:,}."
        problems.append(Problem("warning", message))
    return problems


def _spelled(name: str, source: str) -> str:
    """The source with the product's tags spelled out, its syntax checked where its line numbers are still true."""
    try:
        spelled = tokens.spell_out(source, "html" if name == "mjml" else "text")
        syntax.parse(footer.TAG.sub("", spelled))
    except TemplateError as problem:
        raise (_unclosed(source, problem) or problem).within(name) from None
    return spelled


def _unclosed(source: str, problem: TemplateError) -> TemplateError | None:
    """An output that swallows others up to a later }} is what is wrong, wherever the parser noticed it."""
    for token in tokens.each(source):
        if token["output"] is not None and ("{{" in token["output"] or "{%" in token["output"]):
            line = tokens.line_of(source, token.start())
            if problem.line is None or line <= problem.line:
                return TemplateError("This “{{” is never closed: it needs its “}}”.", line=line)
    return None


def _page(source: str, placeholders: Placeholders) -> tuple[str, str]:
    try:
        if mjml.is_mjml(source):
            return mjml.to_html(source, placeholders)
        return page.to_html(source, placeholders), ""
    except TemplateError as problem:
        raise problem.within("mjml") from None


def _own_text(source: str, targets: list[str]) -> str:
    """The author's text part, its web addresses tracked like those of the HTML."""
    source = footer.TAG.sub(footer.TEXT, source)

    def link(match: re.Match[str]) -> str:
        address = match[0].rstrip(".,;:!?)")
        if address not in targets:
            targets.append(address)
        return f"{{% hw_link {targets.index(address)} %}}{match[0][len(address) :]}"

    hidden = Placeholders()
    marked = hidden.hide(source)
    return hidden.show(re.sub(r"https?://[^\s<>\"']+(?![^\s]*zhw)", link, marked))


def _as_html(text: str) -> str:
    """Plain text as HTML, its Liquid untouched."""
    hidden = Placeholders()
    return hidden.show(html.escape(hidden.hide(text), quote=False))


def _dressed(html_page: str, preview: str) -> str:
    """Colour scheme in the head; open pixel and preview text first in the body."""
    if 'name="color-scheme"' not in html_page:
        html_page = _HEAD.sub(lambda head: head[0] + _SCHEMES, html_page, count=1)
    hidden = ""
    if preview:
        padding = "&#847;&zwnj;&nbsp; " * (max(0, _PREVIEW_WIDTH - len(MARK.sub("x" * 10, preview))) // 2)
        hidden = f'<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">{preview}{padding}</div>'
    return _BODY.sub(lambda body: f"{body[0]}{{{{ hw_pixel }}}}{hidden}", html_page, count=1)


def _wide(html_page: str, placeholders: Placeholders) -> bool:
    """Whether data is written inside <style>, where character references mean nothing."""
    return any(
        placeholders.tokens[int(mark[1])].startswith("{{")
        for style in _STYLE.finditer(html_page)
        for mark in MARK.finditer(style[1])
    )


def _outputs(source: str) -> str:
    """What the source writes: its output tokens, spaces tidied."""
    return " ".join("".join((match["output"] or "").split()) for match in tokens.each(source) if match["output"])


def _static_size(source: str) -> int:
    """Bytes of the HTML as sent, without what Liquid writes: with links at their usual length."""
    count = sum(1 for match in tokens.each(source) if match["tag"] in ("hw_link", "hw_url"))
    static = tokens.TOKEN.sub("", source)
    return len(static.encode("ascii", "xmlcharrefreplace")) + static.count("\n") + count * _LINK_BYTES


def _program(name: str, source: str, mode: Literal["html", "wide", "text", "line"]) -> program.Program:
    try:
        return program.build(source, mode, inner_tags=True)
    except TemplateError as problem:
        raise problem.within(name) from None
