"""Liquid anywhere in MJML or HTML: loops around sections, columns and rows, and what the author is told of mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from headwater.content import compiling
from headwater.content.document import Document
from headwater.content.errors import TemplateError
from tests.content.rendering import compiled, context, document, envelope, html_of, mjml, page, received, text_of

ITEMS = [
    {"title": "Mug & co", "url": "https://s.example/mug", "price": 12, "image_url": "https://i.example/1.png"},
    {"title": "Bowl", "url": "https://s.example/bowl", "price": 30, "image_url": "https://i.example/2.png"},
]


def shown(source: str, **names: Any) -> tuple[str, str]:
    """HTML and text of a whole MJML or HTML source."""
    email = compiling.compile(Document(subject="x", mjml=source))
    message = received(email.render(context(**names), envelope()))
    return html_of(message), text_of(message)


def body(inside: str) -> str:
    return f"<mjml><mj-body>{inside}{{% footer %}}</mj-body></mjml>"


ITEM = (
    '<mj-text>{{ item.title }}</mj-text><mj-image src="{{ item.image_url }}" alt="{{ item.title }}" width="100px" />'
    '<mj-button href="{{ item.url }}">Buy for {{ item.price | money }}</mj-button>'
)
LOOPS = {
    "around sections": (
        "{% for item in items %}\n<mj-section><mj-column>" + ITEM + "</mj-column></mj-section>\n{% endfor %}"
    ),
    "around columns": (
        "<mj-section>{% for item in items %}<mj-column>" + ITEM + "</mj-column>{% endfor %}</mj-section>"
    ),
    "around texts": "<mj-section><mj-column>{% for item in items %}" + ITEM + "{% endfor %}</mj-column></mj-section>",
    "with mj-raw": (
        "<mj-raw>{% for item in items %}</mj-raw><mj-section><mj-column>"
        + ITEM
        + "</mj-column></mj-section><mj-raw>{% endfor %}</mj-raw>"
    ),
    "in a wrapper": (
        "<mj-wrapper>{% for item in items %}<mj-section><mj-column>"
        + ITEM
        + "</mj-column></mj-section>{% endfor %}</mj-wrapper>"
    ),
}


@pytest.mark.parametrize("where", LOOPS)
def test_a_loop(where: str) -> None:
    html, text = shown(body(LOOPS[where]), items=ITEMS)
    read = page(html)
    words = " ".join(" ".join(read.words).split())
    assert words.index("Mug & co") < words.index("Buy for $12.00") < words.index("Bowl") < words.index("Buy for $30.00")
    assert [image["alt"] for image in read.images if image["alt"]] == ["Mug & co", "Bowl"]
    assert len([link for link in read.links if "/c/" in link]) == 2
    assert html.count("<tr") == html.count("</tr>")
    assert html.count("<td") == html.count("</td>")
    assert html.count("<table") == html.count("</table>")
    assert html.count("<!--[if") == html.count("<![endif]-->")
    assert text.index("Mug & co") < text.index("Buy for $12.00 <") < text.index("Bowl")
    assert "\n\n\n" not in text


def test_conditions_around_elements_and_in_attributes() -> None:
    source = body(
        '{% if vip %}<mj-section background-color="{% if gold %}#ffd700{% else %}#eeeeee{% endif %}"><mj-column>'
        '<mj-text>Welcome {{ first_name | default: "<you>" }}, {% if points > 10 %}rich{% endif %}</mj-text>'
        "</mj-column></mj-section>"
        "{% else %}<mj-section><mj-column><mj-text>Join us</mj-text></mj-column></mj-section>{% endif %}"
    )
    html, text = shown(source, vip=True, gold=True, points=11, person={"first_name": None})
    assert "Welcome &lt;you&gt;, rich" in " ".join(html.split())
    assert "#ffd700" in html
    assert "Join us" not in html + text
    html, text = shown(source)
    assert "Join us" in html
    assert "Welcome" not in html + text


def test_the_footer_anywhere() -> None:
    for source in (
        body(""),
        '<mjml><mj-body><mj-include path="footer"/></mj-body></mjml>',
        "<mjml><mj-body><mj-section><mj-column>{% footer %}</mj-column></mj-section></mj-body></mjml>",
        mjml("Hello"),
        mjml("Hello {% footer %}"),
        "<p>Hello</p>{% footer %}",
    ):
        html, text = shown(source)
        assert "1 Main St, Springfield" in html
        assert "/u/" in html
        assert "/w/" in html
        assert "Unsubscribe <https://mail.juniper.example/u/" in text
        assert compiling.lint(Document(subject="x", mjml=source)) == []


def test_a_plain_html_page_is_inlined_and_keeps_loops_in_tables() -> None:
    source = """<html><head><style>.price { color: #c00 }
    @media (max-width: 600px) { .price { color: #000 } }</style></head>
    <body><table>{% for item in items %}<tr><td class="price">{{ item.title }}</td></tr>{% endfor %}</table>
    {% footer %}</body></html>"""
    html, text = shown(source, items=ITEMS)
    table = html[html.index("<table") : html.index("</table>")]
    assert table.count('style="color: #c00') == 2
    assert "Mug &amp; co" in table
    assert "@media" in html
    assert text.split("\n")[:3] == ["Mug & co", "", "Bowl"]


def test_comments_of_the_author_stay_home() -> None:
    html, text = shown(mjml("x<!-- y -->").replace("<mj-section>", "<!-- secret {{ first_name }} --><mj-section>"))
    assert "secret" not in html + text
    assert "<!-- y" not in html


def test_foreign_characters_in_styles_become_css_escapes() -> None:
    html, _ = shown(
        '<mjml><mj-head><mj-style>.a:before { content: "→" }</mj-style></mj-head><mj-body>{% footer %}</mj-body></mjml>'
    )
    assert 'content: "\\2192 "' in html


def test_the_text_part_reads_well() -> None:
    inside = (
        "<h1>Hi   there</h1><p>One &amp; two&nbsp;three<br>four</p><ul><li>a</li><li>b</li></ul>"
        '<p>See <a href="https://s.example/">the <b>shop</b></a>, or <a href="mailto:a@b.example">write</a>.</p>'
        '<a href="https://s.example/2"><img src="https://i.example/x.png" alt="A picture"></a>'
    )
    _, text = shown(mjml(inside))
    lines = text.split("\n")
    assert lines[0] == "Hi there"
    assert "One & two three" in lines
    assert "four" in lines
    assert "- a" in lines
    assert any(
        line.startswith("See the shop <https://") and line.endswith(">, or write <a@b.example>.") for line in lines
    )
    assert any(line.startswith("A picture <https://") for line in lines)


def test_an_own_text_part_is_used() -> None:
    message = received(compiled(text="Dear {{ first_name }} <3\n.\n{% unsubscribe %}").render(context(), envelope()))
    assert text_of(message).startswith("Dear Ada <3\n.\nUnsubscribe: https://")


@pytest.mark.parametrize(
    ("source", "says", "line"),
    [
        ("<mjml>\n<mj-body>\n<mj-section>\n</mj-body></mjml>", "mj-section", 4),
        ("<mjml><mj-body>\n\n<mj-section>oops</mj-section></mj-body></mjml>", "oops", 3),
        ("<mjml><mj-body>\n{% if x %}</mj-body></mjml>", "never closed", 2),
        ("<mjml><mj-body>\n\n{{ x | shout }}</mj-body></mjml>", "shout", 3),
        ('<mjml><mj-body>\n<mj-include path="other.mjml"/></mj-body></mjml>', "footer", 2),
        ("<mjml><mj-body>\n{% coupon_code %}</mj-body></mjml>", "coupon's name", 2),
        ("<mjml><mj-body>\n{% unsubscribe here %}</mj-body></mjml>", "cannot be read", 2),
        (mjml("<ul><li>a</ul>"), "li", 2),
    ],
)
def test_a_mistake_is_told_with_its_field_and_line(source: str, says: str, line: int) -> None:
    with pytest.raises(TemplateError) as told:
        compiling.compile(Document(subject="x", mjml=source))
    assert says in told.value.message
    assert (told.value.field, told.value.line) == ("mjml", line)


def test_a_mistake_in_the_subject_says_so() -> None:
    with pytest.raises(TemplateError, match="subject"):
        compiled(subject="Hello {{ first_name | nope }}")


def test_lint() -> None:
    bare = Document(subject="", mjml="<mjml><mj-body></mj-body></mjml>", text="hello")
    problems = compiling.lint(bare)
    assert [problem.field for problem in problems] == ["subject", "mjml", "mjml", "text", "text"]
    assert all(problem.level == "error" for problem in problems)
    own = (
        mjml("x")
        .replace("{% footer %}", "")
        .replace("x</mj-text>", "{% unsubscribe %} {{ organization.full_address }}</mj-text>")
    )
    assert compiling.lint(Document(subject="x", mjml=own)) == []
    assert [problem.level for problem in compiling.lint(document("word " * 18_000))] == ["warning"]
    assert [problem.level for problem in compiling.lint(document("word " * 21_000))] == ["error"]


def test_the_web_view_counts_nothing_and_cannot_unsubscribe() -> None:
    email = compiled(
        'Hi {{ first_name }} <a href="https://s.example/?a=1&amp;b=2">x</a> {% unsubscribe %} {% manage_preferences %}'
    )
    html = email.html(context(), envelope())
    links = page(html).links
    assert "Hi Ada" in html
    assert "noindex" in html
    assert links[0] == "https://s.example/?a=1&b=2"
    assert not any(part in link for link in links for part in ("/u/", "/c/", "/preferences/"))
    assert "/o/" not in html
    assert "use the links in the email" in html


def test_a_font_that_is_named_is_fetched_from_nowhere() -> None:
    html, _ = shown(
        mjml('<span style="font-family: Roboto">Hi</span>').replace("<mj-text>", '<mj-text font-family="Lato, Roboto">')
    )

    assert "Roboto" in html
    assert "fonts.googleapis" not in html


def test_a_long_line_of_styles_keeps_its_classes() -> None:
    rules = " ".join(f".a-class-of-number-{number} {{ color: #c00; }}" for number in range(40))
    html, _ = shown(
        f"<html><head><style>@media print {{ {rules} }}</style></head><body><p>x</p>{{% footer %}}</body></html>"
    )

    assert all(f" .a-class-of-number-{number} " in " ".join(html.split()) for number in range(40))
    assert "&#46;" not in html
