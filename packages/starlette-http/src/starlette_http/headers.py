"""HTTP headers as a case-insensitive multi-valued mapping over the raw pairs of ASGI."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar, overload

__all__ = ["Headers", "MutableHeaders", "encode_header", "encode_headers", "encode_name"]

T = TypeVar("T")

# They would end the field, and what follows become a header of its own (RFC 9110, section 5.5).
_FORBIDDEN = re.compile("[\r\n\0]")

# In a list of names, since `*` may be part of a name as well (RFC 9110, section 5.6.2).
_STAR = re.compile(r"(?:^|,)[ \t]*\*[ \t]*(?:,|$)")


# Names as ASGI carries them, kept when they were first asked for: an application uses few names,
# and each of them all the time. It starts anew when it is full, since names may come from outside.
# Who is in a hurry looks into it before calling `encode_name`: a lookup costs less than a call.
_names: dict[Any, bytes] = {}


def encode_name(name: str) -> bytes:
    """The name of a header as ASGI carries it; errors as those of `encode_header`."""
    encoded = _names.get(name)
    if encoded is None:
        if _FORBIDDEN.search(name):
            raise ValueError(f"Header name {name!r} must not contain CR, LF or NUL.")
        encoded = name.lower().encode("latin-1")
        if len(_names) >= 256:
            _names.clear()
        _names[name] = encoded
    return encoded


def encode_header(name: str, value: str) -> tuple[bytes, bytes]:
    """The pair as ASGI carries it: the name in lower case, both encoded as latin-1.

    Raises `ValueError` when either holds a carriage return, a newline or a NUL, and its subclass
    `UnicodeEncodeError` for characters beyond latin-1.
    """
    # isprintable() is one fast pass that clears nearly every value.
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise ValueError(f"Header {name!r}: {value!r} must not contain CR, LF or NUL.")
    return encode_name(name), value.encode("latin-1")


def encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """All pairs of a mapping as ASGI carries them; errors as those of `encode_header`."""
    try:
        # encode_header without its calls, for names seen before and values clearly harmless, whose
        # encoding is the same in UTF-8 and needs no codec to be looked up.
        return [
            (_names[name], value.encode())
            if value.isascii() and value.isprintable()
            else encode_header(name, value)
            for name, value in headers.items()
        ]
    except KeyError:
        return [encode_header(name, value) for name, value in headers.items()]


def _wanted(name: Any) -> bytes | None:
    """The name to look for; None for what can be no header's name."""
    try:
        return encode_name(name)
    except (TypeError, ValueError):
        return None


class Headers(Mapping[str, str]):
    """Read-only headers, from one of three sources (`AssertionError` for more):

    `headers`: a mapping, encoded here (`encode_header` says what is refused);
    `raw`: a list of pairs with lower-case names, used without a copy;
    `scope`: a scope or message, whose `headers` become a list shared with this object.

    Lookup ignores case and gives the first value. `keys()`, `values()` and `items()` are lists
    in which a repeated name is repeated. A lookup scans the pairs: for the few that a request is
    asked for, that is faster than to make an index.
    """

    _list: list[tuple[bytes, bytes]]

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        raw: Iterable[tuple[bytes, bytes]] | None = None,
        scope: MutableMapping[str, Any] | None = None,
    ) -> None:
        if scope is not None:
            if headers is not None or raw is not None:
                raise _two_sources("scope", "raw" if headers is None else "headers")
            # A list of our own: the one that is there may belong to a response used again.
            self._list = scope["headers"] = list(scope["headers"])
        elif raw is not None:
            if headers is not None:
                raise _two_sources("raw", "headers")
            self._list = raw if isinstance(raw, list) else list(raw)
        elif headers:
            self._list = encode_headers(headers)
        else:
            self._list = []

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """A copy of the pairs as ASGI carries them."""
        return self._list.copy()

    def keys(self) -> list[str]:  # type: ignore[override]
        """All names in order, repeated ones repeated."""
        return [name.decode("latin-1") for name, _ in self._list]

    def values(self) -> list[str]:  # type: ignore[override]
        """All values in order."""
        return [value.decode("latin-1") for _, value in self._list]

    def items(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """All pairs in order."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._list]

    @overload
    def get(self, key: str) -> str | None: ...

    @overload
    def get(self, key: str, default: str | T) -> str | T: ...

    def get(self, key: str, default: Any = None) -> Any:
        """The first value of `key`, or `default`."""
        wanted: bytes | None
        try:
            wanted = _names[key]
        except KeyError:
            wanted = _wanted(key)
        for name, value in self._list:
            if name == wanted:
                return value.decode("latin-1")
        return default

    def getlist(self, key: str) -> list[str]:
        """All values of `key` in order."""
        wanted = _wanted(key)
        return [value.decode("latin-1") for name, value in self._list if name == wanted]

    def mutablecopy(self) -> MutableHeaders:
        """Headers over a copy of the pairs that can be changed."""
        return MutableHeaders(raw=self._list.copy())

    def __getitem__(self, key: str) -> str:
        wanted: bytes | None
        try:
            wanted = _names[key]
        except KeyError:
            wanted = _wanted(key)
        for name, value in self._list:
            if name == wanted:
                return value.decode("latin-1")
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        wanted: bytes | None
        try:
            wanted = _names[key]
        except KeyError:
            wanted = _wanted(key)
        for name, _ in self._list:
            if name == wanted:
                return True
        return False

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return False
        return sorted(self._list) == sorted(other._list)

    def __repr__(self) -> str:
        as_dict = dict(self.items())
        if len(as_dict) == len(self):
            return f"{type(self).__name__}({as_dict!r})"
        return f"{type(self).__name__}(raw={self._list!r})"


def _two_sources(one: str, other: str) -> AssertionError:
    return AssertionError(f'Cannot set both "{other}" and "{one}".')


class MutableHeaders(Headers):
    """Headers that can be changed; over a scope or message they are changed in place.

    Every change refuses CR, LF and NUL with `ValueError`.
    """

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """The live list of the pairs as ASGI carries them."""
        return self._list

    def __setitem__(self, key: str, value: str) -> None:
        pair = encode_header(key, value)
        name = pair[0]
        headers = self._list
        for present in headers:
            if present[0] == name:
                break
        else:
            headers.append(pair)
            return
        place = headers.index(present)
        headers[place] = pair
        place += 1
        while place < len(headers):
            if headers[place][0] == name:
                del headers[place]
            else:
                place += 1

    def __delitem__(self, key: str) -> None:
        name = _wanted(key)
        self._list[:] = [pair for pair in self._list if pair[0] != name]

    def setdefault(self, key: str, value: str) -> str:
        """The first value of `key`, which is set to `value` when it is absent."""
        found = self.get(key)
        if found is None:
            self.append(key, value)
            return value
        return found

    def append(self, key: str, value: str) -> None:
        """Add a pair and keep those of the same name."""
        self._list.append(encode_header(key, value))

    def update(self, other: Mapping[str, str]) -> None:
        """Set every pair of a mapping; of a name that it repeats, the last value stays."""
        for key, value in other.items():
            self[key] = value

    def __or__(self, other: Mapping[str, str]) -> MutableHeaders:
        merged = self.mutablecopy()
        merged |= other
        return merged

    def __ior__(self, other: Mapping[str, str]) -> MutableHeaders:
        if not isinstance(other, Mapping):
            raise TypeError(f"Expected a mapping but got {type(other).__name__}")
        self.update(other)
        return self

    def add_vary_header(self, vary: str) -> None:
        """Add to the names in `Vary` (RFC 9110, section 12.5.5), in one header.

        A name is listed once; where `*` stands, it says all there is to say and stays alone.
        """
        present = [value.decode("latin-1") for name, value in self._list if name == b"vary"]
        self["vary"] = _with_names(", ".join(present), vary) if present else vary


def _with_names(present: str, vary: str) -> str:
    listed = present.lower().replace(" ", "").replace("\t", "").split(",")
    if "," in vary:
        names = [name.strip() for name in vary.split(",")]
        vary = ", ".join([name for name in names if name.lower() not in listed])
    elif vary.lower() in listed:
        vary = ""
    merged = f"{present}, {vary}" if vary else present
    return "*" if "*" in merged and _STAR.search(merged) else merged
