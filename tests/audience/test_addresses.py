"""Identifiers in their normal form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.audience.addresses import normalise_email, normalise_id, normalise_phone


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("ann@example.com", "ann@example.com"),
        ("  Ann.Lee@Example.COM ", "ann.lee@example.com"),
        ("ann+shop@example.com", "ann+shop@example.com"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("cafe\u0301@example.com", "caf\u00e9@example.com"),
    ],
)
def test_an_address_is_compared_in_one_form(raw: str, normal: str) -> None:
    assert normalise_email(raw) == normal


@pytest.mark.parametrize(
    "raw",
    ["", None, "ann", "ann@", "@example.com", "ann@localhost", "a b@example.com", "ann@example..com",
     "ann@.example.com", "ann@example.com,bob@example.com", "ann@bob@example.com", "an\x00n@example.com",
     "an\tn@example.com"],
)  # fmt: skip
def test_what_is_no_address_is_none(raw: str | None) -> None:
    assert normalise_email(raw) is None


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("+1 (415) 555-0132", "+14155550132"),
        ("0049 30 123456", "+4930123456"),
        ("+44.20.7946.0958", "+442079460958"),
        ("5550132", None),
        ("+0123456789", None),
        ("+1234567890123456", None),
        (None, None),
    ],
)
def test_a_phone_number_is_e164(raw: str | None, normal: str | None) -> None:
    assert normalise_phone(raw) == normal


def test_an_id_may_be_a_number_but_not_a_control_character() -> None:
    assert normalise_id(42) == "42"
    assert normalise_id("  u-1 ") == "u-1"
    assert normalise_id("") is None
    assert normalise_id("a\x00b") is None
    assert normalise_id("x" * 256) is None
    assert normalise_id(True) is None


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(raw: str) -> None:
    for normalise in (normalise_email, normalise_phone, normalise_id):
        once = normalise(raw)
        assert once is None or normalise(once) == once


@given(st.text(max_size=12), st.text(max_size=12))
def test_what_is_taken_for_an_address_can_be_stored(local: str, domain: str) -> None:
    normal = normalise_email(f"{local}@{domain}.com")
    assert normal is None or (normal.isprintable() and "\x00" not in normal and normal.encode())
