"""Messages of any framework in one shape."""

from typing import Any

import pytest

from starlette_middleware.messages import (
    HeaderPairs,
    add_vary,
    get_header,
    header_pairs,
    join_header,
    listed,
    message_body,
    request_headers,
    set_header,
    with_headers,
)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"Content-Length", b"1"), (b"X", b"Y")],
        ((b"content-length", b"1"), (b"x", b"Y")),
        [[b"CONTENT-LENGTH", b"1"], [b"X", b"Y"]],
        iter([(b"Content-Length", b"1"), (b"x", b"Y")]),
    ],
    ids=["list", "tuple", "lists", "iterator"],
)
def test_headers_of_any_shape_become_lower_case_pairs(headers: Any) -> None:
    message = {"type": "http.response.start", "headers": headers}

    assert header_pairs(message) == [(b"content-length", b"1"), (b"x", b"Y")]


@pytest.mark.parametrize("message", [{}, {"headers": None}, {"headers": []}])
def test_missing_headers_are_an_empty_list(message: dict[str, Any]) -> None:
    assert header_pairs(message) == []


def test_changed_message_is_a_copy() -> None:
    message = {"type": "http.response.start", "status": 200, "headers": ((b"A", b"b"),)}
    pairs = header_pairs(message)
    set_header(pairs, b"a", b"c")

    assert with_headers(message, pairs) == {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"a", b"c")],
    }
    assert message["headers"] == ((b"A", b"b"),)


@pytest.mark.parametrize("message", [{}, {"headers": []}, {"headers": ((b"A", b"b"),)}])
def test_message_that_can_be_read_again_is_itself(message: dict[str, Any]) -> None:
    assert listed(message) is message


def test_message_with_an_iterator_is_listed() -> None:
    assert listed({"headers": iter([(b"A", b"b")])}) == {"headers": [(b"A", b"b")]}


def test_request_headers_are_the_list_of_the_scope() -> None:
    scope = {"headers": [(b"host", b"a")]}

    assert request_headers(scope) is scope["headers"]


@pytest.mark.parametrize("headers", [None, (), iter(())])
def test_absent_request_headers_become_an_empty_list_in_the_scope(headers: Any) -> None:
    scope = {"headers": headers}

    assert request_headers(scope) == []
    assert scope == {"headers": []}


def test_iterator_of_request_headers_can_still_be_read_by_the_application() -> None:
    scope: dict[str, Any] = {"headers": iter([(b"host", b"a")])}

    assert request_headers(scope) == request_headers(scope) == [(b"host", b"a")]


def test_first_value_and_all_values() -> None:
    pairs = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]

    assert get_header(pairs, b"a") == b"1"
    assert get_header(pairs, b"c") is None
    assert join_header(pairs, b"a") == "1,3"
    assert join_header(pairs, b"c") is None


def test_setting_replaces_every_value() -> None:
    pairs = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    set_header(pairs, b"a", b"4")

    assert pairs == [(b"b", b"2"), (b"a", b"4")]


def test_setting_to_none_removes() -> None:
    pairs = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    set_header(pairs, b"a", None)

    assert pairs == [(b"b", b"2")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], b"Origin"),
        ([b"Accept"], b"Accept, Origin"),
        ([b"Accept", b"Cookie,Accept"], b"Accept, Cookie, Origin"),
        ([b"origin"], b"origin"),
        ([b"Accept , ORIGIN"], b"Accept, ORIGIN"),
        ([b"*"], b"*"),
        ([b""], b"Origin"),
    ],
)
def test_vary_names_each_field_once(before: list[bytes], after: bytes) -> None:
    pairs: HeaderPairs = [(b"vary", value) for value in before]
    add_vary(pairs, b"Origin")

    assert pairs == [(b"vary", after)]


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ({}, b""),
        ({"body": None}, b""),
        ({"body": b"ab"}, b"ab"),
        ({"body": bytearray(b"ab")}, b"ab"),
        ({"body": memoryview(b"ab")}, b"ab"),
    ],
)
def test_body_of_any_type_becomes_bytes(message: dict[str, Any], body: bytes) -> None:
    assert message_body(message) == body
