"""Urlencoded forms: bytes in, pairs out, limits at the very byte."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from starlette_http.form_errors import FormTooLarge, MultiPartException
from starlette_http.urlencoded import UrlencodedDecoder

Pairs = list[tuple[str, str]]


def decode(*chunks: bytes, **limits: Any) -> Pairs:
    decoder = UrlencodedDecoder(**limits)
    for chunk in chunks:
        decoder.feed(chunk)
    return decoder.finish()


def outcome(*chunks: bytes, **limits: Any) -> Pairs | str:
    """The pairs, or the message of the error."""
    try:
        return decode(*chunks, **limits)
    except MultiPartException as exc:
        return exc.message


@st.composite
def bodies_in_chunks(draw: st.DrawFn) -> list[bytes]:
    body = draw(st.lists(st.sampled_from(list(b"ab=&+%4;\xc3\xa9")), max_size=60).map(bytes))
    cuts = sorted(draw(st.lists(st.integers(0, len(body)), max_size=8)))
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", []),
        (b"a=1", [("a", "1")]),
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        (b"a=1&b=2&", [("a", "1"), ("b", "2")]),
        (b"&&a=1&&&b=2", [("a", "1"), ("b", "2")]),
        (b"c", [("c", "")]),
        (b"=z", [("", "z")]),
        (b"=", [("", "")]),
        (b"a==b", [("a", "=b")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
        (b"a+b=c%20d%26", [("a b", "c d&")]),
        (b"%C3%A9=%E2%82%AC", [("\u00e9", "\u20ac")]),
        ("\u00e9=\u20ac+\u20ac".encode(), [("\u00e9", "\u20ac \u20ac")]),
        (b"a=%FF&b=\xff", [("a", "\ufffd"), ("b", "\ufffd")]),
        (b"a=%&b=%4&c=%zz", [("a", "%"), ("b", "%4"), ("c", "%zz")]),
    ],
)
def test_body_is_read_as_pairs(body: bytes, pairs: Pairs) -> None:
    assert decode(body) == pairs


@given(bodies_in_chunks())
def test_any_chunks_give_the_same_pairs(chunks: list[bytes]) -> None:
    assert decode(*chunks) == decode(b"".join(chunks))


@given(
    bodies_in_chunks(),
    st.integers(0, 6),
    st.integers(0, 12),
    st.integers(0, 40),
)
def test_any_chunks_exceed_the_same_limit(
    chunks: list[bytes], max_fields: int, max_part_size: int, max_memory: int
) -> None:
    limits = {
        "max_fields": max_fields,
        "max_part_size": max_part_size,
        "max_memory": max_memory,
    }
    assert outcome(*chunks, **limits) == outcome(b"".join(chunks), **limits)


TEXT = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_what_the_standard_library_writes_is_read(pairs: Pairs) -> None:
    assert decode(urlencode(pairs).encode()) == pairs


def test_as_many_fields_as_allowed_are_accepted() -> None:
    assert decode(b"a=1&b=2&&", max_fields=2) == [("a", "1"), ("b", "2")]


@pytest.mark.parametrize("chunks", [[b"a=1&b=2&c"], [b"a=1&b=2", b"&", b"c"]])
def test_one_field_more_is_refused(chunks: list[bytes]) -> None:
    with pytest.raises(
        MultiPartException, match=r"^Too many fields. Maximum number of fields is 2\.$"
    ):
        decode(*chunks, max_fields=2)


def test_field_too_many_is_refused_at_its_first_byte() -> None:
    decoder = UrlencodedDecoder(max_fields=1)
    decoder.feed(b"a=1&")
    with pytest.raises(MultiPartException, match="Too many fields"):
        decoder.feed(b"b")


def test_number_of_fields_may_be_unlimited() -> None:
    assert len(decode(b"a&" * 5000, max_fields=float("inf"))) == 5000


@pytest.mark.parametrize("field", [b"ab=cd", b"abcd", b"=abcd", b"abcd="])
def test_name_and_value_of_exactly_the_size_are_accepted(field: bytes) -> None:
    assert len(decode(b"x=&" + field + b"&y=", max_part_size=4)) == 3


@pytest.mark.parametrize("field", [b"ab=cde", b"abcde", b"=abcde", b"%41=bc"])
def test_larger_field_is_refused(field: bytes) -> None:
    with pytest.raises(
        MultiPartException, match=r"^Field exceeded maximum size of 4 bytes\.$"
    ) as raised:
        decode(b"x=&" + field, max_part_size=4)
    assert raised.value.status_code == 400


def test_field_that_grows_too_large_is_refused_before_it_ends() -> None:
    decoder = UrlencodedDecoder(max_part_size=2048)
    decoder.feed(b"a=" + b"1" * 2047)
    with pytest.raises(MultiPartException, match=r"^Field exceeded maximum size of 2KB\.$"):
        decoder.feed(b"1")


def test_fields_that_are_too_large_together_are_refused() -> None:
    assert decode(b"a=1&b=2&", max_memory=8) == [("a", "1"), ("b", "2")]
    with pytest.raises(
        FormTooLarge, match=r"^Form fields exceeded maximum size of 8 bytes together\.$"
    ) as raised:
        decode(b"a=1&b=2&c", max_memory=8)
    assert raised.value.status_code == 413
