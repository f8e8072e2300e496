"""Whatever people are called and whatever the shop's data holds, the message is well-formed and says what it should."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.content.compiling import Tracking
from headwater.content.errors import RenderError
from headwater.core.signing import read_token
from tests.content.rendering import (
    BASE,
    compiled,
    context,
    envelope,
    html_of,
    page,
    received,
    text_of,
    wire,
)

NASTY = [
    "Ada\r\nBcc: victim@example.com",
    "Ada\r\n\r\n.\r\nMAIL FROM:<x@y.z>",
    ".\r\n.\r\n..",
    ".",
    '"Ada" \\ <a@b.c>, ,;:',
    "山田太郎",
    "Zoë 😀 Ünïcödé" * 20,
    "<b>bold</b><script>alert(1)</script>",
    "=?utf-8?q?fake?=",
    "x" * 5000,
    "many words " * 500,
    "\x00\x07\x1b[31m\u2028\u2029\u202e",
    "a\tb\x0bc\x0cd\re",
    "' onmouseover='alert(1)",
    "{{ secret }}{% if %}",
    "--=_boundary\r\nContent-Type: text/html",
    " ",
    "",
]


@pytest.mark.parametrize("value", NASTY)
def test_nasty_values_stay_values(value: str) -> None:
    email = compiled(
        "<p>Dear {{ first_name }}!</p>\n{{ first_name }}\n<pre>{{ first_name }}\n.x</pre>",
        subject="Hello {{ first_name }}",
        preview_text="For {{ first_name }}",
    )
    message = received(email.render(context(person={"first_name": value}), envelope(to_name=value, from_name=value)))
    shown = "".join(character for character in value if character not in "\x00\x07\x1b\x0b\x0c")
    shown = shown.replace("\r\n", "\n").replace("\r", "\n")
    words = "".join(page(html_of(message)).words).replace("\r\n", "\n")
    assert "".join(shown.split()) in "".join(words.split())
    assert "".join(shown.split()) in "".join(text_of(message).split())
    assert message["bcc"] is None
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert "script" not in page(html_of(message)).tags
    assert str(message["subject"]).split() == f"Hello {_line(value)}".split()
    assert message["to"].addresses[0].addr_spec == "ada@example.com"
    assert len(message["to"].addresses) == 1
    assert "".join(message["to"].addresses[0].display_name.split()) == "".join(_line(value).strip()[:120].split())


def _line(value: str) -> str:
    return "".join(character if character.isprintable() else " " for character in value)


@settings(max_examples=150, deadline=None)
@given(value=st.text(max_size=60), other=st.text(max_size=60))
def test_any_text_makes_a_well_formed_message(value: str, other: str) -> None:
    names = context(person={"first_name": value}, items=[{"t": value, "u": other}, {"t": other, "u": value}])
    message = received(_EMAIL.render(names, envelope(to_name=value)))
    assert message["subject"] is not None


_EMAIL = compiled(
    '{% for i in items %}{{ i.t }}\n<a href="{{ i.u }}">{{ i.t | upcase }}</a><br>\n{{ i.u }}{% endfor %}',
    subject="{{ first_name }} & co",
)


def test_headers_of_bulk_mail() -> None:
    message = received(compiled().render(context(), envelope(reply_to="help@juniper.example")))
    link = str(message["list-unsubscribe"])
    assert link.startswith(f"<{BASE}/u/")
    token = read_token("unsubscribe", link.strip("<>").rpartition("/")[2])
    assert (token.workspace_id, token.message_id, token.profile_id) == (7, 8, 9)
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert message["list-id"] == "<brand-7.juniper.example>"
    assert message["feedback-id"]
    assert message["reply-to"] == "help@juniper.example"
    assert message["mime-version"] == "1.0"
    assert message["date"].datetime == envelope().date
    assert message["from"] == "Juniper <hello@juniper.example>"


def test_the_message_id_is_stable_and_is_no_token() -> None:
    email = compiled()
    first, again = (received(email.render(context(), envelope())) for _ in range(2))
    other = received(email.render(context(), envelope(message_id=99)))
    assert first["message-id"] == again["message-id"] != other["message-id"]
    assert str(first["message-id"]).endswith("@juniper.example>")
    token = str(first["list-unsubscribe"]).strip("<>").rpartition("/")[2]
    assert token[:12] not in str(first["message-id"])


def test_transactional_mail_is_not_bulk() -> None:
    message = received(compiled().render(context(), envelope(transactional=True)))
    assert message["list-unsubscribe"] is None
    assert message["precedence"] is None


def test_ascii_travels_as_it_is_and_other_text_encoded() -> None:
    ascii_message = received(compiled("Hello {{ first_name }}").render(context(), envelope()))
    assert [part["content-transfer-encoding"] for part in ascii_message.iter_parts()] == ["7bit", "7bit"]
    other = received(compiled("Grüße, {{ first_name }}").render(context(person={"first_name": "Zoë"}), envelope()))
    assert [part["content-transfer-encoding"] for part in other.iter_parts()] == ["base64", "7bit"]
    assert "Grüße, Zoë" in " ".join(page(html_of(other)).words)
    assert "Grüße, Zoë" in text_of(other)


def test_data_inside_style_makes_the_html_quoted_printable() -> None:
    head = "<mj-style>.hero { content: '{{ first_name }}' }</mj-style>"
    mjml = f"<mjml><mj-head>{head}</mj-head><mj-body>{{% footer %}}</mj-body></mjml>"
    message = received(compiled(mjml=mjml).render(context(person={"first_name": "Zoë"}), envelope()))
    part = message.get_body(("html",))
    assert part is not None
    assert part["content-transfer-encoding"] == "quoted-printable"
    assert "content: 'Zoë'" in html_of(message)


def test_a_long_line_makes_the_html_quoted_printable_and_loses_nothing() -> None:
    long = "x" * 5000
    message = received(compiled("{{ long }}").render(context(long=long), envelope()))
    part = message.get_body(("html",))
    assert part is not None
    assert part["content-transfer-encoding"] == "quoted-printable"
    assert long in html_of(message)
    assert long in text_of(message)


def test_long_templates_are_folded_but_not_inside_pre_or_attributes() -> None:
    words = "word " * 2000
    alt = "a " * 150
    rendered = compiled(f'{words}<pre>{"keep  " * 30}</pre><img alt="{alt}" src="https://x.example/i.png"/>').render(
        context(), envelope()
    )
    message = received(rendered)
    part = message.get_body(("html",))
    assert part is not None
    assert part["content-transfer-encoding"] == "7bit"
    assert "keep  " * 30 in html_of(message)
    assert alt in html_of(message)


@pytest.mark.parametrize(
    "address", ["no-at-sign", "a b@example.com", "a@b.c\r\nBcc: x@y.z", "<a@b.c>", "a@b.c,d@e.f", ""]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(RenderError):
        compiled().render(context(), envelope(to_email=address))


def test_a_domain_that_is_not_ascii_becomes_one() -> None:
    message = received(compiled().render(context(), envelope(to_email="ada@müller.example")))
    assert message["to"].addresses[0].addr_spec == "ada@xn--mller-kva.example"


def test_a_boundary_cannot_be_guessed_from_another_message() -> None:
    email = compiled()
    one, two = (wire(email.render(context(), envelope(message_id=n))) for n in (1, 2))
    assert one.split(b'boundary="')[1][:30] != two.split(b'boundary="')[1][:30]


def test_the_pixel_is_first_in_the_body_and_only_when_opens_are_tracked() -> None:
    html = html_of(received(compiled().render(context(), envelope())))
    body = html[html.index("<body") :]
    assert body.partition(">")[2].startswith("<img ")
    source = str(page(html).images[0]["src"])
    token = read_token("open", source.removeprefix(f"{BASE}/o/").removesuffix(".gif"))
    assert token.message_id == 8
    without = compiled(tracking=Tracking(opens=False))
    assert "/o/" not in html_of(received(without.render(context(), envelope())))


def test_preview_text_is_hidden_and_padded() -> None:
    html = html_of(received(compiled(preview_text="A look & {{ first_name }}").render(context(), envelope())))
    assert "A look &amp; Ada&#847;&zwnj;&nbsp;" in html
    assert "A look" not in text_of(received(compiled(preview_text="A look").render(context(), envelope())))


def test_colour_scheme_is_declared() -> None:
    assert '<meta name="color-scheme" content="light dark">' in html_of(
        received(compiled().render(context(), envelope()))
    )


def test_what_is_missing_is_empty_and_has_defaults() -> None:
    email = compiled("[{{ nothing }}][{{ person.nothing.at.all }}][{{ person.city | default: 'there' }}]")
    assert "[][][there]" in html_of(received(email.render(context(), envelope())))


def test_a_coupon_without_a_code_stops_the_message() -> None:
    email = compiled("Your code: {% coupon_code 'SPRING' %}")
    shown: dict[str, Any] = {"SPRING": {"code": "SPRING-4711"}}
    assert "SPRING-4711" in html_of(received(email.render(context(coupons=shown), envelope())))
    with pytest.raises(RenderError, match="SPRING"):
        email.render(context(coupons={}), envelope())
