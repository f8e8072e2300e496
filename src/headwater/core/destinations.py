"""Which addresses on the network a brand's own settings may make this server call: public ones, by HTTP.

Pure: judges URLs and the addresses that names resolve to. Whoever connects must connect to the very address that was
judged here, or a name could answer one thing to the check and another to the connection.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal
from urllib.parse import SplitResult, urlsplit

Reach = Literal["public", "private", "never"]
"""never: no service can be there, or none that anybody should call: link-local (where clouds keep their secrets),
multicast, reserved."""

LONGEST_URL = 2000
_DEFAULT_PORTS = {"http": 80, "https": 443}

# The IANA registries of special-purpose addresses. Not `is_private` and its kin, which mean something else with each
# version of Python.
_PRIVATE_4 = [
    IPv4Network(net) for net in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
]
_NEVER_4 = [
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
]  # fmt: skip
_PRIVATE_6 = [IPv6Network(net) for net in ("::1/128", "fc00::/7")]
_GLOBAL_6 = IPv6Network("2000::/3")
_NEVER_6 = [IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "3fff::/20")]
_MAPPED, _NAT64, _SIX_TO_FOUR = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")


class Refused(ValueError):
    """This place must not be called; the message says why, to whoever set it."""


def reach(address: str) -> Reach:
    """Where an IP address leads. What is no address leads nowhere: never."""
    try:
        found = ip_address(address)
    except ValueError:
        return "never"
    return _reach_4(found) if isinstance(found, IPv4Address) else _reach_6(found)


def _reach_4(address: IPv4Address) -> Reach:
    if any(address in net for net in _PRIVATE_4):
        return "private"
    return "never" if any(address in net for net in _NEVER_4) else "public"


def _reach_6(address: IPv6Address) -> Reach:
    """An IPv6 address that carries an IPv4 one leads where that leads."""
    if address.scope_id is not None:
        return "never"
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return _reach_4(IPv4Address(number & 0xFFFFFFFF))
    if address in _SIX_TO_FOUR:
        return _reach_4(IPv4Address(number >> 80 & 0xFFFFFFFF))
    if any(address in net for net in _PRIVATE_6):
        return "private"
    return "public" if address in _GLOBAL_6 and not any(address in net for net in _NEVER_6) else "never"


def check_address(address: str, *, private: bool) -> None:
    """Raises Refused unless this IP address may be called. `private`: whether the instance allows private ones."""
    found = reach(address)
    if found == "private" and not private:
        raise Refused(f"{address} is a private address, and HEADWATER_WEBHOOKS_PRIVATE does not allow those.")
    if found == "never":
        raise Refused(f"{address} is not an address that may be called.")


def check_url(url: str, *, private: bool) -> None:
    """Raises Refused unless this URL may be called, as far as can be told without asking for its name."""
    parts = _parts(url)
    if parts.scheme not in _DEFAULT_PORTS:
        raise Refused("The URL must begin with https:// or http://.")
    if "@" in parts.netloc:
        raise Refused("The URL must hold no user and password; use a header.")
    host, port = parts.hostname, parts.port
    if not host:
        raise Refused("The URL names no host.")
    if port is not None and port not in (80, 443) and port < 1024:
        raise Refused(f"Port {port} is not for HTTP: use 80, 443, or one from 1024 up.")
    if is_literal(host):
        check_address(host, private=private)


def is_literal(host: str) -> bool:
    """Whether a host is written as an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def host_of(url: str) -> str:
    """What names the server of a URL: its host, with the port where it is not the scheme's own. "" for no URL."""
    try:
        parts = _parts(url)
    except Refused:
        return ""
    host = (parts.hostname or "").rstrip(".")
    usual = parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme)
    return host if usual else f"{host}:{parts.port}"


def _parts(url: str) -> SplitResult:
    """Taken apart. What parsers read in different ways is not read at all."""
    if len(url) > LONGEST_URL:
        raise Refused(f"The URL is longer than {LONGEST_URL:,} characters.")
    if not url.isprintable() or any(character in url for character in ' \\<>"^`{|}'):
        raise Refused("The URL holds characters that no URL has.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Refused(f"This is not a URL: {error}.") from None
    return parts
