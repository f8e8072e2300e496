"""The names that emails may show, each with its words: what is always there. People's and events' own come with data.

Pure. What is meant by each is built in `context`.
"""

from __future__ import annotations

from typing import NamedTuple


class Variable(NamedTuple):
    path: str
    words: str
    group: str
    """person, event, organization, coupon, item, feeds, reviews, message."""


ALWAYS: tuple[Variable, ...] = (
    Variable("first_name", "First name", "person"),
    Variable("last_name", "Last name", "person"),
    Variable("email", "Email address", "person"),
    Variable("person.phone", "Phone number", "person"),
    Variable("person.external_id", "The shop's own id of the person", "person"),
    Variable("person.locale", "Language and region, such as en-GB", "person"),
    Variable("person.timezone", "Time zone", "person"),
    Variable("person.city", "City", "person"),
    Variable("person.region", "Region or state", "person"),
    Variable("person.country", "Country", "person"),
    Variable("organization.name", "The brand's name", "organization"),
    Variable("organization.full_address", "The brand's postal address", "organization"),
    Variable("organization.url", "The brand's website", "organization"),
    Variable("organization.email", "The brand's sender address", "organization"),
    Variable("organization.currency", "The brand's currency", "organization"),
    Variable("coupon.code", "The person's code; “data” names the coupon", "coupon"),
    Variable("coupon.expires_at", "When the code ends", "coupon"),
    Variable("coupon.days_left", "How many days the code still has", "coupon"),
    Variable("item.title", "The product of the event: its title", "item"),
    Variable("item.price", "The product of the event: its price", "item"),
    Variable("item.url", "The product of the event: its page", "item"),
    Variable("item.image_url", "The product of the event: its picture", "item"),
    Variable("item.category", "The product of the event: its category", "item"),
    Variable("item.brand", "The product of the event: its brand", "item"),
    Variable("item.description", "The product of the event: its description", "item"),
    Variable("feeds", "Product feeds that “data” asks for, by name", "feeds"),
    Variable("reviews", "Reviews that “data” asks for: rating, author, body", "reviews"),
    Variable("message.name", "The name of this email", "message"),
    Variable("unsubscribe_link", "The address that takes the person off", "message"),
    Variable("preferences_link", "The address where the person chooses what to get", "message"),
    Variable("web_view_link", "The address of this email as a page", "message"),
    Variable("current_year", "The year", "message"),
    Variable("now", "This moment; with the filter date", "message"),
)
