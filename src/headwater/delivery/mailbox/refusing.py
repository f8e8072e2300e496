"""Addresses that the mailbox turns away, as servers do for accounts that are gone or full: a file beside its messages.

One address a line and the reply, such as `ada@example.com 550 5.1.1 No such user`. It may change while the mailbox
runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_FILE = "refused.txt"
_LINE = re.compile(r"(?P<address>\S+@\S+) (?P<reply>[45]\d\d [\x20-\x7e]{1,400})")


def write(directory: Path, replies: Mapping[str, str]) -> None:
    """From now on these addresses are answered so, and no others. Raises ValueError for what is no such reply."""
    lines = [f"{address.lower()} {reply}" for address, reply in replies.items()]
    for line in lines:
        if not _LINE.fullmatch(line):
            raise ValueError(f"“{line}” is not an address and an SMTP reply that refuses.")
    directory.mkdir(parents=True, exist_ok=True)
    partial = directory / f"{_FILE}.part"
    partial.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    partial.rename(directory / _FILE)


class Refusals:
    """What stands in the file now: it is read again when it has changed."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _FILE
        self._seen: tuple[int, int] | None = None
        self._replies: dict[str, str] = {}

    def reply(self, address: str) -> str | None:
        """What to answer instead of taking mail for the address."""
        self._renew()
        return self._replies.get(address.lower())

    def _renew(self) -> None:
        try:
            about = self._path.stat()
        except FileNotFoundError:
            self._seen, self._replies = None, {}
            return
        if self._seen != (about.st_mtime_ns, about.st_ino):
            found = map(_LINE.fullmatch, self._path.read_text("utf-8", "replace").splitlines())
            self._replies = {line["address"].lower(): line["reply"] for line in found if line is not None}
            self._seen = (about.st_mtime_ns, about.st_ino)
