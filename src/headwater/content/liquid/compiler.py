"""A Liquid syntax tree becomes the source of one Python function, made once a template and run once a message.

Safe by construction: the generated code holds only look-ups in dicts and lists, the filters of the table, constants,
and names that this module makes up; no attribute, call or name comes from the template. It has no builtins. Output,
loops and captured text are counted against budgets. What it cannot express raises Unsupported: the interpreter does it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from liquid import Node
from liquid.ast import BlockNode
from liquid.builtin import expressions as ex
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import logical, primitive
from liquid.builtin.output import OutputNode
from liquid.builtin.tags import (
    case_tag,
    comment_tag,
    cycle_tag,
    decrement_tag,
    doc_tag,
    for_tag,
    if_tag,
    increment_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from markupsafe import Markup

from headwater.content.errors import LimitExceeded, TemplateError, TooLarge
from headwater.content.liquid import values
from headwater.content.liquid.filters import FILTERS, WITH_MOMENT
from headwater.content.liquid.syntax import DynamicLinkNode, StaticLinkNode
from headwater.content.liquid.writing import STATIC, WRITE, Mode, escape_html

Rendering = Callable[[Callable[[str], Any], Any], str]
_SPECIAL = {
    "unsubscribe_link": "U",
    "preferences_link": "P",
    "web_view_link": "W",
    "hw_pixel": "O",
    "current_year": "Y",
    "now": "N",
    "today": "N",
}
_UNESCAPED = frozenset("UPWO")
_PIECES_AT_ONCE = 60
_AT_ONCE: dict[str, str] = {
    "html": "(E(v) if (v := {0}).__class__ is str and size_of(v) < 200 and v.isascii() and v.isprintable() "
    "else write_html(v))",
    "text": "(v if (v := {0}).__class__ is str and size_of(v) < 200 and v.isprintable() else write_text(v))",
}
"""The common case of a plain variable without a call."""
_COMPARE = {
    logical.LtExpression: ("less", False),
    logical.GtExpression: ("less", True),
    logical.LeExpression: ("less_or_equal", False),
    logical.GeExpression: ("less_or_equal", True),
    logical.ContainsExpression: ("contains", False),
}
_SHARED: tuple[Callable[..., Any], ...] = (
    values.get,
    values.equal,
    values.less,
    values.less_or_equal,
    values.contains,
    values.is_empty,
    values.is_blank,
    values.span,
    values.loop_items,
    values.bounded,
)
_SILENT = (comment_tag.CommentNode, doc_tag.DocNode, inline_comment_tag.InlineCommentNode)


class Unsupported(Exception):
    """The compiler leaves this template to the interpreter."""


def compile_nodes(nodes: list[Node], mode: Mode) -> Rendering:
    """The function that renders these nodes. Raises Unsupported, TemplateError."""
    try:
        return _Compiler(mode).function(nodes)
    except (RecursionError, SyntaxError, MemoryError):
        raise Unsupported from None


def prepare_static(nodes: list[Node], mode: Mode) -> None:
    """Static text as the mode writes it, in place: what the compiler does while it walks, for the interpreter."""
    for node in nodes:
        if isinstance(node, ContentNode):
            node.text = STATIC[mode](node.text)
        inner: Mode = "url" if isinstance(node, DynamicLinkNode) else mode
        prepare_static(list(node.children(None)), inner)  # type: ignore[arg-type]


def _out_of_budget() -> None:
    raise TooLarge(f"The email would be larger than {values.MAX_OUTPUT:,} characters.")


def _too_many_loops() -> None:
    raise LimitExceeded(f"The template loops more than {values.MAX_LOOPS:,} times.")


def _next_in_cycle(cycles: dict[Any, int], group: Any, choices: tuple[Any, ...]) -> Any:
    key = ("group", str(group)) if group is not None else ("choices", str(choices))
    index = cycles.get(key, 0)
    cycles[key] = (index + 1) % len(choices)
    return choices[index] if index < len(choices) else ""


def _step(counters: dict[str, int], name: str, by: int) -> int:
    """`increment` shows the value before the step, `decrement` the one after."""
    before = counters.get(name, 0)
    counters[name] = before + by
    return before if by > 0 else before + by


class _Compiler:
    """One compilation. `scope` maps a template's loop variables to the Python names that hold them."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.lines: list[str] = []
        self.numbers = count()
        self.assigned: dict[str, str] = {}
        self.counters: set[str] = set()
        self.roots: dict[str, str] = {}
        self.pieces: list[str] = []
        self.constants: dict[str, Any] = {
            "__builtins__": {},
            "J": "".join,
            "Markup": Markup,
            "out_of_budget": _out_of_budget,
            "too_many_loops": _too_many_loops,
            "next_in_cycle": _next_in_cycle,
            "step": _step,
            "is_dict": dict,
            "str": str,
            "E": escape_html,
            "size_of": len,
            "numbered": enumerate,
            **{function.__name__: function for function in _SHARED},
        }
        for each_mode, write in WRITE.items():
            self.constants[f"write_{each_mode}"] = write

    # The function

    def function(self, nodes: list[Node]) -> Rendering:
        self._collect(nodes)
        head = [
            "def render(G, frame):",
            "    C = frame.click; L = frame.links; T = frame.track; M = frame.moment",
            "    U = frame.unsubscribe_link; P = frame.preferences_link; W = frame.web_view_link; O = frame.pixel",
            "    N = M.now; Y = N.year",
            f"    n = {values.MAX_OUTPUT}; r = {values.MAX_LOOPS}; cycles = {{}}; counters = {{}}",
            "    out = []; A = out.append",
        ]
        for name, held in self.assigned.items():
            head.append(f"    {held} = {_SPECIAL.get(name) or f'G({name!r})'}")
        self.block(nodes, 1, {}, "A", self.mode)
        head += [f"    {held} = G({name!r})" for name, held in self.roots.items()]
        source = "\n".join([*head, *self.lines, "    return J(out)"])
        namespace = self.constants
        exec(compile(source, "<email template>", "exec"), namespace)  # noqa: S102  our own code: see the module's head
        rendering: Rendering = namespace["render"]
        return rendering

    def _collect(self, nodes: list[Node]) -> None:
        """Names that assign, capture and counters make, anywhere in the template."""
        for node in nodes:
            if isinstance(node, AssignNode | CaptureNode):
                self.assigned.setdefault(str(node.name), f"a{next(self.numbers)}")
            if isinstance(node, increment_tag.IncrementNode | decrement_tag.DecrementNode):
                self.counters.add(str(node.name))
            self._collect(list(node.children(None)))  # type: ignore[arg-type]

    def constant(self, value: Any) -> str:
        name = f"k{next(self.numbers)}"
        self.constants[name] = value
        return name

    def line(self, depth: int, code: str) -> None:
        self.lines.append("    " * depth + code)

    # Statements

    def block(self, nodes: list[Node], depth: int, scope: dict[str, str], out: str, mode: Mode) -> None:
        for node in nodes:
            if not self.piece(node, scope, mode):
                self.flush(depth, out)
                self.statement(node, depth, scope, out, mode)
            elif len(self.pieces) >= _PIECES_AT_ONCE:
                self.flush(depth, out)
        self.flush(depth, out)

    def piece(self, node: Node, scope: dict[str, str], mode: Mode) -> bool:
        """Collect a node that only writes; adjoining ones are joined in one go."""
        if isinstance(node, ContentNode):
            if written := STATIC[mode](node.text):
                self.pieces.append(self.constant(written))
        elif isinstance(node, OutputNode):
            self.pieces.append(self.written(node.expression, scope, mode))
        elif isinstance(node, StaticLinkNode):
            self.pieces += ["C", f"L[{node.number}]"]
        elif isinstance(node, DynamicLinkNode) and len(node.block.nodes) == 1:
            only = node.block.nodes[0]
            if not isinstance(only, OutputNode):
                return False
            self.pieces.append(f"T({self.written(only.expression, scope, 'url')})")
        elif isinstance(node, cycle_tag.CycleNode):
            group = self.value(node.group, scope) if node.group else "None"
            choices = ", ".join(self.value(choice, scope) for choice in node.args)
            self.pieces.append(f"write_{mode}(next_in_cycle(cycles, {group}, ({choices},)))")
        elif isinstance(node, increment_tag.IncrementNode | decrement_tag.DecrementNode):
            by = 1 if isinstance(node, increment_tag.IncrementNode) else -1
            self.pieces.append(f"write_{mode}(step(counters, {str(node.name)!r}, {by}))")
        else:
            return False
        return True

    def written(self, expression: Any, scope: dict[str, str], mode: Mode) -> str:
        code = self.value(expression, scope)
        if code in _UNESCAPED:
            return code
        if isinstance(expression, ex.FilteredExpression) and not expression.filters and mode in _AT_ONCE:
            return _AT_ONCE[mode].format(code)
        return f"write_{mode}({code})"

    def flush(self, depth: int, out: str) -> None:
        """Write the collected pieces, and count them against the budget."""
        if not self.pieces:
            return
        joined = self.pieces[0] if len(self.pieces) == 1 else f"J(({', '.join(self.pieces)}))"
        self.line(depth, f"p = {joined}; n -= size_of(p); {out}(p)")
        self.line(depth, "if n < 0: out_of_budget()")
        self.pieces = []

    def statement(self, node: Node, depth: int, scope: dict[str, str], out: str, mode: Mode) -> None:
        if isinstance(node, if_tag.IfNode | unless_tag.UnlessNode):
            self.choice(node, depth, scope, out, mode)
        elif isinstance(node, for_tag.ForNode):
            self.loop(node, depth, scope, out, mode)
        elif isinstance(node, case_tag.CaseNode):
            self.case(node, depth, scope, out, mode)
        elif isinstance(node, AssignNode):
            self.line(depth, f"{self.assigned[str(node.name)]} = {self.value(node.expression, scope)}")
        elif isinstance(node, CaptureNode):
            self.capture(node, depth, scope, mode)
        elif isinstance(node, DynamicLinkNode):
            held = self.buffered(node.block, depth, scope, "url")
            self.line(depth, f"p = T({held}); n -= size_of(p); {out}(p)")
        elif isinstance(node, for_tag.BreakNode | for_tag.ContinueNode):
            if " loop" not in scope:
                raise TemplateError("“break” and “continue” belong inside a loop.")
            self.line(depth, "break" if isinstance(node, for_tag.BreakNode) else "continue")
        elif isinstance(node, BlockNode):
            self.block(node.nodes, depth, scope, out, mode)
        elif not isinstance(node, _SILENT):
            raise Unsupported(type(node).__name__)

    def choice(self, node: Any, depth: int, scope: dict[str, str], out: str, mode: Mode) -> None:
        condition = self.truth(node.condition, scope)
        if isinstance(node, unless_tag.UnlessNode):
            condition = f"not ({condition})"
        self.branch(f"if {condition}:", node.consequence, depth, scope, out, mode)
        for alternative in node.alternatives:
            condition = self.truth(alternative.expression, scope)
            self.branch(f"elif {condition}:", alternative.block, depth, scope, out, mode)
        if node.default:
            self.branch("else:", node.default, depth, scope, out, mode)

    def branch(self, head: str, block: BlockNode, depth: int, scope: dict[str, str], out: str, mode: Mode) -> None:
        self.line(depth, head)
        self.line(depth + 1, "pass")
        self.block(block.nodes, depth + 1, scope, out, mode)

    def case(self, node: Any, depth: int, scope: dict[str, str], out: str, mode: Mode) -> None:
        """Every `when` that matches is written; an `else` only if none before it did."""
        subject, none_yet = f"c{next(self.numbers)}", f"d{next(self.numbers)}"
        self.line(depth, f"{subject} = {self.value(node.expression, scope)}; {none_yet} = True")
        for block in node.blocks:
            if isinstance(block, case_tag.MultiExpressionBlockNode):
                tests = [self.sameness(subject, choice, scope) for choice in block.expression.expressions]
                self.branch(f"if {' or '.join(tests)}:", block.block, depth, scope, out, mode)
                self.line(depth + 1, f"{none_yet} = False")
            else:
                self.branch(f"if {none_yet}:", block, depth, scope, out, mode)

    def loop(self, node: Any, depth: int, scope: dict[str, str], out: str, mode: Mode) -> None:
        loop = node.expression
        if loop.cols is not None or isinstance(loop.offset, primitive.StringLiteral):
            raise Unsupported("loop options")
        number = next(self.numbers)
        items, item, index = f"s{number}", f"v{number}", f"i{number}"
        limit = self.value(loop.limit, scope) if loop.limit else "None"
        offset = self.value(loop.offset, scope) if loop.offset else "None"
        iterable = self.value(loop.iterable, scope)
        self.line(depth, f"{items} = loop_items({iterable}, {limit}, {offset}, {bool(loop.reversed)})")
        self.line(depth, f"r -= size_of({items})")
        self.line(depth, "if r < 0: too_many_loops()")
        inner = {**scope, loop.identifier: item, " loop": f"{number}", " outer": scope.get(" loop", "")}
        inner |= {f" outer {number}": scope.get(" loop", "")}
        self.line(depth, f"for {index}, {item} in numbered({items}):")
        self.line(depth + 1, "pass")
        self.block(node.block.nodes, depth + 1, inner, out, mode)
        if node.default:
            self.branch(f"if not {items}:", node.default, depth, scope, out, mode)

    def capture(self, node: Any, depth: int, scope: dict[str, str], mode: Mode) -> None:
        held = self.buffered(node.block, depth, scope, mode)
        wrapped = f"Markup(bounded({held}))" if mode in ("html", "wide") else f"bounded({held})"
        self.line(depth, f"{self.assigned[str(node.name)]} = {wrapped}")

    def buffered(self, block: BlockNode, depth: int, scope: dict[str, str], mode: Mode) -> str:
        """The block's output as a Python name that holds it."""
        number = next(self.numbers)
        self.line(depth, f"b{number} = []; A{number} = b{number}.append")
        self.block(block.nodes, depth, scope, f"A{number}", mode)
        self.line(depth, f"b{number} = J(b{number})")
        return f"b{number}"

    # Expressions

    def value(self, expression: Any, scope: dict[str, str]) -> str:
        if isinstance(expression, ex.FilteredExpression):
            code = self.value(expression.left, scope)
            for used in expression.filters or ():
                code = self.filtered(code, used, scope)
            return code
        if isinstance(expression, ex.Path):
            return self.path(expression, scope)
        if isinstance(expression, primitive.StringLiteral):
            return repr(str(expression.value))
        if isinstance(expression, primitive.IntegerLiteral):
            if abs(expression.value) > values.MAX_NUMBER:
                raise TemplateError("A number in the template is too large.")
            return f"({expression.value!r})"
        if isinstance(expression, primitive.FloatLiteral):
            return self.constant(expression.value)
        if isinstance(expression, primitive.TrueLiteral):
            return "True"
        if isinstance(expression, primitive.FalseLiteral):
            return "False"
        if isinstance(expression, primitive.Nil):
            return "None"
        if isinstance(expression, primitive.RangeLiteral):
            return f"span({self.value(expression.start, scope)}, {self.value(expression.stop, scope)})"
        raise Unsupported(type(expression).__name__)

    def filtered(self, code: str, used: Any, scope: dict[str, str]) -> str:
        moment = used.name in WITH_MOMENT
        function = self.constant(WITH_MOMENT[used.name] if moment else FILTERS[used.name])
        arguments = ["M", code] if moment else [code]
        for argument in used.args:
            name = getattr(argument, "name", None)
            written = self.value(argument.value, scope)
            arguments.append(f"{name}={written}" if name else written)
        return f"{function}({', '.join(arguments)})"

    def path(self, path: Any, scope: dict[str, str]) -> str:
        root, *rest = path.path
        if not isinstance(root, str):
            return "None"
        if root == "forloop" and " loop" in scope and root not in self.assigned:
            return self.loop_property(rest, scope)
        code = scope.get(root) or self.assigned.get(root) or self._root(root)
        for segment in rest:
            if isinstance(segment, ex.Path):
                code = f"get({code}, {self.path(segment, scope)})"
            elif isinstance(segment, str) and segment not in ("size", "first", "last"):
                # The common case without a call: a key of a dict. `w` holds what it is looked up in.
                code = f"(w.get({segment!r}) if (w := {code}).__class__ is is_dict else get(w, {segment!r}))"
            else:
                code = f"get({code}, {segment!r})"
        return code

    def _root(self, name: str) -> str:
        if name in _SPECIAL:
            return _SPECIAL[name]
        if name in self.counters:
            raise Unsupported("a counter read as a variable")
        if name not in self.roots:
            self.roots[name] = f"g{next(self.numbers)}"
        return self.roots[name]

    def loop_property(self, rest: list[Any], scope: dict[str, str]) -> str:
        number = scope[" loop"]
        while rest and rest[0] == "parentloop":
            number, rest = scope[f" outer {number}"], rest[1:]
            if not number:
                return "None"
        if len(rest) != 1:
            raise Unsupported("forloop as a value")
        index, total = f"i{number}", f"size_of(s{number})"
        written = {
            "index": f"({index} + 1)",
            "index0": index,
            "counter": f"({index} + 1)",
            "counter0": index,
            "rindex": f"({total} - {index})",
            "rindex0": f"({total} - {index} - 1)",
            "first": f"({index} == 0)",
            "last": f"({index} == {total} - 1)",
            "length": total,
        }.get(rest[0])
        if written is None:
            raise Unsupported("an unknown property of forloop")
        return written

    def truth(self, expression: Any, scope: dict[str, str]) -> str:
        """Python's condition for Liquid's truth: nil and false are false, all else is true."""
        if isinstance(expression, ex.BooleanExpression):
            return self.truth(expression.expression, scope)
        if isinstance(expression, logical.LogicalAndExpression):
            return f"({self.truth(expression.left, scope)} and {self.truth(expression.right, scope)})"
        if isinstance(expression, logical.LogicalOrExpression):
            return f"({self.truth(expression.left, scope)} or {self.truth(expression.right, scope)})"
        if isinstance(expression, logical.EqExpression):
            return self.equality(expression, scope)
        if isinstance(expression, logical.NeExpression):
            return f"(not {self.equality(expression, scope)})"
        comparison = _COMPARE.get(type(expression))
        if comparison:
            function, swapped = comparison
            sides = [self.value(expression.left, scope), self.value(expression.right, scope)]
            return f"{function}({', '.join(reversed(sides) if swapped else sides)})"
        if isinstance(expression, primitive.Empty | primitive.Blank):
            return "True"
        return f"((w := {self.value(expression, scope)}) is not None and w is not False)"

    def equality(self, expression: Any, scope: dict[str, str]) -> str:
        left, right = expression.left, expression.right
        markers = (primitive.Empty, primitive.Blank)
        if isinstance(left, markers):
            left, right = right, left
        if isinstance(left, markers):
            return "True" if type(left) is type(right) else "False"
        return self.sameness(self.value(left, scope), right, scope)

    def sameness(self, code: str, right: Any, scope: dict[str, str]) -> str:
        if isinstance(right, primitive.Empty):
            return f"is_empty({code})"
        if isinstance(right, primitive.Blank):
            return f"is_blank({code})"
        if isinstance(right, primitive.StringLiteral):
            return f"({code} == {str(right.value)!r})"
        if isinstance(right, primitive.Nil):
            return f"({code} is None)"
        return f"equal({code}, {self.value(right, scope)})"
