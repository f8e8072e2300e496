"""Tokens in links: readable by us alone, for their own purpose alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.core import signing


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_a_token_comes_back_as_it_went(workspace: int, message: int, profile: int) -> None:
    token = signing.message_token("click", workspace, message, profile)
    assert len(token) == 40
    assert signing.read_token("click", token) == signing.MessageToken(workspace, message, profile)


def test_a_click_token_cannot_unsubscribe() -> None:
    token = signing.message_token("click", 1, 2, 3)
    with pytest.raises(signing.BadToken):
        signing.read_token("unsubscribe", token)


@pytest.mark.parametrize("bad", ["", "x" * 40, "é" * 40, "A" * 39, "../../etc/passwd"])
def test_nonsense_is_refused(bad: str) -> None:
    with pytest.raises(signing.BadToken):
        signing.read_token("open", bad)


def test_a_link_vouches_for_one_url_only() -> None:
    signature = signing.link_signature("https://shop.example/a?b=1&c=ü")
    assert signing.check_link("https://shop.example/a?b=1&c=ü", signature)
    assert not signing.check_link("https://evil.example/", signature)
    assert not signing.check_link("https://shop.example/a?b=1&c=ü", "ü")
