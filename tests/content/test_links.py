"""Links in an email: tracked, signed, labelled, and leading where the author and the data meant."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.content import links
from headwater.content.compiling import Tracking
from headwater.content.errors import TemplateError
from headwater.core.signing import check_link, read_token
from tests.content.rendering import BASE, compiled, context, envelope, html_of, page, received, text_of

UTM = {"utm_source": "juniper", "utm_medium": "email", "utm_campaign": "spring & more"}


def target(link: str) -> str:
    """Where a tracked link leads, its token and signature checked."""
    parts = urlsplit(link)
    assert link.startswith(f"{BASE}/c/")
    _, _, token, signature = parts.path.split("/")
    assert (read_token("click", token).message_id, read_token("click", token).profile_id) == (8, 9)
    (url,) = parse_qs(parts.query)["u"]
    assert check_link(url, signature)
    return url


def first_link(inside: str, *, utm: dict[str, str] | None = None, **names: Any) -> str:
    message = received(compiled(inside).render(context(**names), envelope(utm=utm)))
    return page(html_of(message)).links[0]


def test_a_static_link_is_tracked_in_html_and_text() -> None:
    url = "https://shop.example/sale?colour=red&size=2#top"
    message = received(compiled(f'<a href="{url.replace("&", "&amp;")}">Sale</a>').render(context(), envelope()))
    link = page(html_of(message)).links[0]
    assert target(link) == url
    assert f"Sale <{link}>" in text_of(message)


@pytest.mark.parametrize(
    ("href", "names", "expected"),
    [
        ("{{ item.url }}", {"item": {"url": "https://shop.example/a?b=1&c=2"}}, "https://shop.example/a?b=1&c=2"),
        ("https://shop.example/p/{{ id }}?x=1&amp;y={{ q | url_encode }}", {"id": 5, "q": "a b&c"}, None),
        ("{{ item.url }}", {"item": {"url": "shop.example/a"}}, "https://shop.example/a"),
        ("{{ item.url }}", {"item": {"url": "//shop.example/a"}}, "https://shop.example/a"),
        ("{{ item.url }}", {"item": {"url": " https://shop.example/a b\n"}}, "https://shop.example/a%20b"),
        ("{{ item.url }}", {"item": {"url": "https://shop.example/é?q=日"}}, "https://shop.example/%C3%A9?q=%E6%97%A5"),
        ("{% if vip %}https://vip.example/{% else %}https://shop.example/{% endif %}", {}, "https://shop.example/"),
        ("{{ base }}/p/{{ id }}", {"base": "https://shop.example", "id": 7}, "https://shop.example/p/7"),
    ],
)
def test_a_link_made_from_data(href: str, names: dict[str, Any], expected: str | None) -> None:
    found = target(first_link(f'<a href="{href}">x</a>', **names))
    assert found == (expected or "https://shop.example/p/5?x=1&y=a+b%26c")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "", None, "\x01javascript:alert(1)", "vbscript:x", "/x"]
)
def test_data_cannot_make_a_link_that_harms(url: str | None) -> None:
    assert first_link('<a href="{{ item.url }}">x</a>', item={"url": url}) == "#"


@pytest.mark.parametrize("url", ["mailto:a@b.example?subject=x%20y&body=z", "tel:+123", "#top"])
def test_what_is_no_web_address_stays(url: str) -> None:
    assert first_link(f'<a href="{url.replace("&", "&amp;")}">x</a>', utm=UTM) == url
    if url != "#top":
        assert first_link('<a href="{{ item.url }}">x</a>', utm=UTM, item={"url": url}) == url


def test_a_static_link_that_leads_nowhere_is_told_to_its_author() -> None:
    with pytest.raises(TemplateError, match="https://"):
        compiled('<a href="javascript:alert(1)">x</a>')


def test_own_links_stay_direct() -> None:
    inside = (
        '{% unsubscribe "Leave & go" %} {% web_view %} <a href="{{ unsubscribe_link }}">a</a>'
        '<a href="{{ cta | default: unsubscribe_link }}">b</a>'
        '{% manage_preferences "Fewer & better" %}<a href="{% manage_preferences_link %}">c</a>'
        '<a href="{{ cta | default: preferences_link }}">d</a>'
    )
    found = page(html_of(received(compiled(inside).render(context(), envelope(utm=UTM))))).links
    assert [link.split("/")[3] for link in found[:7]] == ["u", "w", "u", "u", *["preferences"] * 3]
    assert {read_token("unsubscribe", link.rpartition("/")[2]).message_id for link in found[4:7]} == {8}
    assert read_token("unsubscribe", found[0].rpartition("/")[2]).message_id == 8
    assert read_token("view", found[1].rpartition("/")[2]).message_id == 8
    assert all("utm" not in link for link in found)


def test_utm_labels_are_added_and_never_overwritten() -> None:
    found = parse_qs(
        urlsplit(target(first_link('<a href="https://s.example/?utm_source=mine&amp;a=1#f">x</a>', utm=UTM))).query
    )
    assert found == {"utm_source": ["mine"], "a": ["1"], "utm_medium": ["email"], "utm_campaign": ["spring & more"]}
    dynamic = target(first_link('<a href="{{ u }}">x</a>', utm=UTM, u="https://s.example/p?utm_medium=x#frag"))
    assert dynamic == "https://s.example/p?utm_medium=x&utm_source=juniper&utm_campaign=spring+%26+more#frag"


def test_labels_of_one_message_do_not_leak_into_another() -> None:
    email = compiled('<a href="https://s.example/">x</a><a href="{{ u }}">y</a>')
    names = context(u="https://t.example/")
    for utm in (UTM, None, {"utm_source": "other"}, UTM):
        found = [target(link) for link in page(html_of(received(email.render(names, envelope(utm=utm))))).links[:2]]
        assert [parse_qs(urlsplit(link).query).get("utm_source") for link in found] == [
            [utm["utm_source"]] if utm else None
        ] * 2


def test_without_click_tracking_links_are_plain_but_labelled() -> None:
    email = compiled(
        '<a href="https://s.example/?a=1&amp;b=2">x</a><a href="{{ u }}">y</a>', tracking=Tracking(clicks=False)
    )
    message = received(email.render(context(u="https://t.example/?c=1&d=2"), envelope(utm={"utm_source": "s"})))
    expected = ["https://s.example/?a=1&b=2&utm_source=s", "https://t.example/?c=1&d=2&utm_source=s"]
    assert page(html_of(message)).links[:2] == expected
    for link in expected:
        assert f"<{link}>" in text_of(message)


def test_addresses_in_an_own_text_part_are_tracked() -> None:
    text = "Go to https://s.example/sale?a=1, or {{ person.url }}.\n{% footer %}"
    message = received(compiled(text=text).render(context(person={"url": "https://x.example"}), envelope()))
    found = re.findall(r"https://[^\s>]+?(?=[,.]?\s)", text_of(message))
    assert target(found[0]) == "https://s.example/sale?a=1"
    assert found[1] == "https://x.example"
    assert any(link.startswith(f"{BASE}/u/") for link in found)


def test_redirect_addresses_are_short() -> None:
    link = first_link('<a href="https://shop.example/a">x</a>')
    assert len(link) <= len(BASE) + 3 + 40 + 1 + 14 + 3 + len("https://shop.example/a")


@given(st.text(max_size=80))
def test_an_address_is_safe_to_follow_or_none(url: str) -> None:
    found = links.absolute(url)
    if found is not None:
        assert found.startswith(("http://", "https://", "mailto:", "tel:", "sms:")) or found[:8].lower().startswith(
            "http"
        )
        assert found.isascii()
        assert found.isprintable()
        assert not set(found) & set(' <>"\\^`{|}')
