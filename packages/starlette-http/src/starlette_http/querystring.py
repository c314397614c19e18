"""Query strings (`application/x-www-form-urlencoded`, WHATWG URL): to pairs and back."""

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote_from_bytes, quote_plus, unquote

__all__ = ["decode_query", "encode_pairs", "parse_pairs"]

_ASCII = bytes(range(128)).decode("ascii")

# Not urllib's unquote_to_bytes(), for which every bad escape is an exception.
_replace_escapes = re.compile(rb"%([0-9A-Fa-f]{2})").sub


def parse_pairs(query: str | bytes) -> list[tuple[str, str]]:
    """The pairs of a query, in order.

    Only `&` separates (`;` is data) and empty pieces are skipped; a name without `=` has the value
    "". `+` is a space, `%XX` are bytes of UTF-8 and bad ones become U+FFFD, as do bytes of `query`
    that are no UTF-8. Linear in `query`.
    """
    if isinstance(query, bytes):
        if not query.isascii():
            return _parse_bytes(query)
        query = query.decode("ascii")
    pieces = [piece.partition("=") for piece in query.replace("+", " ").split("&") if piece]
    if "%" not in query:
        return [(name, value) for name, _, value in pieces]
    return [
        (_unquote(name) if "%" in name else name, _unquote(value) if "%" in value else value)
        for name, _, value in pieces
    ]


def _parse_bytes(query: bytes) -> list[tuple[str, str]]:
    """The pairs of bytes beyond ASCII, where a character may be half escaped and half not."""
    pieces = [piece.partition(b"=") for piece in query.replace(b"+", b" ").split(b"&") if piece]
    return [(_unquote_bytes(name), _unquote_bytes(value)) for name, _, value in pieces]


def _unquote(text: str) -> str:
    # Nearly always ASCII, where unquote() looks for the rest.
    return _unquote_bytes(text.encode("ascii")) if text.isascii() else unquote(text)


def _unquote_bytes(raw: bytes) -> str:
    return _replace_escapes(_byte_of, raw).decode("utf-8", "replace")


def _byte_of(escape: re.Match[bytes]) -> bytes:
    return _byte(escape[1])


@cache  # of at most 22 * 22
def _byte(digits: bytes) -> bytes:
    return bytes([int(digits, 16)])


def decode_query(raw: bytes) -> str:
    """A query as ASCII text with the same meaning: bytes beyond ASCII become `%XX`."""
    return raw.decode("ascii") if raw.isascii() else quote_from_bytes(raw, safe=_ASCII)


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The query of these pairs."""
    return "&".join([f"{_quote(name)}={_quote(value)}" for name, value in pairs])


def _quote(text: str) -> str:
    return text if text.isascii() and text.isalnum() else quote_plus(text)
