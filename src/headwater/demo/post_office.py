"""The way between the mailbox and its readers: what has newly arrived, and what they do with its links, over HTTP.

Many requests at once, in an event loop that runs for as long as a call takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Self

import aiohttp
from yarl import URL

from headwater.demo.letters import Letter
from headwater.demo.reactions import Deed
from headwater.demo.shop_front import NotAccepted

_CONNECTIONS = 12
_MOST_LETTERS = 800
"""Fetched in one go."""
_LOST = (aiohttp.ClientError, TimeoutError)
_METHODS = {Deed.OPEN: "GET", Deed.SCAN: "HEAD", Deed.CLICK: "GET", Deed.UNSUBSCRIBE: "POST"}
_CLIENTS = {Deed.SCAN: "MailScanner/5.4 (link check)"}
_PERSON = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class PostOffice:
    """The local mailbox as a client sees it, and the doors behind the links of its emails. Close it after use."""

    def __init__(self, mailbox_url: str) -> None:
        self._mailbox = mailbox_url.rstrip("/")
        self._runner = asyncio.Runner()
        self._session: aiohttp.ClientSession | None = None
        self._last: int | None = None

    def close(self) -> None:
        if self._session is not None:
            self._runner.run(self._session.close())
        self._runner.close()

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def arrived(self) -> list[Letter]:
        """What has come since the last call, oldest first; nothing at the first, or while the mailbox is away."""
        try:
            return self._runner.run(self._arrived())
        except _LOST:
            return []

    async def _arrived(self) -> list[Letter]:
        newest = await self._newest()
        if self._last is None or newest <= self._last:
            self._last = newest if self._last is None else self._last
            return []
        numbers = range(self._last + 1, min(newest, self._last + _MOST_LETTERS) + 1)
        found = await asyncio.gather(*(self._source(number) for number in numbers))
        self._last = numbers[-1]
        return [Letter(raw) for raw in found if raw is not None]

    async def _newest(self) -> int:
        async with self._http().get(f"{self._mailbox}/api/messages", params={"limit": 1}) as answer:
            answer.raise_for_status()
            messages = (await answer.json())["messages"]
        return int(messages[0]["id"]) if messages else 0

    async def _source(self, number: int) -> bytes | None:
        async with self._http().get(f"{self._mailbox}/api/messages/{number}/source") as answer:
            return await answer.read() if answer.status == HTTPStatus.OK else None  # somebody has deleted it

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
