"""Liquid's tokens in a source, before any parsing: finding them, and spelling out the product's own tags.

Tags such as `{% unsubscribe 'text' %}` are short for plain Liquid and HTML; they are spelled out here, once, so that
link rewriting, the text part, the checks and the compiler all see ordinary content.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Literal

from headwater.content.errors import TemplateError

Kind = Literal["html", "text"]

TOKEN = re.compile(
    r"\{%-?\s*(?P<block>raw|comment|doc)\s*-?%\}.*?\{%-?\s*end(?P=block)\s*-?%\}"
    r"|\{\{(?P<output>.*?)\}\}"
    r"|\{%-?\s*(?P<tag>\w+|#)(?P<arguments>.*?)-?%\}",
    re.DOTALL,
)
_QUOTED = re.compile(r"""^\s*(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)")?\s*$""")
_COUPON_NAME = re.compile(r"[\w .&+-]{1,100}")


def line_of(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1


def each(source: str) -> Iterator[re.Match[str]]:
    return TOKEN.finditer(source)


def spell_out(source: str, kind: Kind) -> str:
    """The source with the product's own tags written as plain Liquid and HTML; line numbers stay."""

    def one(match: re.Match[str]) -> str:
        expand = _TAGS.get(match["tag"] or "")
        if expand is None:
            return match[0]
        quoted = _QUOTED.match(match["arguments"])
        if quoted is None:
            raise TemplateError(
                f"{match[0]} cannot be read: write {{% {match['tag']} 'text' %}}.", line=line_of(source, match.start())
            )
        argument = next((part for part in (quoted["single"], quoted["double"]) if part is not None), None)
        try:
            expanded = expand(argument, kind)
        except TemplateError as problem:
            problem.line = line_of(source, match.start())
            raise
        return expanded + "\n" * match[0].count("\n")

    return TOKEN.sub(one, source)


def coupon_names(source: str) -> frozenset[str]:
    """The coupons that a source shows by `{% coupon_code 'NAME' %}`."""
    names = set()
    for match in each(source):
        if match["tag"] == "coupon_code":
            quoted = _QUOTED.match(match["arguments"])
            if quoted and (quoted["single"] or quoted["double"]):
                names.add(quoted["single"] or quoted["double"])
    return frozenset(names)


def _link(words: str, variable: str, kind: Kind) -> str:
    if kind == "html":
        return f'<a href="{{{{ {variable} }}}}" style="color:inherit;text-decoration:underline;">{escape(words)}</a>'
    return f"{words}: {{{{ {variable} }}}}"


def _coupon(name: str | None, kind: Kind) -> str:
    if not name or not _COUPON_NAME.fullmatch(name):
        raise TemplateError("coupon_code needs the coupon's name: {% coupon_code 'NAME' %}.")
    return f'{{{{ coupons["{name}"].code | coupon_code: "{name}" }}}}'


def _today(pattern: str | None, kind: Kind) -> str:
    return f'{{{{ "now" | date: "{(pattern or "%B %-d, %Y").replace(chr(34), "")}" }}}}'


_TAGS: dict[str, Callable[[str | None, Kind], str]] = {
    "unsubscribe": lambda words, kind: _link(words or "Unsubscribe", "unsubscribe_link", kind),
    "unsubscribe_link": lambda words, kind: "{{ unsubscribe_link }}",
    "manage_preferences": lambda words, kind: _link(words or "Preferences", "preferences_link", kind),
    "manage_preferences_link": lambda words, kind: "{{ preferences_link }}",
    "web_view": lambda words, kind: _link(words or "View in browser", "web_view_link", kind),
    "web_view_link": lambda words, kind: "{{ web_view_link }}",
    "current_year": lambda words, kind: "{{ current_year }}",
    "today": _today,
    "coupon_code": _coupon,
}
