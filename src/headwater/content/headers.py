"""Message headers that are right whatever the values hold: encoded (RFC 2047), folded, and never two lines of header
where one was meant."""

from __future__ import annotations

import binascii
import hashlib
import re
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from headwater.content.errors import RenderError
from headwater.content.liquid.writing import static_line
from headwater.core import settings

_ADDRESS = re.compile(r"[^\s<>(),;:\\\"\[\]@\x00-\x1f\x7f]{1,64}@[^\s<>(),;:\\\"\[\]@\x00-\x1f\x7f]{1,255}")
_WIDTH = 76
_FOLDABLE = re.compile(r"\S{1,900}(?: \S{1,900})*")


def unstructured(name: str, value: str) -> str:
    """A header line (or folded lines) with its line end."""
    value = value if value.isprintable() else static_line(value)
    value = value.strip()
    if value.isascii() and "=?" not in value:
        if len(name) + 2 + len(value) <= _WIDTH:
            return f"{name}: {value}\r\n"
        value = " ".join(value.split())
        if _FOLDABLE.fullmatch(value):
            return _folded(name, value)
    return f"{name}: {encoded_words(value, len(name) + 2)}\r\n"


def _folded(name: str, value: str) -> str:
    lines, line = [], f"{name}:"
    for word in value.split(" "):
        if len(line) + 1 + len(word) > _WIDTH and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line]) + "\r\n"


def encoded_words(value: str, column: int = 0) -> str:
    """Base64 encoded-words of at most 75 characters, folded; no character is split over two."""
    words: list[str] = []
    chunk, room = b"", (_WIDTH - 12 - column) * 3 // 4
    for character in value:
        encoded = character.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > room and chunk:
            words.append(_word(chunk))
            chunk, room = b"", 45
        chunk += encoded
    words.append(_word(chunk))
    return "\r\n ".join(words)


def _word(chunk: bytes) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(chunk, newline=False).decode('ascii')}?="


def address(email: str) -> str:
    """The address in ASCII. Raises RenderError for what is not one, or needs a server that takes SMTPUTF8."""
    if not _ADDRESS.fullmatch(email):
        raise RenderError(f"“{email[:80]}” is not an email address.")
    if email.isascii():
        return email
    local, _, domain = email.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise RenderError(f"“{email[:80]}” is not an email address.") from None
    if not local.isascii():
        raise RenderError(f"“{email[:80]}” cannot be reached: the part before the @ is not ASCII.")
    return f"{local}@{domain}"


def mailbox(header: str, name: str, email: str) -> str:
    """From, To or Reply-To, with its line end."""
    email = address(email)
    if name and not name.isprintable():
        name = static_line(name)
    name = name.strip()
    if not name:
        return f"{header}: {email}\r\n"
    if name.isascii() and "=?" not in name and len(header) + len(name) + len(email) < _WIDTH - 8:
        if not name.replace(" ", "").isalnum():
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{header}: {name} <{email}>\r\n"
    return f"{header}: {encoded_words(name[:120], len(header) + 2)}\r\n <{email}>\r\n"


@lru_cache(maxsize=256)
def date(at: datetime) -> str:
    return f"Date: {format_datetime(at.replace(microsecond=0))}\r\n"


@lru_cache(maxsize=8)
def _key(secret: str) -> hashlib.blake2b:
    key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"headwater-msgid").digest()
    return hashlib.blake2b(key=key, digest_size=16)


def message_hash(workspace_id: int, message_id: int) -> str:
    """What names a message to the outside: stable, and of no use to whoever sees it in a reply."""
    state = _key(settings.current().secret_key).copy()
    state.update(b"%d:%d" % (workspace_id, message_id))
    return state.hexdigest()


def message_id(workspace_id: int, message: int, from_email: str) -> str:
    """The Message-ID, with its angle brackets: how a bounce finds its message again."""
    return f"<{message_hash(workspace_id, message)}@{address(from_email).rpartition('@')[2]}>"
