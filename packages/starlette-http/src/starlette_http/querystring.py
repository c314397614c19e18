"""Query strings (`application/x-www-form-urlencoded`, WHATWG URL): text to pairs and back."""

from collections.abc import Iterable
from urllib.parse import quote_from_bytes, quote_plus, unquote, unquote_to_bytes

__all__ = ["decode_query", "encode_pairs", "parse_pairs"]

_ASCII = bytes(range(128)).decode("ascii")


def parse_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of a query, in order.

    Only `&` separates (`;` is data) and empty pieces are skipped; a name without `=` has the value
    "". `+` is a space, `%XX` are bytes of UTF-8 and bad ones become U+FFFD. Linear in `text`.
    """
    pieces = [piece.partition("=") for piece in text.replace("+", " ").split("&") if piece]
    if "%" not in text:
        return [(name, value) for name, _, value in pieces]
    return [
        (_unquote(name) if "%" in name else name, _unquote(value) if "%" in value else value)
        for name, _, value in pieces
    ]


def _unquote(text: str) -> str:
    if text.isascii():  # nearly always: then in one step, where unquote() looks for the rest
        return unquote_to_bytes(text).decode("utf-8", "replace")
    return unquote(text)


def decode_query(raw: bytes) -> str:
    """A query as ASCII text with the same meaning: bytes beyond ASCII become `%XX`."""
    return raw.decode("ascii") if raw.isascii() else quote_from_bytes(raw, safe=_ASCII)


def encode_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """The query of these pairs."""
    return "&".join([f"{_quote(name)}={_quote(value)}" for name, value in pairs])


def _quote(text: str) -> str:
    return text if text.isascii() and text.isalnum() else quote_plus(text)
