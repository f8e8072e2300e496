"""Regions that a condition can name, as the ISO 3166-1 alpha-2 codes of their countries."""

from __future__ import annotations

REGIONS: dict[str, tuple[str, ...]] = {
    # The 27 member states; the United Kingdom has not been one since 2020. Source: europa.eu, list of EU countries.
    "european_union": (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    ),
    "united_states": ("US",),
    "united_kingdom": ("GB",),
    "canada": ("CA",),
    "australia_and_new_zealand": ("AU", "NZ"),
}  # fmt: skip
NAMES = {
    "european_union": "the European Union",
    "united_states": "the United States",
    "united_kingdom": "the United Kingdom",
    "canada": "Canada",
    "australia_and_new_zealand": "Australia or New Zealand",
}
