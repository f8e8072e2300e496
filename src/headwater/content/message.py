"""One person's copy of an email: the compiled document filled in and put on the wire as a whole MIME message.

HTML goes as 7-bit ASCII with character references, the text part as 7-bit or base64; both are CRLF, dot-stuffed, and
without a line over 998. The rare message that does not fit goes as quoted-printable.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from math import ceil
from typing import Any

import pybase64

from headwater.content import headers
from headwater.content.errors import RenderError
from headwater.content.links import LinkTable, tracker
from headwater.content.liquid.dates import Moment
from headwater.content.liquid.program import Frame, Program
from headwater.content.liquid.writing import escape_html
from headwater.core.signing import message_token

MAX_LINE = 998
_NOINDEX = '<meta name="robots" content="noindex, nofollow">'
_IN_YOUR_EMAIL = "unsubscribe-link-is-in-your-email"
_FORWARDED = (
    f'<p id="{_IN_YOUR_EMAIL}" style="font:12px sans-serif;text-align:center;color:#6b6b6b;">'
    "To unsubscribe or choose what you get, use the links in the email that was sent to you.</p>"
)


@dataclass(frozen=True, slots=True)
class Tracking:
    """What is measured in an email."""

    opens: bool = True
    clicks: bool = True


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a message goes from and to, and what its links and headers need. `utm` labels its links."""

    workspace_id: int
    message_id: int
    profile_id: int
    to_email: str
    to_name: str
    from_name: str
    from_email: str
    reply_to: str
    date: datetime
    base_url: str
    utm: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    transactional: bool = False
    feedback_id: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The message for SMTP's DATA: CRLF, dot-stuffed, without the final CRLF.CRLF."""

    chunks: tuple[bytes, ...]
    size: int
    unsubscribable: bool
    """Its HTML shows the link by which this person unsubscribes."""


@dataclass(frozen=True)
class CompiledEmail:
    """A document made ready once; `render` fills it in for each person."""

    subject: Program
    body: Program
    text: Program
    links: LinkTable
    tracking: Tracking
    wide: bool
    """Its HTML cannot be ASCII; every message goes as quoted-printable."""
    static_size: int
    """Bytes of HTML that are the same for everyone, links included."""
    shows_web_view: bool

    def render(self, context: Mapping[str, Any], envelope: Envelope) -> Rendered:
        """The whole message. Raises RenderError."""
        context = _counted_down(context, envelope.date)
        ids = (envelope.workspace_id, envelope.message_id, envelope.profile_id)
        base = envelope.base_url
        moment = _moment(context, envelope)
        way_out = message_token("unsubscribe", *ids)
        unsubscribe, preferences = f"{base}/u/{way_out}", f"{base}/preferences/{way_out}"
        view = f"{base}/w/{message_token('view', *ids)}" if self.shows_web_view else ""
        pixel = _pixel(f"{base}/o/{message_token('open', *ids)}.gif") if self.tracking.opens else ""
        links = self.links.labelled(envelope.utm)
        if self.tracking.clicks:
            click = f"{base}/c/{message_token('click', *ids)}"
            in_html = in_text = links.tails
        else:
            click, in_html, in_text = "", links.plain_html, links.plain_text
        track = tracker(links, click, base, escape_html)
        html = self.body.run(context, Frame(moment, unsubscribe, preferences, view, pixel, click, in_html, track))
        track = tracker(links, click, base, str)
        text = self.text.run(context, Frame(moment, unsubscribe, preferences, view, "", click, in_text, track))
        subject = self.subject.run(context, Frame(moment, unsubscribe, preferences, view))
        return _message(envelope, unsubscribe, subject, text, html, self.wide)

    def html(self, context: Mapping[str, Any], envelope: Envelope) -> str:
        """The HTML for the web view: nothing counted, not indexed, and no way out that a forward could use."""
        context = _counted_down(context, envelope.date)
        links = self.links.labelled(envelope.utm)
        own = message_token("view", envelope.workspace_id, envelope.message_id, envelope.profile_id)
        frame = Frame(
            _moment(context, envelope),
            f"#{_IN_YOUR_EMAIL}",
            f"#{_IN_YOUR_EMAIL}",
            f"{envelope.base_url}/w/{own}",
            links=links.plain_html,
            track=tracker(links, "", envelope.base_url, escape_html),
        )
        page = self.body.run(context, frame)
        page = page.replace("<head>", f"<head>{_NOINDEX}", 1)
        head, body_end, tail = page.rpartition("</body>")
        return f"{head}{_FORWARDED}{body_end}{tail}"


def _moment(context: Mapping[str, Any], envelope: Envelope) -> Moment:
    """The person's time zone, else the brand's; prices in the brand's currency."""
    person, brand = context.get("person") or {}, context.get("organization") or {}
    timezone = person.get("timezone") or brand.get("timezone") or "UTC"
    return Moment(envelope.date, timezone, brand.get("currency") or "USD")


def _counted_down(context: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The context with the days that the coupon still has, which only the moment of rendering knows."""
    coupon = context.get("coupon")
    expires = coupon.get("expires_at") if isinstance(coupon, dict) else None
    if not isinstance(coupon, dict) or not isinstance(expires, datetime):
        return context
    return {**context, "coupon": {**coupon, "days_left": max(0, ceil((expires - now) / timedelta(days=1)))}}


def _pixel(address: str) -> str:
    return f'<img src="{escape(address)}" width="1" height="1" alt="" style="display:block;border:0;">'


def _message(envelope: Envelope, unsubscribe: str, subject: str, text: str, html: str, wide: bool) -> Rendered:
    mark = headers.message_hash(envelope.workspace_id, envelope.message_id)
    shown = html.rfind(unsubscribe) >= 0  # from the end: it stands in the footer
    text_part, (encoding, html) = _text_part(text), _html_part(html, wide)
    fixed, domain = _fixed_headers(envelope.from_name, envelope.from_email, envelope.reply_to, envelope.workspace_id)
    head = (
        f"{fixed}{headers.mailbox('To', envelope.to_name, envelope.to_email)}"
        f"{headers.unstructured('Subject', subject)}{headers.date(envelope.date)}"
        f"Message-ID: <{mark}@{domain}>\r\n{_list_headers(envelope, unsubscribe, domain)}"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="=_{mark}"\r\n\r\n'
        f"--=_{mark}\r\nContent-Type: text/plain; {text_part}\r\n--=_{mark}\r\nContent-Type: text/html; {encoding}"
    )
    try:
        chunks = (head.encode("ascii"), html.encode("ascii"), f"\r\n--=_{mark}--".encode("ascii"))
    except UnicodeEncodeError:
        raise RenderError("The message holds characters where only ASCII may be.") from None
    return Rendered(chunks, sum(map(len, chunks)), shown)


@lru_cache(maxsize=256)
def _fixed_headers(from_name: str, from_email: str, reply_to: str, workspace_id: int) -> tuple[str, str]:
    """The sender's headers, and its domain."""
    domain = headers.address(from_email).rpartition("@")[2]
    answer = headers.mailbox("Reply-To", "", reply_to) if reply_to else ""
    name = headers.mailbox("From", from_name, from_email)
    return name + answer, domain


def _list_headers(envelope: Envelope, unsubscribe: str, domain: str) -> str:
    """What marks bulk mail and gives its way out (RFC 2369, 2919, 8058), and the caller's own headers."""
    own = "".join(headers.unstructured(name, value) for name, value in envelope.headers.items())
    feedback = headers.unstructured("Feedback-ID", envelope.feedback_id or f"{envelope.workspace_id}:headwater")
    if envelope.transactional:
        return own + feedback
    return (
        f"{own}{feedback}List-Id: <brand-{envelope.workspace_id}.{domain}>\r\nList-Unsubscribe: <{unsubscribe}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nPrecedence: bulk\r\n"
    )


def _text_part(text: str) -> str:
    while "\r\n\r\n\r\n" in text:
        text = text.replace("\r\n\r\n\r\n", "\r\n\r\n")
    text = text.strip("\r\n") + "\r\n"
    if text.isascii() and fits(text):
        return f"charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n{stuffed(text)}"
    encoded = pybase64.encodebytes(text.encode("utf-8", "replace")).decode("ascii").replace("\n", "\r\n")
    return f"charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}"


def _html_part(html: str, wide: bool) -> tuple[str, str]:
    """The part's own headers, and its content, before the line end that the boundary brings."""
    if not wide and fits(html):
        return "charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", html
    quoted = binascii.b2a_qp(html.encode("utf-8", "replace"), quotetabs=False, istext=True).decode("ascii")
    quoted = stuffed(quoted.replace("\r\n", "\n").replace("\n", "\r\n"))
    return "charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", quoted


def stuffed(text: str) -> str:
    """Lines that start with a dot get another (RFC 5321 §4.5.2)."""
    if text.startswith("."):
        text = "." + text
    return text.replace("\n.", "\n..") if "\n." in text else text


def fits(text: str) -> bool:
    """Whether no line is over the limit: a look back from each limit, not a walk over every character."""
    start, length = 0, len(text)
    while length - start > MAX_LINE:
        end = text.rfind("\n", start, start + MAX_LINE + 2)
        if end < 0:
            return False
        start = end + 1
    return True
