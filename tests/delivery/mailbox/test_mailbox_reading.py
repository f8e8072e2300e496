"""Understanding what came by mail: parts, links, attachments, and that broken mail is still readable."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage

from hypothesis import example, given
from hypothesis import strategies as st

from headwater.delivery.mailbox.reading import Reading, for_frame, recipients_of, traced


def letter(html: str | None = None, text: str = "Hello Ann\n", **headers: str) -> bytes:
    message = EmailMessage()
    for name, value in {"From": "Juniper <hello@juniper.example>", "To": "Ann <ann@example.com>", **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message.as_bytes(policy=policy.SMTP)


def test_headers_and_bodies_are_decoded() -> None:
    reading = Reading(letter("<p>Grüße 🌿</p>", "Grüße an Ann\n", Subject="Schöne Grüße 🌿"))

    assert reading.summary.subject == "Schöne Grüße 🌿"
    assert reading.summary.sender == "Juniper <hello@juniper.example>"
    assert reading.summary.snippet == "Grüße an Ann"
    assert reading.html == "<p>Grüße 🌿</p>\n"
    assert "Grüße an Ann".casefold() in reading.search_text


def test_links_come_in_order_with_their_words() -> None:
    reading = Reading(
        letter('<a href="https://a.example/?x=1&amp;y=2">Shop <b>now</b></a><a href="/u"><img alt="Leave"></a>')
    )

    assert reading.links == [("https://a.example/?x=1&y=2", "Shop now"), ("/u", "Leave")]


def test_without_html_the_links_are_those_of_the_text() -> None:
    reading = Reading(letter(text="See https://a.example/c/x?u=1.\nLeave: http://b.example/u\n"))

    assert reading.html is None
    assert [url for url, _ in reading.links] == ["https://a.example/c/x?u=1", "http://b.example/u"]


def test_html_alone_still_has_words_to_search() -> None:
    raw = b"Subject: x\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>Only <b>here</b></p>"

    assert Reading(raw).summary.snippet == "Only here"


def test_attachments_and_embedded_images() -> None:
    message = EmailMessage()
    message.set_content("see below")
    message.add_alternative('<img src="cid:logo@x">', subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", maintype="image", subtype="png", cid="<logo@x>")  # type: ignore
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Guía.pdf")
    reading = Reading(message.as_bytes(policy=policy.SMTP))

    logo, guide = reading.parts
    found = reading.part(guide.number)

    assert (guide.filename, guide.content_type, guide.size) == ("Guía.pdf", "application/pdf", 4)
    assert found is not None
    assert found[1] == b"%PDF"
    assert reading.part(999) is None
    assert f'src="/p/{logo.number}"' in for_frame(reading.html or "", "/p", reading.parts)


def test_links_in_the_frame_open_elsewhere() -> None:
    assert for_frame("<html><HEAD lang=en><title>x", "", []) == '<html><HEAD lang=en><base target="_blank"><title>x'
    assert for_frame("<!DOCTYPE html><p>x", "", []) == '<!DOCTYPE html><base target="_blank"><p>x'
    assert for_frame("<p>x", "", []) == '<base target="_blank"><p>x'


def test_the_envelope_travels_on_top() -> None:
    raw = traced(b"Subject: x\r\n\r\nhi\r\n", "bounce@juniper.example", ["ann@example.com", "bob@example.com"])

    assert recipients_of(raw) == ("bounce@juniper.example", ["ann@example.com", "bob@example.com"])
    assert raw.endswith(b"\r\nSubject: x\r\n\r\nhi\r\n")
    assert recipients_of(b"Subject: x\r\nDelivered-To: no@example.com\r\n\r\n") == ("", [])


NAMES = st.sampled_from(
    ["From", "To", "Subject", "Date", "Content-Type", "Content-Disposition", "Content-ID", "Content-Transfer-Encoding"]
)
VALUES = st.binary(max_size=40) | st.sampled_from(
    [
        b"multipart/mixed; boundary=x",
        b"message/rfc822",
        b"text/html; charset=\xff",
        b'text/plain; charset="a\x00b"',
        b"text/html; charset=punycode",
        b"text/html; charset=base64",
        b"uuencode",
        b"base64",
        b"attachment; filename*=",
        b"attachment; filename*0*=utf-8''%zz",
        b"=?utf-8?b?!!?=",
        b"=?nothing?q?=FF?=",
        b"a@b, <<>>;:@[",
    ]
)
BODIES = st.binary(max_size=100) | st.sampled_from(
    [
        b"--x\r\nContent-Type: text/html\r\n\r\n<a href=x>y\r\n--x--",
        b'<![if x]><!doctype [<a href="&#99999999999;">',
        b"<![",
    ]
)


@st.composite
def broken_mail(draw: st.DrawFn) -> bytes:
    headers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=8))
    return b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + draw(BODIES)


@given(st.binary(max_size=400) | broken_mail())
@example(b"From: \xff\xfe<a@\r\nTo: =?utf-8?b?broken\r\nDate: never\r\nContent-Type: text/html\r\n\r\n<a href=")
def test_whatever_arrives_can_be_read(raw: bytes) -> None:
    reading = Reading(raw)

    assert isinstance(reading.summary.subject, str)
    assert isinstance(reading.search_text, str)
    assert isinstance(reading.headers, list)
    assert isinstance(reading.links, list)
    for part in reading.parts:
        assert reading.part(part.number) is not None
