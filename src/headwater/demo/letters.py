"""An email as its reader's mail program sees it: to whom, about what, its pixel, its links, its way out. Pure.

Nothing is known of it but what arrived: whoever answers it, answers through the links that it carries.
"""

from __future__ import annotations

import html
import re
from functools import cached_property

from headwater.catalog.issuing import ALPHABET, LENGTH
from headwater.delivery.mailbox.reading import Reading

_CODE = re.compile(rf"\b[A-Z][A-Z0-9]{{1,20}}-[{ALPHABET}]{{{LENGTH}}}\b")


class Letter:
    """One delivered email. Its parts are read when somebody looks at them: most are never opened."""

    def __init__(self, raw: bytes) -> None:
        self._reading = Reading(raw)

    @cached_property
    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self._reading.headers)}

    @property
    def to(self) -> str:
        """Whom it was delivered to."""
        return self._headers.get("delivered-to", "").lower()

    @property
    def subject(self) -> str:
        return self._headers.get("subject", "")

    @property
    def unsubscribe(self) -> str | None:
        """The address that the button beside the sender's name posts to (RFC 8058)."""
        if "list-unsubscribe-post" not in self._headers:
            return None
        found = re.search(r"<(https?://[^>]+)>", self._headers.get("list-unsubscribe", ""))
        return found[1] if found else None

    @cached_property
    def code(self) -> str | None:
        """The coupon code that the reader was given, if there is one to read."""
        found = _CODE.search(self._reading.text or "")
        return found[0] if found else None

    @cached_property
    def pixel(self) -> str | None:
        """The image that tells of an opening."""
        return next(iter(self._addresses(r"""<img\b[^>]*?\ssrc=["'](https?://[^"']+/o/[^"']+)["']""")), None)

    @cached_property
    def links(self) -> tuple[str, ...]:
        """The tracked links, each once; those that lead to a product, if there are any."""
        every = tuple(dict.fromkeys(self._addresses(r"""<a\b[^>]*?\shref=["'](https?://[^"']+/c/[^"']+)["']""")))
        return tuple(link for link in every if "/products/" in link) or every

    def _addresses(self, pattern: str) -> list[str]:
        return [html.unescape(found) for found in re.findall(pattern, self._reading.html or "", re.IGNORECASE)]


def product_of(link: str) -> str | None:
    """The product that a link leads to."""
    found = re.search(r"/products/(\w+)", link)
    return found[1] if found else None
