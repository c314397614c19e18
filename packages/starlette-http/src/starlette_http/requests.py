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
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio

from .awaitables import AwaitableOrContextManager, AwaitableOrContextManagerWrapper
from .connection import HTTPConnection, StateT
from .cookies import cookie_parser
from .exceptions import HTTPException
from .form_errors import answered_as_http
from .headers import encode_header
from .late_names import late_names
from .multidict import FormData
from .types import Message, Receive, Scope, Send

if TYPE_CHECKING:
    from .formparsers import FormParser, MultiPartParser
    from .multipart import MultipartDecoder
    from .parts import Part, Parts
else:
    __getattr__, __dir__ = late_names(
        globals(),
        {
            "FormParser": ".formparsers",
            "MultiPartParser": ".formparsers",
            "MultipartDecoder": ".multipart",
            "Part": ".parts",
            "Parts": ".parts",
            # Not this module's, but some import them from here.
            "MultiPartException": ".form_errors",
            "Address": ".urls",
            "Headers": ".headers",
            "QueryParams": ".multidict",
            "State": ".state",
            "URL": ".urls",
        },
    )

__all__ = [
    "ClientDisconnect",
    "HTTPConnection",
    "JSON_DECODER_SCOPE_KEY",
    "MalformedJSON",
    "Part",
    "Parts",
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

# This module as others see it, with its late names and with those that somebody replaced.
_own: Any = sys.modules[__name__]

_Parser = Callable[..., "FormParser | MultiPartParser"]


class ClientDisconnect(Exception):
    """The client left before the request was read, or before its response was sent."""


class MalformedJSON(json.JSONDecodeError, HTTPException):
    """The body is not JSON: a `JSONDecodeError`, which is answered 400 where nobody catches it.

    `msg`, `doc` and `pos` tell what was wrong and where; `detail`, which the client sees, does not.
    """

    def __init__(self, msg: str, doc: str = "", pos: int = 0) -> None:
        HTTPException.__init__(self, 400, "Malformed JSON body.")
        json.JSONDecodeError.__init__(self, msg, doc, pos)

    def __str__(self) -> str:
        return json.JSONDecodeError.__str__(self)


async def empty_receive() -> Message:
    """The receive channel of a request that was made without one: a RuntimeError."""
    raise RuntimeError("Receive channel has not been made available")


async def empty_send(message: Message) -> None:
    """The send channel of a request that was made without one: a RuntimeError."""
    raise RuntimeError("Send channel has not been made available")


async def _next_of(pieces: Iterator[bytes]) -> bytes | None:
    """The next piece of a body that is known already, None at its end."""
    return next(pieces, None)


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
    A scope of another type is an AssertionError.
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
            self._require_client()
            more = True
            while more:
                message = await self._receive()
                if message["type"] != "http.request":
                    self._take(message)
                    continue
                # As `_take` does, without a call for each chunk.
                if not (more := message.get("more_body", False)):
                    self._stream_consumed = True
                if chunk := message.get("body", b""):
                    yield chunk
        yield b""

    async def body(self) -> bytes:
        """Read the whole body into memory, and keep it. `max_body_size` limits it.

        When this is cancelled what was read is kept: the next call goes on from there. Raises
        RuntimeError("Stream consumed") after `stream()`, and ClientDisconnect.
        """
        if not hasattr(self, "_body"):
            self._require_unread()
            if self._stream_is_ours():
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
                # A UnicodeDecodeError tells the first byte that is wrong; the others tell nothing.
                raise MalformedJSON(str(exc), pos=getattr(exc, "start", 0)) from exc
        return self._json

    def form(
        self,
        *,
        max_files: int | float = 1000,
        max_fields: int | float = 1000,
        max_part_size: int = 1024 * 1024,
        max_file_size: int | None = None,
        max_memory: int = 16 * 1024 * 1024,
    ) -> AwaitableOrContextManager[FormData]:
        """Read a urlencoded or multipart form, and keep it: `await request.form()`, or
        `async with request.form() as form:` which closes its files at the end.

        A body of another content type, or of none, is not read: the form is empty.

        Parameters:
            max_files, max_fields: how many files and fields there may be, or `float("inf")`.
            max_part_size: bytes of one field.
            max_file_size: bytes of one file, None for any number.
            max_memory: bytes of all fields together.

        A malformed form and an exceeded limit are a MultiPartException; inside an application, an
        HTTPException with status 400 (413 for the last two limits). Multipart needs the extra
        `starlette-http[forms]`: an AssertionError without it.
        """
        limits: dict[str, Any] = {
            "max_fields": max_fields,
            "max_part_size": max_part_size,
            "max_memory": max_memory,
        }
        of_files: dict[str, Any] = {"max_files": max_files, "max_file_size": max_file_size}
        return AwaitableOrContextManagerWrapper(self._read_form(limits, of_files))

    async def _read_form(self, limits: dict[str, Any], of_files: dict[str, Any]) -> FormData:
        if self._form is None:
            media_type = self._media_type()
            if media_type == "application/x-www-form-urlencoded":
                self._form = await self._parse(_own.FormParser, limits)
            elif media_type == "multipart/form-data":
                self._form = await self._parse(_own.MultiPartParser, limits | of_files)
            else:
                self._form = FormData()
        return self._form

    async def _parse(self, parser: _Parser, limits: dict[str, Any]) -> FormData:
        if not hasattr(self, "_body"):
            self._require_unread()
        # Not aclosing(), whose two coroutines would be a twentieth of a small form.
        stream = self.stream()
        try:
            with answered_as_http(self.scope):
                return await parser(self.headers, stream, **limits).parse()
        finally:
            await stream.aclose()

    def parts(
        self,
        *,
        max_files: int | float = 1000,
        max_fields: int | float = 1000,
        max_part_size: int = 1024 * 1024,
        max_file_size: int | None = None,
    ) -> "Parts":
        """Iterate over the parts of a multipart form as they arrive, and over the chunks of each:

            async for part in request.parts():
                async for chunk in part:
                    await destination.write(chunk)

        Memory stays constant and nothing is written to disk, whatever the size of the upload. What
        is not read of a part is skipped, and the loops may be left at any time. Limits and errors
        are those of `form()`; a body that is not multipart has no parts.
        """
        decoder: MultipartDecoder = _own.MultipartDecoder(
            self.headers,
            max_files=max_files,
            max_fields=max_fields,
            max_part_size=max_part_size,
            max_file_size=max_file_size,
            max_memory=sys.maxsize,
        )
        pieces: Callable[[], Awaitable[bytes | None]] = partial(_next_of, iter(()))
        if self._media_type() == "multipart/form-data":
            with answered_as_http(self.scope):
                decoder.start()
            pieces = self._pieces()
        parts: Parts = _own.Parts(decoder, pieces, self.scope)
        return parts

    def _pieces(self) -> Callable[[], Awaitable[bytes | None]]:
        """A function that gives the next piece of the body, and None at its end.

        Not the iterator of `stream()`, which somebody would have to close.
        """
        if hasattr(self, "_body"):
            return partial(_next_of, iter((self._body,)))
        if not self._stream_is_ours():
            return partial(anext, self.stream(), None)
        self._require_unread()
        self._require_client()
        self._stream_begun = True
        return self._next_piece

    def _stream_is_ours(self) -> bool:
        """Whether nobody overrides or replaced `stream()`: then its loop may be left out."""
        return getattr(self.stream, "__func__", None) is _OWN_STREAM

    async def _next_piece(self) -> bytes | None:
        return None if self._stream_consumed else self._take(await self._receive())

    def _media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def close(self) -> None:
        """Close the files of the form, if one was read."""
        if self._form is not None:
            await self._form.close()

    async def is_disconnected(self) -> bool:
        """Tell whether the client has left, without waiting.

        Asks the server once. A piece of the body that arrives instead is kept, in memory, for
        whoever reads the body: at most one message for each call, and `max_body_size` limits all
        of them. To leave them with the server would hide that the client has left behind them.
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
        """Send Link headers ahead (103, RFC 8297), if the server can; else do nothing.

        CR, LF or NUL in a link is a ValueError.
        """
        if "http.response.early_hint" in self._extensions():
            links = [encode_header("link", value)[1] for value in (link, *additional_links)]
            await self._send({"type": "http.response.early_hint", "links": links})

    def _extensions(self) -> Mapping[str, Any]:
        return self.scope.get("extensions") or {}

    def _take(self, message: Message) -> bytes:
        """The piece of the body in a message; b"" if there is none."""
        if message["type"] == "http.request":
            self._stream_consumed = not message.get("more_body", False)
            chunk: bytes = message.get("body", b"")
            return chunk
        if message["type"] == "http.disconnect":
            self._is_disconnected = True
            raise ClientDisconnect()
        return b""

    async def _whole_body(self) -> bytes:
        chunks: list[bytes] = []
        try:
            self._require_client()
            while not self._stream_consumed:
                chunks.append(self._take(await self._receive()))
        except BaseException:
            if not self._is_disconnected:
                body = b"".join(chunks)
                self._unread().appendleft({"type": "http.request", "body": body, "more_body": True})
            raise
        return b"".join(chunks)

    def _require_client(self) -> None:
        # One that was polled is still in the queue, behind pieces of the body.
        if self._is_disconnected and not self._unread():
            raise ClientDisconnect()

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


_OWN_STREAM = Request.stream
