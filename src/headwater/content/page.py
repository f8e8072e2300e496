"""A plain HTML document with Liquid: styles inlined, as mail programs need, and made whole when it is a fragment."""

from __future__ import annotations

import re

import css_inline

from headwater.content import footer, markup
from headwater.content.errors import TemplateError
from headwater.content.placeholders import MARK, Placeholders

_WHOLE = re.compile(r"<html[\s>]|<body[\s>]", re.IGNORECASE)
_COMMENTED = re.compile(r"<!--(zhw\d+z)-->")


def to_html(source: str, placeholders: Placeholders) -> str:
    """The HTML page, its Liquid as marks. Raises TemplateError."""
    with_footer = footer.TAG.sub(footer.HTML, source)
    hidden = _sheltered(placeholders.hide(with_footer), placeholders)
    if not _WHOLE.search(hidden):
        hidden = f"<!doctype html><html><head></head><body>{hidden}</body></html>"
    try:
        inlined = css_inline.CSSInliner(
            keep_style_tags=True, load_remote_stylesheets=False, extra_css=None, base_url=None
        ).inline(hidden)
    except css_inline.InlineError as problem:
        raise TemplateError(f"The page's styles cannot be read: {problem}.") from None
    return _COMMENTED.sub(r"\1", inlined)


def _sheltered(source: str, placeholders: Placeholders) -> str:
    """Control tags between elements as comments: a parser would move bare text out of a table."""
    out, inside = [], ""
    for piece in markup.pieces(source):
        text = piece.text
        if piece.kind == "text" and inside not in markup.RAW_TEXT:
            text = MARK.sub(lambda mark: f"<!--{mark[0]}-->" if placeholders.is_tag(mark) else mark[0], text)
        inside = piece.name if piece.kind == "open" else "" if piece.kind == "close" else inside
        out.append(text)
    return "".join(out)
