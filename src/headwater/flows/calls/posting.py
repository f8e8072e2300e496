"""One POST to somebody else's server: signed, patient for ten seconds, and only to addresses that may be called.

A name is resolved here, each address judged, and the connection made to just those; where the socket is made they are
judged once more, whatever road they came by. Redirects are not followed: they would lead past the check.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from headwater import __version__
from headwater.core import destinations
from headwater.core.destinations import Refused
from headwater.flows.calls import outcomes, signing
from headwater.flows.calls.outcomes import Answer

CONNECT, TOTAL = 5.0, 10.0
"""Seconds for a connection, and for everything."""
MOST_READ = 64 * 1024
"""Bytes of an answer that are read, so that a server need not see its connection broken; what it says is ignored."""


@dataclass(frozen=True, slots=True)
class Post:
    """A webhook ready to go."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    secret: str
    delivery_id: str


class Poster:
    """Makes calls over HTTP, a connection each. Open it with `async with`, in the event loop that uses it."""

    def __init__(self, *, private: bool, resolver: AbstractResolver | None = None) -> None:
        """`private`: whether private addresses may be called. `resolver`: instead of the system's."""
        self._private = private
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Poster:
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(self._resolver or aiohttp.ThreadedResolver(), self._private),
            socket_factory=self._socket,
            use_dns_cache=False,
            force_close=True,
            limit=0,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=TOTAL, connect=CONNECT),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": f"Headwater/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        await self._session.close()

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        destinations.check_address(address[0], private=self._private)
        return socket.socket(family, kind, protocol)

    async def post(self, post: Post, wall: datetime) -> Answer:
        """Make the call. Whatever goes wrong is in the answer."""
        try:
            destinations.check_url(post.url, private=self._private)
            return await self._answer(post, wall)
        except Refused as problem:
            return Answer("never", str(problem))
        except aiohttp.InvalidURL:
            return Answer("never", "The URL can't be called.")
        except TimeoutError:
            return _failure("The server did not answer in time.")
        except aiohttp.ClientConnectorDNSError:
            return _failure("The server's name can't be found.")
        except aiohttp.ClientConnectorCertificateError:
            return _failure("The server's certificate is not valid.")
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            return _failure(f"The server can't be reached: {problem or type(problem).__name__}.")

    async def _answer(self, post: Post, wall: datetime) -> Answer:
        assert self._session is not None
        headers = {
            **post.headers,
            signing.DELIVERY: post.delivery_id,
            signing.SIGNATURE: signing.signature(post.secret, post.body, wall),
        }
        if "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = "application/json"
        async with self._session.post(post.url, data=post.body, headers=headers, allow_redirects=False) as response:
            answer = outcomes.of_status(
                response.status, outcomes.retry_after(response.headers.get("Retry-After"), wall)
            )
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):  # it has answered
                left = MOST_READ
                while left > 0 and (chunk := await response.content.read(left)):
                    left -= len(chunk)
            response.close()
            return answer


def _failure(error: str) -> Answer:
    return Answer("again", error, says_of_host="down")


class _CheckedResolver(AbstractResolver):
    """Resolves names, and refuses those of which any address may not be called: no public service has such a one."""

    def __init__(self, inner: AbstractResolver, private: bool) -> None:
        self._inner = inner
        self._private = private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            destinations.check_address(one["host"], private=self._private)
        return found

    async def close(self) -> None:
        await self._inner.close()
