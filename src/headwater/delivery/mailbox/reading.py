"""A received message as people see it: who, what, when, its HTML and text, its links and its attachments.

Pure: bytes in, plain data out. Whatever arrives is readable somehow: broken mail never raises.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
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


def _decoded(value: str) -> str:
    """A header's value as people read it. What does not decode is shown as it came."""
    value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    value = re.sub(r"\r?\n[ \t]*", " ", value).strip()
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):  # no such charset, or not even a name
        text = payload.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


class Reading:
    """One message, taken apart on demand."""

    def __init__(self, raw: bytes) -> None:
        # The old policy: the newer one raises on some of what strangers write, and takes three times as long.
        self._message = email.message_from_bytes(raw)

    @cached_property
    def _leaves(self) -> list[Message]:
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

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, _decoded(str(value))) for name, value in self._message.raw_items()]

    def _header(self, name: str) -> str:
        return next((value for found, value in self.headers if found.lower() == name), "")

    @cached_property
    def summary(self) -> Summary:
        words = self.text if self.text is not None else _words(self.html or "")
        return Summary(
            sender=self._header("from"),
            to=self._header("to"),
            subject=self._header("subject"),
            date=self._header("date"),
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
            filename = _decoded(part.get_filename() or "")
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


def _snippet(words: str) -> str:
    """The beginning in words; link targets, which a text part writes out, say nothing to a reader."""
    return " ".join(re.sub(r"<https?://[^>\s]+>", " ", words[:4000]).split())[:180]


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
