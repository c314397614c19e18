"""ASGI messages and scopes as applications really send them, in one shape that can be edited.

Frameworks send header names in any case, and headers as a list, tuple, iterator or not at all.
A message belongs to its sender: what is changed here is always a copy.
"""

from collections.abc import Iterable

from starlette_http.types import Message, Scope

__all__ = [
    "HeaderPairs",
    "add_vary",
    "get_header",
    "header_pairs",
    "join_header",
    "listed",
    "message_body",
    "request_headers",
    "set_header",
    "with_headers",
]

HeaderPairs = list[tuple[bytes, bytes]]


def header_pairs(message: Message) -> HeaderPairs:
    """Give the headers of a response start as a new list, names in lower case.

    An iterator is used up by this: a message that may go on unchanged comes from `listed`.
    """
    headers = message.get("headers") or ()
    if type(headers) is not list:
        headers = list(headers)
    for pair in headers:
        # Nearly all are lower-case already: to look costs half of making all pairs anew.
        if not pair[0].islower():
            return [(name.lower(), value) for name, value in headers]
    return [*headers]


def listed(message: Message) -> Message:
    """Give `message` itself, or a copy with a list if its headers could be read only once."""
    headers = message.get("headers")
    if headers is None or isinstance(headers, list | tuple):
        return message
    return with_headers(message, list(headers))


def with_headers(message: Message, pairs: HeaderPairs) -> Message:
    """Give a copy of `message` that has these headers."""
    changed = {**message}
    changed["headers"] = pairs
    return changed


def request_headers(scope: Scope) -> HeaderPairs:
    """Give the headers of a connection; the list is the scope's own, so do not change it.

    Missing headers, or an iterator that can be read only once, are replaced in the scope by a list.
    """
    headers = scope.get("headers")
    if isinstance(headers, list):
        return headers
    scope["headers"] = listed = [(name, value) for name, value in headers or ()]
    return listed


def get_header(pairs: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """Give the first value of the lower-case `name`, None if it is absent."""
    for key, value in pairs:
        if key == name:
            return value
    return None


def join_header(pairs: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Give all values of the lower-case `name` as one list (RFC 9110, section 5.3), or None."""
    values = [value for key, value in pairs if key == name]
    return b",".join(values).decode("latin-1") if values else None


def set_header(pairs: HeaderPairs, name: bytes, value: bytes | None) -> None:
    """Replace every header of the lower-case `name` by one, or by none at all."""
    for pair in pairs:
        if pair[0] == name:
            pairs[:] = [kept for kept in pairs if kept[0] != name]
            break
    if value is not None:
        pairs.append((name, value))


def add_vary(pairs: HeaderPairs, field: bytes) -> None:
    """Say that the response depends on the request header `field` (RFC 9110, section 12.5.5).

    Several Vary headers become one, a field is named once, and `*` already says everything.
    """
    for pair in pairs:
        if pair[0] == b"vary":
            break
    else:
        pairs.append((b"vary", field))
        return
    present = [value for name, value in pairs if name == b"vary"]
    members = [member.strip() for member in b",".join([*present, field]).split(b",")]
    if b"*" not in members:
        unique: dict[bytes, bytes] = {}
        for member in members:
            unique.setdefault(member.lower(), member)
        unique.pop(b"", None)
        set_header(pairs, b"vary", b", ".join(unique.values()))


def message_body(message: Message) -> bytes:
    """Give the body of a message as bytes; it may be missing, a bytearray or a memoryview."""
    body = message.get("body") or b""
    return body if type(body) is bytes else bytes(body)
