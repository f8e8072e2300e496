"""Where the mailbox keeps its messages: one file each, the newest few thousand, with an index in memory.

Safe for several threads. A message is understood only when somebody looks at it, so receiving stays cheap.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headwater.delivery.mailbox.reading import Reading, Summary, addresses_in, recipients_of, traced

KEEP = 5000
"""Messages kept; the oldest make room."""


@dataclass(slots=True)
class Entry:
    """One message in the index."""

    id: int
    sender: str
    """Envelope sender and recipients: who it really went to, whatever its headers say."""
    recipients: list[str]
    size: int
    received_at: float
    summary: Summary | None = None
    search_text: str | None = None
    addresses: frozenset[str] = field(default_factory=frozenset)


def numbers_in(directory: Path) -> list[int]:
    """The ids of the messages that are kept there, oldest first."""
    return sorted(int(path.stem) for path in directory.glob("*.eml") if path.stem.isdigit())


def path_of(directory: Path, number: int) -> Path:
    """Where a message is kept, as it came, under its envelope's trace headers. It is whole as soon as it is there."""
    return directory / f"{number:010d}.eml"


class Store:
    """The messages under one directory."""

    def __init__(self, directory: Path, keep: int = KEEP) -> None:
        self._directory = directory
        self._keep = keep
        self._lock = threading.Lock()
        self._changes = 0
        self._session = secrets.token_hex(4)
        directory.mkdir(parents=True, exist_ok=True)
        self._entries: dict[int, Entry] = {}
        for number in numbers_in(directory):
            entry = self._read_entry(number)
            if entry is not None:
                self._entries[number] = entry
        self._last = max(self._entries, default=0)
        self._make_room()

    @property
    def version(self) -> str:
        """Changes whenever the mailbox does: lets a page ask cheaply whether to look again."""
        return f"{self._session}-{self._changes}"

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, raw: bytes, sender: str, recipients: list[str]) -> int:
        """Keep a message; its id. It is on disk, or this raises OSError."""
        stored = traced(raw, sender, recipients)
        with self._lock:
            self._last += 1
            number = self._last
        partial = self._directory / f"{number}.part"
        partial.write_bytes(stored)
        partial.rename(self._path(number))
        with self._lock:
            self._entries[number] = Entry(number, sender, recipients, len(raw), time.time())
            self._changes += 1
            self._make_room()
        return number

    def newest(
        self, limit: int, before: int | None = None, to: str | None = None, words: str | None = None
    ) -> tuple[list[Entry], bool]:
        """Up to `limit` entries, newest first, and whether there are more.

        `to` is an address, or a part of one; `words` must all occur in subject, addresses or text.
        """
        wanted = (words or "").casefold().split()
        found: list[Entry] = []
        for entry in self._from(before):
            if to and not _goes_to(entry, to.casefold()):
                continue
            self._understand(entry)
            if not all(word in (entry.search_text or "") for word in wanted):
                continue
            if len(found) == limit:
                return found, True
            found.append(entry)
        return found, False

    def entry(self, number: int) -> Entry | None:
        entry = self._entries.get(number)
        if entry is not None:
            self._understand(entry)
        return entry

    def source(self, number: int) -> bytes | None:
        """The message as it is kept: as it came, under its envelope's trace headers."""
        if number not in self._entries:
            return None
        try:
            return self._path(number).read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, number: int) -> bool:
        with self._lock:
            known = self._entries.pop(number, None) is not None
            self._changes += known
        if known:
            self._path(number).unlink(missing_ok=True)
        return known

    def clear(self) -> int:
        """Delete everything; how many there were."""
        with self._lock:
            gone = list(self._entries)
            self._entries.clear()
            self._changes += 1
        for number in gone:
            self._path(number).unlink(missing_ok=True)
        return len(gone)

    def _path(self, number: int) -> Path:
        return path_of(self._directory, number)

    def _from(self, before: int | None) -> Iterator[Entry]:
        with self._lock:
            entries = list(self._entries.values())
        entries.sort(key=lambda entry: entry.id, reverse=True)
        return (entry for entry in entries if before is None or entry.id < before)

    def _understand(self, entry: Entry) -> None:
        """Fill in what the message itself says. Two threads may do it at once; they write the same."""
        if entry.summary is not None:
            return
        reading = Reading(self.source(entry.id) or b"")
        entry.search_text = reading.search_text + "\n" + "\n".join(entry.recipients).casefold()
        entry.addresses = frozenset(addresses_in(reading.summary.to))
        entry.summary = reading.summary

    def _read_entry(self, number: int) -> Entry | None:
        path = self._path(number)
        try:
            with path.open("rb") as file:
                sender, recipients = recipients_of(file.read(65536))
                about = os.fstat(file.fileno())
        except OSError:
            return None
        return Entry(number, sender, recipients, about.st_size, about.st_mtime)

    def _make_room(self) -> None:
        while len(self._entries) > self._keep:
            oldest = next(iter(self._entries))
            del self._entries[oldest]
            self._path(oldest).unlink(missing_ok=True)


def _goes_to(entry: Entry, to: str) -> bool:
    """By the envelope; also by the To header once it is known, for mail that was addressed by it alone."""
    recipients = [recipient.casefold() for recipient in entry.recipients]
    if "@" in to.strip("@"):
        return to in recipients or to in entry.addresses
    return any(to in recipient for recipient in recipients)
