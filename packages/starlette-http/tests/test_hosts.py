"""The Host header: what is accepted, and as what."""

import pytest
from hypothesis import given, strategies as st

from starlette_http.hosts import ParsedHost, parse_host_header


@pytest.mark.parametrize(
    ("value", "host", "port"),
    [
        ("example.org", "example.org", None),
        ("Example.ORG:80", "Example.ORG", "80"),
        ("a:0080", "a", "0080"),
        ("127.0.0.1:8000", "127.0.0.1", "8000"),
        ("a_b-c~d.%41!$&'()*+,;=", "a_b-c~d.%41!$&'()*+,;=", None),
        ("[::1]", "[::1]", None),
        ("[2001:db8::1]:443", "[2001:db8::1]", "443"),
        ("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", None),
        ("[v1.x]:1", "[v1.x]", "1"),
        ("a:99999", "a", "99999"),
    ],
)
def test_is_a_host(value: str, host: str, port: str | None) -> None:
    assert parse_host_header(value) == ParsedHost(host, port)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "a:",
        ":80",
        "a:b",
        "a:+1",
        "a:1:2",
        "user@a",
        "a/b",
        "a?b",
        "a#b",
        "a\\b",
        "a b",
        " a",
        "a\n",
        "a\r\nb",
        "a\0",
        "\u00e9",
        "a:\u0661",
        "[::1",
        "::1",
        "[]",
        "[x]",
        "[1.2.3.4]",
        "[:::1]",
        "[fe80::1%eth0]",
        "[fe80::1%25eth0]",
        "[V1.x]",
        "[v1.]",
        "[::1]x",
        "a,b c",
    ],
)
def test_is_no_host(value: str | None) -> None:
    assert parse_host_header(value) is None


@pytest.mark.parametrize("value", ["a", "a:80", "[::1]:0080"])
def test_authority_is_what_was_parsed(value: str) -> None:
    parsed = parse_host_header(value)
    assert parsed is not None
    assert parsed.authority == value


@pytest.mark.parametrize(
    ("port", "valid"),
    [
        (None, True),
        ("0", True),
        ("65535", True),
        ("65536", False),
        ("0065535", True),
        ("99999", False),
        ("1" * 5000, False),
        ("0" * 5000 + "1", True),
    ],
)
def test_port_is_valid_up_to_65535(port: str | None, valid: bool) -> None:
    assert ParsedHost("a", port).is_valid_port is valid


def test_parsed_host_is_frozen() -> None:
    with pytest.raises(AttributeError):
        ParsedHost("a", None).host = "b"  # type: ignore[misc]


@given(st.text())
def test_any_text_is_a_host_as_it_stands_or_none(value: str) -> None:
    parsed = parse_host_header(value)
    assert parsed is None or parsed.authority == value


@given(address=st.ip_addresses(), port=st.none() | st.integers(0, 65535))
def test_every_address_is_a_host(address: object, port: int | None) -> None:
    host = f"[{address}]" if ":" in str(address) else str(address)
    written = None if port is None else str(port)
    assert parse_host_header(ParsedHost(host, written).authority) == ParsedHost(host, written)
