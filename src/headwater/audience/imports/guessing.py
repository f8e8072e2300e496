"""What the columns of a file probably are, by their names and first values: a proposal that a person checks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headwater.audience.addresses import normalise_email
from headwater.audience.imports.mapping import FIELDS, Column, Kind, To, boolean, date, number

# Names as shops, spreadsheets and other senders write them, without case, spaces and signs.
_NAMES: dict[str, To] = {
    "email": "email", "emailaddress": "email", "mail": "email", "emailid": "email", "customeremail": "email",
    "subscriberemail": "email", "externalid": "external_id", "customerid": "external_id", "userid": "external_id",
    "contactid": "external_id", "phone": "phone", "phonenumber": "phone", "mobile": "phone", "mobilephone": "phone",
    "telephone": "phone", "firstname": "first_name", "givenname": "first_name", "forename": "first_name",
    "fname": "first_name", "lastname": "last_name", "surname": "last_name", "familyname": "last_name",
    "lname": "last_name", "locale": "locale", "language": "locale", "timezone": "timezone", "city": "city",
    "town": "city", "region": "region", "state": "region", "province": "region", "stateregion": "region",
    "provincecode": "region", "country": "country", "countrycode": "country",
}  # fmt: skip
_SIGNS = re.compile(r"[^a-z0-9]+")
_LEADING_ZERO = re.compile(r"[+-]?0\d")


def guess(columns: Sequence[str], sample: Sequence[Sequence[str]]) -> list[Column]:
    """A column for each of the file's. No two become the same field; unknown ones become properties of their name."""
    values = [[row[index].strip() for row in sample if index < len(row) and row[index].strip()]
              for index in range(len(columns))]  # fmt: skip
    taken: set[str] = set()
    found: list[Column] = []
    for name, seen in zip(columns, values, strict=True):
        to = _NAMES.get(_SIGNS.sub("", name.lower()))
        if to is not None and to not in taken:
            taken.add(to)
            found.append(Column(to))
        else:
            found.append(_property(name, seen, taken))
    if "email" not in taken:
        best = max(range(len(columns)), key=lambda index: _addresses(values[index]), default=None)
        if best is not None and _addresses(values[best]) > 0.5:
            found[best] = Column("email")
    return found


def _property(name: str, seen: Sequence[str], taken: set[str]) -> Column:
    stem = name if name not in FIELDS else f"{name}_2"
    unique, count = stem, 2
    while f"property {unique}" in taken:
        unique, count = f"{stem} {count}", count + 1
    taken.add(f"property {unique}")
    return Column("property", unique, _type(seen)) if seen else Column("skip", unique)


def _type(seen: Sequence[str]) -> Kind:
    if all(date(value) is not None for value in seen):
        return "date"
    # Leading zeros are of codes (postcodes, article numbers), which lose them as numbers.
    if all(number(value) is not None and not _LEADING_ZERO.match(value) for value in seen):
        return "number"
    if all(boolean(value) is not None for value in seen):
        return "boolean"
    return "text"


def _addresses(seen: Sequence[str]) -> float:
    """The share of these values that are email addresses."""
    return sum(1 for value in seen if normalise_email(value)) / len(seen) if seen else 0.0
