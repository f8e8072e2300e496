"""A received message as people see it: who, what, when, its HTML and text, its links and its attachments.

Pure: bytes in, plain data out. Whatever arrives is readable somehow: broken mail never raises.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from functools import cached_property
from html.parser import HTMLParser
from typing import cast


@dataclass(frozen=True)
class Summary:
    """What a list of messages shows."""

    sender: str
    to: str
    subject: str
    date: str
    snippet: str


@dataclass(frozen=True)
class Part:
    """An attachment, or an image that the HTML shows."""

    number: int
    filename: str
    content_type: str
    size: int
    content_id: str | None


def _parse(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def _header(message: EmailMessage, name: str) -> str:
    """A header's decoded value; '' when there is none or it can't be read at all."""
    try:
        return str(message.get(name, "")).strip()
    except Exception:  # the parser trips over some of what spammers and fuzzers write
        return ""


def _content(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace").replace("\r\n", "\n")
    except LookupError:
        return payload.decode("utf-8", "replace").replace("\r\n", "\n")


class Reading:
    """One message, taken apart on demand."""

    def __init__(self, raw: bytes) -> None:
        self._message = _parse(raw)

    @cached_property
    def _leaves(self) -> list[EmailMessage]:
        return [part for part in self._message.walk() if not part.is_multipart()]

    def _body(self, content_type: str) -> str | None:
        for part in self._leaves:
            if part.get_content_type() == content_type and part.get_content_disposition() != "attachment":
                return _content(part)
        return None

    @cached_property
    def html(self) -> str | None:
        return self._body("text/html")

    @cached_property
    def text(self) -> str | None:
        return self._body("text/plain")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, _header_text(value)) for name, value in self._message.items()]

    @cached_property
    def summary(self) -> Summary:
        words = self.text if self.text is not None else _words(self.html or "")
        return Summary(
            sender=_header(self._message, "From"),
            to=_header(self._message, "To"),
            subject=_header(self._message, "Subject"),
            date=_header(self._message, "Date"),
            snippet=_snippet(words),
        )

    @property
    def search_text(self) -> str:
        """What a search looks through, case folded."""
        summary = self.summary
        words = self.text if self.text is not None else _words(self.html or "")
        return "\n".join((summary.subject, summary.sender, summary.to, words)).casefold()

    @cached_property
    def parts(self) -> list[Part]:
        found = []
        for number, part in enumerate(self._leaves):
            filename = part.get_filename()
            content_id = str(part.get("Content-ID", "")).strip().strip("<>") or None
            if filename or content_id or part.get_content_disposition() == "attachment":
                size = len(cast(bytes, part.get_payload(decode=True)) or b"")
                found.append(
                    Part(number, filename or f"part-{number}", part.get_content_type(), size, content_id),
                )
        return found

    def part(self, number: int) -> tuple[Part, bytes] | None:
        for part in self.parts:
            if part.number == number:
                return part, cast(bytes, self._leaves[number].get_payload(decode=True)) or b""
        return None

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """(address, words) of each link, in order: of the HTML, else the addresses in the text."""
        if self.html is not None:
            return _Links.of(self.html)
        return [(url.rstrip(".,;:!?)"), "") for url in re.findall(r"https?://[^\s<>\"]+", self.text or "")]


def recipients_of(raw: bytes) -> tuple[str, list[str]]:
    """Envelope sender and recipients, from the trace headers that `traced` put on top."""
    sender, recipients = "", []
    for line in raw[:65536].split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name == b"Return-Path":
            sender = value.decode("utf-8", "replace").strip("<>")
        elif name == b"Delivered-To":
            recipients.append(value.decode("utf-8", "replace"))
        else:
            break
    return sender, recipients


def traced(raw: bytes, sender: str, recipients: list[str]) -> bytes:
    """The message with its envelope on top, as final delivery writes it (RFC 5321 4.4)."""
    lines = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients)]
    return "".join(line.replace("\r", "").replace("\n", "") + "\r\n" for line in lines).encode() + raw


def addresses_in(header: str) -> Iterator[str]:
    """The bare addresses of a From or To header."""
    for match in re.finditer(r"[^\s<>,;\"]+@[^\s<>,;\"]+", header):
        yield match.group().casefold()


def for_frame(html: str, part_url: str, parts: list[Part]) -> str:
    """The HTML as the page's frame shows it: links open in a new tab, embedded images come from us."""
    for part in parts:
        if part.content_id:
            html = html.replace(f"cid:{part.content_id}", f"{part_url}/{part.number}")
    base = '<base target="_blank">'
    head = re.search(r"<head\b[^>]*>", html, re.IGNORECASE)
    if head is not None:
        return html[: head.end()] + base + html[head.end() :]
    doctype = re.match(r"\s*<!doctype[^>]*>", html, re.IGNORECASE)
    at = doctype.end() if doctype else 0
    return html[:at] + base + html[at:]


def _header_text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return "(can't be read)"


def _snippet(words: str) -> str:
    return " ".join(words[:2000].split())[:180]


class _Words(HTMLParser):
    """The visible words of HTML, well enough for a search."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script", "title") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


def _words(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    return " ".join(" ".join(parser.words).split())


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self._open: str | None = None
        self._words: list[str] = []

    @staticmethod
    def of(html: str) -> list[tuple[str, str]]:
        parser = _Links()
        parser.feed(html)
        parser._finish()
        return parser.links

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("a", "area") and found.get("href"):
            self._finish()
            self._open = found["href"]
        elif tag == "img" and self._open is not None and found.get("alt"):
            self._words.append(found["alt"] or "")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._finish()

    def _finish(self) -> None:
        if self._open is not None:
            self.links.append((self._open, " ".join(" ".join(self._words).split())))
        self._open, self._words = None, []
