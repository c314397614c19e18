"""What an endpoint is given: a connection, and the request that came over it.

Everything is lazy. Making a `Request` stores three references; a header, a cookie or the URL is
parsed when it is first asked for, and kept.

The body can be had in one of three ways: whole (`body()`, `json()`, `form()`), chunk by chunk
(`stream()`), or, for uploads, part by part (`parts()`). Once `body()` has it, the others work from
memory; after any other has begun, the whole body can no longer be given, and asking for it is a
`RuntimeError("Stream consumed")`.
"""

import json
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from typing import Any, Generic

import anyio

from .cookies import cookie_parser
from .exceptions import HTTPException
from .headers import Headers
from .multidict import FormData, QueryParams
from .state import State
from .types import Message, Receive, Scope, Send
from .urls import URL, Address

if sys.version_info >= (3, 13):
    from typing import TypeVar
else:
    from typing_extensions import TypeVar

__all__ = [
    "ClientDisconnect",
    "HTTPConnection",
    "JSON_DECODER_SCOPE_KEY",
    "MalformedJSON",
    "Request",
    "SERVER_PUSH_HEADERS_TO_COPY",
    "StateT",
    "cookie_parser",
    "empty_receive",
    "empty_send",
]

SERVER_PUSH_HEADERS_TO_COPY = {
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "user-agent",
}

JSON_DECODER_SCOPE_KEY = "starlette.json_decoder"

StateT = TypeVar("StateT", bound=Mapping[str, Any] | State, default=State)


class ClientDisconnect(Exception):
    """The client left before the request was read, or before its response was sent."""


class MalformedJSON(json.JSONDecodeError, HTTPException):
    """The body is not JSON: a `JSONDecodeError`, which is answered 400 where nobody catches it.

    `msg`, `doc` and `pos` tell what was wrong and where; `detail`, which the client sees, does not.
    """

    def __init__(self, msg: str, doc: str = "", pos: int = 0) -> None:
        HTTPException.__init__(self, 400, "Malformed JSON body.")
        json.JSONDecodeError.__init__(self, msg, doc, pos)


async def empty_receive() -> Message:
    """The receive channel of a request that was made without one: a RuntimeError."""
    raise RuntimeError("Receive channel has not been made available")


async def empty_send(message: Message) -> None:
    """The send channel of a request that was made without one: a RuntimeError."""
    raise RuntimeError("Send channel has not been made available")


class HTTPConnection(Mapping[str, Any], Generic[StateT]):
    """What HTTP requests and websockets have in common: a mapping over the ASGI scope.

    `HTTPConnection[S]` has a `state` of type S. Connections are equal by identity. `receive` is
    accepted and ignored, so that requests and connections are made alike.
    """

    def __init__(self, scope: Scope, receive: Receive | None = None) -> None:
        if scope["type"] not in ("http", "websocket"):
            raise AssertionError(f"Not an http or websocket scope: {scope['type']!r}")
        self.scope = scope

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # Not those of Mapping, which compares contents and so has no hash.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    # The caches below are filled on first use: `None` cannot be one of their values.

    @property
    def app(self) -> Any:
        """The application that serves this connection. KeyError outside of one."""
        return self.scope["app"]

    @property
    def url(self) -> URL:
        """The URL that was asked for, as the client wrote it in its Host header."""
        url: URL | None = getattr(self, "_url", None)
        if url is None:
            url = self._url = URL(scope=self.scope)
        return url

    @property
    def base_url(self) -> URL:
        """The URL at which the application is mounted: ends in "/", has no query."""
        url: URL | None = getattr(self, "_base_url", None)
        if url is None:
            scope = self.scope
            path = scope.get("app_root_path", scope.get("root_path", ""))
            path = path if path.endswith("/") else path + "/"
            url = self._base_url = URL(scope={**scope, "path": path, "query_string": b""})
        return url

    @property
    def headers(self) -> Headers:
        """The request headers."""
        headers: Headers | None = getattr(self, "_headers", None)
        if headers is None:
            headers = self._headers = Headers(scope=self.scope)
        return headers

    @property
    def query_params(self) -> QueryParams:
        """The parsed query string. KeyError if the server gave none, not even an empty one."""
        params: QueryParams | None = getattr(self, "_query_params", None)
        if params is None:
            params = self._query_params = QueryParams(self.scope["query_string"])
        return params

    @property
    def path_params(self) -> dict[str, Any]:
        """The parameters in the path, converted; filled in by the router."""
        params: dict[str, Any] = self.scope.get("path_params", {})
        return params

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies of all Cookie headers: of two with one name, the later."""
        cookies: dict[str, str] | None = getattr(self, "_cookies", None)
        if cookies is None:
            cookies = {}
            for header in self.headers.getlist("cookie"):
                cookies.update(cookie_parser(header))
            self._cookies = cookies
        return cookies

    @property
    def client(self) -> Address | None:
        """The address of the peer: the client, or the nearest proxy. None if unknown."""
        client = self.scope.get("client")
        return None if client is None else Address(*client)

    @property
    def session(self) -> dict[str, Any]:
        """The session of a sessions middleware, which learns that it was used."""
        session: dict[str, Any] = self._installed("session", "SessionMiddleware")
        if mark_accessed := getattr(session, "mark_accessed", None):
            mark_accessed()
        return session

    @property
    def auth(self) -> Any:
        """The credentials that an authentication middleware found."""
        return self._installed("auth", "AuthenticationMiddleware")

    @property
    def user(self) -> Any:
        """The user that an authentication middleware found."""
        return self._installed("user", "AuthenticationMiddleware")

    def _installed(self, key: str, middleware: str) -> Any:
        if key not in self.scope:
            raise AssertionError(f"{middleware} must be installed to access request.{key}")
        return self.scope[key]

    @property
    def state(self) -> StateT:
        """Values kept for this connection, shared by all connection objects over its scope.

        Starts as a copy of what the application's lifespan yielded, where the server supports it.
        """
        state: StateT | None = getattr(self, "_state", None)
        if state is None:
            shared: Any = State(self.scope.setdefault("state", {}))
            state = self._state = shared
        return state

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """Return the absolute URL of the route called `name`.

        Raises what the router raises when there is none; RuntimeError outside of an application.
        """
        provider = self.scope.get("router")
        if provider is None:
            provider = self.scope.get("app")
        if provider is None:
            raise RuntimeError(
                "The `url_for` method can only be used inside a Starlette application"
                " or with a router."
            )
        url: URL = provider.url_path_for(name, **path_params).make_absolute_url(
            base_url=self.base_url
        )
        return url


class _Unread:
    """A receive channel in front of which messages were put back."""

    __slots__ = ("messages", "receive")

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.messages: deque[Message] = deque()

    async def __call__(self) -> Message:
        return self.messages.popleft() if self.messages else await self.receive()


class Request(HTTPConnection[StateT]):
    """An HTTP request.

    `receive` and `send` are the ASGI channels. Without them (`Request(scope)`) all that the scope
    knows is there, and reading the body or sending is a RuntimeError. Meant for one task at a time.
    """

    # What few requests ever change lives on the class; `_body` and `_json` do not exist before
    # they are known.
    _form: FormData | None = None
    _is_disconnected = False
    _stream_begun = False
    _stream_consumed = False

    def __init__(
        self, scope: Scope, receive: Receive | None = empty_receive, send: Send = empty_send
    ) -> None:
        if scope["type"] != "http":
            raise AssertionError(f"Not an http scope: {scope['type']!r}")
        self.scope = scope
        self._receive = empty_receive if receive is None else receive
        self._send = send

    @property
    def method(self) -> str:
        """The method, in upper case as servers give it."""
        method: str = self.scope["method"]
        return method

    @property
    def receive(self) -> Receive:
        """The receive channel; it first gives what was put back by `is_disconnected()`."""
        return self._receive

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Iterate over the chunks of the body as they arrive, and an empty one at the end.

        A stream that was left may be gone on with by another call. Raises ClientDisconnect when
        the client leaves, and RuntimeError("Stream consumed") when there is nothing left.
        """
        if hasattr(self, "_body"):
            yield self._body
        else:
            if self._stream_consumed:
                raise RuntimeError("Stream consumed")
            self._stream_begun = True
            while not self._stream_consumed:
                if chunk := await self._next_chunk():
                    yield chunk
        yield b""

    async def body(self) -> bytes:
        """Read the whole body into memory, and keep it. `max_body_size` limits it.

        When this is cancelled what was read is kept: the next call goes on from there. Raises
        RuntimeError("Stream consumed") after `stream()`, and ClientDisconnect.
        """
        if not hasattr(self, "_body"):
            self._require_unread()
            if type(self).stream is Request.stream:
                self._body = await self._whole_body()
            else:
                async with aclosing(self.stream()) as stream:
                    self._body = b"".join([chunk async for chunk in stream])
        return self._body

    async def json(self) -> Any:
        """Read the body as JSON (UTF-8, 16 or 32), and keep the result.

        The decoder is `json.loads`, or `scope["starlette.json_decoder"]`: a callable that takes
        bytes and raises ValueError. Raises MalformedJSON, also for an empty body. The content type
        is not looked at.
        """
        if not hasattr(self, "_json"):
            body = await self.body()
            decode = self.scope.get(JSON_DECODER_SCOPE_KEY, json.loads)
            try:
                self._json = decode(body)
            except json.JSONDecodeError as exc:
                raise MalformedJSON(exc.msg, exc.doc, exc.pos) from exc
            except (ValueError, RecursionError) as exc:
                raise MalformedJSON(str(exc)) from exc
        return self._json

    async def close(self) -> None:
        """Close the files of the form, if one was read."""
        if self._form is not None:
            await self._form.close()

    async def is_disconnected(self) -> bool:
        """Tell whether the client has left, without waiting.

        Asks the server once. A piece of the body that arrives instead is kept, in memory, for
        whoever reads the body.
        """
        if self._is_disconnected:
            return True
        channel = self._receive
        message: Message | None = None
        with anyio.CancelScope() as polling:
            polling.cancel()
            message = await (channel.receive if isinstance(channel, _Unread) else channel)()
        if message is not None:
            self._is_disconnected = message["type"] == "http.disconnect"
            self._unread().append(message)
        return self._is_disconnected

    async def send_push_promise(self, path: str) -> None:
        """Promise to push `path` (RFC 9113, section 8.4), if the server can; else do nothing."""
        if "http.response.push" in self._extensions():
            headers = [
                (name.encode("latin-1"), value.encode("latin-1"))
                for name in sorted(SERVER_PUSH_HEADERS_TO_COPY)
                for value in self.headers.getlist(name)
            ]
            await self._send({"type": "http.response.push", "path": path, "headers": headers})

    async def send_early_hints(self, link: str, /, *additional_links: str) -> None:
        """Send Link headers ahead (103, RFC 8297), if the server can; else do nothing."""
        if "http.response.early_hint" in self._extensions():
            links = [value.encode("latin-1") for value in (link, *additional_links)]
            await self._send({"type": "http.response.early_hint", "links": links})

    def _extensions(self) -> Mapping[str, Any]:
        return self.scope.get("extensions") or {}

    async def _next_chunk(self) -> bytes:
        """Receive the next piece of the body; an empty one only as the last."""
        while True:
            if self._is_disconnected and not self._unread():
                raise ClientDisconnect()
            message = await self._receive()
            if message["type"] == "http.request":
                self._stream_consumed = not message.get("more_body", False)
                chunk: bytes = message.get("body", b"")
                if chunk or self._stream_consumed:
                    return chunk
            elif message["type"] == "http.disconnect":
                self._is_disconnected = True

    async def _whole_body(self) -> bytes:
        chunks: list[bytes] = []
        try:
            while not self._stream_consumed:
                chunks.append(await self._next_chunk())
        except BaseException:
            body = b"".join(chunks)
            self._unread().appendleft({"type": "http.request", "body": body, "more_body": True})
            raise
        return b"".join(chunks)

    def _require_unread(self) -> None:
        if self._stream_consumed or self._stream_begun:
            if self._is_disconnected and not self._stream_consumed:
                raise ClientDisconnect()
            raise RuntimeError("Stream consumed")

    def _unread(self) -> deque[Message]:
        """The messages in front of the receive channel."""
        if not isinstance(self._receive, _Unread):
            self._receive = _Unread(self._receive)
        return self._receive.messages
