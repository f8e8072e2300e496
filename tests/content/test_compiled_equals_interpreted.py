"""The compiled function and python-liquid's interpreter give the same text, or fail alike, on generated templates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.content.errors import RenderError
from headwater.content.liquid.dates import Moment
from headwater.content.liquid.program import Frame, build
from headwater.content.liquid.writing import Mode

FRAME = Frame(
    Moment(datetime(2026, 3, 2, 12, tzinfo=UTC), "Europe/Berlin", "EUR"),
    unsubscribe_link="https://m.example/u/t",
    preferences_link="https://m.example/preferences/t",
    web_view_link="https://m.example/w/t",
    click="https://m.example/c/t",
    links=("/a?u=1", "/b?u=2"),
)

texts = st.text(alphabet="ab <>&\"'.é日\n\r\t😀Z9", max_size=12)
scalars = st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1e6, 1e6) | texts
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "size", "first"]), inner, max_size=3)
    ),
    max_leaves=8,
)
data = st.fixed_dictionaries({}, optional=dict.fromkeys(("a", "b", "items", "person"), values))

paths = st.sampled_from(
    [
        "a",
        "b",
        "items",
        "person",
        "a.b",
        "person.a",
        "person.a.b",
        "items[0]",
        "items[1].a",
        "items.first",
        "items.last",
    ]
    + ["items.size", "a.size", "b.first", "person['a']", "missing", "missing.deep", "items[-1]", "a.first.b", "now"]
    + ["unsubscribe_link", "preferences_link", "current_year"]
)
literals = st.sampled_from(["'x'", '"<b>"', "1", "-2", "2.5", "true", "false", "nil", "''", "(1..3)"])
filters = st.sampled_from(
    """upcase|downcase|capitalize|title|append: 'é<'|prepend: b|replace: 'a', '.'|remove: 'b'|size|join: ','|split: 'a'
    |first|last|slice: 1, 2|slice: ':2'|truncate: 5|truncatewords: 2|strip_html|strip|escape|url_encode|plus: 2
    |minus: a|times: 1.5|round: 1|ceil|floor|abs|modulo: 3|at_least: 5|at_most: 2|newline_to_br|map: 'a'
    |where: 'a'|where: 'a', 1|sort|sort: 'a'|reverse|uniq|compact|floatformat: 2|lookup: 'a'|default: 'none'
    |default: b|default: 'x', allow_false: true|date: '%Y-%m-%d'|money|money: 'USD'|days_later: 2|safe""".replace(
        "\n    ", ""
    ).split("|")
)
operands = st.sampled_from(["'x'", "1", "0", "true", "false", "nil", "a", "missing", "2.5"])
markers = st.sampled_from(["empty", "blank"])
static = st.sampled_from([" ", "text ", ".dot\n", "é→ ", "\n.\n", "<b>", "&amp; ", "a\r\nb"])
options = st.sampled_from(["", " limit: 2", " offset: 1", " reversed", " limit: 1 offset: 1", " limit:2 reversed"])
lists = st.sampled_from(["items", "person", "(1..3)", "a.b", "missing", "b"])


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """A path, or one or two comparisons."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(paths)
    if kind == 1:
        return f"{draw(paths)} {draw(st.sampled_from(['==', '!=']))} {draw(st.one_of(operands, markers))}"
    operator = draw(st.sampled_from(["==", "!=", "<", ">", "<=", ">=", "contains"]))
    comparison = f"{draw(paths)} {operator} {draw(operands)}"
    if kind == 2:
        return comparison
    return f"{comparison} {draw(st.sampled_from(['and', 'or']))} {draw(conditions())}"


@st.composite
def templates(draw: st.DrawFn, depth: int = 3) -> str:
    """A few pieces in a row, blocks among them while there is depth."""
    return "".join(draw(_piece(depth)) for _ in range(draw(st.integers(1, 3))))


@st.composite
def _piece(draw: st.DrawFn, depth: int) -> str:
    kind = draw(st.integers(0, 10 if depth else 1))
    if kind == 0:
        return draw(static)
    if kind == 1:
        chain = draw(st.lists(filters, max_size=3))
        return f"{{{{ {' | '.join([draw(st.one_of(paths, literals)), *chain])} }}}}"
    inner, other, test = draw(templates(depth - 1)), draw(templates(depth - 1)), draw(conditions())
    return {
        2: f"{{% if {test} %}}{inner}{{% elsif {draw(paths)} %}}x{{% else %}}{other}{{% endif %}}",
        3: f"{{% unless {test} %}}{inner}{{% else %}}{other}{{% endunless %}}",
        4: f"{{% case {draw(paths)} %}}{{% when 1, 'x' %}}{inner}{{% when blank %}}-{{% else %}}{other}{{% endcase %}}",
        5: f"{{% for a in {draw(lists)}{draw(options)} %}}{{{{ forloop.index }}}}{{{{ forloop.last }}}}{inner}"
        f"{{% else %}}{other}{{% endfor %}}",
        6: f"{{% for i in items %}}{{% if {test} %}}{{% break %}}{{% endif %}}{inner}{{% if i %}}{{% continue %}}"
        f"{{% endif %}}{{{{ forloop.parentloop.index }}}}{{{{ i.a }}}}{{% endfor %}}",
        7: f"{{% assign {draw(st.sampled_from('ab'))} = {draw(paths)} %}}{inner}",
        8: f"{{% capture b %}}{inner}{{% endcapture %}}[{{{{ b }}}}]",
        9: f"{{% cycle 'x', 'y' %}}{inner}{{% increment c %}}{{% decrement c %}}{{% cycle 'x', 'y' %}}",
        10: f"{{% comment %}}hidden{{% endcomment %}}{{% raw %}}{{{{ a }}}}{{% endraw %}}{inner}",
    }[kind]


def outcome(source: str, mode: Mode, names: dict[str, Any], compile_it: bool) -> str:
    program = build(source, mode, compile_it=compile_it)
    assert program.compiled is compile_it
    try:
        return program.run(names, FRAME)
    except RenderError:
        return "RenderError"


@pytest.mark.parametrize("mode", ["html", "text", "line", "wide"])
@settings(max_examples=100, deadline=None)
@given(source=templates(), names=data)
def test_same_output(mode: Mode, source: str, names: dict[str, Any]) -> None:
    assert outcome(source, mode, names, True) == outcome(source, mode, names, False)


@settings(max_examples=100, deadline=None)
@given(source=templates(), names=data)
def test_html_is_ascii_and_never_has_a_line_that_starts_with_a_dot(source: str, names: dict[str, Any]) -> None:
    written = outcome("<p>" + source, "html", names, True)
    assert written.isascii()
    assert "\n." not in written
    assert "\n" not in written.replace("\r\n", "")


@settings(max_examples=100, deadline=None)
@given(names=data)
def test_values_cannot_bring_markup(names: dict[str, Any]) -> None:
    written = outcome(
        "{{ a }}{{ b | upcase }}{{ person.a }}{% for i in items %}{{ i }}{% endfor %}", "html", names, True
    )
    assert "<" not in written.replace("<br />", "")
    assert '"' not in written


def test_what_the_compiler_leaves_alone_is_interpreted() -> None:
    source = "{% tablerow i in items cols:2 %}{{ i | upcase }}{% endtablerow %}"
    program = build(source, "html")
    assert not program.compiled
    assert "A&lt;" in program.run({"items": ["a<", "b"]}, FRAME)
