"""`Response`, and the responses that differ from it only in how they render their content."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, ClassVar, Literal, overload
from urllib.parse import quote

from .asgi2 import serving_scope
from .background import BackgroundTask
from .headers import MutableHeaders, encode_header, encode_headers
from .types import Message, Receive, Scope, Send
from .urls import URL

__all__ = [
    "Content",
    "EMPTY_STATUSES",
    "HTMLResponse",
    "JSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "two_argument_call",
]

Content = str | bytes | memoryview

_DENIAL_TYPES = {
    "http.response.start": "websocket.http.response.start",
    "http.response.body": "websocket.http.response.body",
}
# What a response assumes of its request when nobody tells: whole body, no ranges, no extensions.
_PLAIN_GET: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}


# RFC 9110, section 6.4.1: these have no content, whatever the response was given.
EMPTY_STATUSES = frozenset((*range(100, 200), 204, 304))


def two_argument_call(first: Any, receive: Any, send: Any) -> tuple[Scope, Receive, Send]:
    """The three ASGI arguments of a response called as `response(receive, send)`.

    The scope is the one that the ASGI-2 adapter is serving, or that of a plain GET.
    """
    if send is None:  # both were positional: what was meant as receive came first
        receive, send = first, receive
    return serving_scope.get(None) or dict(_PLAIN_GET), receive, send


_OWN_NAMES = frozenset((b"content-length", b"content-type"))
_name = itemgetter(0)


@lru_cache(maxsize=4096)
def _own_headers(
    length: int | None, media_type: str | None, charset: str
) -> Sequence[tuple[bytes, bytes]]:
    """The headers that a response has of itself: content-length and content-type."""
    own = []
    if length is not None:
        own.append((b"content-length", b"%d" % length))
    if media_type is not None:
        if media_type.startswith("text/") and "charset=" not in media_type.lower():
            media_type = f"{media_type}; charset={charset}"
        own.append(encode_header("content-type", media_type))
    return tuple(own)


class Response:
    """A complete answer: status, headers, and a body that is known when it is built.

    `content` is str (encoded with `charset`), bytes, a memoryview or None. `headers` are sent as
    they are given, followed by `content-length` and `content-type` where they lack. `media_type`
    overrides the class's; text types get the charset as a parameter. `background` runs after the
    body was sent. CR, LF or NUL in a header is a ValueError.

    Call it as an ASGI application, `await response(scope, receive, send)`, or without a scope,
    `await response(receive, send)`.
    """

    media_type: str | None = None
    charset = "utf-8"
    body: bytes | memoryview
    raw_headers: list[tuple[bytes, bytes]]
    _headers: MutableHeaders | None = None

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        if media_type is not None:
            self.media_type = media_type
        self.background = background
        self.body = self.render(content)
        self.init_headers(headers)

    def render(self, content: Any) -> bytes | memoryview:
        """The body for `content`; a subclass overrides this to accept other objects."""
        if not isinstance(content, str):
            if isinstance(content, bytes):
                return content
            if content is None:
                return b""
            if isinstance(content, memoryview):
                flat = content.c_contiguous and content.nbytes
                return content.cast("B") if flat else content.tobytes()
        encoded: bytes = content.encode(self.charset)
        return encoded

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Set `raw_headers`: those given, then content-length and content-type if they lack."""
        body = getattr(self, "body", None)
        status = self.status_code
        # Compared as well, so that a status that is no number is told here, where it was given.
        length = None if body is None or status < 200 or status in EMPTY_STATUSES else len(body)
        own = _own_headers(length, self.media_type, self.charset)
        if not headers:
            self.raw_headers = [*own]
            return
        raw = encode_headers(headers)
        if not _OWN_NAMES.isdisjoint(map(_name, raw)):
            given = [name for name, _ in raw]
            own = [pair for pair in own if pair[0] not in given]
        self.raw_headers = [*raw, *own]

    @property
    def headers(self) -> MutableHeaders:
        """The headers, to read and to change; a view of `raw_headers`."""
        headers = self._headers
        if headers is None or headers.raw is not self.raw_headers:
            if not isinstance(self.raw_headers, list):
                self.raw_headers = list(self.raw_headers)
            headers = self._headers = MutableHeaders(raw=self.raw_headers)
        return headers

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: int | timedelta | None = None,
        expires: datetime | timedelta | str | int | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: Literal["lax", "strict", "none"] | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Append one `set-cookie` header (RFC 6265bis, section 4.1).

        `max_age` is in seconds. `expires` is an aware datetime, the seconds from now, or the
        literal text. Attributes that are None or empty are left out. Errors: `CookieError` for an
        illegal key, `ValueError` for control characters or `;` in an attribute or a naive
        datetime, `AssertionError` for an unknown `samesite`.
        """
        from .set_cookie import cookie_header  # it stands on half of email and http

        header = cookie_header(
            key, value, max_age, expires, path, domain, secure, httponly, samesite, partitioned
        )
        self.headers.raw.append((b"set-cookie", header.encode("latin-1")))

    def delete_cookie(
        self,
        key: str,
        path: str = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: Literal["lax", "strict", "none"] | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Tell the client to forget a cookie; `path` and `domain` must be those it was set with."""
        self.set_cookie(key, "", 0, 0, path, domain, secure, httponly, samesite, partitioned)

    # The second form is for response(receive, send). It is spelt `...` to type checkers because
    # subclasses are right to override this method with the three ASGI parameters alone.
    @overload
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    @overload
    async def __call__(self, *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        if send is None or scope is None:
            scope, receive, send = two_argument_call(scope, receive, send)
        if scope["type"] == "websocket":
            send = self._wrap_websocket_denial_send(send)
        status = self.status_code
        await send({"type": "http.response.start", "status": status, "headers": self.raw_headers})
        body = b"" if status in EMPTY_STATUSES else self.body
        await send({"type": "http.response.body", "body": body})
        if self.background is not None:
            await self.background()

    def _wrap_websocket_denial_send(self, send: Send) -> Send:
        """A `send` that turns the messages of a response into those of a refused handshake."""

        async def deny(message: Message) -> None:
            kind = message["type"]
            await send({**message, "type": _DENIAL_TYPES.get(kind, kind)})

        return deny


class HTMLResponse(Response):
    """A response of type `text/html`."""

    media_type: str | None = "text/html"


class PlainTextResponse(Response):
    """A response of type `text/plain`."""

    media_type: str | None = "text/plain"


_OPTIONS: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
_encode = json.JSONEncoder(**_OPTIONS).encode
_dumps = json.dumps


def _encode_json(content: Any) -> str:
    # One encoder instead of one for each call; but who replaces `json.dumps` sees it called.
    return _encode(content) if json.dumps is _dumps else json.dumps(content, **_OPTIONS)


class JSONResponse(Response):
    """A response of type `application/json`.

    `encoder` turns content into JSON, as str or bytes. The default is the standard library's:
    compact, UTF-8, and a ValueError for NaN and infinities. Choose another once for an application:

        class AppJSONResponse(JSONResponse):
            encoder = orjson.dumps
    """

    media_type: str | None = "application/json"
    encoder: ClassVar[Callable[[Any], str | bytes]] = _encode_json

    def __init__(
        self,
        content: Any,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)

    def render(self, content: Any) -> bytes:
        """`content` as JSON, by the class's `encoder`."""
        # Looked up on the class, where a plain function is not bound to the response.
        encoded = type(self).encoder(content)
        if isinstance(encoded, bytes):
            return encoded
        # UTF-8 can encode all but lone surrogates, which can only stand inside a JSON string:
        # there the backslash replacement is the very escape that JSON has for them.
        return encoded.encode("utf-8", "backslashreplace")


_is_location = re.compile(r"[A-Za-z0-9_.\-~:/%#?=@\[\]!$&'()*+,;]*").fullmatch


class RedirectResponse(Response):
    """Send the client to `url`, percent-encoded where it needs to be; 307 keeps the method."""

    def __init__(
        self,
        url: str | URL,
        status_code: int = 307,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(b"", status_code, headers, background=background)
        location = str(url)
        if not _is_location(location):
            # Lone surrogates come from the outside, and must not be an error of the application.
            location = quote(location, safe=":/%#?=@[]!$&'()*+,;", errors="surrogatepass")
        if headers:
            self.headers["location"] = location
        else:
            self.raw_headers.append((b"location", location.encode("ascii")))
