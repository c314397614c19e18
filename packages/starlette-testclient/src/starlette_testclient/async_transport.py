"""Requests of the asynchronous client, from the library's request to its response."""

import sys
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import anyio

from starlette_http.types import Scope

from .async_websocket import AsyncWebSocketTestSession
from .exchange import Chunk, Ended, Item, StreamedExchange
from .library import httpx
from .mailbox import Mailbox
from .target import SESSION, STREAM, CollectedBody, Target, response_of
from .tasks import Tasks
from .timeouts import WaitTimeout, time_limit

__all__ = ["AsyncTransport", "IterableStream"]


class AsyncTransport(httpx.AsyncBaseTransport):
    """Answers requests with an application that runs in the test's own loop.

    A request's `read` timeout limits each wait for the application.
    """

    def __init__(self, target: Target) -> None:
        self.streams: WeakKeyDictionary[httpx.Response, AsyncStreamedBody] = WeakKeyDictionary()
        self._target = target
        self._tasks = Tasks()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The application's response to `request`."""
        scope = self._target.scopes.build(request)
        limit = request.extensions["timeout"]["read"]
        if scope["type"] == "websocket":
            session = AsyncWebSocketTestSession(self._target.app, scope, self._tasks, limit)
            return httpx.Response(101, extensions={SESSION: session})
        body = await request.aread()
        if STREAM in request.extensions:
            return await self._stream(scope, body, limit)
        return await self._collect(scope, body, limit)

    async def abort(self) -> None:
        """Cancel the applications behind streams and websocket sessions that are still open."""
        await self._tasks.end()

    async def aclose(self) -> None:
        """Cancel the applications behind streams and websocket sessions that are still open."""
        await self.abort()

    async def _collect(self, scope: Scope, body: bytes, limit: float | None) -> httpx.Response:
        exchange = self._target.exchange(scope, body)
        # In a task, as under a server: what the application does to its context is its own affair.
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(exchange.run_within, limit)
        failure = self._target.failure(exchange)
        if failure is not None and exchange.status is None:
            raise failure
        return response_of(exchange, CollectedBody(exchange.chunks, failure))

    async def _stream(self, scope: Scope, body: bytes, limit: float | None) -> httpx.Response:
        stream = AsyncStreamedBody(self._target, scope, body, limit)
        await stream.start(self._tasks)
        response = response_of(stream.exchange, stream)
        self.streams[response] = stream
        return response


class IterableStream(httpx.AsyncByteStream):
    """A stream of the library around ours, iterated without the generator in between.

    trio warns of generators that are left half-way, which is what tests do with endless streams.
    """

    def __init__(self, outer: Any, inner: AsyncIterator[bytes]) -> None:
        self._inner = inner
        self._outer = outer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._inner)

    async def aclose(self) -> None:
        """Close both."""
        await self._outer.aclose()


class AsyncStreamedBody(httpx.AsyncByteStream):
    """The body of a response that is still being made."""

    def __init__(self, target: Target, scope: Scope, body: bytes, limit: float | None) -> None:
        self._inbox: Mailbox[Item] = Mailbox()
        self.exchange: StreamedExchange = target.streamed_exchange(scope, body, self._inbox)
        self._target = target
        self._limit = limit
        self._handled = sys.exception()

    async def start(self, tasks: Tasks) -> None:
        """Run the application up to the start of its response."""
        tasks.spawn(self.exchange.run)
        try:
            ended = isinstance(await self._take(), Ended)
        except BaseException:
            await self._abort()
            raise
        if ended:
            await self.aclose()

    # An iterator rather than a generator: one that is left half-way needs no closing.
    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        item = await self._take()
        if not isinstance(item, Chunk):
            raise StopAsyncIteration
        item.taken()
        return item.data

    async def aclose(self) -> None:
        """End the application, unless its response was read, and raise what it raised by itself.

        Nothing is raised on top of another exception.
        """
        await self._abort()
        failure = self._target.failure(self.exchange)
        if failure and not self.exchange.abandoned and sys.exception() is self._handled:
            raise failure

    async def _abort(self) -> None:
        self.exchange.abandon()
        # Shielded: also a test that is cancelled must leave no application behind.
        with anyio.CancelScope(shield=True):
            while not isinstance(await self._take(), Ended):
                pass

    async def _take(self) -> Item:
        try:
            with time_limit(self._limit, self.exchange.awaited):
                item = await self._inbox.receive()
        except WaitTimeout:
            self.exchange.cancel()
            raise
        if isinstance(item, Ended):
            self._inbox.put(item)  # the end is never used up
        return item
