"""What many emails share stands once, in a layout around each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.content import compiling, files
from headwater.content.errors import TemplateError

LAYOUT = """<mjml>
  <mj-head>
    <mj-style>
      .card { color: #222222; }
    </mj-style>
  </mj-head>
  <mj-body>
    <mj-section><mj-column><mj-text>Juniper Street</mj-text></mj-column></mj-section>
    <!-- content -->
    <mj-section><mj-column>{% footer %}</mj-column></mj-section>
  </mj-body>
</mjml>
"""
HEAD = """---
subject: Hello
data:
  coupon: BROWSE10
layout: shop
---
"""
SECTION = """<mj-section>
  <mj-column>
    <mj-text>Jam</mj-text>
  </mj-column>
</mj-section>
"""


@pytest.fixture
def email(tmp_path: Path) -> Path:
    """An email in a folder beside the folder of layouts."""
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "shop.mjml").write_text(LAYOUT)
    (tmp_path / "browse").mkdir()
    path = tmp_path / "browse" / "offer.mjml"
    path.write_text(HEAD + SECTION)
    return path


def mistake(body: str, layout: str = LAYOUT) -> TemplateError:
    with pytest.raises(TemplateError) as told:
        files.parse(HEAD + body, layout=layout)
    return told.value


def test_an_email_and_its_layout_are_one_whole_document(email: Path) -> None:
    document = files.read(email)

    assert document.mjml == LAYOUT.replace("<!-- content -->", SECTION.rstrip())
    assert document.data == {"coupon": "BROWSE10"}
    assert compiling.lint(document) == []


def test_a_layout_beside_the_email_comes_first(email: Path) -> None:
    email.with_name("shop.mjml").write_text(LAYOUT.replace("Juniper Street", "Elm Street"))

    assert "Elm Street" in files.read(email).mjml


def test_an_email_without_a_layout_is_left_as_it_is(email: Path) -> None:
    whole = "---\nsubject: Hello\n---\n" + LAYOUT

    assert files.parse(whole, layout=LAYOUT) == files.parse(whole)
    assert files.layout_name(whole) is None


def test_a_layout_that_is_nowhere(email: Path) -> None:
    email.write_text(HEAD.replace("shop", "market") + SECTION)

    with pytest.raises(TemplateError, match="There is no layout market"):
        files.read(email)


def test_a_source_alone_needs_the_text_of_its_layout() -> None:
    source = HEAD + SECTION

    assert files.layout_name(source) == "shop"
    with pytest.raises(TemplateError, match="layout shop, whose text was not given"):
        files.parse(source)
    assert "Juniper Street" in files.parse(source, layout=LAYOUT).mjml


@pytest.mark.parametrize("name", ["../secret", "shop.mjml", "Shop", "a/b", "-shop", "shop--old", "''", "5", "[shop]"])
def test_a_name_is_words_and_hyphens(email: Path, name: str) -> None:
    email.write_text(HEAD.replace("shop", name) + SECTION)

    with pytest.raises(TemplateError, match="must be the name of a layout"):
        files.read(email)


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        (SECTION.replace("Jam", "{% if %}"), 9, "if"),
        (SECTION.replace("Jam", "{{ jam | magic }}"), 9, "magic"),
        (SECTION.replace("Jam", '<a href="jam">Jam</a>'), None, "not a web address"),
        (SECTION.replace("  </mj-column>\n", ""), 10, r"before <mj-column> \(line 8\) is closed"),
        (SECTION.replace("</mj-section>\n", ""), 10, r"before <mj-section> \(line 7\) is closed"),
        ("</mj-section>\n" + SECTION, 7, r"before <mj-body> \(line 7\) is closed"),
        ("jam\n" + SECTION, 7, "Text must be inside"),
        ("{% if first_name %}\n" + SECTION, 7, "never closed"),
        (LAYOUT, None, "brings <mjml>"),
    ],
)
def test_a_mistake_is_told_by_its_line_in_the_email(body: str, line: int | None, says: str) -> None:
    told = mistake(body)

    assert told.line == line
    assert told.field in ("mjml", None)
    with pytest.raises(TemplateError, match=says):
        raise told


def test_a_mistake_in_the_subject_keeps_its_place() -> None:
    with pytest.raises(TemplateError) as told:
        files.parse((HEAD + SECTION).replace("Hello", "Hello {% if %}"), layout=LAYOUT)

    assert (told.value.field, told.value.line) == ("subject", 1)


@pytest.mark.parametrize(
    ("layout", "line", "says"),
    [
        (LAYOUT.replace("Juniper Street", "{% if %}"), 8, "In the layout shop: "),
        (LAYOUT.replace("  </mj-body>\n", ""), 11, "In the layout shop: "),
        (LAYOUT.replace("<!-- content -->", ""), None, "must hold <!-- content -->"),
        (LAYOUT.replace("<!-- content -->", "<!-- content --><!-- content -->"), None, "must hold <!-- content -->"),
        (HEAD + LAYOUT, None, "without a head"),
        ("<!-- content -->", None, "whole MJML document"),
    ],
)
def test_a_mistake_in_the_layout_is_told_by_its_line_there(layout: str, line: int | None, says: str) -> None:
    told = mistake(SECTION, layout)

    assert told.line == line
    assert says in told.message
