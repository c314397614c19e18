"""Conditional requests as pure functions over header values (RFC 9110, section 13)."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, strategies as st

from starlette_http.conditional import (
    any_tag_matches,
    is_modified_since,
    parse_entity_tags,
    parse_http_date,
    precondition_status,
)
from starlette_http.headers import Headers

ETAG = '"a"'
BEFORE = "Fri, 20 Nov 2026 21:09:13 GMT"
MODIFIED = "Fri, 20 Nov 2026 21:09:14 GMT"
AFTER = "Fri, 20 Nov 2026 21:09:15 GMT"


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ('"a"', ['"a"']),
        ('W/"a" ,\t"b"', ['W/"a"', '"b"']),
        ('"a,b", ""', ['"a,b"', '""']),
        (',, "a",', ['"a"']),
        ('a, "b", w/"c", "d" e, "f', ['"b"']),
        ("", []),
    ],
)
def test_a_list_of_entity_tags_is_read(header: str, tags: list[str]) -> None:
    assert parse_entity_tags(header) == tags


opaque = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"'))
tag = st.builds(lambda weak, text: f'{weak}"{text}"', st.sampled_from(["", "W/"]), opaque)


@given(st.lists(tag), st.sampled_from([",", ", ", " ,\t"]))
def test_entity_tags_that_are_written_are_read_back(tags: list[str], separator: str) -> None:
    assert parse_entity_tags(separator.join(tags)) == tags


@pytest.mark.parametrize(
    ("header", "etag", "weak", "strong"),
    [
        ('"a"', '"a"', True, True),
        ('"b", "a"', '"a"', True, True),
        ('W/"a"', '"a"', True, False),
        ('"a"', 'W/"a"', True, False),
        ('W/"a"', 'W/"a"', True, False),
        ('"b"', '"a"', False, False),
        ("a", '"a"', False, False),
        ("*", '"a"', True, True),
        ("*", None, True, True),
        ('"a", *', '"b"', False, False),
        ('"a"', None, False, False),
    ],
)
def test_tags_are_compared_weakly_or_strongly(
    header: str, etag: str | None, weak: bool, strong: bool
) -> None:
    assert any_tag_matches(header, etag) is weak
    assert any_tag_matches(header, etag, strong=True) is strong


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 20 Nov 2026 21:09:14 GMT",
        "Friday, 20-Nov-26 21:09:14 GMT",
        "Fri Nov 20 21:09:14 2026",
        "Fri, 20 Nov 2026 22:09:14 +0100",
        "Fri, 20 Nov 2026 21:09:14 -0000",
    ],
    ids=["imf", "rfc850", "asctime", "zone", "no-zone"],
)
def test_every_form_of_a_date_is_read(text: str) -> None:
    assert parse_http_date(text) == datetime(2026, 11, 20, 21, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "Fri, 99 Nov 2026 21:09:14 GMT", "Fri, 31 Dec 9999 23:59:59 -0100"],
    ids=["empty", "word", "day-99", "after-time"],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))
def test_dates_that_are_written_are_read_back(date: datetime) -> None:
    assert parse_http_date(format_datetime(date, usegmt=True)) == date.replace(microsecond=0)


@given(
    st.text()
    | st.from_regex(r"[A-Z][a-z]{2}, \d+ Nov \d+ \d+:\d+:\d+ ([+-]\d+|GMT)", fullmatch=True)
)
def test_any_text_is_a_date_or_none(text: str) -> None:
    date = parse_http_date(text)
    assert date is None or date.tzinfo is UTC


def test_modified_since_compares_instants() -> None:
    assert is_modified_since(MODIFIED, BEFORE) is True
    assert is_modified_since(MODIFIED, MODIFIED) is False
    assert is_modified_since(MODIFIED, AFTER) is False
    assert is_modified_since(MODIFIED, "junk") is None
    assert is_modified_since(None, AFTER) is None


@pytest.mark.parametrize(
    ("headers", "reading", "writing"),
    [
        ({}, None, None),
        ({"if-match": '"a"'}, None, None),
        ({"if-match": "*"}, None, None),
        ({"if-match": '"b"'}, 412, 412),
        ({"if-match": 'W/"a"'}, 412, 412),
        ({"if-unmodified-since": MODIFIED}, None, None),
        ({"if-unmodified-since": BEFORE}, 412, 412),
        ({"if-unmodified-since": "junk"}, None, None),
        ({"if-match": '"a"', "if-unmodified-since": BEFORE}, None, None),
        ({"if-none-match": '"a"'}, 304, 412),
        ({"if-none-match": '"b", W/"a"'}, 304, 412),
        ({"if-none-match": "*"}, 304, 412),
        ({"if-none-match": '"b"'}, None, None),
        ({"if-none-match": ""}, None, None),
        ({"if-modified-since": MODIFIED}, 304, None),
        ({"if-modified-since": AFTER}, 304, None),
        ({"if-modified-since": BEFORE}, None, None),
        ({"if-modified-since": "junk"}, None, None),
        ({"if-none-match": '"b"', "if-modified-since": AFTER}, None, None),
        ({"if-none-match": "junk", "if-modified-since": AFTER}, None, None),
        ({"if-none-match": "", "if-modified-since": AFTER}, 304, None),
        ({"if-match": '"b"', "if-none-match": '"a"'}, 412, 412),
        ({"if-match": '"a"', "if-none-match": '"a"'}, 304, 412),
        ({"if-unmodified-since": AFTER, "if-modified-since": AFTER}, 304, None),
    ],
)
def test_conditions_are_decided_in_their_order(
    headers: dict[str, str], reading: int | None, writing: int | None
) -> None:
    request = Headers(headers)
    assert precondition_status("GET", request, ETAG, MODIFIED) == reading
    assert precondition_status("HEAD", request, ETAG, MODIFIED) == reading
    assert precondition_status("PUT", request, ETAG, MODIFIED) == writing


def test_a_list_may_come_in_several_header_lines() -> None:
    request = Headers(raw=[(b"if-none-match", b'"b"'), (b"if-none-match", b'"a"')])
    assert precondition_status("GET", request, ETAG, None) == 304


def test_without_validators_only_a_star_decides() -> None:
    dated = Headers({"if-modified-since": AFTER, "if-unmodified-since": BEFORE})
    assert precondition_status("GET", dated, None, None) is None
    assert precondition_status("GET", Headers({"if-none-match": '"a"'}), None, None) is None
    assert precondition_status("GET", Headers({"if-none-match": "*"}), None, None) == 304
