"""Whatever colour a brand chooses, the public pages can be read; a logo elsewhere is not shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.delivery import appearance
from headwater.delivery.appearance import CARD, NIGHT_CARD, SHAPE, TEXT, contrast, look

BASE = "https://mail.juniper.example"
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_words_on_a_button_and_the_button_itself_are_seen_by_day_and_by_night(colour: str) -> None:
    shown = look(colour, "", BASE)
    assert contrast(shown.on_accent, shown.accent) >= TEXT
    assert contrast(shown.on_night_accent, shown.night_accent) >= TEXT
    assert contrast(shown.accent, CARD) >= SHAPE
    assert contrast(shown.night_accent, NIGHT_CARD) >= SHAPE


@pytest.mark.parametrize(
    ("colour", "words"),
    [("#ffd400", "#000000"), ("#123456", "#ffffff"), ("#ffffff", "#000000"), ("#000000", "#ffffff")],
)
def test_the_words_are_dark_on_light_colours_and_white_on_dark_ones(colour: str, words: str) -> None:
    assert appearance.words_on(colour) == words


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_a_colour_that_can_be_seen_stays_as_it_is() -> None:
    assert look("#7A1FA2", "", BASE).accent.lower() == "#7a1fa2"


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#000000;}body{display:none"])
def test_what_is_no_colour_gives_the_plain_look(colour: str) -> None:
    assert look(colour, "", BASE) == look("", "", BASE)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"{BASE}/images/1/logo.png", "/images/1/logo.png"),
        ("/images/1/logo.png", "/images/1/logo.png"),
        ("https://elsewhere.example/logo.png", ""),
        ("//elsewhere.example/logo.png", ""),
        (f"{BASE}.evil.example/logo.png", ""),
        ("", ""),
    ],
)
def test_only_a_logo_of_this_instance_is_shown(url: str, shown: str) -> None:
    assert look("", url, BASE).logo == shown
