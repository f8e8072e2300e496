"""A template cannot reach Python, cannot run on, and cannot eat the machine's memory."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from headwater.content.errors import LimitExceeded, RenderError, TemplateError, TooLarge
from headwater.content.liquid.dates import Moment
from headwater.content.liquid.program import Frame, build

FRAME = Frame(Moment(datetime(2026, 3, 2, 12, tzinfo=UTC)))


class Secret:
    key = "hunter2"

    def __str__(self) -> str:
        return "a secret"


@pytest.mark.parametrize("compile_it", [True, False])
@pytest.mark.parametrize(
    "source",
    [
        "{{ a.__class__.__mro__ }}",
        "{{ a.key }}",
        "{{ a['key'] }}",
        "{{ a | lookup: 'key' }}",
        "{{ list | map: '__class__' | first }}",
        "{{ now.year }}",
        "{{ text.upper }}",
        "{{ text.format }}",
        "{{ forloop.__init__ }}",
        "{{ __builtins__ }}",
        "{{ G }}{{ frame }}{{ out }}{{ J }}",
    ],
)
def test_there_is_no_way_from_data_to_python(source: str, compile_it: bool) -> None:
    program = build(source, "text", compile_it=compile_it)
    assert program.run({"a": Secret(), "list": [1], "text": "x"}, FRAME) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ text.upper() }}",
        "{{ 'a' * 999999999 }}",
        "{{ 9 ** 99999999 }}",
        "{{ a.b(1) }}",
        "{{ lambda: 1 }}",
    ],
)
def test_calls_and_arithmetic_are_not_in_the_language(source: str) -> None:
    try:
        written = build(source, "text").run({"text": "x"}, FRAME)
    except (TemplateError, RenderError):
        return
    assert len(written) < 100


@pytest.mark.parametrize("compile_it", [True, False])
@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}",
        "{% for i in big %}{% for j in big %}{{ i }}{% endfor %}{% endfor %}",
        "{{ (1..1000000000) | join: 'x' }}",
        "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..100) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
        "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..100) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}",
        "{% assign a = text | replace: 'x', text %}{{ a }}",
        "{% assign a = text | split: '' | join: text %}{{ a }}",
        "{% for i in (1..900) %}{{ text }}{% endfor %}",
        "{% assign a = 9 %}{% for i in (1..900) %}{% assign a = a | times: a %}{% endfor %}{{ a }}",
    ],
)
def test_loops_text_and_numbers_are_bounded(source: str, compile_it: bool) -> None:
    program = build(source, "html", compile_it=compile_it)
    data = {"big": list(range(500)), "text": "x" * 20_000}
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(RenderError):
        program.run(data, FRAME)
    assert time.process_time() - started < 2
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "source",
    [
        "{{ now | date: '%999999999d' }}",
        "{{ 1.5 | round: 999999999 }}",
        "{{ 1.5 | floatformat: 999999999 }}",
        "{{ '1e999999999' | money }}",
        "{{ '1e999999999' | floatformat: 2 }}",
        "{{ text | truncate: 999999999 }}",
        "{{ open | strip_html }}",
        "{{ scripts | strip_html | size }}",
        "{{ text | slice: -999999999, 999999999 }}",
        "{{ digits | plus: 1 }}",
        "{{ digits | date: '%Y' }}",
    ],
)
def test_odd_arguments_are_harmless(source: str) -> None:
    data = {
        "text": "x" * 1000,
        "open": "<" * 90_000,
        "scripts": "<script" * 12_000,
        "digits": "9" * 5000,
    }
    started = time.process_time()
    try:
        written = build(source, "text").run(data, FRAME)
    except RenderError:
        written = ""
    assert len(written) <= 100_000
    assert time.process_time() - started < 1


def test_a_thousand_loops_are_allowed_and_one_more_is_not() -> None:
    program = build("{% for i in items %}.{% endfor %}", "text")
    assert program.run({"items": [0] * 1000}, FRAME) == "." * 1000
    with pytest.raises(LimitExceeded):
        program.run({"items": [0] * 1001}, FRAME)


@pytest.mark.parametrize("compile_it", [True, False])
def test_more_than_an_email_may_hold_is_too_large(compile_it: bool) -> None:
    program = build("{% for i in items %}{{ text }}{% endfor %}", "text", compile_it=compile_it)
    assert len(program.run({"items": [0] * 10, "text": "x" * 90_000}, FRAME)) == 900_000
    with pytest.raises(TooLarge):
        program.run({"items": [0] * 12, "text": "x" * 90_000}, FRAME)


def test_nesting_has_an_end() -> None:
    with pytest.raises(TemplateError):
        build("{% if a %}" * 200 + "{% endif %}" * 200, "text")


def test_deep_but_legal_nesting_falls_back_to_the_interpreter_or_compiles() -> None:
    source = "{% for i in a %}" * 22 + "x" + "{% endfor %}" * 22
    assert build(source, "text").run({"a": [1]}, FRAME) == "x"


@pytest.mark.parametrize(
    ("source", "says", "line"),
    [
        ("a\n\n{% if x %}b", "", 3),
        ("a\n{{ x | nonsense }}", "no filter", 2),
        ("a\n{{ x | upcase: 1, 2 }}", "does not take", 2),
        ("{% for x %}{% endfor %}", "", 1),
        ("a\n{% nonsense %}", "", 2),
        ("{% include 'x' %}", "", 1),
        ("{% render 'x' %}", "", 1),
        ("{% hw_link 3 %}", "", 1),
        ("{% break %}", "loop", None),
        ("{{ x", "", None),
    ],
)
def test_a_mistake_is_told_with_its_line(source: str, says: str, line: int | None) -> None:
    with pytest.raises(TemplateError) as told:
        build(source, "html")
    assert says in told.value.message
    if line:
        assert told.value.line == line
