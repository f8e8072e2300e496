"""Identifiers in their normal form, in which they are compared. Pure."""

from __future__ import annotations

import re
import unicodedata

import idna

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}@[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,255}")
_PHONE = re.compile(r"\+[1-9]\d{6,14}")


def normalise_email(raw: str | None) -> str | None:
    """The address as it is compared: trimmed, NFC, lower case, domain as A-label. None if it is no address.

    Dots and +tags stay: they may name different mailboxes.
    """
    if not raw:
        return None
    if raw.isascii() and raw.islower() and _EMAIL.fullmatch(raw):  # nearly all of them
        local, _, domain = raw.rpartition("@")
        return (
            raw if "." in domain and ".." not in domain and domain[0] not in ".-" and domain[-1] not in ".-" else None
        )
    text = unicodedata.normalize("NFC", raw.strip()).lower()
    if not text.isprintable() or not _EMAIL.fullmatch(text):
        return None
    local, _, domain = text.rpartition("@")
    if "." not in domain or ".." in domain or domain[0] in ".-" or domain[-1] in ".-":
        return None
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    return f"{local}@{domain}"


def normalise_phone(raw: str | None) -> str | None:
    """E.164, or None: spaces, dots, dashes and brackets are dropped, a leading 00 is +."""
    if not raw:
        return None
    text = re.sub(r"[\s().\-/]", "", raw)
    if text.startswith("00"):
        text = "+" + text[2:]
    return text if _PHONE.fullmatch(text) else None


def normalise_id(raw: object) -> str | None:
    """An external or anonymous id: trimmed text of at most 255 characters without control characters, else None."""
    if raw is None or isinstance(raw, bool):
        return None
    text = str(raw).strip()
    if not text or len(text) > 255 or not text.isprintable():
        return None
    return text
