"""`StreamingResponse`: a body that is made while it is sent."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from itertools import repeat
from typing import Any, TypeVar, overload

import anyio
from anyio.lowlevel import checkpoint

from .background import BackgroundTask
from .concurrency import ThreadIterator
from .disconnects import (
    listen_for_disconnect,
    send_raises_on_disconnect,
    send_to_client,
    send_until_disconnect,
)
from .exception_handling import StartWatch
from .requests import ClientDisconnect
from .response import EMPTY_STATUSES, Content, Response, two_argument_call
from .types import Receive, Scope, Send

__all__ = [
    "AsyncContentStream",
    "ContentStream",
    "StreamingResponse",
    "SyncContentStream",
    "as_async_iterable",
    "close_iterator",
]

T = TypeVar("T")

SyncContentStream = Iterable[Content]
AsyncContentStream = AsyncIterable[Content]
ContentStream = AsyncContentStream | SyncContentStream

# `next` on these cannot block, so that they need no worker thread.
_IN_MEMORY = {str, list, tuple, type(iter([])), type(iter(()))}


# Neither an iterator nor a server's `send` needs to wait, and for a client that has left no `send`
# does: the loop could not tell that it has, and an endless stream would keep it for ever.
_MOST_IN_A_ROW = 4096


class StreamingResponse(Response):
    """Send the chunks of an iterable as they come, each in a message of its own.

    `content` is async, or sync and then run in worker threads; chunks are str (encoded with
    `charset`), bytes or memoryviews. There is no content-length. A 1xx, 204 or 304 is sent without
    them (RFC 9110, section 6.4.1), and closes the iterator.

    When the client leaves, the iterator is cancelled at the point where it waits. Before the
    response returns, in whichever way, the iterator is closed; only what is sync and came to its
    end, such as a file, stays open, since `background` may still use it. On servers of ASGI
    spec_version 2.4 a client that left raises `ClientDisconnect` and `background` is skipped;
    below, the response ends as if it were complete.
    """

    body_iterator: AsyncContentStream

    def __init__(
        self,
        content: ContentStream,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.body_iterator = as_async_iterable(content)
        self.status_code = status_code
        if media_type is not None:
            self.media_type: str | None = media_type
        self.background = background
        self.init_headers(headers)

    @overload
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    @overload
    async def __call__(self, *args: Any, **kwargs: Any) -> None: ...
    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        if send is None or scope is None:
            scope, receive, send = two_argument_call(scope, receive, send)
        if scope["type"] == "websocket":
            await self.stream_response(self._wrap_websocket_denial_send(send))
        elif receive is None or send_raises_on_disconnect(scope):
            await self.stream_response(send)
        else:
            await send_until_disconnect(
                self.stream_response, send, receive, self.listen_for_disconnect
            )
        if self.background is not None:
            await self.background()

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Return when the client has left; used below ASGI spec_version 2.4."""
        await listen_for_disconnect(receive)

    async def stream_response(self, send: Send) -> None:
        """Send the whole response, and close the iterator however that ends."""
        chunks = aiter(self.body_iterator)
        headers = self.raw_headers
        start = {"type": "http.response.start", "status": self.status_code, "headers": headers}
        # For each chunk a copy with the chunk in it, which is faster to make than a new dict.
        template = {"type": "http.response.body", "body": b"", "more_body": True}
        row = repeat(None, _MOST_IN_A_ROW)
        try:
            await send_to_client(send, start)
            given: Any = send
            if type(given) is StartWatch:
                # It has seen the start, and would only hand on what follows.
                send = given.send
            async for chunk in _iterate(()) if self.status_code in EMPTY_STATUSES else chunks:
                # The first comparison is the quick one; it decides for nearly every chunk.
                if type(chunk) is not bytes and not isinstance(chunk, (bytes, memoryview)):
                    chunk = chunk.encode(self.charset)
                message = template.copy()
                message["body"] = chunk
                # As send_to_client does; a call less for every chunk. What the iterator raises
                # is an error of the application, also an OSError, and stays outside.
                try:
                    await send(message)
                except OSError as error:
                    raise ClientDisconnect from error
                # Take one of the row: half the cost of counting down, which makes an int each time.
                for _ in row:
                    break
                else:
                    row = repeat(None, _MOST_IN_A_ROW)
                    await checkpoint()
            end = {"type": "http.response.body", "body": b"", "more_body": False}
            await send_to_client(send, end)
        finally:
            # A generator that has ended has no frame, and nothing to close.
            if getattr(chunks, "ag_frame", chunks) is not None:
                await close_iterator(chunks)


async def close_iterator(iterator: AsyncIterator[Any]) -> None:
    """Close an iterator that can be closed, also when this task is cancelled."""
    close = getattr(iterator, "aclose", None)
    if close is not None:
        with anyio.CancelScope(shield=True):
            await close()


def as_async_iterable(items: AsyncIterable[T] | Iterable[T]) -> AsyncIterable[T]:
    """Async iterables as they are; others in worker threads, unless they are in memory."""
    if isinstance(items, AsyncIterable):
        return items
    if type(items) in _IN_MEMORY:
        return _iterate(items)
    return ThreadIterator(items)


async def _iterate(items: Iterable[T]) -> AsyncIterator[T]:
    for item in items:
        yield item
