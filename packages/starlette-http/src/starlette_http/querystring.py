"""Query strings (`application/x-www-form-urlencoded`, WHATWG URL): to pairs and back."""

import re
from collections.abc import Iterable
from urllib.parse import quote_from_bytes, quote_plus

__all__ = ["decode_query", "encode_pairs", "parse_pairs"]

_ASCII = bytes(range(128)).decode("ascii")

# Not urllib's unquote_to_bytes(), for which every bad escape is an exception.
_replace_escapes = re.compile(rb"%([0-9A-Fa-f]{2})").sub
_digits = "0123456789ABCDEFabcdef"
_bytes_by_digits = {
    (high + low).encode(): bytes([int(high + low, 16)]) for high in _digits for low in _digits
}


def parse_pairs(query: str | bytes) -> list[tuple[str, str]]:
    """The pairs of a query, in order.

    Only `&` separates (`;` is data) and empty pieces are skipped; a name without `=` has the value
    "". `+` is a space, `%XX` are bytes of UTF-8 and bad ones become U+FFFD, as do bytes of `query`
    that are no UTF-8. Linear in `query`.
    """
    if not query.isascii():
        return _parse_bytes(query)
    text = query if isinstance(query, str) else query.decode("ascii")
    pieces = [piece.partition("=") for piece in text.replace("+", " ").split("&") if piece]
    if "%" not in text:
        return [(name, value) for name, _, value in pieces]
    return [
        (_unquote(name) if "%" in name else name, _unquote(value) if "%" in value else value)
        for name, _, value in pieces
    ]


def _parse_bytes(query: str | bytes) -> list[tuple[str, str]]:
    """The pairs of a query beyond ASCII, where a character may be half escaped and half not."""
    raw = query if isinstance(query, bytes) else query.encode("utf-8", "surrogatepass")
    pieces = [piece.partition(b"=") for piece in raw.replace(b"+", b" ").split(b"&") if piece]
    return [(_unquote(name), _unquote(value)) for name, _, value in pieces]


def _unquote(piece: str | bytes) -> str:
    raw = piece if isinstance(piece, bytes) else piece.encode("ascii")
    return _replace_escapes(_byte_of_escape, raw).decode("utf-8", "replace")


def _byte_of_escape(escape: re.Match[bytes]) -> bytes:
    return _bytes_by_digits[escape[1]]


def decode_query(raw: bytes) -> str:
    """A query as ASCII text with the same meaning: bytes beyond ASCII become `%XX`."""
    return raw.decode("ascii") if raw.isascii() else quote_from_bytes(raw, safe=_ASCII)


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The query of these pairs."""
    return "&".join([f"{_quote(name)}={_quote(value)}" for name, value in pairs])


def _quote(text: str) -> str:
    return text if text.isascii() and text.isalnum() else quote_plus(text)
