"""The links of an email: found once, tracked and labelled (utm_*) for each message at the cost of a join.

A tracked link is {base}/c/{token}/{signature}?u={target}: token by message, the rest by target. What is the same for
everyone is made once for each set of UTM values; what comes from data goes through a bounded cache.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from headwater.content import markup
from headwater.content.errors import TemplateError
from headwater.content.placeholders import MARK, Placeholders
from headwater.core import signing

_HREF = re.compile(r"""(?P<before>\shref\s*=\s*)(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.IGNORECASE)
_OWN = re.compile(r"\{\{-?\s*(unsubscribe_link|preferences_link|web_view_link)\s*-?\}\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNTRACKED = ("mailto:", "tel:", "sms:")
_LINKED = frozenset({"a", "area", "v:roundrect"})
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
_KEPT = ":/?#[]@!$&'()*+,;=%-._~"
_CACHED_URLS = 50_000
_CACHED_LABELS = 64
MAX_URL = 4_000

Labels = tuple[tuple[str, str], ...]


def rewrite(page: str, placeholders: Placeholders) -> tuple[str, list[str]]:
    """The page with each link as an inner tag, and the targets of those that are the same for everyone."""
    targets: list[str] = []

    def link(match: re.Match[str]) -> str:
        value = html.unescape(match["double"] if match["double"] is not None else match["single"]).strip()
        token = _inner_tag(value, targets, placeholders)
        return match[0] if token is None else f'{match["before"]}"{placeholders.add(token)}"'

    out = [
        _HREF.sub(link, piece.text, count=1) if piece.kind == "open" and piece.name in _LINKED else piece.text
        for piece in markup.pieces(page)
    ]
    return "".join(out), targets


def _inner_tag(value: str, targets: list[str], placeholders: Placeholders) -> str | None:
    """The tag that writes this link; None for one that stays as it is."""
    if not value or value.startswith("#") or value.lower().startswith(_UNTRACKED):
        return None
    shown = placeholders.show(value)
    if _OWN.match(shown):
        return None
    if MARK.search(value):
        return f"{{% hw_url %}}{shown}{{% endhw_url %}}"
    target = absolute(value)
    if target is None or target.startswith(_UNTRACKED):
        raise TemplateError(f"The link “{value[:80]}” is not a web address: start it with https://.", field="mjml")
    if target not in targets:
        targets.append(target)
    return f"{{% hw_link {targets.index(target)} %}}"


def absolute(url: str) -> str | None:
    """The address as a browser would follow it from an email; None if it leads nowhere or is not safe to follow."""
    url = _CONTROL.sub(lambda match: "%20" * match[0].count(" "), url.strip())
    if not url or len(url) > MAX_URL:
        return None
    lower = url[:10].lower()
    if lower.startswith(("http://", "https://", *_UNTRACKED)):
        pass
    elif url.startswith("//"):
        url = "https:" + url
    elif url[0] in "/?#." or "." not in url.split("/", 1)[0] or _SCHEME.match(url.split(".", 1)[0]):
        return None
    else:
        url = "https://" + url
    return quote(url, safe=_KEPT)


def labelled(url: str, labels: Labels) -> str:
    """The address with the UTM parameters it does not have yet."""
    if not labels:
        return url
    try:
        parts = urlsplit(url)
        present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:
        return url
    added = urlencode([(name, value) for name, value in labels if name not in present])
    query = f"{parts.query}&{added}" if parts.query and added else parts.query or added
    return urlunsplit(parts._replace(query=query))


def tracked_tail(url: str) -> str:
    """What follows the message's own part in a tracked link."""
    return f"/{signing.link_signature(url)}?u={quote(url, safe='/:@,;!$*')}"


@dataclass
class LinkSet:
    """An email's links under one set of UTM values: the static ones in their three forms, and the cached rest."""

    tails: tuple[str, ...]
    plain_html: tuple[str, ...]
    plain_text: tuple[str, ...]
    labels: Labels
    made: dict[str, str] = field(default_factory=dict)

    def resolve(self, url: str) -> str:
        """The target of a link made from data: "#" where there is none. Remembered."""
        found = self.made.get(url)
        if found is None:
            target = absolute(url)
            if target is None:
                found = "#"
            else:
                found = target if target.startswith(_UNTRACKED) else labelled(target, self.labels)
            if len(self.made) >= _CACHED_URLS:
                self.made.clear()
            self.made[url] = found
        return found


class LinkTable:
    """All of an email's static links, and its link sets by UTM values."""

    def __init__(self, targets: list[str]) -> None:
        self.targets = tuple(targets)
        self._sets: dict[Labels, LinkSet] = {}

    def labelled(self, utm: Mapping[str, str] | None) -> LinkSet:
        labels: Labels = tuple(utm.items()) if utm else ()
        found = self._sets.get(labels)
        if found is None:
            urls = [labelled(target, labels) for target in self.targets]
            found = LinkSet(
                tails=tuple(map(tracked_tail, urls)),
                plain_html=tuple(html.escape(url) for url in urls),
                plain_text=tuple(urls),
                labels=labels,
            )
            if len(self._sets) >= _CACHED_LABELS:
                self._sets.clear()
            self._sets[labels] = found
        return found


def tracker(links: LinkSet, click: str, base_url: str, escape: Callable[[str], str]) -> Callable[[str], str]:
    """What writes a link made from data in one message: tracked if `click` is its click address, plain if it is empty.

    The message's own links (unsubscribe, preferences, web view, confirmation) stay direct.
    """
    tails = _tails
    own = (f"{base_url}/u/", f"{base_url}/preferences/", f"{base_url}/w/", f"{base_url}/confirm/")

    def track(url: str) -> str:
        if not click or url.startswith(own):
            return escape(url if url.startswith(own) else links.resolve(url))
        target = links.resolve(url)
        if target.startswith("http"):
            tail = tails.get(target)
            return click + (tail if tail is not None else _remember(target))
        return escape(target)

    return track


_tails: dict[str, str] = {}


def _remember(target: str) -> str:
    if len(_tails) >= _CACHED_URLS:
        _tails.clear()
    tail = _tails[target] = tracked_tail(target)
    return tail
