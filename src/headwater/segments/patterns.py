r"""Patterns that a text property is searched for: a small regular language with one meaning in Python and PostgreSQL.

A pattern is parsed here and written anew for each engine, so neither's own dialect shows. `matches` walks an automaton
and reads each character once: no pattern that is accepted can make it slow. Knows nothing of profiles or databases.

The language is case-sensitive and searches anywhere in the text:

    abc  \.  .        a character; a backslash before punctuation; any character, line ends too
    [a-z_] [^0-9]     one of these; none of these. Ranges go by code point
    \d \w \s          0-9; A-Z a-z 0-9 _; ASCII white space. \D \W \S: all others
    ^ $               the start and the end of the whole text, never of a line
    (ab|c) (?:ab|c)   alternatives
    * + ? {2} {2,} {2,5}

`matches` reads the first 10,000 characters of a text, and so must SQL: `left(value, 10000) ~ %s` with `.postgres`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_LENGTH = 200
MAX_TEXT = 10_000
"""Characters of a text that are searched; the rest is ignored, in SQL by left(value, 10000)."""
MAX_COUNT = 100  # m and n of {m,n}
MAX_LOOPS = 5  # * + {m,}
MAX_DEPTH = 10  # groups within groups
MAX_SIZE = 300  # characters and classes, with those under {m,n} counted as often as it repeats them


class PatternError(ValueError):
    """A pattern that cannot be used; the message says what is not allowed and at which character, from 1."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that both engines understand alike.

    `python` is for `re.compile` without flags, and to compare with: `re` backtracks, and \\w+\\d+@ alone would keep it
    busy for minutes on 10,000 digits, so ask `matches`. `postgres` is the right side of `~`, from PostgreSQL 15 on.
    """

    source: str
    python: str
    postgres: str


def compile_pattern(source: str) -> Pattern:
    """The pattern, checked and written for both engines. Raises PatternError with a message for its author."""
    tree = _Parser(source).parse()
    return Pattern(source, _written(tree, _PYTHON), _written(tree, _POSTGRES))


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the pattern is found anywhere in the first MAX_TEXT characters of the text."""
    return _automaton(pattern.source).finds(text[:MAX_TEXT])


# ── the tree ────────────────────────────────────────────────────────────────────────────────────────────────────────
Ranges = tuple[tuple[int, int], ...]  # of code points, both ends included; in order, apart from each other
_LAST = 0x10FFFF
_ANY: Ranges = ((0, _LAST),)


@dataclass(frozen=True, slots=True)
class One:
    """One character out of some."""

    of: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """The start of the text, or its end."""

    start: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    part: Node
    least: int
    most: int | None


Node = One | Edge | Sequence | Choice | Repeat


def _merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _others(ranges: Ranges) -> Ranges:
    """Every character that is not in the ranges."""
    bounds = [-1, *(bound for low, high in ranges for bound in (low, high)), _LAST + 1]
    gaps = zip(bounds[::2], bounds[1::2], strict=True)
    return tuple((low + 1, high - 1) for low, high in gaps if low + 1 < high)


def _overlap(one: Ranges, other: Ranges) -> bool:
    return any(low <= end and start <= high for low, high in one for start, end in other)


def _empty(node: Node) -> bool:
    """Whether no character at all can be enough."""
    match node:
        case One():
            return False
        case Edge():
            return True
        case Sequence(parts):
            return all(map(_empty, parts))
        case Choice(branches):
            return any(map(_empty, branches))
        case Repeat(part, least):
            return least == 0 or _empty(part)


def _first(node: Node) -> Ranges:
    """What its first character can be."""
    match node:
        case One(of):
            return of
        case Edge():
            return ()
        case Sequence(parts):
            until = next((index for index, part in enumerate(parts) if not _empty(part)), len(parts))
            return _merged(span for part in parts[: until + 1] for span in _first(part))
        case Choice(branches):
            return _merged(span for branch in branches for span in _first(branch))
        case Repeat(part):
            return _first(part)


def _ambiguous(node: Node) -> bool:
    """Whether it holds alternatives that can begin alike."""
    match node:
        case One() | Edge():
            return False
        case Sequence(parts):
            return any(map(_ambiguous, parts))
        case Choice(branches):
            firsts = [_first(branch) for branch in branches]
            alike = any(_overlap(first, later) for at, first in enumerate(firsts) for later in firsts[at + 1 :])
            return alike or any(map(_ambiguous, branches))
        case Repeat(part):
            return _ambiguous(part)


# ── from text to tree ───────────────────────────────────────────────────────────────────────────────────────────────
_CLASSES: dict[str, Ranges] = {
    "d": _merged([(48, 57)]),
    "w": _merged([(48, 57), (65, 90), (95, 95), (97, 122)]),
    "s": _merged([(9, 13), (32, 32)]),
}
_CLASSES |= {name.upper(): _others(ranges) for name, ranges in _CLASSES.items()}
_PUNCTUATION = frozenset(" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_COUNT = re.compile(r"\{([0-9]{1,9})(,([0-9]{1,9})?)?\}")
_REFUSED_ESCAPES = {
    **dict.fromkeys("123456789", "a pattern cannot refer back to a group"),
    **dict.fromkeys("bBmMyY", "a pattern cannot ask for the border of a word"),
    **dict.fromkeys("AZz", "the start and the end of the text are written ^ and $"),
    **dict.fromkeys("pPX", "there are no Unicode classes; list the characters in [ ]"),
}
_REFUSED_GROUPS = {
    **dict.fromkeys(("(?=", "(?!"), "a pattern cannot look ahead"),
    **dict.fromkeys(("(?<=", "(?<!"), "a pattern cannot look behind"),
    **dict.fromkeys(("(?P<", "(?<", "(?P="), "groups have no names"),
    "(?": "options such as (?i) are not allowed; for either case write [Aa]. A group is ( ) or (?: )",
}


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0
        self.size = 0  # so far, as are the loops and edges
        self.loops = 0
        self.edges = 0

    def parse(self) -> Node:
        if not self.source:
            raise PatternError("the pattern is empty")
        if len(self.source) > MAX_LENGTH:
            raise PatternError(f"a pattern has at most {MAX_LENGTH} characters; this one has {len(self.source)}")
        for at, character in enumerate(self.source):
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise self._wrong("this character cannot be stored", at)
        tree = self._choice()
        if self.at < len(self.source):
            raise self._wrong("this ) closes nothing; for the character write \\)")
        return tree

    def _wrong(self, message: str, at: int | None = None) -> PatternError:
        return PatternError(f"at character {(self.at if at is None else at) + 1}: {message}")

    def _ahead(self, *texts: str) -> bool:
        return self.source.startswith(texts, self.at)

    def _choice(self) -> Node:
        branches = [self._sequence()]
        while self._ahead("|"):
            self.at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.source) and not self._ahead("|", ")"):
            parts.append(self._piece())
        if not parts:
            raise self._wrong("an alternative or group is empty; what may be missing is written (...)?")
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    # ── quantifiers ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _piece(self) -> Node:
        size, loops, edges = self.size, self.loops, self.edges
        part = self._atom()
        at = self.at
        bounds = self._bounds()
        if bounds is None:
            return part
        least, most = bounds
        if self._ahead("?", "+"):
            raise self._wrong("lazy and possessive quantifiers (*? *+) are not allowed, and would change no answer")
        if self._ahead("*", "{"):
            raise self._wrong("two quantifiers in a row")
        if self.edges > edges:
            raise self._wrong("^ and $ cannot be repeated", at)
        if most is None:
            self._loop(part, self.loops > loops, at)
        copies = least if most is None else most
        self.size += (self.size - size) * (max(copies, 1) - 1)
        self.loops += 1 if most is None else (self.loops - loops) * (most - 1)
        if self.loops > MAX_LOOPS:
            raise self._wrong(f"a pattern repeats without limit (* + {{2,}}) at most {MAX_LOOPS} times", at)
        self._sized(at)
        return Repeat(part, least, most)

    def _loop(self, part: Node, holds_loop: bool, at: int) -> None:
        """Refuses what backtracking takes for ever on. The automaton does not, but a saved pattern may outlive it."""
        if holds_loop:
            raise self._wrong("what repeats without limit cannot hold another * + or {2,}, as in (a+)+", at)
        if _empty(part):
            raise self._wrong("what repeats without limit cannot be empty, as in (a?)*", at)
        if _ambiguous(part):
            raise self._wrong("alternatives that repeat without limit cannot begin alike, as in (a|ab)*", at)

    def _bounds(self) -> tuple[int, int | None] | None:
        if self._ahead("*", "+", "?"):
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.source[self.at - 1]]
        if not self._ahead("{"):
            return None
        found = _COUNT.match(self.source, self.at)
        if found is None:
            raise self._wrong("a count is {2}, {2,} or {2,5}; for the character write \\{")
        least = int(found[1])
        most = least if found[2] is None else None if found[3] is None else int(found[3])
        if max(least, most or 0) > MAX_COUNT:
            raise self._wrong(f"a count goes up to {MAX_COUNT}")
        if most is not None and (most < least or most == 0):
            raise self._wrong("a count goes from fewer to more, and the most is at least 1")
        self.at = found.end()
        return least, most

    def _sized(self, at: int) -> None:
        if self.size > MAX_SIZE:
            raise self._wrong(f"counts such as {{2,5}} make this pattern too large: over {MAX_SIZE} characters", at)

    # ── atoms ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _atom(self) -> Node:
        character = self.source[self.at]
        match character:
            case "(":
                return self._group()
            case "^" | "$":
                self.at += 1
                self.edges += 1
                return Edge(character == "^")
            case "*" | "+" | "?":
                raise self._wrong(f"there is nothing for {character} to repeat; for the character write \\{character}")
            case "{":
                raise self._wrong("there is nothing for {} to repeat; for the character write \\{")
            case "]" | "}":
                raise self._wrong(f"this {character} closes nothing; for the character write \\{character}")
        self.size += 1
        match character:
            case "[":
                return One(self._class())
            case "\\":
                return One(self._escape())
            case _:
                self.at += 1
                return One(_ANY if character == "." else _single(character))

    def _group(self) -> Node:
        opened = self.at
        if self._ahead("(?:"):
            self.at += 3
        elif self._ahead("(?"):
            raise self._wrong(next(why for start, why in _REFUSED_GROUPS.items() if self._ahead(start)))
        else:
            self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._wrong(f"groups nest at most {MAX_DEPTH} deep", opened)
        inner = self._choice()
        if not self._ahead(")"):
            raise self._wrong("this ( is never closed; for the character write \\(", opened)
        self.at += 1
        self.depth -= 1
        return inner

    def _escape(self) -> Ranges:
        """After a backslash: a class such as \\d, or one character of punctuation."""
        name = self.source[self.at + 1 : self.at + 2]
        if name in _CLASSES:
            ranges = _CLASSES[name]
        elif name in _PUNCTUATION and name:
            ranges = _single(name)
        elif not name:
            raise self._wrong("a pattern cannot end in \\; for the character write \\\\")
        else:
            known = "\\ stands before punctuation or one of d w s D W S"
            raise self._wrong(f"\\{name} is not allowed: {_REFUSED_ESCAPES.get(name, known)}")
        self.at += 2
        return ranges

    def _class(self) -> Ranges:
        opened = self.at
        self.at += 1
        negated = self._ahead("^")
        self.at += negated
        begun = self.at
        ranges: list[tuple[int, int]] = []
        while not self._ahead("]") or self.at == begun:
            if self.at >= len(self.source):
                raise self._wrong("this [ is never closed; for the character write \\[", opened)
            ranges.extend(self._member(begun))
        self.at += 1
        return _others(_merged(ranges)) if negated else _merged(ranges)

    def _member(self, begun: int) -> Ranges:
        """One character, one range or one class of a [ ] that begins there."""
        at = self.at
        low = self._end_of_range(begun)
        dash = self.source[at] == "-"
        if dash or not self._ahead("-") or self._ahead("-]"):
            return low
        self.at += 1
        if self.at >= len(self.source):
            return low
        high = self._end_of_range(begun)
        if len(low) > 1 or len(high) > 1 or low[0][0] < low[0][1] or high[0][0] < high[0][1]:
            raise self._wrong("a range goes from one character to another; a - itself is written \\-", at)
        if high[0][0] < low[0][0]:
            raise self._wrong("this range goes backwards", at)
        return ((low[0][0], high[0][0]),)

    def _end_of_range(self, begun: int) -> Ranges:
        character = self.source[self.at]
        if character == "\\":
            if self.source[self.at + 1 : self.at + 2] in ("D", "W", "S"):
                raise self._wrong("\\D \\W \\S cannot stand in [ ]; use [^ ] with \\d \\w \\s")
            return self._escape()
        if character == "[":
            raise self._wrong("in [ ] a [ is written \\[; there are no classes such as [:alpha:]")
        if character == "]":
            raise self._wrong("[ ] is empty; a ] in it is written \\]")
        if character == "-" and self.at != begun and not self._ahead("-]"):
            raise self._wrong("in [ ] a - stands first or last, or is written \\-")
        self.at += 1
        return _single(character)


def _single(character: str) -> Ranges:
    return ((ord(character), ord(character)),)


# ── from tree to the engines' own words ─────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Dialect:
    any: str
    start: str
    end: str


# Where the two differ. Python's . and $ mind line ends; PostgreSQL's do not, as long as no (?n) stands before them.
_PYTHON = _Dialect("(?s:.)", "^", r"\Z")
_POSTGRES = _Dialect(".", "^", "$")


def _written(node: Node, dialect: _Dialect) -> str:
    match node:
        case One(of):
            return dialect.any if of == _ANY else _written_one(of)
        case Edge(start):
            return dialect.start if start else dialect.end
        case Sequence(parts):
            return "".join(
                _grouped(part, dialect) if isinstance(part, Choice) else _written(part, dialect) for part in parts
            )
        case Choice(branches):
            return "|".join(_written(branch, dialect) for branch in branches)
        case Repeat(part, least, most):
            inner = _written(part, dialect) if isinstance(part, One) else _grouped(part, dialect)
            return inner + _written_count(least, most)


def _grouped(node: Node, dialect: _Dialect) -> str:
    return f"(?:{_written(node, dialect)})"


def _written_count(least: int, most: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
    return short or (f"{{{least},}}" if most is None else f"{{{least},{most}}}")


def _written_one(ranges: Ranges) -> str:
    """One character or a [ ]. No pattern can name NUL: a class that has it was written [^ ], and is so again."""
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1] != 0:
        return _literal(ranges[0][0])
    negated = ranges[0][0] == 0
    spans = _others(ranges) if negated else ranges
    inner = "".join(_literal(low) if low == high else f"{_literal(low)}-{_literal(high)}" for low, high in spans)
    return f"[{'^' if negated else ''}{inner}]"


def _literal(code: int) -> str:
    """All ASCII punctuation is escaped, which both engines take for the character itself, in [ ] and outside."""
    character = chr(code)
    return f"\\{character}" if character in _PUNCTUATION and character not in " _" else character


# ── from tree to an automaton ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Part:
    """What Glushkov's construction knows of a part: can it be empty, which places begin it, which can end it."""

    empty: bool
    first: int = 0  # sets of places are bits of a number
    last: int = 0


class _Wiring:
    """Numbers every place of a pattern that reads a character, and finds which places can read the next one.

    ^ and $ read nothing but hold only in some gaps between characters, so there is one wiring for each kind of gap.
    """

    def __init__(self, tree: Node, *, start: bool, end: bool) -> None:
        self.start = start
        self.end = end
        self.reads: list[Ranges] = []  # by place
        self.follow: list[int] = []
        self.whole = self._wire(tree)

    def _wire(self, node: Node) -> _Part:
        match node:
            case One(of):
                place = 1 << len(self.reads)
                self.reads.append(of)
                self.follow.append(0)
                return _Part(False, place, place)
            case Edge(start):
                return _Part(self.start if start else self.end)
            case Sequence(parts):
                whole = _Part(True)
                for part in parts:
                    whole = self._joined(whole, self._wire(part))
                return whole
            case Choice(branches):
                wired = [self._wire(branch) for branch in branches]
                first, last = _union(part.first for part in wired), _union(part.last for part in wired)
                return _Part(any(part.empty for part in wired), first, last)
            case Repeat(part, least, most):
                return self._repeated(part, least, most)

    def _joined(self, left: _Part, right: _Part) -> _Part:
        for place in _places(left.last):
            self.follow[place] |= right.first
        first = left.first | right.first if left.empty else left.first
        last = left.last | right.last if right.empty else right.last
        return _Part(left.empty and right.empty, first, last)

    def _repeated(self, part: Node, least: int, most: int | None) -> _Part:
        """x{2,4} as xx(x(x)?)?, from the inside out; x{2,} as xx+ and x* as (x+)?."""
        whole = _Part(True)
        if most is None:
            looped = self._wire(part)
            self._joined(looped, looped)
            whole = _Part(looped.empty or least == 0, looped.first, looped.last)
        for copy in range(most or max(least, 1), 1 if most is None else 0, -1):
            whole = self._joined(self._wire(part), whole)
            if most is not None and copy > least:
                whole = _Part(True, whole.first, whole.last)
        return whole


def _union(sets: Iterable[int]) -> int:
    union = 0
    for one in sets:
        union |= one
    return union


def _places(places: int) -> Iterator[int]:
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest


_FOUND = -1
_REMEMBERED = 2_000  # entries of the two tables below, which only save time


class _Next(dict[int, int]):
    """From the places that read a character, to those that can read the next one or _FOUND. Filled as texts need it."""

    def __init__(self, wiring: _Wiring) -> None:
        self.found = _FOUND if wiring.whole.empty else 0
        self.begin = wiring.whole.first
        self.last = wiring.whole.last
        self.width = (len(wiring.reads) + 7) // 8
        self.follow = wiring.follow
        self.eight: dict[int, int] = {}

    def __missing__(self, read: int) -> int:
        if self.found or read & self.last:
            following = _FOUND
        else:
            following = self.begin  # a search may begin at every character
            for index, places in enumerate(read.to_bytes(self.width, "little")):
                if places:
                    following |= self._of_eight(index, places)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[read] = following
        return following

    def _of_eight(self, index: int, places: int) -> int:
        """Eight places at a time, and each eight once: even new sets of many places then cost little."""
        key = index << 8 | places
        known = self.eight.get(key)
        if known is None:
            known = self.eight[key] = _union(self.follow[8 * index + place] for place in _places(places))
        return known


class _Readers(dict[str, int]):
    """From a character to the places that can read it. Filled as texts need it."""

    def __init__(self, reads: list[Ranges]) -> None:
        places: dict[Ranges, int] = {}
        for place, ranges in enumerate(reads):
            places[ranges] = places.get(ranges, 0) | 1 << place
        self.starts = sorted({0} | {bound for ranges in places for low, high in ranges for bound in (low, high + 1)})
        self.readers = [0] * len(self.starts)
        for ranges, readers in places.items():
            for low, high in ranges:
                for index in range(bisect_left(self.starts, low), bisect_left(self.starts, high + 1)):
                    self.readers[index] |= readers

    def __missing__(self, character: str) -> int:
        readers = self.readers[bisect_right(self.starts, ord(character)) - 1]
        if len(self) >= _REMEMBERED:
            self.clear()
        self[character] = readers
        return readers


class _Automaton:
    def __init__(self, tree: Node) -> None:
        first = _Wiring(tree, start=True, end=False)
        inner = _Wiring(tree, start=False, end=False)
        final = _Wiring(tree, start=False, end=True)
        self.in_empty = _Wiring(tree, start=True, end=True).whole.empty
        self.begin = _FOUND if first.whole.empty else first.whole.first
        self.next = _Next(inner)
        self.readers = _Readers(inner.reads)
        self.at_end = final.whole

    def finds(self, text: str) -> bool:
        if not text:
            return self.in_empty
        following, readers = self.next, self.readers
        wanted, read = self.begin, 0
        for character in text:
            if wanted < 0:
                return True
            read = wanted & readers[character]
            wanted = following[read]
        return self.at_end.empty or bool(read & self.at_end.last)


@lru_cache(maxsize=128)
def _automaton(source: str) -> _Automaton:
    return _Automaton(_Parser(source).parse())
