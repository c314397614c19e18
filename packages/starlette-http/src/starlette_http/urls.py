"""URLs that are text: a whole one, the path of a route, and a network address."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple, Self, SupportsIndex, overload
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from .hosts import parse_host_header
from .querystring import decode_query, encode_pairs, parse_pairs
from .types import Scope

__all__ = ["URL", "Address", "URLPath"]

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_SCHEMES = {
    "http": {False: "http", True: "https"},
    "websocket": {False: "ws", True: "wss"},
}

# Everything up to the password, when there is one, and the password. Tabs and newlines are taken
# out of a URL before it is split, those between the two slashes as well.
_PASSWORD = re.compile(r"^([^/?#]*/[\t\r\n]*/[^/?#:]*:)[^/?#]+@")
_MASKED = r"\1********@"


class Address(NamedTuple):
    """Host and port of one end of a connection."""

    host: str
    port: int


class URL(str):
    """A URL: a `str` that can also be taken apart and changed part by part.

    Made of one of three sources (`AssertionError` for more):

    `url`: its text, kept as it is;
    `scope`: an ASGI scope, whose Host header counts when it is a valid one, else its `server`;
    `components`: what `replace()` takes.

    Parts are parsed on first use, so a bad URL raises `ValueError` only then. Every changing
    method returns a new URL. `repr()` hides the password. Equality compares the text with the
    `str()` of anything else.
    """

    def __new__(cls, url: str = "", scope: Scope | None = None, **components: Any) -> Self:
        if components:
            if url or scope is not None:
                source = "url" if url else "scope"
                raise AssertionError(f'Cannot set both "{source}" and "**components".')
            return cls().replace(**components)
        if scope is not None:
            if url:
                raise AssertionError('Cannot set both "url" and "scope".')
            url = _text_of_scope(scope)
        return super().__new__(cls, url)

    def __init__(self, url: str = "", scope: Scope | None = None, **components: Any) -> None:
        """Nothing is left to do: this is here for subclasses that call it."""

    @cached_property
    def components(self) -> SplitResult:
        """The parts as the standard library splits them. `ValueError` for a bad URL."""
        return urlsplit(str(self))

    @property
    def _url(self) -> str:
        return str(self)

    @property
    def scheme(self) -> str:
        """The scheme in lower case, or ""."""
        return self.components.scheme

    @property
    def netloc(self) -> str:
        """Userinfo, host and port as they are written, or ""."""
        return self.components.netloc

    @property
    def path(self) -> str:
        """The path as it is written."""
        return self.components.path

    @property
    def query(self) -> str:
        """The query without `?`, or ""."""
        return self.components.query

    @property
    def fragment(self) -> str:
        """The fragment without `#`, or ""."""
        return self.components.fragment

    @property
    def username(self) -> str | None:
        """The user as it is written, escapes included."""
        return self.components.username

    @property
    def password(self) -> str | None:
        """The password as it is written, escapes included."""
        return self.components.password

    @property
    def hostname(self) -> str | None:
        """The host in lower case, an IPv6 address without its brackets."""
        return self.components.hostname

    @property
    def port(self) -> int | None:
        """The port; `ValueError` when it is no number up to 65535."""
        return self.components.port

    @property
    def is_secure(self) -> bool:
        """Whether the scheme is https or wss."""
        return self.scheme in ("https", "wss")

    @overload
    def replace(self, old: str, new: str, /, count: SupportsIndex = -1) -> str: ...

    @overload
    def replace(self, **components: Any) -> Self: ...

    def replace(self, *args: Any, **components: Any) -> str:
        """Change components by keyword, or text as `str.replace(old, new, count)` does.

        Components are scheme, netloc, path, query, fragment and username, password, hostname,
        port; anything else is a `TypeError`. One of the last four rebuilds the netloc from the
        present one, and a `netloc` given beside it does not count; `None` takes a part away (not
        the host), and without a host there is nothing to rebuild. User and password are percent-
        encoded where they would break the URL; other values are taken as they are.

        With two texts, the result is a plain `str`.
        """
        if not args:
            return self._with_components(components)
        if components.keys() - {"count"}:
            raise TypeError("URL.replace() takes two texts or components by keyword, not both.")
        return _replace_text(str(self), *args, **components)

    def _with_components(self, changes: dict[str, Any]) -> Self:
        if not _FIELDS.issuperset(changes):
            unknown = min(changes.keys() - _FIELDS)
            expected = ", ".join(sorted(_FIELDS))
            raise TypeError(f"URL has no component {unknown!r}; it has {expected}.")
        scheme, netloc, path, query, fragment = self.components
        scheme = changes.get("scheme", scheme)
        path = changes.get("path", path)
        if _WRITERS.keys().isdisjoint(changes):
            netloc = changes.get("netloc", netloc)
        else:
            netloc = _changed_netloc(netloc, changes)
        query, fragment = changes.get("query", query), changes.get("fragment", fragment)
        if netloc:
            return type(self)(_joined(scheme, netloc, path, query, fragment))
        if not scheme:
            path = _rooted(path)
        return type(self)(urlunsplit((scheme, netloc, path, query, fragment)))

    def include_query_params(self, **kwargs: Any) -> Self:
        """Set query parameters: each replaces all values of its name and goes to the end."""
        kept = [pair for pair in parse_pairs(self.query) if pair[0] not in kwargs]
        return self._with_components({"query": encode_pairs([*kept, *_texts(kwargs)])})

    def replace_query_params(self, **kwargs: Any) -> Self:
        """Make these the whole query; none takes it away."""
        return self._with_components({"query": encode_pairs(_texts(kwargs))})

    def remove_query_params(self, keys: str | Sequence[str]) -> Self:
        """Take all values of these query parameters away."""
        names = [keys] if isinstance(keys, str) else keys
        kept = [pair for pair in parse_pairs(self.query) if pair[0] not in names]
        return self._with_components({"query": encode_pairs(kept)})

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    # str has a __ne__ of its own, which would not agree.
    def __ne__(self, other: object) -> bool:
        return str(self) != str(other)

    def __hash__(self) -> int:
        return str.__hash__(self)

    def __repr__(self) -> str:
        # On the text, since what cannot be parsed must have a repr as well.
        return f"{type(self).__name__}({_PASSWORD.sub(_MASKED, str(self))!r})"


class URLPath(str):
    """The path of a route, with the protocol and host that the route is bound to ("" for any).

    `protocol` is "http", "websocket" or "" (`AssertionError` otherwise). A backslash, and a second
    slash at the start, are escaped: browsers would read them as the start of a host.
    """

    protocol: str
    host: str

    def __new__(
        cls, path: str, protocol: Literal["http", "websocket", ""] = "", host: str = ""
    ) -> Self:
        if protocol not in ("", *_SCHEMES):
            raise AssertionError(f"Protocol must be 'http', 'websocket' or '', not {protocol!r}.")
        self = super().__new__(cls, _rooted(path.replace("\\", "%5C")))
        self.protocol = protocol
        self.host = host
        return self

    def __init__(
        self, path: str, protocol: Literal["http", "websocket", ""] = "", host: str = ""
    ) -> None:
        """Nothing is left to do: this is here for subclasses that call it."""

    def make_absolute_url(self, base_url: str | URL) -> URL:
        """This path below that of `base_url`, on its host or on the route's own.

        The scheme is that of the protocol, secure where the base is; without a protocol it is the
        base's. Query and fragment of the base are dropped. When no host is known, the result is
        the path alone.
        """
        base = base_url if isinstance(base_url, URL) else URL(base_url)
        path = base.path.rstrip("/") + self
        netloc = self.host or base.netloc
        if not netloc:
            return URL(_rooted(path))
        scheme = _SCHEMES[self.protocol][base.is_secure] if self.protocol else base.scheme
        return URL(_absolute(scheme, netloc, path))


def _texts(params: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in params.items()]


def _replace_text(text: str, old: str, new: str, /, count: SupportsIndex = -1) -> str:
    """`str.replace`, which takes `count` by name only from Python 3.13."""
    return text.replace(old, new, count)


def _rooted(path: str) -> str:
    """`path` as a reference of its own, where `//` would begin a host (RFC 3986, section 4.2)."""
    return "/%2F" + path[2:] if path.startswith("//") else path


def _absolute(scheme: str, netloc: str, path: str) -> str:
    """The URL of these; a path that does not begin with a slash must not run into the host."""
    slash = "" if path[:1] in ("", "/") else "/"
    return f"{scheme}{':' if scheme else ''}//{netloc}{slash}{path}"


def _joined(scheme: str, netloc: str, path: str, query: str, fragment: str) -> str:
    """What `urlunsplit` makes of these; most of its time goes into telling text from bytes."""
    text = "//" + netloc + (path if path[:1] in ("", "/") else "/" + path)
    if scheme:
        text = scheme + ":" + text
    if query:
        text += "?" + query
    return text + "#" + fragment if fragment else text


def _text_of_scope(scope: Scope) -> str:
    """The URL that was asked for, from the connection's scope."""
    scheme = scope.get("scheme") or ("ws" if scope.get("type") == "websocket" else "http")
    path = scope["path"].replace("?", "%3F").replace("#", "%23").replace("\\", "%5C")
    netloc = _host_of(scope["headers"]) or _server_of(scope, scheme)
    text = _absolute(scheme, netloc, path) if netloc else _rooted(path)
    query = scope.get("query_string", b"")
    return f"{text}?{_text_of_query(query)}" if query else text


def _text_of_query(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return decode_query(raw)


def _host_of(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """The first Host header as it was sent, if it is a valid one."""
    for name, value in headers:
        if name == b"host":
            text = value.decode("latin-1")
            parsed = parse_host_header(text)
            return text if parsed is not None and parsed.is_valid_port else None
    return None


def _server_of(scope: Scope, scheme: str) -> str | None:
    """The authority of the server's own address; a unix socket has none."""
    host, port = scope.get("server") or (None, None)
    if host is None or port is None:
        return None
    host = _bracketed(host)
    return host if port == _DEFAULT_PORTS.get(scheme) else f"{host}:{port}"


def _bracketed(host: str) -> str:
    """An IPv6 address in brackets; any other host as it is."""
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return host
    return f"[{host}]"


def _changed_netloc(netloc: str, changes: dict[str, Any]) -> str:
    """The authority with the given parts changed; "" when it has no host before or after."""
    parts = _authority_parts(netloc)
    for name in _WRITERS.keys() & changes:
        value = changes[name]
        if value is not None:
            parts[name] = _WRITERS[name](value)
        elif name != "hostname":
            parts[name] = None
    return _authority(**parts)


def _authority_parts(netloc: str) -> dict[str, str | None]:
    userinfo, at, address = netloc.rpartition("@")
    username, colon, password = userinfo.partition(":")
    literal, bracket, rest = address.rpartition("]")
    name, _, port = rest.partition(":")
    return {
        "username": username if at else None,
        "password": password if colon else None,
        "hostname": literal + bracket + name,
        "port": port or None,
    }


def _authority(
    username: str | None, password: str | None, hostname: str | None, port: str | None
) -> str:
    if not hostname:
        return ""
    secret = "" if password is None else f":{password}"
    userinfo = "" if username is None else f"{username}{secret}"
    return f"{userinfo}{'@' if userinfo else ''}{hostname}{f':{port}' if port else ''}"


# How the parts of an authority that were given are written into it. "%" stays as it is, since
# what is escaped already must not be escaped again.
_WRITERS: dict[str, Callable[[Any], str]] = {
    "username": partial(quote, safe="%!$&'()*+,;="),
    "password": partial(quote, safe="%!$&'()*+,;=:"),
    "hostname": _bracketed,
    "port": str,
}
_FIELDS = {*SplitResult._fields, *_WRITERS}
