"""What an email asks for is found with its place, and what could be better about it is said."""

from __future__ import annotations

import pytest

from headwater.content import advice, names, starters
from headwater.content.document import Document
from headwater.content.liquid import filters, wording
from tests.content.rendering import document


def _written(found: list[names.UsedName]) -> list[tuple[str, int]]:
    return [(one.written, one.line) for one in found if one.written != "first_name"]


def test_names_come_with_their_lines_and_without_those_that_the_email_makes_itself() -> None:
    email = document(
        "\n{% for thing in event.items %}{{ thing.title }}{% endfor %}\n"
        "{% assign mine = 1 %}{{ mine }}{{ person['Shoe size'] }}\n{{ event.items[event.place].title }}"
    )
    assert _written(names.used(email)) == [
        ("event.items", 3),
        ("person.Shoe size", 4),
        ("event.place", 5),
    ]


def test_missing_is_what_this_person_lacks() -> None:
    email = document(
        "{{ person.city }} {{ person.tier }} {{ coupon.days_left }} {{ unsubscribe_link }} {{ frist_name }}"
    )
    missing = names.missing(email, {"person": {"city": "Ghent"}, "coupon": {"expires_at": "2026-01-01"}})
    assert [(one.written, one.known) for one in missing] == [("person.tier", True), ("frist_name", False)]


def test_what_has_a_default_or_is_asked_for_is_not_missing() -> None:
    cared = "{{ first_name | default: 'there' }}{% if person.city %}{{ person.city }}{% endif %}"
    assert names.missing(document(cared), {}) == names.missing(document(), {})
    bare = document(cared + "{{ first_name }}")
    assert "first_name" in [one.written for one in names.missing(bare, {})]


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("{{ frist_name }}", "frist_name"),
        ("{{ organization.adress }}", "organization.adress"),
        ('<img src="a.png" />', "alt text"),
        ('<img alt="a" />', "no address"),
        ('<a href="#">x</a>', "leads nowhere"),
    ],
)
def test_what_could_be_better_is_a_warning_with_its_line(inside: str, says: str) -> None:
    (found,) = advice.problems(document(f"\n{inside}"))
    assert says in found.message
    assert (found.level, found.line) == ("warning", 3)


def test_what_marketing_email_must_have_is_not_asked_of_transactional_email() -> None:
    receipt = Document(subject="Receipt", mjml="<mjml><mj-body></mj-body></mjml>")
    assert [one.level for one in advice.problems(receipt)] == ["error", "error"]
    assert advice.problems(receipt, transactional=True) == []


def test_what_is_left_open_is_told_of_where_it_opens() -> None:
    (found, *_) = advice.problems(document("\nHi {{ first_name\n{% if email %}{{ email }}{% endif %}"))
    assert (found.level, found.line) == ("error", 3)
    assert "never closed" in found.message


def test_defaults_for_all_elements_are_no_elements() -> None:
    head = '<mj-attributes><mj-button align="left" /></mj-attributes>'
    email = document()
    whole = Document("News", email.mjml.replace("<mj-head>", f"<mj-head>{head}"))
    assert advice.problems(whole) == []


@pytest.mark.parametrize("starter", starters.ALL, ids=lambda one: one.slug)
def test_every_starter_can_be_sent_as_it_is(starter: starters.Starter) -> None:
    email = starters.document(starter.slug)
    assert email is not None
    assert advice.problems(email) == []


def test_every_filter_has_its_words_and_no_other() -> None:
    assert wording.FILTERS.keys() == filters.FILTERS.keys() | filters.WITH_MOMENT.keys()
