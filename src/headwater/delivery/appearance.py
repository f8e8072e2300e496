"""How the public pages look in a brand's colour: readable whatever colour was chosen, by day and by night. Pure.

Contrast is WCAG's, from 1 (none) to 21 (black on white).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

WHITE, BLACK = "#ffffff", "#000000"
"""One of the two reaches 4.5 on any colour; with a softer black there are colours on which neither would."""
CARD, NIGHT_CARD = "#ffffff", "#201f1d"
"""What buttons stand on; the same as in page.html."""
PLAIN, NIGHT_PLAIN = "#1d1c1a", "#efede8"
"""Of a brand that chose no colour."""
TEXT, SHAPE = 4.5, 3.0
"""The least contrast of text, and of what one must see to use the page (WCAG 2.1 AA)."""
_STEP = 0.04


@dataclass(frozen=True, slots=True)
class Look:
    """A button's colour, and that of the words on it, by day and by night; the logo, if it may be shown."""

    accent: str
    on_accent: str
    night_accent: str
    on_night_accent: str
    logo: str = ""


def look(colour: str, logo_url: str, base_url: str) -> Look:
    """Of a brand. A logo elsewhere is not shown: these pages tell no other host who looks at them."""
    accent = seen_on(colour, CARD) if _is_colour(colour) else PLAIN
    night = seen_on(colour, NIGHT_CARD) if _is_colour(colour) else NIGHT_PLAIN
    return Look(accent, words_on(accent), night, words_on(night), _own(logo_url, base_url))


def words_on(colour: str) -> str:
    """White or black, whichever is easier to read on this colour."""
    return max((WHITE, BLACK), key=lambda words: contrast(words, colour))


def seen_on(colour: str, ground: str) -> str:
    """The colour, or as little lighter or darker as makes a shape of it stand out from the ground."""
    away = BLACK if luminance(ground) > 0.5 else WHITE
    share = 0.0
    while contrast(mixed(colour, away, share), ground) < SHAPE:
        share += _STEP
    return mixed(colour, away, share)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """From 0 (black) to 1 (white), as WCAG defines it."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of the other colour in this one."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * min(share, 1)):02x}" for a, b in pairs)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _is_colour(given: str) -> bool:
    return re.fullmatch("#[0-9a-f]{6}", given, re.ASCII | re.IGNORECASE) is not None


def _own(url: str, base_url: str) -> str:
    """The address without its host, if the host is this instance's."""
    if url.startswith("/") and not url.startswith("//"):
        return url
    if not url.startswith(base_url + "/"):
        return ""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
