"""Byte ranges as pure functions, against a plain model of slices."""

import re

import pytest
from hypothesis import given, strategies as st

from starlette_http.ranges import (
    MalformedRangeHeader,
    RangeNotSatisfiable,
    content_range,
    if_range_matches,
    merge_ranges,
    multipart_byteranges,
    parse_ranges,
)

SIZE = 10


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        ("bytes=0-1", [(0, 2)]),
        ("BYTES = 0 - 1", [(0, 2)]),
        ("bytes=0-1,", [(0, 2)]),
        ("bytes=0-1,foo", [(0, 2)]),
        ("bytes=5-", [(5, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=-100", [(0, 10)]),
        ("bytes=0-100", [(0, 10)]),
        ("bytes=0-" + "9" * 5000, [(0, 10)]),
        ("bytes=-" + "9" * 5000, [(0, 10)]),
        ("bytes=" + "0" * 5000 + "3-4", [(3, 5)]),
        ("bytes=8-9,0-1", [(0, 2), (8, 10)]),
        ("bytes=0-2,3-4", [(0, 5)]),
        ("bytes=0-8,2-3", [(0, 9)]),
    ],
)
def test_ranges_are_clamped_sorted_and_merged(header: str, ranges: list[tuple[int, int]]) -> None:
    assert parse_ranges(header, SIZE) == ranges


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("bytes", "Malformed range header."),
        ("0-1", "Malformed range header."),
        ("lines=0-1", "Only support bytes range"),
        ("=0-1", "Only support bytes range"),
        ("bytes=", "Range header: range must be requested"),
        ("bytes=-", "Range header: range must be requested"),
        ("bytes=a-b", "Range header: range must be requested"),
        ("bytes=1", "Range header: range must be requested"),
        ("bytes=+1-2", "Range header: range must be requested"),
        ("bytes=1_0-", "Range header: range must be requested"),
        ("bytes=--1", "Range header: range must be requested"),
        ("bytes=\u0661-\u0662", "Range header: range must be requested"),
        ("bytes=5-4", "Range header: start must be less than end"),
        ("bytes=0-1,5-4", "Range header: start must be less than end"),
    ],
)
def test_what_is_not_understood_is_malformed(header: str, text: str) -> None:
    with pytest.raises(MalformedRangeHeader) as raised:
        parse_ranges(header, SIZE)
    assert raised.value.content == text


@pytest.mark.parametrize(
    "header", ["bytes=10-", "bytes=-0", "bytes=0-1,20-30", "bytes=" + "9" * 5000 + "-"]
)
def test_a_range_past_the_end_is_not_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as raised:
        parse_ranges(header, SIZE)
    assert raised.value.max_size == SIZE


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_no_range_of_an_empty_file_is_satisfiable(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_ranges(header, 0)


def test_past_the_end_is_told_before_reversed() -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_ranges("bytes=5-4,20-30", SIZE)


def test_too_many_ranges_are_ignored() -> None:
    assert parse_ranges("bytes=" + ",".join(["0-1"] * 101), SIZE) is None
    assert parse_ranges("bytes=" + ",".join(["0-1"] * 100), SIZE) == [(0, 2)]
    assert parse_ranges("bytes=0-1,2-3", SIZE, max_ranges=1) is None


@pytest.mark.parametrize("header", ["bytes={}x", "bytes=-{}x", "bytes=1{}x", "bytes={}"])
def test_runs_of_blanks_take_linear_time(header: str) -> None:
    with pytest.raises(MalformedRangeHeader):
        parse_ranges(header.format(" \t" * 50_000), SIZE)


def test_the_unit_is_looked_at_before_the_number_of_ranges() -> None:
    with pytest.raises(MalformedRangeHeader):
        parse_ranges("lines=" + ",".join(["0-1"] * 101), SIZE)


offsets = st.tuples(st.integers(0, 40), st.integers(1, 40)).map(lambda pair: (pair[0], sum(pair)))


@given(st.lists(offsets, max_size=8))
def test_merging_keeps_the_bytes_and_sends_none_twice(ranges: list[tuple[int, int]]) -> None:
    merged = merge_ranges(ranges)
    sent = [place for start, end in merged for place in range(start, end)]
    assert sent == sorted({place for start, end in ranges for place in range(start, end)})
    assert all(end < start for (_, end), (start, _) in zip(merged, merged[1:], strict=False))


@given(st.lists(offsets, min_size=1, max_size=8), st.integers(1, 100))
def test_what_is_written_as_ranges_is_read_as_these_bytes(
    ranges: list[tuple[int, int]], size: int
) -> None:
    header = "bytes=" + ",".join(f"{start}-{end - 1}" for start, end in ranges)
    if any(start >= size for start, _ in ranges):
        with pytest.raises(RangeNotSatisfiable):
            parse_ranges(header, size)
    else:
        assert parse_ranges(header, size) == merge_ranges(
            [(start, min(end, size)) for start, end in ranges]
        )


@given(st.text(), st.integers(0, 2**63))
def test_any_header_gives_ranges_inside_the_file_or_a_documented_error(
    header: str, size: int
) -> None:
    for text in (header, f"bytes={header}"):
        try:
            ranges = parse_ranges(text, size) or []
        except (MalformedRangeHeader, RangeNotSatisfiable):
            continue
        assert all(0 <= start < end <= size for start, end in ranges)


@pytest.mark.parametrize(
    ("if_range", "matches"),
    [
        (None, True),
        ('"a"', True),
        ("Fri, 20 Nov 2026 21:09:14 GMT", True),
        ('"b"', False),
        ('W/"a"', False),
        ("Fri, 20 Nov 2026 21:09:15 GMT", False),
    ],
)
def test_if_range_must_be_one_of_the_validators(if_range: str | None, matches: bool) -> None:
    assert if_range_matches(if_range, '"a"', "Fri, 20 Nov 2026 21:09:14 GMT") is matches


def test_if_range_never_matches_a_weak_tag() -> None:
    assert not if_range_matches('W/"a"', 'W/"a"', None)


def test_content_range_ends_at_the_last_byte() -> None:
    assert content_range(0, 2, 10) == "bytes 0-1/10"


@given(st.lists(offsets, min_size=2, max_size=5).map(merge_ranges))
def test_a_multipart_body_has_the_announced_length(ranges: list[tuple[int, int]]) -> None:
    data = bytes(range(100))
    length, part_header = multipart_byteranges(ranges, "boundary", len(data), "text/plain")
    body = b"".join(part_header(start, end) + data[start:end] + b"\r\n" for start, end in ranges)
    body += b"--boundary--"
    assert len(body) == length
    assert re.findall(rb"Content-Range: bytes (\d+)-(\d+)/100\r\n\r\n", body) == [
        (str(start).encode(), str(end - 1).encode()) for start, end in ranges
    ]


def test_a_part_names_its_type_and_range() -> None:
    _, part_header = multipart_byteranges([(0, 2), (5, 6)], "B", 10, "text/plain; charset=utf-8")
    assert part_header(5, 6) == (
        b"--B\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 5-5/10\r\n\r\n"
    )
