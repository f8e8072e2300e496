"""Which addresses a webhook may call: public ones, and never one that hides inside another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.core import destinations
from headwater.core.destinations import Refused, check_address, check_url, host_of, reach


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "::1",
        "fc00::1", "fdff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::",
        "2002:c0a8:101::1",
    ],
)  # fmt: skip
def test_private_addresses_are_for_instances_that_allow_them(address: str) -> None:
    assert reach(address) == "private"
    with pytest.raises(Refused, match="HEADWATER_WEBHOOKS_PRIVATE"):
        check_address(address, private=False)
    check_address(address, private=True)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "169.254.169.254", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "fe80::1", "fe80::1%eth0",
        "fec0::1", "ff02::1", "::127.0.0.1", "64:ff9b:1::1", "64:ff9b::169.254.169.254", "::ffff:169.254.169.254",
        "2001::1", "2001:20::1", "2001:db8::1", "2002:a9fe:a9fe::", "3fff::1", "100::1", "4000::1", "localhost", "",
        "2130706433", "127.1",
    ],
)  # fmt: skip
def test_some_addresses_nobody_may_call(address: str) -> None:
    assert reach(address) == "never"
    with pytest.raises(Refused):
        check_address(address, private=True)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "223.255.255.1",
     "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"],
)  # fmt: skip
def test_public_addresses_may_be_called(address: str) -> None:
    assert reach(address) == "public"
    check_address(address, private=False)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_leads_where_it_leads_by_itself(address) -> None:  # type: ignore[no-untyped-def]
    bits = f"{int(address):08x}"
    tail = f"{bits[:4]}:{bits[4:]}"
    assert reach(f"::ffff:{tail}") == reach(f"64:ff9b::{tail}") == reach(f"2002:{tail}::1") == reach(str(address))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://shop.example/", "https://"),
        ("//shop.example/", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https:///path", "no host"),
        ("https://user:secret@shop.example/", "no user"),
        ("https://user@shop.example/", "no user"),
        ("https://shop.example:22/", "Port 22"),
        ("http://shop.example:25/", "Port 25"),
        ("https://shop.example:99999/", "not a URL"),
        ("https://shop.example:port/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://shop.example\\@127.0.0.1/", "characters"),
        ("https://shop.example/a b", "characters"),
        ("https://shop.example/\r\nX: y", "characters"),
        ("https://{{ person.city }}.example/", "characters"),
        ("https://shop.example/" + "x" * 2000, "longer"),
        ("http://127.0.0.1:8000/", "private"),
        ("http://[::1]:8000/", "private"),
        ("http://[fe80::1%25eth0]/", "may be called"),
        ("http://169.254.169.254/latest", "may be called"),
    ],
)
def test_urls_that_cannot_be_called_are_refused_with_the_reason(url: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_url(url, private=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.shop.example/in?key=1&x=ü",
        "http://shop.example:80/",
        "https://shop.example:443/",
        "https://shop.example:8443/",
        "http://shop.example:1024/",
        "https://bücher.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]:8443/",
    ],
)
def test_other_urls_may_be_called(url: str) -> None:
    check_url(url, private=False)


def test_a_server_is_named_by_its_host_and_an_unusual_port() -> None:
    assert host_of("https://Hooks.Shop.example/a") == "hooks.shop.example"
    assert host_of("https://hooks.shop.example:443/b") == "hooks.shop.example"
    assert host_of("https://hooks.shop.example./b") == "hooks.shop.example"
    assert host_of("http://hooks.shop.example:443/b") == "hooks.shop.example:443"
    assert host_of("not a url\x00") == ""


def test_a_host_is_literal_only_as_a_whole_address() -> None:
    assert destinations.is_literal("10.0.0.1")
    assert destinations.is_literal("::1")
    assert not destinations.is_literal("10.0.0.1.example")
