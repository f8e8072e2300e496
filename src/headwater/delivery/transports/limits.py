"""How patient to be with a mail server. Pure data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How long to wait for a server, in seconds, and how much to ask of one connection."""

    connect: float = 20
    greeting: float = 60
    command: float = 120
    """For each reply to EHLO, AUTH, MAIL, RCPT and DATA (RFC 5321 asks for 2 to 5 minutes)."""
    final: float = 600
    """For the reply to the final dot. RFC 5321 asks for 10 minutes: giving up early is how mail is sent twice."""
    idle: float = 30
    """How long to keep a connection that has nothing to send."""
    quit: float = 3
    messages: int = 1000
    """Messages on one connection before a fresh one."""
    first_pause: float = 0.5
    longest_pause: float = 60
    """Pauses between tries while the server is away: doubled from first to longest."""
