"""An email as a file, and what it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headwater.content import files
from headwater.content.document import Document, FeedNeed, ItemNeed, Needs, ReviewsNeed, needs
from headwater.content.errors import TemplateError
from tests.content.rendering import document

FILE = """---
subject: Still thinking about {{ item.title }}?
preview_text: It is waiting
data:
  coupon: BROWSE10
  item: {from: event, unpublished: cancel}
---
<mjml><mj-body>
{% footer %}
</mj-body></mjml>
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "offer.mjml"
    path.write_text(FILE)
    read = files.read(path)
    assert read.subject == "Still thinking about {{ item.title }}?"
    assert read.preview_text == "It is waiting"
    assert read.mjml.strip().startswith("<mjml>")
    assert read.text is None
    assert needs(read) == Needs(coupon="BROWSE10", coupons=frozenset({"BROWSE10"}), item=ItemNeed("event", "cancel"))
    (tmp_path / "offer.txt").write_text("Plain")
    assert files.read(path).text == "Plain"


def test_lines_of_mistakes_are_those_of_the_file() -> None:
    from headwater.content import compiling

    with pytest.raises(TemplateError) as told:
        compiling.compile(files.parse(FILE.replace("{% footer %}", "{% if %}")))
    assert told.value.line == 9


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("<mjml></mjml>", "head"),
        ("---\nsubject: x\n", "does not end"),
        ("---\nsubject: [\n---\n", "cannot be read"),
        ("---\npreview_text: x\n---\n", "subject"),
        ("---\nsubject: x\nsubjekt: y\n---\n", "subjekt"),
        ("---\nsubject: x\ndata: [1]\n---\n", "data"),
        ("---\n- x\n---\n", "group of settings"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(source: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        files.parse(source)


def test_needs() -> None:
    asked = document(
        "{% coupon_code 'B' %}",
        subject='{% coupon_code "A" %}',
        data={
            "coupon": "A",
            "item": {"from": "event"},
            "feeds": {"popular": {"kind": "best_selling", "category": "event", "limit": 6}, "all": {}},
            "reviews": {"of": "item", "min_rating": 5, "limit": 3},
        },
    )
    assert needs(asked) == Needs(
        coupon="A",
        coupons=frozenset({"A", "B"}),
        item=ItemNeed("event", "show"),
        feeds={"popular": FeedNeed("best_selling", "event", 6), "all": FeedNeed("best_selling", None, 6)},
        reviews=ReviewsNeed("item", 5, 3),
    )
    assert needs(asked)
    assert not needs(Document(subject="x", mjml="y"))


def test_the_only_coupon_that_is_shown_is_the_coupon() -> None:
    assert needs(document("{% coupon_code 'B' %}")).coupon == "B"
    assert needs(document("{% coupon_code 'B' %}{% coupon_code 'C' %}")).coupon is None


@pytest.mark.parametrize(
    "data",
    [
        {"cupon": "A"},
        {"coupon": 5},
        {"item": {"from": "moon"}},
        {"item": {"unpublished": "maybe"}},
        {"item": ["x"]},
        {"feeds": ["popular"]},
        {"feeds": {"x": {"kind": "best_selling", "limit": 0}}},
        {"feeds": {"x": {"limit": 1000}}},
        {"feeds": {"x": {"category": 5}}},
        {"reviews": {"min_rating": 6}},
        {"reviews": {"of": "aliens"}},
        {"reviews": {"limit": True}},
    ],
)
def test_needs_that_make_no_sense_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(TemplateError) as told:
        needs(document(data=data))
    assert told.value.field == "data"
