"""Parsing Liquid: python-liquid's parser with our filters, our few inner tags, and errors a marketer understands.

The same environment interprets what the compiler leaves alone, so both see the same values: what is missing is None,
output is written by `State`, comparisons with `blank` count what is missing as blank.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TextIO, cast

from liquid import Environment, Node, RenderContext, Tag, Token, TokenStream
from liquid.ast import BlockNode
from liquid.builtin.expressions.logical import EqExpression, NeExpression
from liquid.builtin.expressions.primitive import Blank
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.filter import with_context
from liquid.parser import get_parser
from liquid.token import TOKEN_TAG
from markupsafe import Markup

from headwater.content.errors import TemplateError
from headwater.content.liquid import tokens
from headwater.content.liquid.filters import FILTERS, WITH_MOMENT, arity_problem
from headwater.content.liquid.values import MAX_LOOPS, MAX_OUTPUT, MAX_TEXT

STATE = "\0state"
"""The key under which the interpreter's context holds the render's state; no template can spell it."""
_ALLOWED_TAGS = frozenset(
    [
        "if",
        "unless",
        "case",
        "for",
        "break",
        "continue",
        "assign",
        "capture",
        "comment",
        "raw",
        "increment",
        "decrement",
        "cycle",
        "echo",
        "#",
        "tablerow",
        "ifchanged",
        "liquid",
        "doc",
        "content",
        "output",
        "illegal",
    ]
)
_BLOCKS = frozenset({"if", "unless", "case", "for", "capture", "tablerow", "ifchanged", "hw_url"})
_ELIF = re.compile(r"(\{%-?\s*)elif\b")


class StaticLinkNode(Node):
    """A link whose target is the same for everyone: its number in the email's table of links."""

    def __init__(self, token: Token, number: int) -> None:
        super().__init__(token)
        self.blank = False
        self.number = number

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(context.globals[STATE].link(self.number))  # type: ignore[attr-defined]


class DynamicLinkNode(Node):
    """A link whose target is made from data."""

    def __init__(self, token: Token, block: BlockNode) -> None:
        super().__init__(token)
        self.blank = False
        self.block = block

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> list[Node]:
        return [self.block]

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        state = cast(Any, context.globals[STATE])
        inner = context.get_buffer(buffer)
        outer_write, state.write = state.write, state.write_url
        try:
            self.block.render(context, inner)
        finally:
            state.write = outer_write
        return buffer.write(state.track(inner.getvalue()))


class _StaticLinkTag(Tag):
    name = "hw_link"
    block = False

    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        return StaticLinkNode(token, int(stream.current.value))


class _DynamicLinkTag(Tag):
    name = "hw_url"
    end = "endhw_url"

    def parse(self, stream: TokenStream) -> Node:
        token = stream.current
        next(stream)
        block = get_parser(self.env).parse_block(stream, frozenset({self.end}))
        stream.expect(TOKEN_TAG, value=self.end)
        return DynamicLinkNode(token, block)


class _OutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(context.globals[STATE].write(self.expression.evaluate(context)))  # type: ignore[attr-defined]


class _Output(Output):
    node_class = _OutputNode


class _CaptureNode(CaptureNode):
    def _assign(self, context: RenderContext, buf: Any) -> None:
        state = cast(Any, context.globals[STATE])
        context.assign(self.name, Markup(buf.getvalue()) if state.escapes else buf.getvalue())


class _CaptureTag(CaptureTag):
    node_class = _CaptureNode


class _Blank(Blank):
    """`blank` that what is missing equals, as in `{% if person.city != blank %}`."""

    def __eq__(self, other: object) -> bool:
        return other is None or super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]


class _Environment(Environment):
    loop_iteration_limit = MAX_LOOPS
    output_stream_limit = MAX_OUTPUT
    local_namespace_limit = 4 * MAX_TEXT
    context_depth_limit = 30
    suppress_blank_control_flow_blocks = False

    def error(self, exc: Any, msg: str | None = None, token: Token | None = None) -> None:
        """Raise it, with the place in the template where its own token names none."""
        placeless = isinstance(exc, LiquidError) and (exc.token is None or exc.token.start_index < 0)
        if placeless and token is not None and token.start_index >= 0:
            exc.token = token
        super().error(exc, msg, token)


def _missing(*arguments: object, **keywords: object) -> None:
    """What the interpreter finds where nothing is."""


def _with_state(function: Callable[..., Any]) -> Callable[..., Any]:
    @with_context
    def filtered(value: object, *arguments: object, context: RenderContext, **keywords: object) -> object:
        return function(cast(Any, context.globals[STATE]).moment, value, *arguments, **keywords)

    return filtered


@cache
def _environment(inner_tags: bool) -> Environment:
    environment = _Environment(undefined=cast(Any, _missing))
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in _ALLOWED_TAGS}
    environment.add_tag(_Output)
    environment.tags["echo"] = _echo(environment)
    environment.add_tag(_CaptureTag)
    if inner_tags:
        environment.add_tag(_StaticLinkTag)
        environment.add_tag(_DynamicLinkTag)
    environment.filters = dict(FILTERS)
    environment.filters |= {name: _with_state(function) for name, function in WITH_MOMENT.items()}
    return environment


def _echo(environment: Environment) -> Tag:
    tag = environment.tags["echo"]
    tag.node_class = _OutputNode  # type: ignore[attr-defined]
    return tag


def parse(source: str, *, inner_tags: bool = False) -> list[Node]:
    """The syntax tree of a source. Raises TemplateError with the line and what is wrong there."""
    environment = _environment(inner_tags)
    _check_blocks(source)
    try:
        nodes = environment._parse(_ELIF.sub(r"\1elsif", source))
        for node in nodes:
            _check(node)
    except LiquidError as problem:
        raise _explained(problem, source) from None
    except RecursionError:
        raise TemplateError("The template is nested too deeply.") from None
    return nodes


def _check_blocks(source: str) -> None:
    """Every block closed, and by its own end: told by the line where it opens."""
    open_blocks: list[re.Match[str]] = []
    for match in tokens.each(source):
        name = match["tag"] or ""
        if name in _BLOCKS:
            open_blocks.append(match)
        elif name.startswith("end") and name[3:] in _BLOCKS:
            if not open_blocks:
                raise TemplateError(f"{match[0]} closes nothing.", line=tokens.line_of(source, match.start()))
            opened = open_blocks.pop()
            if opened["tag"] != name[3:]:
                line = tokens.line_of(source, opened.start())
                raise TemplateError(
                    f"{match[0]} comes before {opened[0]} (line {line}) is closed.",
                    line=tokens.line_of(source, match.start()),
                )
    if open_blocks:
        opened = open_blocks[-1]
        raise TemplateError(
            f"{opened[0]} is never closed: it needs {{% end{opened['tag']} %}}.",
            line=tokens.line_of(source, opened.start()),
        )


def template(nodes: list[Node]) -> Any:
    """The tree as python-liquid's own template, to interpret."""
    environment = _environment(True)
    return environment.template_class(environment, nodes)


def _check(node: Node) -> None:
    """Filters known and rightly called; `blank` replaced by ours. All through the tree."""
    for expression in node.expressions():
        _check_expression(expression)
    context = cast(RenderContext, None)
    for child in node.children(context):
        _check(child)


def _check_expression(expression: Expression) -> None:
    if isinstance(expression, EqExpression | NeExpression):
        for side in ("left", "right"):
            if isinstance(getattr(expression, side), Blank):
                setattr(expression, side, _Blank(expression.token))
    alternatives = getattr(expression, "expressions", None)
    if isinstance(alternatives, list):  # of a `when`
        alternatives[:] = [_Blank(one.token) if isinstance(one, Blank) else one for one in alternatives]
    for name in ("filters", "tail_filters"):
        for used in getattr(expression, name, None) or ():
            _check_filter(used)
    for child in expression.children():
        _check_expression(child)


def _check_filter(used: Any) -> None:
    if used.name not in FILTERS and used.name not in WITH_MOMENT:
        raise LiquidError(f"there is no filter “{used.name}”", token=used.token)
    keywords = [argument.name for argument in used.args if getattr(argument, "name", None)]
    problem = arity_problem(used.name, len(used.args) - len(keywords), keywords)
    if problem:
        raise LiquidError(problem.rstrip("."), token=used.token)


def _explained(problem: LiquidError, source: str) -> TemplateError:
    line = None
    token = problem.token
    if token is not None and token.start_index >= 0:
        # A token inside an expression counts from the start of its own source, which is the whole template.
        line = token.source.count("\n", 0, token.start_index) + 1 if token.source else None
    message = str(problem.message or "the template language cannot be read here").strip()
    message = message[0].upper() + message[1:]
    return TemplateError(f"{message}." if message[-1] not in ".!?" else message, line=line)


__all__ = ["STATE", "DynamicLinkNode", "StaticLinkNode", "parse", "template"]
