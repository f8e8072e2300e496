"""The way between the mailbox and its readers: what has newly arrived, and what they do with its links, over HTTP.

Many requests at once, in an event loop that runs for as long as a call takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import aiohttp
from yarl import URL

from headwater.delivery.mailbox.store import numbers_in, path_of
from headwater.demo.letters import Letter
from headwater.demo.reactions import Deed
from headwater.demo.shop_front import NotAccepted

_CONNECTIONS = 12
_MOST_LETTERS = 400
"""Read in one go."""
_LOST = (aiohttp.ClientError, TimeoutError)
_METHODS = {Deed.OPEN: "GET", Deed.SCAN: "HEAD", Deed.CLICK: "GET", Deed.UNSUBSCRIBE: "POST"}
_CLIENTS = {Deed.SCAN: "MailScanner/5.4 (link check)"}
_PERSON = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class PostOffice:
    """The local mailbox's messages, and the doors behind the links of its emails. Close it after use.

    It reads the files that the mailbox keeps: asking its page would take time from the mail that it receives.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._last = max(numbers_in(directory), default=0)
        self._runner = asyncio.Runner()
        self._session: aiohttp.ClientSession | None = None

    def close(self) -> None:
        if self._session is not None:
            self._runner.run(self._session.close())
        self._runner.close()

    def arrived(self) -> list[Letter]:
        """What has come since the last call, oldest first; a part of it, when it is much."""
        found = []
        for number in [one for one in numbers_in(self._directory) if one > self._last][:_MOST_LETTERS]:
            self._last = number
            with suppress(FileNotFoundError):  # somebody has just deleted it
                found.append(Letter(path_of(self._directory, number).read_bytes()))
        return found

    # ── answering ───────────────────────────────────────────────────────────────────────────────────────────────────
    def follow(self, deeds: Sequence[tuple[Deed, str]]) -> list[bool]:
        """Do these with these addresses; which of them got an answer. Raises NotAccepted for one that is refused."""
        return self._runner.run(self._follow(deeds))

    async def _follow(self, deeds: Sequence[tuple[Deed, str]]) -> list[bool]:
        return list(await asyncio.gather(*(self._do(deed, url) for deed, url in deeds)))

    async def _do(self, deed: Deed, url: str) -> bool:
        data = _ONE_CLICK if deed is Deed.UNSUBSCRIBE else None
        headers = {"User-Agent": _CLIENTS.get(deed, _PERSON)}
        # As the email has it: nothing is quoted again. The shop behind a link is made up, so nobody goes there.
        address = URL(url, encoded=True)
        try:
            async with self._http().request(
                _METHODS[deed], address, data=data, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
        except _LOST:
            return False
        if 400 <= answer.status < 500:
            raise NotAccepted(f"{url} answered {answer.status}.")
        return answer.status < 400

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                timeout=aiohttp.ClientTimeout(total=60, sock_connect=5),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
