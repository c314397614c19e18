"""What `GZipMiddleware` and `CompressionMiddleware` share: the life of one compressed response.

The start of a response is held until its first body message tells how large the body is and
whether more follows. Then the start goes out, changed or not, and the rest follows. Each state of
that life is a method; `_step` is the one that takes the next message:

    before the start -> holding it -> encoding the body, or passing on what is left alone
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from functools import lru_cache
from typing import Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

from .encoders import Encoder
from .messages import (
    HeaderPairs,
    add_vary,
    get_header,
    header_pairs,
    join_header,
    listed,
    message_body,
    set_header,
    with_headers,
)

__all__ = [
    "DEFAULT_EXCLUDED_CONTENT_TYPES",
    "EncodingResponder",
    "IdentityResponder",
    "MediaTypes",
    "unattached_send",
]

DEFAULT_EXCLUDED_CONTENT_TYPES = (
    "application/grpc",
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "audio/*",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/event-stream",
    "video/*",
)

_NO_CONTENT = frozenset({204, 205})
# They may come between the start and the body, and wait there in their order.
_WAITS_WITH_START = frozenset({"http.response.debug", "http.response.push"})

_thread_limiter: RunVar[CapacityLimiter | None] = RunVar("starlette_middleware.compression_threads")


async def unattached_send(message: Message) -> None:
    """Stand for the server's `send` until a responder is called: it only raises."""
    raise RuntimeError("send awaitable not set")


class MediaTypes(frozenset[str]):
    """Media types such as "image/png" or "video/*", without parameters and in lower case."""

    def __new__(cls, types: Iterable[str]) -> "MediaTypes":
        if isinstance(types, MediaTypes):
            return types
        return super().__new__(cls, map(_essence, types))

    def cover(self, content_type: str) -> bool:
        """Tell whether a Content-Type is one of these, or in one of their `type/*` ranges."""
        essence = _essence(content_type)
        return essence in self or f"{essence.partition('/')[0]}/*" in self


@lru_cache(maxsize=256)
def _covers(types: MediaTypes, content_type: bytes) -> bool:
    # Applications send a handful of types, over and over.
    return types.cover(content_type.decode("latin-1"))


def _essence(content_type: str) -> str:
    essence = content_type.partition(";")[0].strip().lower()
    return "application/grpc" if essence.startswith("application/grpc+") else essence


class IdentityResponder:
    """Send one response as it is, saying only that for other clients it may be compressed.

    It is also the base of those that compress: they set `content_encoding` and override
    `apply_compression`. An object serves one request.
    """

    content_encoding: str = "identity"

    # What every response begins with stands here, so that making a responder stays cheap.
    send: Send = staticmethod(unattached_send)
    initial_message: Message = {}
    started: bool = False
    content_encoding_set: bool = False
    content_type_is_excluded: bool = False
    partial_response: bool = False
    _waiting: tuple[Message, ...] = ()

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int,
        *,
        exclude_content_types: Collection[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        self.app = app
        self.minimum_size = minimum_size
        self.exclude_content_types: MediaTypes = MediaTypes(exclude_content_types)
        # A function, not a bound method: that would be a cycle for each request.
        self._step: Callable[[IdentityResponder, Message], Awaitable[None]] = (
            IdentityResponder._before_start
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, with its messages going through `send_with_compression`."""
        self.send = send
        self._is_head = scope.get("method") == "HEAD"
        is_replaced = type(self).send_with_compression is not _SEND_WITH_COMPRESSION
        await self.app(scope, receive, self.send_with_compression if is_replaced else self._next)

    async def send_with_compression(self, message: Message) -> None:
        """Take the application's next message, and send what is ready to be sent."""
        await self._step(self, message)

    # Not async, nor is `_passing`: a message more or less is a coroutine more or less.
    def _next(self, message: Message) -> Awaitable[None]:
        return self._step(self, message)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """Give the encoded form of the next piece of the body; without `more_body`, of the last."""
        return body

    async def _before_start(self, message: Message) -> None:
        if message["type"] != "http.response.start":
            await self.send(message)
            return
        self.initial_message = listed(message)
        self._pairs = header_pairs(self.initial_message)
        if self._is_left_alone():
            await self._release()
        else:
            self._step = IdentityResponder._holding

    async def _holding(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.body":
            await self._begin(message)
        elif kind == "http.response.early_hint":
            await self.send(message)
        elif kind in _WAITS_WITH_START:
            self._waiting = (*self._waiting, message)
        else:
            # A body that is not in the message, such as a path, or a type unknown here.
            await self._release()
            await self.send(message)

    async def _encoding(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            more_body = message.get("more_body", False)
            body = await self.apply_compression(message_body(message), more_body=more_body)
            message = {**message}
            message["body"] = body
        await self.send(message)

    def _passing(self, message: Message) -> Awaitable[None]:
        return self.send(message)

    def _is_left_alone(self) -> bool:
        headers = dict(self._pairs)
        content_type = headers.get(b"content-type")
        status = self.initial_message["status"]
        self.partial_response = status == 206
        self.content_encoding_set = b"content-encoding" in headers
        self.content_type_is_excluded = content_type is not None and _covers(
            self.exclude_content_types, bytes(content_type)
        )
        return (
            self.partial_response
            or self.content_encoding_set
            or self.content_type_is_excluded
            or status in _NO_CONTENT
            or (b"cache-control" in headers and _forbids_transformation(self._pairs))
        )

    async def _begin(self, message: Message) -> None:
        body = message_body(message)
        more_body = bool(message.get("more_body"))
        if not body and not more_body and self._announce_only():
            await self._release()
        elif not more_body and len(body) < self.minimum_size:
            await self._release()
        elif self.content_encoding == "identity":
            self._vary()
            await self._release()
        else:
            body = await self.apply_compression(body, more_body=more_body)
            known = not more_body and not self.initial_message.get("trailers")
            self._announce(len(body) if known else None)
            await self._release(IdentityResponder._encoding)
            message = {**message, "body": body}
        await self.send(message)

    def _announce_only(self) -> bool:
        """Set the headers of a response that has no body but speaks of one: to HEAD, or a 304."""
        if self.initial_message["status"] != 304 and not self._is_head:
            return False
        length = get_header(self._pairs, b"content-length")
        if length is None or self.initial_message["status"] == 304:
            self._vary()
        elif length.isdigit() and int(length) >= self.minimum_size:
            self._announce(None)
        return True

    def _announce(self, length: int | None) -> None:
        self._vary()
        if self.content_encoding != "identity":
            set_header(self._pairs, b"content-encoding", self.content_encoding.encode())
            set_header(self._pairs, b"content-length", None if length is None else b"%d" % length)
            set_header(self._pairs, b"accept-ranges", None)

    def _vary(self) -> None:
        self.initial_message = with_headers(self.initial_message, self._pairs)
        add_vary(self._pairs, b"Accept-Encoding")
        etag = get_header(self._pairs, b"etag")
        # The bytes differ from those of the other encodings (RFC 9110, section 8.8.3.3).
        if self.content_encoding != "identity" and etag and not etag.startswith(b"W/"):
            set_header(self._pairs, b"etag", b"W/" + etag)

    async def _release(
        self, then: "Callable[[IdentityResponder, Message], Awaitable[None]] | None" = None
    ) -> None:
        self._step = then or IdentityResponder._passing
        self.started = True
        await self.send(self.initial_message)
        for message in self._waiting:
            await self.send(message)


_SEND_WITH_COMPRESSION = IdentityResponder.send_with_compression


class EncodingResponder(IdentityResponder):
    """Send one response compressed by `encoder`, large pieces of it in a worker thread."""

    _compressor: Any = None

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int,
        *,
        encoder: Encoder,
        level: int,
        thread_minimum_size: int,
        exclude_content_types: Collection[str],
    ) -> None:
        super().__init__(app, minimum_size, exclude_content_types=exclude_content_types)
        self.content_encoding: str = encoder.coding
        self.thread_minimum_size = thread_minimum_size
        self._encoder = encoder
        self._level = level

    @property
    def compressor(self) -> Any:
        """The library's streaming compressor, made when it is first asked for."""
        if self._compressor is None:
            self._compressor = self._encoder.open(self._level)
        return self._compressor

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """Compress a piece so that the client can decode it at once; an empty one is nothing."""
        if len(body) < self.thread_minimum_size:
            return self._compress(body, more_body)
        return await to_thread.run_sync(self._compress, body, more_body, limiter=_limiter())

    def _compress(self, body: bytes, more_body: bool) -> bytes:
        if more_body:
            if not body:
                return b""
            return self._encoder.chunk(self.compressor, body)
        if self._compressor is None:
            return self._encoder.whole(body, self._level)
        return self._encoder.last(self._compressor, body)


def _limiter() -> CapacityLimiter:
    """Compression has threads of its own in each event loop, so that it cannot use up all."""
    limiter = _thread_limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(40)
        _thread_limiter.set(limiter)
    return limiter


def _forbids_transformation(pairs: HeaderPairs) -> bool:
    """RFC 9110, section 7.7."""
    directives = (join_header(pairs, b"cache-control") or "").lower().split(",")
    return "no-transform" in map(str.strip, directives)
