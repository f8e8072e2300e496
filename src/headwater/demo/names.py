"""Made-up people and makers for the demo's numbers: the same number always gets the same name. Pure.

Addresses are at example.com, which belongs to nobody.
"""

# ruff: noqa: SIM905 - a page of names reads better than a page of quotes
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_FIRST = (
    "Ada Agnes Alma Amara Amir Andre Anita Anton Arthur Asha Beatriz Bela Ben Bruno Camille Carl Carmen Chen Clara "
    "Cora Dalia Daniel Darius Della Diego Dora Edith Elias Elif Elsa Emil Emma Esther Eva Farah Felix Fiona Frank "
    "Freya George Gina Grace Hana Hannah Hector Hugo Ida Ines Ingrid Irene Isaac Ivan Jack Jada James Jasper Jonas "
    "Josefa Judith Kai Karim Kira Lars Laura Lena Leon Lila Lorenzo Louise Lucia Luis Mae Maja Malik Marco Maria "
    "Marta Matilda Max Mei Mila Mina Miriam Nadia Naomi Nell Nia Nina Noah Nora Olga Oliver Omar Oscar Otto Pablo "
    "Paula Petra Pia Priya Rafael Ravi Rosa Ruben Ruth Sami Samuel Sara Selma Simon Sofia Stella Tara Teresa Theo "
    "Thomas Tilda Toby Uma Vera Victor Viola Walter Wanda Yara Yusuf Zara Zeno"
).split()
_LAST = (
    "Abara Adler Ahmed Alvarez Amsel Anders Archer Baker Barnes Bauer Becker Bell Berg Bianchi Blum Brandt Brooks "
    "Burke Carter Castro Chang Cole Costa Cruz Dahl Dalton Das Diaz Dietrich Dixon Dunn Ellis Engel Evans Falk "
    "Farrell Ferrer Fischer Flores Ford Fox Garcia Gibbs Gomez Gray Greene Haas Hale Hart Hayes Heller Hill Holm "
    "Horvath Hughes Ito Jansen Jensen Joshi Kane Kaya Keller Kelly Khan Kim Klein Knight Kowal Kraus Lane Larsen Lee "
    "Lind Lopez Lund Marsh Martin Mason Mehta Meyer Mills Moore Morales Moreno Morris Nash Neri Novak Okafor Olsen "
    "Ortiz Osei Owens Park Patel Pereira Perry Petersen Quinn Ramos Reed Reyes Rivera Romano Rossi Ruiz Salas Sato "
    "Schmidt Shah Silva Singh Sousa Stein Stone Suarez Tanaka Torres Vargas Vega Vogel Wagner Walsh Ward Weber Wells "
    "West Winter Wolf Wood Young Zeller Ziegler"
).split()
_PLACES = (
    ("New York", "NY", "America/New_York"), ("Boston", "MA", "America/New_York"),
    ("Atlanta", "GA", "America/New_York"), ("Columbus", "OH", "America/New_York"),
    ("Chicago", "IL", "America/Chicago"), ("Austin", "TX", "America/Chicago"),
    ("Minneapolis", "MN", "America/Chicago"), ("Denver", "CO", "America/Denver"),
    ("Boise", "ID", "America/Boise"), ("Phoenix", "AZ", "America/Phoenix"),
    ("Portland", "OR", "America/Los_Angeles"), ("Oakland", "CA", "America/Los_Angeles"),
)  # fmt: skip
_MAKERS = "Alder Amber Birch Bramble Cedar Clover Copper Fern Harbor Hazel Heron Linden Maple Marigold Meadow".split()
_HOUSES = "Bros|Farm|Fields|Hill|House|& Daughters|Kitchen|Larder|Mill|Row|Works".split("|")
_VARIETIES = (
    "Classic Harvest Sunday Meadow Homestead Riverside Orchard Golden Coastal Village Summit Market Hearth Country "
    "Garden Sunrise Valley Heritage Original Lakeside Highland Prairie Autumn Everyday"
).split()
OWN_BRAND = "Juniper"


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the shop knows them."""

    external_id: str
    email: str
    traits: dict[str, Any]


def person(household: int) -> Person:
    """The customer behind a household's number."""
    seed = household * 2654435761 % 2**32  # spreads neighbouring numbers over the lists
    first = _FIRST[seed % len(_FIRST)]
    last = _LAST[seed // 131 % len(_LAST)]
    city, region, timezone = _PLACES[seed // 17011 % len(_PLACES)]
    return Person(
        external_id=str(household),
        email=f"{first}.{last}.{household}@example.com".lower(),
        traits={
            "first_name": first,
            "last_name": last,
            "city": city,
            "region": region,
            "country": "US",
            "timezone": timezone,
        },
    )


def reviewer(number: int) -> str:
    """How a reviewer signs: first name and initial."""
    traits = person(number).traits
    return f"{traits['first_name']} {traits['last_name'][0]}."


def maker(manufacturer: int, own: bool) -> str:
    """The brand on a product: the shop's own, or an invented one."""
    if own:
        return OWN_BRAND
    seed = manufacturer * 2654435761 % 2**32
    return f"{_MAKERS[seed % len(_MAKERS)]} {_HOUSES[seed // 97 % len(_HOUSES)]}"


def variety(product: int) -> str:
    """What tells a maker's products of one kind apart: the data has a number, customers want a name."""
    return _VARIETIES[int(product) * 2654435761 % 2**32 // 7 % len(_VARIETIES)]
