"""The response that `call_next` gives: the application's, on its way through."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any

import anyio

from starlette_http.background import BackgroundTask
from starlette_http.response import Response, two_argument_call
from starlette_http.types import Message, Send

from .messages import header_pairs

__all__ = ["RelayedBody", "_StreamingResponse"]

# Gives the next message of the response, None at the application's end, or raises its error.
NextMessage = Callable[[], Awaitable[Message | None]]


class RelayedBody:
    """The body of the application's response, chunk by chunk, as the application sends it.

    Chunks are bytes and never empty. A message that carries its content in another way, such as
    `http.response.pathsend`, is an item itself. When the application fails, its error is raised.
    """

    __slots__ = ("_next_message", "begun", "complete", "ended")

    def __init__(self, next_message: NextMessage) -> None:
        self._next_message = next_message
        self.begun: bool = False
        self.ended: bool = False
        self.complete: bool = False

    def __aiter__(self) -> AsyncIterator[bytes | Message]:
        return self

    async def __anext__(self) -> bytes | Message:
        self.begun = True
        while not self.ended:
            message = await self._next_message()
            if message is None:
                self.ended = True
            else:
                self.ended = self.complete = not message.get("more_body", False)
                if message["type"] != "http.response.body":
                    return message
                if chunk := message.get("body", b""):
                    return bytes(chunk)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Give up the rest: the application goes on, and what it sends is dropped."""
        self.begun = self.ended = True


class _StreamingResponse(Response):
    """A response whose status and headers have arrived and whose body is still coming.

    `status_code`, `headers`, `raw_headers` and `background` may be changed, `body_iterator` drained
    or replaced. `info` is what the application sent as `http.response.debug`, or None.
    """

    body_iterator: AsyncIterable[Any]

    def __init__(self, start: Message, info: Any, next_message: NextMessage) -> None:
        self.status_code = start["status"]
        # A list of our own: the application may keep its headers as a constant.
        self.raw_headers = header_pairs(start)
        self.background: BackgroundTask | None = None
        self.body_iterator = self._body = RelayedBody(next_message)
        self.info = info
        self._start = start
        self._next_message = next_message

    @property
    def untouched(self) -> bool:
        """Whether only status and headers may have been changed."""
        body = self._body
        return self.body_iterator is body and not body.begun and self.background is None

    def opening(self) -> list[Message]:
        """The messages in front of the body, with the present status and headers."""
        start = {**self._start}
        start["status"] = self.status_code
        start["headers"] = self.raw_headers
        if self.info is None:
            return [start]
        return [{"type": "http.response.debug", "info": self.info}, start]

    async def __call__(self, scope: Any = None, receive: Any = None, send: Any = None) -> None:
        if send is None or scope is None:
            scope, receive, send = two_argument_call(scope, receive, send)
        for message in self.opening():
            await send(message)
        chunks = aiter(self.body_iterator)
        complete = False
        try:
            async for chunk in chunks:
                if isinstance(chunk, dict):
                    complete = not chunk.get("more_body", False)
                    await send(chunk)
                elif chunk:
                    body = chunk.encode(self.charset) if isinstance(chunk, str) else chunk
                    await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            await _close(chunks)
        if not complete and self._may_complete(chunks):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        if self._start.get("trailers"):
            await self._send_trailers(send)
        if self.background is not None:
            await self.background()

    async def _send_trailers(self, send: Send) -> None:
        # What is left of a body that was replaced comes first, and is dropped.
        while (message := await self._next_message()) is not None:
            if message["type"] == "http.response.trailers":
                await send(message)
                if not message.get("more_trailers", False):
                    break

    def _may_complete(self, chunks: AsyncIterator[Any]) -> bool:
        # An application that stopped without a last message has not said that this was all.
        return chunks is not self._body or self._body.complete


async def _close(chunks: AsyncIterator[Any]) -> None:
    close = getattr(chunks, "aclose", None)
    if close is not None:
        with anyio.CancelScope(shield=True):
            await close()
