"""Conditional requests (RFC 9110, section 13): pure functions over header values.

`precondition_status` decides in the order of section 13.2.2:

1. If-Match, by strong comparison; else If-Unmodified-Since. False is 412.
2. If-None-Match, by weak comparison: a match is 304 for GET and HEAD, else 412.
3. Without If-None-Match, for GET and HEAD: If-Modified-Since; not modified is 304.

A condition is ignored when it is empty, or compares with a date that cannot be parsed or is not
known; a list without a well-formed tag matches nothing. If-Range, the last step, is in `ranges`.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from .headers import Headers

__all__ = [
    "any_tag_matches",
    "is_modified_since",
    "parse_entity_tags",
    "parse_http_date",
    "precondition_status",
]

# A tag may hold a comma, so that the list cannot be split at commas.
_find_tags = re.compile(r'(?:^|,)[ \t]*((?:W/)?"[^"]*")[ \t]*(?=,|$)').findall


def parse_entity_tags(header: str) -> list[str]:
    """The tags of a list such as `W/"a", "b"`, quotes and `W/` included; others are left out."""
    tags: list[str] = _find_tags(header)
    return tags


def any_tag_matches(header: str, etag: str | None, *, strong: bool = False) -> bool:
    """Whether a list of tags (If-Match, If-None-Match) has the tag of this representation.

    `*` matches every representation. The comparison is weak, so that `W/"a"` matches `"a"`, or
    `strong`, so that no weak tag matches anything (RFC 9110, section 8.8.3.2).
    """
    if header.strip() == "*":
        return True
    if etag is None or (strong and etag.startswith("W/")):
        return False
    tags = parse_entity_tags(header)
    if strong:
        return etag in tags
    return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def parse_http_date(header: str) -> datetime | None:
    """The date in UTC, which is also what a text without a zone means; None if it is no date."""
    # Clients send back the dates that they were given, all of this length; others are not kept.
    return _remembered_date(header) if len(header) == _FIXDATE_LENGTH else _parse_date(header)


def _parse_date(header: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(header)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (IndexError, OverflowError, TypeError, ValueError):
        return None


_FIXDATE_LENGTH = len("Sun, 06 Nov 1994 08:49:37 GMT")
_remembered_date = lru_cache(maxsize=1024)(_parse_date)


def is_modified_since(last_modified: str | None, since: str) -> bool | None:
    """Whether the first date is later than the second; None if one of them is no date."""
    if not since:
        return None
    modified = parse_http_date(last_modified or "")
    given = parse_http_date(since)
    if modified is None or given is None:
        return None
    return modified > given


def precondition_status(
    method: str, request: Headers, etag: str | None, last_modified: str | None
) -> int | None:
    """304 or 412 if a condition of the request says so, None to go on with the request.

    `etag` and `last_modified` are the headers that a 200 answer would have, if any.
    """
    conditions = _conditions(request)
    if not conditions:
        return None
    reading = method.upper() in ("GET", "HEAD")
    if wanted := conditions.get(b"if-match"):
        if not any_tag_matches(wanted, etag, strong=True):
            return 412
    elif is_modified_since(last_modified, conditions.get(b"if-unmodified-since", "")):
        return 412
    if known := conditions.get(b"if-none-match"):
        if any_tag_matches(known, etag):
            return 304 if reading else 412
    elif reading:
        since = conditions.get(b"if-modified-since", "")
        if is_modified_since(last_modified, since) is False:
            return 304
    return None


_CONDITIONS = {b"if-match", b"if-unmodified-since", b"if-none-match", b"if-modified-since"}


def _conditions(request: Headers) -> dict[bytes, str]:
    """The conditional headers; of one that was sent in several lines, the list of them."""
    found: dict[bytes, str] = {}
    for name, value in request.raw:
        if name in _CONDITIONS:
            text = value.decode("latin-1")
            found[name] = f"{found[name]}, {text}" if name in found else text
    return found
