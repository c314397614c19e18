"""Byte ranges (RFC 9110, section 14): pure functions over header values and sizes.

A range is a pair of offsets, `(start, end)`, with the end exclusive as in a slice. What the client
may ask, and what it gets for it:

1. A range that starts past the end is `RangeNotSatisfiable` (416), also among good ones.
2. A header that is not understood, or holds a reversed range, is `MalformedRangeHeader` (400).
3. A header of more than `max_ranges` members is ignored: it costs more than the whole file does.
4. Ranges are sorted, and those that overlap or touch are merged, so no byte is sent twice.
"""

import re
from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "MalformedRangeHeader",
    "Range",
    "RangeNotSatisfiable",
    "content_range",
    "if_range_matches",
    "merge_ranges",
    "multipart_byteranges",
    "parse_ranges",
]

Range = tuple[int, int]

# Digits are ASCII alone: int() knows more of them, and signs and underscores besides. What was
# matched is not tried again in another way (`*+`): two runs of blanks with nothing in between can
# be told apart in as many ways as there are blanks, and the client may send 60 000 of them.
_spec = re.compile(r"[ \t]*+([0-9]*+)[ \t]*+-[ \t]*+([0-9]*+)[ \t]*+").fullmatch


class MalformedRangeHeader(Exception):
    """The Range header cannot be understood; `content` is the text of the 400 answer."""

    def __init__(self, content: str = "Malformed range header.") -> None:
        super().__init__(content)
        self.content = content


class RangeNotSatisfiable(Exception):
    """A range starts past the end of a file of `max_size` bytes; the answer is 416."""

    def __init__(self, max_size: int) -> None:
        super().__init__(max_size)
        self.max_size = max_size


def parse_ranges(header: str, size: int, max_ranges: int = 100) -> list[Range] | None:
    """What a Range header asks of a file of `size` bytes; None if it is to be ignored.

    At least one range, each inside the file and not empty, sorted and merged. Errors are
    `MalformedRangeHeader` and `RangeNotSatisfiable`.
    """
    unit, equals, specs = header.partition("=")
    if not equals:
        raise MalformedRangeHeader()
    if unit.strip().lower() != "bytes":
        raise MalformedRangeHeader("Only support bytes range")
    pieces = specs.split(",")
    if len(pieces) > max_ranges:
        return None
    found = [match.groups() for piece in pieces if (match := _spec(piece))]
    ranges = [_offsets(first, last, size) for first, last in found if first or last]
    if not ranges:
        raise MalformedRangeHeader("Range header: range must be requested")
    if any(start >= size for start, _ in ranges):
        raise RangeNotSatisfiable(size)
    if any(start >= end for start, end in ranges):
        raise MalformedRangeHeader("Range header: start must be less than end")
    return merge_ranges(ranges)


def _offsets(first: str, last: str, size: int) -> Range:
    if not first:  # "-5" is the last five bytes
        return max(0, size - _number(last)), size
    return _number(first), min(_number(last) + 1, size) if last else size


def _number(digits: str) -> int:
    # Beyond twenty digits a number only says "past the end of any file", which the first twenty
    # say as well; int() refuses to read thousands of them.
    return int(digits.lstrip("0")[:20] or "0")


def merge_ranges(ranges: Iterable[Range]) -> list[Range]:
    """The same bytes in order: sorted, and joined where ranges overlap or touch."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            start, previous = merged.pop()
            end = max(end, previous)
        merged.append((start, end))
    return merged


def if_range_matches(if_range: str | None, etag: str | None, last_modified: str | None) -> bool:
    """Whether the client's part is of the representation served now (RFC 9110, section 13.1.5).

    The header must equal one of the two validators, byte for byte; a weak tag never does. Without
    the header there is nothing to compare, and ranges are served.
    """
    if if_range is None:
        return True
    return not if_range.startswith("W/") and if_range in (etag, last_modified)


def content_range(start: int, end: int, size: int) -> str:
    """The Content-Range of one range: `bytes 0-1/10` for `(0, 2)` of 10 bytes."""
    return f"bytes {start}-{end - 1}/{size}"


def multipart_byteranges(
    ranges: Sequence[Range], boundary: str, size: int, content_type: str
) -> tuple[int, Callable[[int, int], bytes]]:
    """The frame of a `multipart/byteranges` body (RFC 9110, section 14.6).

    Gives the length of the whole body, and a function that makes the header of the part with
    these offsets. The bytes of a part are followed by CRLF, the last part by `--boundary--` too.
    """

    def part_header(start: int, end: int) -> bytes:
        return (
            f"--{boundary}\r\nContent-Type: {content_type}\r\n"
            f"Content-Range: {content_range(start, end, size)}\r\n\r\n"
        ).encode("latin-1")

    parts = sum(len(part_header(start, end)) + end - start + 2 for start, end in ranges)
    return parts + len(f"--{boundary}--"), part_header
