"""Prices as people write them: `{{ item.price | money }}` in the brand's currency, or `money: "EUR"` in another."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from headwater.content.liquid.dates import Moment

_SYMBOLS = {
    "USD": "$",
    "CAD": "CA$",
    "AUD": "A$",
    "NZD": "NZ$",
    "MXN": "MX$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "ILS": "₪",
    "TRY": "₺",
    "UAH": "₴",
    "VND": "₫",
}
_AFTER = {"SEK": "kr", "NOK": "kr", "DKK": "kr", "PLN": "zł", "CZK": "Kč", "HUF": "Ft"}
_WHOLE = frozenset({"JPY", "KRW", "VND", "HUF", "CLP", "ISK"})
_THREE = frozenset({"KWD", "BHD", "OMR", "JOD", "TND"})


def money(moment: Moment, value: Any, currency: Any = None) -> Any:
    """The amount with its symbol and separators; what is no number stays as it is."""
    if value is None or value == "" or isinstance(value, bool):
        return ""
    code = currency.upper() if isinstance(currency, str) and currency else moment.currency
    if value.__class__ is float or value.__class__ is int:
        return _number(value, code)
    try:
        return _format(Decimal(str(value)[:40]), code)
    except InvalidOperation:
        return value


@lru_cache(maxsize=8192)
def _number(value: float, code: str) -> str:
    return _format(Decimal(str(value)), code)


def _format(amount: Decimal, code: str) -> str:
    places = 0 if code in _WHOLE else 3 if code in _THREE else 2
    if not amount.is_finite() or abs(amount) >= 10**18:
        return str(amount)
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    sign, digits = ("-" if rounded < 0 else ""), f"{abs(rounded):,f}"
    if code in _AFTER:
        return f"{sign}{digits} {_AFTER[code]}"
    symbol = _SYMBOLS.get(code)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {code}"
