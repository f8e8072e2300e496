"""Patterns: what is accepted, that nothing accepted is slow, and one answer in Python and PostgreSQL."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from headwater.segments import patterns
from headwater.segments.patterns import PatternError, compile_pattern, matches


def in_sql(conn: Connection, pattern: patterns.Pattern, texts: Sequence[str]) -> list[bool]:
    rows = conn.execute(
        "SELECT left(t, 10000) ~ %s FROM unnest(%s::text[]) WITH ORDINALITY AS texts (t, at) ORDER BY at",
        (pattern.postgres, list(texts)),
    )
    return [row[0] for row in rows]


# ── what a pattern finds ────────────────────────────────────────────────────────────────────────────────────────────
FINDS = [
    ("shoe", ["shoe", "red shoes", "a\nshoe\n"], ["", "Shoe", "sho"]),
    ("^shoe$", ["shoe"], ["shoe\n", "\nshoe", "a\nshoe\nb", "shoes"]),
    ("^$", [""], ["\n", " "]),
    ("^", ["", "a", "\n"], []),
    ("a$|^b", ["a", "ba", "b"], ["ab", "a\n", "\nb"]),
    ("^(a|b$)", ["a", "ax", "b"], ["bx", ""]),
    ("a^b|a$b", [], ["ab", "a\nb"]),
    ("^a.c$", ["abc", "a\nc", "a\rc", "a\u2028c", "aéc", "a😀c"], ["ac", "abbc"]),
    ("(^|,)vip(,|$)", ["vip", "gold,vip", "vip,eu", "a,vip,b"], ["vips", "a,vip2", "vip\n", ""]),
    (r"^[a-z0-9._-]+@[a-z0-9.-]+\.[a-z]{2,}$", ["jo.e-1@a-b.co"], ["jo@a.c", "Jo@a.co", "jo@a.co\n", "jo@@a.co"]),
    (r"^\d{3}-?\d{4}$", ["555-1234", "5551234"], ["555-123", "٥٥٥١٢٣٤", "555--1234"]),
    (r"^\w+$", ["Abc_1"], ["é", "a b", "\u017f", "\u212a", ""]),
    (r"^\s$", [" ", "\t", "\n", "\r", "\f", "\v"], ["\xa0", "\x1c", "\x85", "\u2003"]),
    (r"^\D\W\S$", ["aé1", "é\n-"], ["1éa", "a_b", "a- "]),
    (r"^[\d\s_-]+$", ["1 _-\n2"], ["a", ""]),
    (r"^[^\w-]$", [" ", "é", "\n"], ["-", "a", "9", "_"]),
    (r"^[\]^]$", ["]", "^"], ["[", "\\"]),
    (r"^[-a]+$", ["a-a"], ["b"]),
    (r"^[+--]$", ["+", ",", "-"], [".", "*"]),
    (r"^[!-\/:-@\[-`{-~]+$", [r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""], ["a", "0", " "]),
    (r"^\*\*\*:\(\?i\)$", ["***:(?i)"], ["", "x"]),
    ("^[à-ü]$", ["é"], ["e", "É", "ý"]),
    ("^[Z-a]$", ["Z", "_", "a"], ["z", "Y", "b"]),
    ("^[\ud7ff-\ue000]$", ["\ud7ff", "\ue000"], ["\ud7fe", "\ue001"]),
    ("^[^\x01-\U0010ffff]$", [], ["", "a", "\U0010ffff"]),
    ("^(ab|cd){2}$", ["abcd", "cdcd"], ["ab", "ababab"]),
    ("^(?:ab){2,3}$", ["abab", "ababab"], ["ab", "abababab"]),
    ("^a{2,}$", ["aa", "aaaa"], ["a"]),
    ("^a{0,2}b?$", ["", "a", "aab", "b"], ["aaa", "bb"]),
    ("^((a|b){2}c?)+$", ["ab", "abcba", "bbcaac"], ["", "abc1", "abb"]),
    ("^(mon|tue)s?day(, (mon|tue)s?day)?$", ["monday", "tuesday, monday"], ["monday,"]),
]


@pytest.mark.parametrize(("source", "found", "missed"), FINDS, ids=[repr(case[0]) for case in FINDS])
def test_a_pattern_finds_the_same_in_python_and_postgres(
    conn: Connection, source: str, found: list[str], missed: list[str]
) -> None:
    pattern = compile_pattern(source)
    assert [text for text in found + missed if matches(pattern, text)] == found
    assert [text for text in found + missed if re.search(pattern.python, text)] == found
    assert in_sql(conn, pattern, found + missed) == [True] * len(found) + [False] * len(missed)


def test_only_the_first_ten_thousand_characters_are_searched(conn: Connection) -> None:
    text = "é" * 9_999 + "ab"
    for source, found in [("a", True), ("b", False), ("a$", True), ("ab", False), ("^é{100}", True)]:
        pattern = compile_pattern(source)
        assert matches(pattern, text) is found
        assert in_sql(conn, pattern, [text]) == [found]


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────
REFUSED = [
    ("", "the pattern is empty"),
    ("a" * 201, "at most 200 characters"),
    ("a\0", "at character 2: this character cannot be stored"),
    ("\ud800", "at character 1: this character cannot be stored"),
    (r"(a)\1", r"at character 4: \1 is not allowed: a pattern cannot refer back"),
    ("ab(?=c)", "at character 3: a pattern cannot look ahead"),
    ("(?!c)", "look ahead"),
    ("(?<=c)d", "look behind"),
    ("(?<!c)d", "look behind"),
    ("(?P<name>a)", "groups have no names"),
    ("(?<name>a)", "groups have no names"),
    ("(?i)vip", "at character 1: options such as (?i) are not allowed"),
    ("(?i:vip)", "options"),
    ("(?>a)", "A group is ( ) or (?: )"),
    ("(?#note)", "A group is ( ) or (?: )"),
    ("***=a", "at character 1: there is nothing for * to repeat"),
    (r"\bvip\b", "the border of a word"),
    (r"\Avip\Z", "written ^ and $"),
    (r"\p{L}", "no Unicode classes"),
    (r"\n", r"\n is not allowed"),
    (r"\x41", r"\x is not allowed"),
    (r"\é", r"\é is not allowed"),
    ("a\\", "cannot end in \\"),
    ("a*?", "lazy and possessive"),
    ("a++", "lazy and possessive"),
    ("a{2}?", "lazy and possessive"),
    ("a**", "two quantifiers"),
    ("a?{2}", "two quantifiers"),
    ("+a", "nothing for + to repeat"),
    ("a|*", "at character 3: there is nothing for *"),
    ("(?:?)", "nothing for ?"),
    ("{2}", "nothing for {}"),
    ("^*", "^ and $ cannot be repeated"),
    ("(a|$)?", "at character 6: ^ and $ cannot be repeated"),
    ("a{,2}", "a count is"),
    ("a{", "a count is"),
    ("a{x}", "a count is"),
    ("a{٢}", "a count is"),
    ("a{101}", "up to 100"),
    ("a{2,101}", "up to 100"),
    ("a{3,2}", "from fewer to more"),
    ("a{0}", "at least 1"),
    ("(a", "at character 1: this ( is never closed"),
    ("a)", "at character 2: this ) closes nothing"),
    ("()", "group is empty"),
    ("a||b", "at character 3: an alternative or group is empty"),
    ("|a", "empty"),
    ("(a|)", "empty"),
    ("a]", "closes nothing"),
    ("a}", "closes nothing"),
    ("x[a", "at character 2: this [ is never closed"),
    ("[a-", "never closed"),
    ("[", "never closed"),
    ("[]", "[ ] is empty"),
    ("[^]", "[ ] is empty"),
    ("[[:alpha:]]", "no classes such as [:alpha:]"),
    ("[[.a.]]", "is written \\["),
    ("[[=a=]]", "is written \\["),
    (r"[a-\d]", "at character 2: a range goes from one character"),
    (r"[\w-z]", "a range goes from one character"),
    ("[z-a]", "at character 2: this range goes backwards"),
    ("[a-c-e]", "a - stands first or last"),
    ("[--a]", "a - stands first or last"),
    (r"[\W]", r"\D \W \S cannot stand in [ ]"),
    (r"[\b]", "the border of a word"),
    ("(" * 11 + "a" + ")" * 11, "at character 11: groups nest at most 10 deep"),
    ("(a+)+", "at character 5: what repeats without limit cannot hold another"),
    ("(a*)*", "cannot hold another"),
    ("(a+b){2,}", "cannot hold another"),
    ("((?:a{3,}b)c)*", "cannot hold another"),
    ("(a?)*", "cannot be empty"),
    ("(a?|b)+", "cannot be empty"),
    ("(a|a)*", "cannot begin alike"),
    ("(a|ab)*", "cannot begin alike"),
    (r"(?:\w|1)+", "cannot begin alike"),
    ("(x(a|[^b]))*", "cannot begin alike"),
    ("(a?b|b){3,}", "cannot begin alike"),
    (".*.*.*.*.*.*x", "at character 12: a pattern repeats without limit (* + {2,}) at most 5 times"),
    ("(a+){6}", "at most 5 times"),
    ("(a+b+){2}c+d+", "at most 5 times"),
    ("((.{0,99}){2}){2}", "too large"),
    ("(((a{100}){100}){100}){100}", "too large"),
]


@pytest.mark.parametrize(("source", "message"), REFUSED, ids=[ascii(case[0][:30]) for case in REFUSED])
def test_what_engines_differ_on_or_explode_on_is_refused_with_its_place(source: str, message: str) -> None:
    with pytest.raises(PatternError) as refused:
        compile_pattern(source)
    assert message in str(refused.value)


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────────
_chance = random.Random(7)
LONG = {
    "one letter": "a" * 10_000,
    "two letters": "".join(_chance.choice("ab") for _ in range(10_000)),
    "digits": "".join(_chance.choice("0123456789") for _ in range(10_000)),
    "all different": "".join(map(chr, range(0x1000, 0x1000 + 10_000))),
}
HARD = [
    ".*.*.*.*.*x",
    r"\w+\d+\w+\d+\w+@",
    "[ab]*[ab]*[ab]*[ab]*[ab]*$x",
    "(a|b)*(a|b)*(a|b)*(a|b)*(a|b)*x",
    "(ab|ba)*c",
    "(a+){5}x",
    "(a?){100}x",
    "(a?){100}(a?){100}(a?){100}x",
    "((a?){25}){12}x",
    "(a{0,100}){3}x",
    "((a{0,5}){10}){6}x",
    "(a|b|ab|ba|aab|bba){10,20}c",
    "(a?b?){70}(b?a?){70}x",
    "(a|b)*a(a|b){100}c",
    ".*a.{100}b.*a.{100}b.*b.{80}x",
    "(a.{60}c|b.{50}d|a.{65}e|b.{55}f|.{60}z)",
    ".+(a.{70}|b.{70}){2}x",
    ".*([ab]a.{100}|b.{99}b|a.{77}bb)x",
    "((((((((a{1,2}){1,2}){1,2}){1,2}){1,2}){1,2}){1,2}){1,2})x",
    "".join(map(chr, range(0x1000, 0x1000 + 400, 2))),
    "[" + "][".join(f"{chr(code)}-{chr(code + 0x500)}" for code in range(0x1000, 0x1000 + 39 * 9, 9)) + "]x",
]


@pytest.mark.parametrize("source", HARD, ids=[ascii(source[:30]) for source in HARD])
def test_no_accepted_pattern_is_slow(conn: Connection, source: str) -> None:
    pattern = compile_pattern(source)
    conn.execute("SET LOCAL statement_timeout = '10s'")
    for name, text in LONG.items():
        patterns._automaton.cache_clear()
        begun = time.process_time()
        found = matches(pattern, text)
        assert time.process_time() - begun < 0.5, name
        assert in_sql(conn, pattern, [text]) == [found], name


# ── any pattern, any text ───────────────────────────────────────────────────────────────────────────────────────────
atoms = st.one_of(
    st.sampled_from("aab1_ é\n😀-,:=#&~@<"),
    st.sampled_from(sorted("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")).map(lambda mark: "\\" + mark),
    st.sampled_from([".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "^", "$"]),
    st.builds(
        lambda negated, members: f"[{negated}{''.join(members)}]",
        st.sampled_from(["", "^"]),
        st.lists(
            st.sampled_from(
                ["a", "b", "a-b", "0-9", "!-~", "à-ü", r"\d", r"\w", r"\s", r"\]", r"\-", r"\^", r"\\", "."]
            ),
            min_size=1,
            max_size=3,
        ),
    ),
)
counts = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "{1,3}"])
sources = st.recursive(
    st.builds(str.__add__, atoms, counts),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map("".join),
        st.builds(
            lambda opened, branches, count: f"{opened}{'|'.join(branches)}){count}",
            st.sampled_from(["(", "(?:"]),
            st.lists(inner, min_size=1, max_size=3),
            counts,
        ),
        st.lists(inner, min_size=2, max_size=3).map("|".join),
    ),
    max_leaves=8,
)
scraps = st.lists(
    st.sampled_from([*"aab1-_ .^$|()[]*+?{},2\\dws\n:=é", "(?:", "[^", "{2}", r"\d", "[a-c]", "***", "(?i)", "[[:"]),
    max_size=10,
).map("".join)
texts = st.lists(
    st.text("ab1", max_size=8)
    | st.text("ab1_-,. \n\r\té😀ß٣\u2028!\\]^$(){}", max_size=8)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    min_size=1,
    max_size=40,
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(source=sources | scraps, texts=texts)
@example(source="^a$|b", texts=["", "\n", "a", "a\n"])
def test_python_and_postgres_agree_on_any_accepted_pattern(conn: Connection, source: str, texts: list[str]) -> None:
    try:
        pattern = compile_pattern(source)
    except PatternError:
        return
    try:
        ours = [matches(pattern, text) for text in texts]
        assert ours == in_sql(conn, pattern, texts), pattern
        assert ours == [re.search(pattern.python, text) is not None for text in texts], pattern
    finally:
        conn.rollback()
