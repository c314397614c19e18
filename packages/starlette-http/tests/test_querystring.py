"""Query strings: text to pairs and back."""

from urllib.parse import parse_qsl, quote_from_bytes

import pytest
from hypothesis import given, strategies as st

from starlette_http.querystring import decode_query, encode_pairs, parse_pairs

text = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("", []),
        ("a=1&b=2", [("a", "1"), ("b", "2")]),
        ("a=1&a=2", [("a", "1"), ("a", "2")]),
        ("a", [("a", "")]),
        ("a=", [("a", "")]),
        ("=z", [("", "z")]),
        ("=", [("", "")]),
        ("a==b", [("a", "=b")]),
        ("&&a=1&", [("a", "1")]),
        ("a=1;b=2", [("a", "1;b=2")]),
        ("?a=1", [("?a", "1")]),
        ("a+b=c+d", [("a b", "c d")]),
        ("%61=%3D%26", [("a", "=&")]),
        ("a=%2B", [("a", "+")]),
        ("a=%E2%82%AC", [("a", "\u20ac")]),
        ("a=\u20ac%E2%82%AC", [("a", "\u20ac\u20ac")]),
        ("a=%FF", [("a", "\ufffd")]),
        ("a=%zz%", [("a", "%zz%")]),
    ],
)
def test_query_is_read_as_pairs(query: str, pairs: list[tuple[str, str]]) -> None:
    assert parse_pairs(query) == pairs


@given(st.lists(st.tuples(text, text)))
def test_pairs_written_are_read_again(pairs: list[tuple[str, str]]) -> None:
    assert parse_pairs(encode_pairs(pairs)) == pairs


@given(st.text("ab%+=&;2Cé\ud800"))
def test_reads_what_the_standard_library_reads(query: str) -> None:
    assert parse_pairs(query) == parse_qsl(query, keep_blank_values=True, separator="&")


def test_ascii_bytes_stay_as_they_are() -> None:
    assert decode_query(b"a=%FF+b&\x00 ") == "a=%FF+b&\x00 "


def test_bytes_beyond_ascii_are_escaped() -> None:
    assert decode_query("a=\u20ac&b".encode()) == "a=%E2%82%AC&b"
    assert decode_query(b"a=\xff") == "a=%FF"


@given(text)
def test_raw_utf8_reads_as_the_text_does(query: str) -> None:
    assert parse_pairs(query.encode()) == parse_pairs(query)


@given(st.lists(st.sampled_from(list(b"ab=&+%4CcEe;\xc3\xa9\xe2\x82\xac\xff"))).map(bytes))
def test_bytes_read_as_their_escapes_do(query: bytes) -> None:
    assert parse_pairs(query) == parse_pairs(decode_query(query))


def test_a_character_may_be_half_escaped() -> None:
    assert parse_pairs(b"a=%E2\x82%AC&\xc3%A9=") == [("a", "\u20ac"), ("\u00e9", "")]


@given(st.binary())
def test_escaping_is_lossless(raw: bytes) -> None:
    assert quote_from_bytes(raw, safe=bytes(range(128)).decode()) == decode_query(raw)
